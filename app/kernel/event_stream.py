"""Server-sent events (HTML Living Standard, section 9.2): an answer that goes on for as long as its client listens."""

import asyncio
from collections import deque
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

MEDIA_TYPE = "text/event-stream"
ENDLESS = "endless"
"""In a request's state: its answer ends only when it is told to."""
HEAD = "head"
"""In a request's state: its client wants the headers only."""
MOST_PENDING = 64
"""Messages that may wait for a client to take them. One that is further behind is let go, and comes back."""
RETRY = b"retry: 2000\n\n"
STILL_HERE = b": still here\n\n"


def message(kind: str, data: bytes, *, id_: str) -> bytes:
    """One event. `data` is a single line, as JSON without line breaks is."""
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (id_.encode(), kind.encode(), data)


class Listener:
    """One client: what it has still to be sent, and whether it is to go on."""

    __slots__ = ("_pending", "_woken", "ended")

    def __init__(self) -> None:
        self._pending: deque[bytes] = deque()
        self._woken = asyncio.Event()
        self.ended = False

    def put(self, *messages: bytes) -> None:
        """Has messages sent, unless the client is too far behind already: then it is let go."""
        if len(self._pending) + len(messages) > MOST_PENDING:
            self._pending.clear()
            self.end()
            return
        self._pending.extend(messages)
        self._woken.set()

    def end(self) -> None:
        """Sends what is pending, and then no more."""
        self.ended = True
        self._woken.set()

    async def next(self) -> bytes | None:
        """All that is pending, as one piece; None at the end."""
        while not self._pending:
            if self.ended:
                return None
            self._woken.clear()
            await self._woken.wait()
        piece = b"".join(self._pending)
        self._pending.clear()
        return piece


class EventStream(Response):
    """Sends a listener's messages until it is ended or its client leaves; `closed` is then called."""

    media_type = MEDIA_TYPE

    def __init__(self, listener: Listener, *, closed: Callable[[], None]) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._listener = listener
        self._closed = closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"][ENDLESS] = True
        leaving = asyncio.create_task(self._until_the_client_leaves(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            if not scope["state"].get(HEAD):
                while (piece := await self._listener.next()) is not None:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            leaving.cancel()
            self._closed()

    async def _until_the_client_leaves(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._listener.end()
