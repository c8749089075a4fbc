"""The one way out: every HTTP request that this service makes to somebody else passes this guard.

Addresses to call come from people (a webhook's, a school system's) or from what other servers say (an issuer's keys),
so none of them may lead into the network that this service stands in. Public hosts are called by https only, on port
443 or one from 1024 up, and only when every address of their name is public. The name is looked up once per request
and the connection made to the addresses that were checked, so a name cannot change its mind in between; SNI, the
certificate and `Host` stay those of the name. Redirects are handed back, never followed; no proxy is read from the
environment. Hosts that the operator lists in the settings may be private, and reached by plain http and on any port.
"""

import asyncio
import functools
import ipaddress
import re
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address

import httpcore
import httpx

from app.kernel.addresses import Address, Resolve, is_public, system_resolve

_MOST_ADDRESSES_TRIED = 4
_LONGEST_URL = 4_096
_PIECE = 65_536
_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
)
_ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)")
"""What some resolvers read as an address in decimal, octal or hexadecimal digits."""
_OURS = ("host", "content-length", "transfer-encoding", "accept-encoding", "connection")
_BODILESS = ("GET", "HEAD", "DELETE", "OPTIONS")
_NO_ADDRESS = "That is not the address of a public host."


class OutgoingError(Exception):
    """A call that was not made or came to nothing. What it says names no path, no credential and no content."""


class OutgoingRefused(OutgoingError):
    """This service does not make such a call; nothing was sent."""


class OutgoingFailed(OutgoingError):
    """The call was made and brought nothing usable: no connection, no answer in time, or too large a one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said. A redirect is an answer like any other."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Download:
    """An answer whose body is still to come."""

    status: int
    headers: httpx.Headers
    chunks: AsyncIterator[bytes] = field(repr=False)
    """The body, decoded. Raises `OutgoingFailed` beyond the cap, or when it cannot be decoded."""


@dataclass(frozen=True, slots=True)
class _Target:
    """An address to call, taken apart once; everything after works on these parts."""

    scheme: str
    host: str
    port: int
    netloc: str
    path: bytes
    literal: Address | None
    listed: bool = False
    """Whether the operator lets it be reached wherever it is."""


class _Pinned(httpcore.AnyIOBackend):
    """Connects to addresses that were checked, whatever the name in the request."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses[:_MOST_ADDRESSES_TRIED]

    async def connect_tcp(
        self,
        host: str,  # noqa: ARG002  # the name has had its say
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the library's own form
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception = httpcore.ConnectError()
        for address in self._addresses:
            try:
                return await super().connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class Outgoing:
    """The guard. One for the whole process; it keeps no connections, so there is nothing to close."""

    def __init__(
        self,
        allowed_hosts: Collection[str] = (),
        *,
        resolve: Resolve = system_resolve,
        tls: ssl.SSLContext | None = None,
        connect_seconds: float = 5.0,
        seconds: float = 10.0,
        max_bytes: int = 1_000_000,
    ) -> None:
        """`allowed_hosts` are hosts, or `host:port`, that may be private. Raises `ValueError` for what is neither."""
        self._allowed = frozenset(_listed(entry) for entry in allowed_hosts)
        self._resolve = resolve
        self._given_tls = tls
        self._connect_seconds = connect_seconds
        self._seconds = seconds
        self._max_bytes = max_bytes

    def check(self, url: str) -> None:
        """Raises `OutgoingRefused` for an address that is never called, as far as one sees without looking up its
        name: for telling somebody early. Every call checks again."""
        self._target(url, None)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        max_bytes: int | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """Makes a call and reads the whole answer. Raises `OutgoingRefused` and `OutgoingFailed`.

        `seconds` is for everything from the lookup of the name to the last byte; `max_bytes` is for the body, both as
        it came and decoded.
        """
        async with self.stream(
            method, url, headers=headers, params=params, content=content, max_bytes=max_bytes, seconds=seconds
        ) as download:
            body = b"".join([chunk async for chunk in download.chunks])
        return Answer(download.status, download.headers, body)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        max_bytes: int | None = None,
        seconds: float | None = None,
    ) -> AsyncIterator[Download]:
        """As `request`, for bodies that need not be held whole; `seconds` is for the whole time it is open."""
        target = self._target(url, params)
        sent = _headers(target, headers, content if content is not None or method in _BODILESS else b"")
        try:
            async with asyncio.timeout(self._seconds if seconds is None else seconds) as deadline:
                async with self._opened(await self._addresses(target), method, target, sent, content) as response:
                    received = httpx.Headers(response.headers)
                    most = self._max_bytes if max_bytes is None else max_bytes
                    yield Download(response.status, received, _body(response, received, most))
        except TimeoutError:
            if not deadline.expired():
                raise
            raise OutgoingFailed("The other side took too long.") from None

    @asynccontextmanager
    async def _opened(
        self, addresses: Sequence[Address], method: str, target: _Target, headers: httpx.Headers, content: bytes | None
    ) -> AsyncIterator[httpcore.Response]:
        where = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        pool = httpcore.AsyncConnectionPool(
            ssl_context=self._tls if target.scheme == "https" else None,
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=_Pinned(addresses),
        )
        patience = {"timeout": {"connect": self._connect_seconds}}
        async with pool:
            request = httpcore.Request(method, where, headers=headers.raw, content=content or b"", extensions=patience)
            with _told_plainly():
                response = await pool.handle_async_request(request)
            try:
                yield response
            finally:
                await response.aclose()

    @functools.cached_property
    def _tls(self) -> ssl.SSLContext:
        """The public authorities, or those of `SSL_CERT_FILE` where a network has its own."""
        return self._given_tls or httpx.create_ssl_context()

    def _target(self, url: str, params: Mapping[str, str] | None) -> _Target:
        target = _taken_apart(url, params)
        if {(target.host, target.port), (target.host, None)} & self._allowed:
            return replace(target, listed=True)
        if target.scheme != "https":
            raise OutgoingRefused("Only https is called.")
        if target.port != 443 and target.port < 1024:
            raise OutgoingRefused("Only port 443 and those from 1024 up are called.")
        if target.host == "localhost" or target.host.endswith(".localhost"):
            raise OutgoingRefused(_NO_ADDRESS)
        if target.literal is not None and not is_public(target.literal):
            raise OutgoingRefused(_NO_ADDRESS)
        return target

    async def _addresses(self, target: _Target) -> Sequence[Address]:
        """The addresses to connect to: looked up here and nowhere else, each of them checked."""
        if target.literal is not None:
            return [target.literal]
        try:
            found = await self._resolve(target.host, target.port)
        except (OSError, UnicodeError):
            found = []
        if not found:
            raise OutgoingFailed("The host has no address.")
        if not target.listed and not all(is_public(address) for address in found):
            raise OutgoingRefused(_NO_ADDRESS)
        return found


class _Gunzip:
    """Takes gzip apart piece by piece, so that a small body never becomes a large one unseen."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._begun = True
        while True:
            piece = self._inner.decompress(data, _PIECE)
            data = self._inner.unconsumed_tail
            if piece:
                yield piece
            if not data and len(piece) < _PIECE:
                break
        if self._inner.unused_data:
            raise zlib.error("more than one member")

    def end(self) -> None:
        if self._begun and not self._inner.eof:
            raise zlib.error("cut short")


class _AsItIs:
    """A body that is not encoded."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def end(self) -> None:
        pass


_DECODERS: Mapping[str, Callable[[], _Gunzip | _AsItIs]] = {"": _AsItIs, "identity": _AsItIs, "gzip": _Gunzip}


async def _body(response: httpcore.Response, headers: httpx.Headers, most: int) -> AsyncIterator[bytes]:
    make = _DECODERS.get(headers.get("content-encoding", "").strip().lower())
    if make is None:
        raise OutgoingFailed("The answer is encoded in a way that was not asked for.")
    decoder, came, decoded = make(), 0, 0
    with _told_plainly():
        async for data in response.aiter_stream():
            came += len(data)
            for piece in decoder.feed(data):
                decoded += len(piece)
                if max(came, decoded) > most:
                    raise OutgoingFailed(f"The answer is larger than {most} bytes.")
                yield piece
            if came > most:
                raise OutgoingFailed(f"The answer is larger than {most} bytes.")
        decoder.end()


@contextmanager
def _told_plainly() -> Iterator[None]:
    """The libraries' failures in words that carry nothing of what was sent or received."""
    try:
        yield
    except httpcore.TimeoutException:
        raise OutgoingFailed("The other side took too long.") from None
    except httpcore.ConnectError as error:
        if any(isinstance(each, ssl.SSLError) for each in _chain(error)):
            raise OutgoingFailed("No secure connection: the certificate must be valid for the host.") from None
        raise OutgoingFailed("No connection.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError):
        raise OutgoingFailed("The connection broke, or what came is not HTTP.") from None
    except zlib.error:
        raise OutgoingFailed("The answer cannot be decoded.") from None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _headers(target: _Target, given: Mapping[str, str] | None, content: bytes | None) -> httpx.Headers:
    headers = httpx.Headers(
        {"Host": target.netloc, "User-Agent": "teachmeet", "Accept": "*/*", "Accept-Encoding": "gzip"}
    )
    for name, value in (given or {}).items():
        if name.lower() in _OURS:
            raise OutgoingRefused(f"{name} is not for callers to set.")
        headers[name] = value
    if content is not None:
        headers["Content-Length"] = str(len(content))
    return headers


def _taken_apart(url: str, params: Mapping[str, str] | None) -> _Target:
    """The parts of an absolute http or https URL. Raises `OutgoingRefused`."""
    try:
        read = httpx.URL(url) if len(url) <= _LONGEST_URL else None
        if read is not None and params:
            read = read.copy_merge_params(dict(params))
    except (httpx.InvalidURL, UnicodeError, ValueError):
        read = None
    if read is None or read.scheme not in ("http", "https"):
        raise OutgoingRefused("That is not a URL to call.")
    if read.userinfo:
        raise OutgoingRefused("Credentials do not belong in a URL.")
    host, literal = _host_of(read)
    port = read.port if read.port is not None else {"http": 80, "https": 443}[read.scheme]
    shown = f"[{host}]" if isinstance(literal, IPv6Address) else host
    if not 0 < port < 65_536:
        raise OutgoingRefused("That is not a URL to call.")
    netloc = shown if read.port is None else f"{shown}:{read.port}"
    return _Target(read.scheme, host, port, netloc, read.raw_path, literal)


def _host_of(url: httpx.URL) -> tuple[str, Address | None]:
    """A host in the one form in which it is compared, looked up and called: without a final dot."""
    host = url.raw_host.decode("ascii").lower().removesuffix(".")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        if not _NAME.fullmatch(host) or _ENDS_IN_A_NUMBER.fullmatch(host):
            raise OutgoingRefused(_NO_ADDRESS) from None
        return host, None
    return str(literal), literal


def _listed(entry: str) -> tuple[str, int | None]:
    bare_ipv6 = entry.count(":") > 1 and not entry.startswith("[")
    try:
        url = httpx.URL(f"//[{entry}]" if bare_ipv6 else f"//{entry}")
        host, _ = _host_of(url)
    except (httpx.InvalidURL, OutgoingRefused):
        host = ""
    if not host or url.userinfo or url.raw_path not in (b"", b"/") or url.fragment:
        raise ValueError(f"{entry!r} is neither a host nor host:port")
    return host, url.port
