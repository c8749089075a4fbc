"""Where one request ends and the next begins: whatever two readers could take in two ways is refused."""

import asyncio
import contextlib
from collections.abc import Iterator

import httpx
import pytest

from tests.support.databases import Databases
from tests.support.server import Server, servers

pytestmark = pytest.mark.anyio

HIDDEN = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"0\r\n\r\n" + HIDDEN
POST = b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
AMBIGUOUS = {
    "a length and chunks": POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED,
    "chunks and a length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n" + CHUNKED,
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: 42\r\n\r\n" + HIDDEN,
    "a length that is none": POST + b"Content-Length: +6\r\n\r\n" + HIDDEN,
    "a space before the colon": POST + b"Content-Length : 42\r\n\r\n" + HIDDEN,
    "a header over two lines": POST + b"X-Folded: a\r\n Content-Length: 42\r\nContent-Length : 0\r\n\r\n" + HIDDEN,
    "chunks that are not the last coding": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKED,
    "a chunk's size that is none": POST + b"Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n" + CHUNKED,
}


@pytest.fixture(scope="module")
def server(databases: Databases) -> Iterator[Server]:
    with databases.maker("sqlite") as make, servers(make()) as (started,):
        yield started


async def sent(server: Server, data: bytes) -> bytes:
    """All that comes back for these bytes, until the other end hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    received = bytearray()
    try:
        writer.write(data)
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionError):
                while piece := await reader.read(65_536):
                    received += piece
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    return bytes(received)


@pytest.mark.parametrize("case", AMBIGUOUS)
async def test_what_could_be_read_in_two_ways_is_refused(server: Server, case: str) -> None:
    received = await sent(server, AMBIGUOUS[case])
    assert received.startswith(b"HTTP/1.1 400 ")
    assert received.count(b"HTTP/1.1 ") == 1, "nothing that follows is taken for a request"
    assert b"teachmeet_http_requests" not in received


async def test_trace_echoes_nothing(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        answer = await client.request("TRACE", "/v1/hubs", headers={"Authorization": "Bearer plum", "X-Echo": "plum"})
    assert answer.status_code == 405
    assert "plum" not in answer.text
