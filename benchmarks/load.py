"""Load on a server: many keep-alive connections that send prepared requests one after another and time each answer.

It speaks just as much HTTP/1.1 as it needs, so that the client takes little of the machine that the server runs on.
"""

import asyncio
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a stretch of load came to."""

    per_second: float
    p50: float
    """Milliseconds."""
    p99: float
    statuses: dict[int, int]

    @property
    def spread(self) -> float:
        """How many times as long as half of the requests the slowest hundredth took."""
        return self.p99 / self.p50


class _Connection(asyncio.Protocol):
    """One connection: sends a request, waits for the whole answer, sends the next."""

    def __init__(self, requests: Iterator[bytes], until: float, finished: "asyncio.Future[None]") -> None:
        self._requests = requests
        self._until = until
        self._finished = finished
        self._buffer = bytearray()
        self._sent_at = 0.0
        self.milliseconds: list[float] = []
        self.statuses: dict[int, int] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None) if time.perf_counter() < self._until else None
        if request is None:
            self._finish()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if len(self._buffer) < end + 4 + length:
            return
        del self._buffer[: end + 4 + length]
        status = int(head[9:12])
        self.milliseconds.append((time.perf_counter() - self._sent_at) * 1000)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self._next()

    def connection_lost(self, _error: Exception | None) -> None:
        self._finish()

    def _finish(self) -> None:
        if not self._finished.done():
            self._finished.set_result(None)


async def _press(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Outcome:
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    finished = [loop.create_future() for _ in range(connections)]
    protocols = []
    for each in finished:
        _, protocol = await loop.create_connection(
            lambda each=each: _Connection(requests, began + seconds, each),  # type: ignore[misc]  # bound early
            "127.0.0.1",
            port,
        )
        protocols.append(protocol)
    await asyncio.gather(*finished)
    took = time.perf_counter() - began
    times = sorted(each for protocol in protocols for each in protocol.milliseconds)
    statuses: dict[int, int] = {}
    for protocol in protocols:
        for status, count in protocol.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    return Outcome(len(times) / took, statistics.median(times), times[int(len(times) * 0.99)], statuses)


def press(port: int, requests: Iterator[bytes], *, connections: int = 64, seconds: float = 5.0) -> Outcome:
    """Sends the requests over so many connections until they run out or the time is over."""
    return asyncio.run(_press(port, requests, connections, seconds))


def request(method: str, path: str, *, key: str | None = None, body: bytes = b"") -> bytes:
    """A request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    if body:
        lines.append("Content-Type: application/json")
    if key is not None:
        lines.append(f"Authorization: Bearer {key}")
    return "\r\n".join([*lines, "", ""]).encode() + body
