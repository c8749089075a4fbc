"""HTTP/1.1 in which a client cannot keep a connection by being slow, nor fill the memory with what never ends.

The server itself waits for ever for the rest of a request's head, of a body that nobody reads, and for a client that
does not take its answer. Here each of these has an end. A body that an operation does wait for ends with a 408 from
`app.kernel.middleware`, which holds under any server.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.kernel.answer_headers import ALWAYS
from app.kernel.event_stream import ENDLESS
from app.kernel.ids import new_id
from app.kernel.problems import MEDIA_TYPE, BadRequest, HeadersTooLarge, Problem

MOST_HEADERS = 100
LARGEST_HEAD = 64_000
"""Bytes of a request line and its header fields. Other servers take between 8 and 64 kB."""
SLOWEST_READER = 1_000
"""Bytes a second."""
LINGER_SECONDS = 5.0
"""For so long a connection that is ending may take to bring the last bytes to the client, and the client's here."""
MOST_DROPPED = 1_000_000
"""Bytes that a client may send after it was refused; it may be in the middle of sending."""
_HEAD, _BODY, _WHOLE = "head", "body", "whole"


class _Refused(Exception):
    """Out of the parser's callbacks; the parser then calls the request invalid."""


class TimedProtocol(HttpToolsProtocol):
    """One connection. What is still to come of a request that has begun is waited for so long, and no longer.

    A request that arrives in one piece, as nearly all do, costs no timer.
    """

    def __init__(self, *given: Any, header_seconds: float, body_seconds: float, **named: Any) -> None:
        super().__init__(*given, **named)
        self._header_seconds = header_seconds
        self._body_seconds = body_seconds
        self._coming = _HEAD
        """What of a request is still to come."""
        self._waited_for: str | None = None
        self._wait: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None
        self._piece = 0
        self._head_began_in_this_piece = False
        self._head_bytes = 0
        self._refusal: Problem | None = None
        self._deaf = False
        """Whether nothing more is taken from the client: no other request, for certain."""
        self._dropped = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server has it
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._stop_waiting_for_the_reader()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            self._dropped += len(data)
            if self._dropped > MOST_DROPPED:
                self.transport.abort()
            return
        self._piece = len(data)
        self._head_began_in_this_piece = False
        super().data_received(data)
        if self._coming is _HEAD and not self._head_began_in_this_piece:
            self._head_bytes += len(data)
            if self._head_bytes > LARGEST_HEAD:
                self._refuse(_too_large())
        self._watch()

    def shutdown(self) -> None:
        """The server is told to stop: what has an end is finished, what has none ends now."""
        super().shutdown()
        if self._busy and self.cycle.scope["state"].get(ENDLESS):
            self._end()

    # What the parser tells

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._stop_waiting()
        self._coming = _HEAD
        self._head_began_in_this_piece = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        if len(self.headers) > MOST_HEADERS or (self._may_be_large() and self._head_size() > LARGEST_HEAD):
            self._refusal = _too_large()
            raise _Refused
        self._coming = _BODY
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._coming = _WHOLE
        super().on_message_complete()

    def _may_be_large(self) -> bool:
        return self._piece > LARGEST_HEAD or not self._head_began_in_this_piece

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    # What is waited for

    def _watch(self) -> None:
        """Sets the timer for what is still to come, unless it is set: it is for the whole, not for each piece."""
        coming = self._coming
        if self._deaf:
            return
        if coming is _WHOLE:
            if self._busy or self.timeout_keep_alive_task is not None:
                self._stop_waiting()
                return
            coming = _HEAD  # something came that is no request yet, such as an empty line
        if coming == self._waited_for:
            return
        self._stop_waiting()
        self._waited_for = coming
        if coming is _HEAD:
            self._wait = self.loop.call_later(self._header_seconds, self._head_is_overdue)
        else:
            self._wait = self.loop.call_later(self._body_seconds, self._body_is_overdue)

    def _stop_waiting(self) -> None:
        self._waited_for = None
        if self._wait is not None:
            self._wait.cancel()
            self._wait = None

    @property
    def _busy(self) -> bool:
        """Whether a request of this connection is still being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _head_is_overdue(self) -> None:
        if self._busy:
            self._end_after_the_answers()
        else:
            self._end()

    def _body_is_overdue(self) -> None:
        if self._busy:  # whoever reads the body finds out too, and says so
            self.cycle.keep_alive = False
        else:
            self._end()

    # How a connection ends

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # the server's own words are for its log
        """What cannot be parsed, told in this API's form."""
        self._refuse(self._refusal or BadRequest("The request is not valid HTTP."))

    def _refuse(self, problem: Problem) -> None:
        if self._deaf:  # it has been refused already
            return
        if self._coming is _HEAD and self._busy:  # an earlier request of this connection: its answer comes first
            self._end_after_the_answers()
            return
        if self._coming is not _HEAD and self.cycle is not None:
            begun = self.cycle.response_started or bool(self.pipeline)
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if begun:
                self._end()
                return
        self.transport.write(_as_bytes(problem))
        self._end_once_read()

    def _end_after_the_answers(self) -> None:
        self._deaf = True
        self._stop_waiting()
        self.cycle.keep_alive = False

    def _end_once_read(self) -> None:
        """As `_end`, but what the client is still sending is taken and dropped: else the answer might be lost."""
        if not self.transport.can_write_eof():
            self._end()
            return
        self._deaf = True
        self._stop_waiting()
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _end(self) -> None:
        self._deaf = True
        self._stop_waiting()
        self.transport.close()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    # Whether the client takes its answer

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_at_the_reader_later()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_waiting_for_the_reader()

    def _look_at_the_reader_later(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._taking = self.loop.call_later(self._body_seconds, self._look_at_the_reader, left)

    def _look_at_the_reader(self, left_before: int) -> None:
        taken = left_before - self.transport.get_write_buffer_size()
        if taken < SLOWEST_READER * self._body_seconds:
            self.transport.abort()
        else:
            self._look_at_the_reader_later()

    def _stop_waiting_for_the_reader(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None


def _too_large() -> Problem:
    return HeadersTooLarge(f"At most {MOST_HEADERS} header fields of together {LARGEST_HEAD} bytes are taken.")


def _as_bytes(problem: Problem) -> bytes:
    """A whole answer, for what never became a request."""
    request_id = str(new_id())
    body = problem.encoded(instance="*", request_id=request_id)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        (b"cache-control", b"no-store"),
        (b"x-request-id", request_id.encode()),
        *ALWAYS,
    ]
    lines = b"".join(b"%s: %s\r\n" % field for field in headers)
    return STATUS_LINE[problem.status] + lines + b"\r\n" + body
