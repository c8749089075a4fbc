"""A server on loopback that counts who comes, for what this service sends out."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Reply = Callable[["Call", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came."""

    head: str
    body: bytes

    @property
    def path(self) -> str:
        return self.head.split(" ")[1]

    def header(self, name: str) -> str | None:
        for line in self.head.splitlines()[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


@dataclass(slots=True)
class Listener:
    """What has reached the port: connections, also those that asked for nothing, and requests."""

    port: int = 0
    connections: int = 0
    calls: list[Call] = field(default_factory=list)

    async def seen(self) -> int:
        """The connections, once those that are on their way have had time to arrive."""
        await asyncio.sleep(0.02)
        return self.connections


def answer(body: bytes = b"hello", status: str = "200 OK", **headers: str) -> Reply:
    """Replies alike to whatever is asked."""

    async def reply(_call: Call, writer: asyncio.StreamWriter) -> None:
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines])
        writer.write(head.encode() + b"\r\n\r\n" + body)

    return reply


@asynccontextmanager
async def listening(reply: Reply | None = None, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Listener]:
    """A listener on 127.0.0.1, for as long as the block lasts."""
    listener, replying = Listener(), reply or answer()
    busy, open_ends = set[asyncio.Task[None]](), list[asyncio.StreamWriter]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            call = Call(head, b"")
            call = Call(head, await reader.readexactly(int(call.header("content-length") or 0)))
            listener.calls.append(call)
            await replying(call, writer)
            await writer.drain()
        writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listener.connections += 1
        open_ends.append(writer)
        task = asyncio.ensure_future(serve(reader, writer))
        busy.add(task)
        task.add_done_callback(busy.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield listener
    finally:
        server.close()
        for task in list(busy):
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
        for end in open_ends:
            end.transport.abort()
            with suppress(OSError):
                await end.wait_closed()
        await server.wait_closed()
