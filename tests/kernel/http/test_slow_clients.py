"""Clients that are slow on purpose, against a real process: each is cut off in time, and all others are answered."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.databases import Databases
from tests.support.refusals import refused
from tests.support.server import START_SECONDS, STOP_SECONDS, Server, environment, free_port, servers

pytestmark = pytest.mark.anyio

HEADER_SECONDS, BODY_SECONDS = 1.0, 1.5
SHORT = {"TEACHMEET_HEADER_SECONDS": str(HEADER_SECONDS), "TEACHMEET_BODY_SECONDS": str(BODY_SECONDS)}
TEACHMEET = str(Path(sys.executable).with_name("teachmeet"))
SLACK = 4.0
"""How much later than promised is still in time, on a machine that is busy with other tests."""
GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def server(databases: Databases) -> Iterator[Server]:
    with databases.maker("sqlite") as make, servers(make(), env=SHORT) as (started,):
        yield started


@dataclass
class Line:
    """A connection by hand."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def drip(self, data: bytes, *, every: float = 0.1) -> None:
        """A byte now and then, until the other end hangs up."""
        with contextlib.suppress(ConnectionError):
            for byte in data:
                await self.send(bytes([byte]))
                await asyncio.sleep(every)

    async def answer(self) -> httpx.Response:
        """The next answer; it must have an announced length."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)
        status, *lines = head.decode("latin-1").strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        length = int(headers.get("content-length", 0))
        body = await asyncio.wait_for(self.reader.readexactly(length), 10)
        return httpx.Response(int(status.split()[1]), headers=headers, content=body)

    async def rest(self) -> bytes:
        """All that comes until the other end hangs up."""
        received = bytearray()
        with contextlib.suppress(ConnectionError):
            while data := await self.reader.read(65_536):
                received += data
        return bytes(received)

    async def end(self) -> tuple[bytes, float]:
        """What still comes, and how many seconds until it is over."""
        began = time.monotonic()
        async with asyncio.timeout(20):
            return await self.rest(), time.monotonic() - began


Connect = Callable[[], Awaitable[Line]]


@pytest.fixture
async def connect(server: Server) -> AsyncIterator[Connect]:
    """Opens connections, and sees to it that they are closed."""
    opened: list[Line] = []

    async def open_one() -> Line:
        opened.append(Line(*await asyncio.open_connection("127.0.0.1", server.port)))
        return opened[-1]

    yield open_one
    for line in opened:
        line.writer.close()
    for line in opened:
        with contextlib.suppress(ConnectionError):
            await line.writer.wait_closed()


@pytest.mark.parametrize(
    "started", [b"", b"G", b"GET /health/live HTTP/1.1\r\n", GET[:-2], POST, b"\r\n"], ids=range(6)
)
async def test_a_head_that_does_not_come_ends_the_connection(connect: Connect, started: bytes) -> None:
    line = await connect()
    await line.send(started)
    received, seconds = await line.end()
    assert received == b""
    assert HEADER_SECONDS - 0.2 < seconds < HEADER_SECONDS + SLACK


@pytest.mark.parametrize("dripped", [GET[:-2] + b"X-Long: " + b"x" * 300, b"\r\n" * 150])
@pytest.mark.parametrize("after_a_request", [False, True])
async def test_a_head_by_the_byte_is_given_no_more_time(
    connect: Connect, dripped: bytes, after_a_request: bool
) -> None:
    line = await connect()
    if after_a_request:
        await line.send(GET)
        assert (await line.answer()).status_code == 200
    dripping = asyncio.create_task(line.drip(dripped))
    received, seconds = await line.end()
    dripping.cancel()
    assert received == b""
    assert seconds < HEADER_SECONDS + SLACK


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 400\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n190\r\n"], ids=["length", "chunks"]
)
async def test_a_body_by_the_byte_is_408_and_the_end(connect: Connect, framing: bytes) -> None:
    line = await connect()
    began = time.monotonic()
    await line.send(POST + framing)
    dripping = asyncio.create_task(line.drip(b'{"name": "' + b"x" * 380))
    answer = await line.answer()
    seconds = time.monotonic() - began
    refused(answer, "request-timeout")
    assert answer.headers["connection"] == "close"
    assert BODY_SECONDS - 0.2 < seconds < BODY_SECONDS + SLACK
    received, _ = await line.end()
    dripping.cancel()
    assert received == b""


async def test_a_body_that_nobody_reads_ends_too(connect: Connect) -> None:
    line = await connect()
    await line.send(b"POST /v1/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\n")
    refused(await line.answer(), "not-found")
    dripping = asyncio.create_task(line.drip(b"x" * 399))
    received, seconds = await line.end()
    dripping.cancel()
    assert received == b""
    assert seconds < BODY_SECONDS + SLACK


def test_who_does_not_take_the_answer_is_cut_off(server: Server) -> None:
    large = "docs/reference"
    whole = len(httpx.get(f"{server.url}/{large}").content)
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        raw.connect(("127.0.0.1", server.port))
        raw.sendall(f"GET /{large} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 60)
        time.sleep(2 * BODY_SECONDS + 2)
        raw.settimeout(10)
        received = 0
        with contextlib.suppress(ConnectionResetError):
            while received < 60 * whole and (data := raw.recv(65_536)):
                received += len(data)
    assert received < 20 * whole


@pytest.mark.parametrize(
    "fields",
    [
        b"".join(b"X-%d: x\r\n" % number for number in range(101)),
        b"X-Long: " + b"x" * 70_000 + b"\r\n",
        b"".join(b"X-%d: %s\r\n" % (number, b"x" * 1_000) for number in range(80)),
    ],
    ids=["many", "long", "together"],
)
@pytest.mark.parametrize("piece", [200_000, 4_000])
async def test_a_head_that_is_too_large_is_431(connect: Connect, fields: bytes, piece: int) -> None:
    line = await connect()
    request = b"GET /health/live HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n"
    with contextlib.suppress(ConnectionError):  # it may be told before all has been sent
        for start in range(0, len(request), piece):
            await line.send(request[start : start + piece])
    answer = await line.answer()
    refused(answer, "headers-too-large")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert await line.rest() == b""


async def test_a_head_without_end_is_not_waited_for(connect: Connect) -> None:
    line = await connect()
    await line.send(b"GET /health/live HTTP/1.1\r\nX-Long: ")
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < 5_000_000:
            await line.send(b"x" * 10_000)
            sent += 10_000
            await asyncio.sleep(0)
    assert sent < 5_000_000


@pytest.mark.parametrize(
    "nonsense", [b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nA b: c\r\n\r\n"]
)
async def test_what_is_no_http_is_a_problem(connect: Connect, nonsense: bytes) -> None:
    line = await connect()
    await line.send(nonsense)
    refused(await line.answer(), "bad-request")
    assert await line.rest() == b""


async def test_a_body_that_is_no_http_is_a_problem(connect: Connect) -> None:
    line = await connect()
    await line.send(POST + b"Transfer-Encoding: chunked\r\n\r\n")
    await asyncio.sleep(0.2)
    await line.send(b"nonsense\r\n")
    refused(await line.answer(), "bad-request")
    assert await line.rest() == b""


async def test_requests_in_one_piece_are_answered_in_order(connect: Connect) -> None:
    line = await connect()
    await line.send(GET + b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n" + GET)
    assert [(await line.answer()).status_code for _ in range(3)] == [200, 404, 200]


async def test_nonsense_after_a_request_does_not_cost_its_answer(connect: Connect) -> None:
    line = await connect()
    await line.send(GET + b"nonsense\r\n\r\n")
    assert (await line.answer()).status_code == 200
    assert await line.rest() == b""


async def test_a_client_that_asks_first_is_told_to_go_on(connect: Connect) -> None:
    line = await connect()
    await line.send(POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert (await line.answer()).status_code == 100
    await line.send(b"{}")
    refused(await line.answer(), "invalid-request")
    await line.send(GET)
    assert (await line.answer()).status_code == 200


async def test_a_connection_may_be_idle_between_requests(connect: Connect) -> None:
    line = await connect()
    await line.send(GET)
    assert (await line.answer()).status_code == 200
    await asyncio.sleep(max(HEADER_SECONDS, BODY_SECONDS) + 1)
    await line.send(GET[:20])
    await asyncio.sleep(0.1)
    await line.send(GET[20:])
    assert (await line.answer()).status_code == 200


async def test_a_client_that_leaves_in_the_middle_is_no_failure(server: Server, connect: Connect) -> None:
    before = len(server.log)
    line = await connect()
    await line.send(POST + b"Content-Length: 400\r\n\r\n{")
    await asyncio.sleep(0.2)
    line.writer.close()
    await asyncio.sleep(0.2)
    assert server.log[before:] == ""
    answer = await asyncio.to_thread(httpx.get, f"{server.url}/metrics")
    assert 'route="/v1/sessions",status="500"' not in answer.text


async def test_four_hundred_slow_clients_are_cut_off_and_all_others_answered(server: Server, connect: Connect) -> None:
    began = time.monotonic()
    slow = [await connect() for _ in range(400)]
    for line in slow[:200]:
        await line.send(GET[:30])
    for line in slow[200:]:
        await line.send(POST + b"Content-Length: 400\r\n\r\n")
    dripping = [asyncio.create_task(line.drip(b" " * 300, every=0.5)) for line in slow[200:]]
    endings = [asyncio.create_task(line.end()) for line in slow]
    async with httpx.AsyncClient(base_url=server.url, timeout=10) as others:
        for _ in range(20):
            answers = await asyncio.gather(*(others.get("/health/ready") for _ in range(10)))
            assert {answer.status_code for answer in answers} == {200}
    ended = await asyncio.wait_for(asyncio.gather(*endings), 30)
    assert time.monotonic() - began < BODY_SECONDS + 3 * SLACK
    for task in dripping:
        task.cancel()
    assert {received for received, _ in ended[:200]} == {b""}
    assert {received[:12] for received, _ in ended[200:]} == {b"HTTP/1.1 408"}
    assert (await asyncio.to_thread(httpx.get, f"{server.url}/health/ready")).status_code == 200


def test_each_of_several_processes_cuts_them_off(databases: Databases) -> None:
    port = free_port()
    with databases.maker("postgresql") as make:
        process = subprocess.Popen(
            [TEACHMEET, "serve", "--port", str(port), "--workers", "2"], env=environment(make(), SHORT), cwd="/"
        )
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}/health/ready")
            with contextlib.ExitStack() as stack:
                lines = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(16)]
                for line in lines:
                    line.sendall(GET[:20])
                    line.settimeout(HEADER_SECONDS + SLACK)
                assert [line.recv(1_000) for line in lines] == [b""] * len(lines)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(address, timeout=2).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError("the service was not ready in time")
