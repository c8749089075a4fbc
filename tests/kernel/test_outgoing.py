"""The way out: what is refused never leaves, and what is called cannot harm the caller."""

import asyncio
import gzip
import ipaddress
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.kernel.addresses import Address, is_public
from app.kernel.outgoing import Outgoing, OutgoingError, OutgoingFailed, OutgoingRefused
from tests.support.addresses import NOT_PUBLIC, PUBLIC, UNROUTED, Names
from tests.support.authority import Authority
from tests.support.listener import Call, answer, listening

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "0.0.0.0",  # noqa: S104  # nothing is bound to it
        "0",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0x7f.0x0.0x0.0x1",
        "017700000001",
        "0177.0.0.1",
        "127.0.0.0x1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1%25lo]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "１２７.0.0.1",
        "127。0。0。1",
        "%3127.0.0.1",
        "127.0.0.1%00.example",
        "a..example",
    ],
)
async def test_forms_of_this_machine_are_refused_and_the_listener_sees_nothing(host: str) -> None:
    async with listening() as listener:
        for scheme in ("https", "http"):
            for resolve in (None, Names("1.1.1.1")):
                outgoing = Outgoing() if resolve is None else Outgoing(resolve=resolve)
                with pytest.raises(OutgoingRefused):
                    await outgoing.request("GET", f"{scheme}://{host}:{listener.port}/hook?secret=pear")
                with pytest.raises(OutgoingRefused):
                    outgoing.check(f"{scheme}://{host}:{listener.port}/hook")
                assert resolve is None or resolve.asked == []
        assert await listener.seen() == 0


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_names_of_such_addresses_are_refused_and_the_listener_sees_nothing(address: str) -> None:
    async with listening() as listener:
        for answers in ([address], ["1.1.1.1", address], [address, "2606:4700::1111"]):
            names = Names(answers)
            with pytest.raises(OutgoingRefused, match="not the address of a public host"):
                await Outgoing(resolve=names).request("POST", f"https://hooks.example:{listener.port}/", content=b"x")
            assert names.asked == ["hooks.example"]
        assert await listener.seen() == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1"])
async def test_without_the_check_such_names_would_reach_the_listener(address: str) -> None:
    async with listening() as listener:
        outgoing = Outgoing(["hooks.example"], resolve=Names(address))
        assert (await outgoing.request("GET", f"http://hooks.example:{listener.port}/")).status == 200
        assert await listener.seen() == 1


async def test_a_name_that_changes_its_mind_is_looked_up_once() -> None:
    names = Names(UNROUTED, "127.0.0.1")
    async with listening() as listener:
        outgoing = Outgoing(resolve=names, connect_seconds=0.5)
        with pytest.raises(OutgoingFailed):
            await outgoing.request("GET", f"https://turncoat.example:{listener.port}/")
        assert names.asked == ["turncoat.example"]
        with pytest.raises(OutgoingRefused):
            await outgoing.request("GET", f"https://turncoat.example:{listener.port}/")
        assert await listener.seen() == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "http://hooks.example:443/",
        "http://hooks.example:8080/",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "gopher://hooks.example/",
        "//hooks.example/",
        "hooks.example",
        "https://",
        "https:///path",
        "https:hooks.example",
        "https://me:pear@hooks.example/",
        "https://hooks.example:25/",
        "https://hooks.example:0/",
        "https://hooks.example:65536/",
        "https://hooks.example:-1/",
        "https://hooks.example\\@127.0.0.1/",
        "https://hooks example/",
        "https://hooks.example/\r\nX: y",
        "https://" + "a" * 64 + ".example/",
        "https://hooks.example/" + "a" * 5_000,
        "",
    ],
)
async def test_urls_of_other_kinds_are_refused_before_any_name_is_looked_up(url: str) -> None:
    names = Names("1.1.1.1")
    with pytest.raises(OutgoingRefused) as refused:
        await Outgoing(resolve=names).request("GET", url)
    assert names.asked == []
    assert "pear" not in str(refused.value)


async def test_https_to_a_public_host_passes_the_check() -> None:
    outgoing = Outgoing()
    for url in (
        "https://hooks.example/a",
        "https://hooks.example:8443/",
        "https://1.1.1.1/",
        "https://bücher.example/",
    ):
        outgoing.check(url)
    with pytest.raises(OutgoingFailed):
        await Outgoing(resolve=Names(UNROUTED), connect_seconds=0.5).request("GET", "https://hooks.example/")


async def test_a_listed_host_is_reached_by_http() -> None:
    async with listening() as listener:
        for entry in ("127.0.0.1", f"127.0.0.1:{listener.port}"):
            got = await Outgoing([entry]).request("GET", f"http://127.0.0.1:{listener.port}/a", params={"b": "c d"})
            assert (got.status, got.body) == (200, b"hello")
        assert listener.connections == 2
        assert listener.calls[0].path in ("/a?b=c+d", "/a?b=c%20d")


async def test_a_listed_name_keeps_its_name_and_is_looked_up_once() -> None:
    names = Names("127.0.0.1", "127.0.0.9")
    async with listening() as listener:
        outgoing = Outgoing(["Mis.Example"], resolve=names)
        await outgoing.request("PUT", f"http://mis.example.:{listener.port}/", content=b"{}", headers={"X-A": "b"})
        (call,) = listener.calls
        assert call.body == b"{}"
        assert call.header("host") == f"mis.example:{listener.port}"
        assert call.header("x-a") == "b"
        assert names.asked == ["mis.example"]


async def test_a_listing_is_for_that_host_and_port_only() -> None:
    async with listening() as listener:
        outgoing = Outgoing(["mis.example", f"127.0.0.1:{listener.port + 1}", "::1"], resolve=Names("127.0.0.1"))
        for host in ("other.example", "a.mis.example", "127.0.0.1", "mis.example.evil.example", "[::ffff:127.0.0.1]"):
            for scheme in ("http", "https"):
                with pytest.raises(OutgoingRefused):
                    await outgoing.request("GET", f"{scheme}://{host}:{listener.port}/")
        assert await listener.seen() == 0


@pytest.mark.parametrize("entry", ["https://mis.example", "mis.example/path", "", "me@mis.example", "127.1", "a b"])
def test_a_listing_that_is_no_host_stops_the_start(entry: str) -> None:
    with pytest.raises(ValueError, match="neither a host nor host:port"):
        Outgoing([entry])


async def test_a_redirect_is_handed_back_and_not_followed() -> None:
    async with listening() as inside:
        there = f"http://localhost:{inside.port}/latest/meta-data"
        async with listening(answer(b"", "307 Temporary Redirect", Location=there)) as outside:
            outgoing = Outgoing([f"127.0.0.1:{outside.port}"])
            got = await outgoing.request("POST", f"http://127.0.0.1:{outside.port}/", content=b"x")
            assert (got.status, got.headers["location"]) == (307, there)
            with pytest.raises(OutgoingRefused):
                await outgoing.request("GET", got.headers["location"])
        assert (outside.connections, inside.connections) == (1, 0)


async def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening() as proxy, listening() as listener:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await Outgoing(["127.0.0.1"]).request("GET", f"http://127.0.0.1:{listener.port}/")
        assert (proxy.connections, listener.connections) == (0, 1)


async def test_a_server_that_dawdles_is_left_in_time() -> None:
    async def drip(_call: Call, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def silence(_call: Call, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    for reply in (drip, silence):
        async with listening(reply) as listener:
            begun = time.monotonic()
            with pytest.raises(OutgoingFailed, match="took too long"):
                await Outgoing(["127.0.0.1"]).request("GET", f"http://127.0.0.1:{listener.port}/", seconds=0.5)
            assert time.monotonic() - begun < 5


async def test_a_resolver_that_dawdles_is_left_in_time() -> None:
    async def never(host: str, port: int) -> Sequence[Address]:
        await asyncio.sleep(60)
        return []

    with pytest.raises(OutgoingFailed, match="took too long"):
        await Outgoing(resolve=never, seconds=0.2).request("GET", "https://hooks.example/")


async def test_a_body_without_end_is_cut_off() -> None:
    async def endless(_call: Call, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    async with listening(endless) as listener:
        with pytest.raises(OutgoingFailed, match="larger than 100000 bytes"):
            await Outgoing(["127.0.0.1"], max_bytes=100_000).request("GET", f"http://127.0.0.1:{listener.port}/")


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 200_000])
async def test_gzip_is_read(size: int) -> None:
    body = bytes(index * 7919 % 251 for index in range(size))
    async with listening(answer(gzip.compress(body), Content_Encoding="gzip")) as listener:
        got = await Outgoing(["127.0.0.1"]).request("GET", f"http://127.0.0.1:{listener.port}/")
        assert got.body == body


async def test_a_small_body_that_unpacks_to_a_large_one_is_cut_off() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    async with listening(answer(bomb, Content_Encoding="gzip")) as listener:
        sizes = Counter[int]()
        with pytest.raises(OutgoingFailed, match="larger than 100000 bytes"):
            await _download(Outgoing(["127.0.0.1"], max_bytes=100_000), listener.port, sizes)
        assert sizes == {65_536: 1}


async def _download(outgoing: Outgoing, port: int, sizes: Counter[int]) -> None:
    async with outgoing.stream("GET", f"http://127.0.0.1:{port}/") as download:
        async for chunk in download.chunks:
            sizes[len(chunk)] += 1


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(gzip.compress(b"x")), "gzip, gzip"),
        (b"x", "br"),
        (b"not gzip", "gzip"),
        (gzip.compress(b"cut short" * 100)[:-9], "gzip"),
        (gzip.compress(b"a") + gzip.compress(b"b"), "gzip"),
    ],
    ids=["twice", "another encoding", "none", "cut short", "two in one"],
)
async def test_what_cannot_be_decoded_fails(body: bytes, encoding: str) -> None:
    async with listening(answer(body, Content_Encoding=encoding)) as listener:
        with pytest.raises(OutgoingFailed):
            await Outgoing(["127.0.0.1"]).request("GET", f"http://127.0.0.1:{listener.port}/")


@pytest.mark.parametrize(
    "said",
    [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npear"],
    ids=["nothing", "ssh", "part"],
)
async def test_what_is_not_http_or_breaks_off_fails_without_a_word_of_it(said: bytes) -> None:
    async def say(_call: Call, writer: asyncio.StreamWriter) -> None:
        writer.write(said)

    async with listening(say) as listener:
        with pytest.raises(OutgoingError) as failed:
            await Outgoing(["127.0.0.1"]).request(
                "GET", f"http://127.0.0.1:{listener.port}/?token=plum", headers={"Authorization": "Bearer plum"}
            )
        assert not {"pear", "plum", "SSH"} & set(str(failed.value).replace(".", " ").split())


async def test_a_port_where_nobody_listens_fails() -> None:
    async with listening() as listener:
        port = listener.port
    with pytest.raises(OutgoingFailed, match="No connection"):
        await Outgoing(["127.0.0.1"]).request("GET", f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("headers", [{"Host": "a.example"}, {"transfer-encoding": "chunked"}, {"Content-Length": "3"}])
async def test_headers_that_frame_the_request_are_not_for_callers(headers: dict[str, str]) -> None:
    async with listening() as listener:
        with pytest.raises(OutgoingRefused):
            await Outgoing(["127.0.0.1"]).request("GET", f"http://127.0.0.1:{listener.port}/", headers=headers)
        assert await listener.seen() == 0


async def test_headers_cannot_smuggle_others() -> None:
    async with listening() as listener:
        with pytest.raises(OutgoingFailed):
            await Outgoing(["127.0.0.1"]).request(
                "GET", f"http://127.0.0.1:{listener.port}/", headers={"X-A": "b\r\nX-Evil: yes"}
            )
        assert listener.calls == []


async def test_the_certificate_and_sni_are_those_of_the_name(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    right, asked_for = authority.server("mis.example"), list[str | None]()
    right.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    async with listening(tls=right) as listener:
        outgoing = Outgoing(["mis.example", "other.example"], resolve=Names("127.0.0.1"), tls=authority.trust)
        got = await outgoing.request("GET", f"https://mis.example:{listener.port}/")
        assert (got.status, asked_for) == (200, ["mis.example"])
        assert listener.calls[0].header("host") == f"mis.example:{listener.port}"
        with pytest.raises(OutgoingFailed, match="certificate"):
            await outgoing.request("GET", f"https://other.example:{listener.port}/")
        distrustful = Outgoing(["mis.example"], resolve=Names("127.0.0.1"))
        with pytest.raises(OutgoingFailed, match="certificate"):
            await distrustful.request("GET", f"https://mis.example:{listener.port}/")
        assert len(listener.calls) == 1


async def test_the_callers_own_time_limit_stays_its_own() -> None:
    async with listening() as listener:
        with pytest.raises(TimeoutError):
            async with Outgoing(["127.0.0.1"]).stream("GET", f"http://127.0.0.1:{listener.port}/"):
                raise TimeoutError
