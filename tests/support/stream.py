"""A client of a live stream: reads server-sent events as the standard says, and keeps what they come to."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from app.marketplace.changes import applied
from app.marketplace.schemas import MarketplaceChanges, MarketplaceOut

BOUND = 20.0


@dataclass(frozen=True, slots=True)
class Message:
    """One event of a stream."""

    kind: str
    id: str
    data: dict[str, Any]


class Follower:
    """Follows the marketplace of one event on a thread of its own, from one server, then perhaps from another."""

    def __init__(self, event_id: str) -> None:
        self.event_id = event_id
        self.messages: list[Message] = []
        self.market: MarketplaceOut | None = None
        self.comments = 0
        self.status = 0
        self.ended = threading.Event()
        self._changed = threading.Condition()
        self._line: socket.socket | None = None
        self._thread: threading.Thread | None = None

    @property
    def last_id(self) -> str | None:
        return self.messages[-1].id if self.messages else None

    def follow(self, url: str, headers: dict[str, str] | None = None, *, resume: bool = True) -> None:
        """Begins to listen to a server, where it left off unless it is to forget that."""
        asked = dict(headers or {})
        if resume and self.last_id is not None:
            asked["Last-Event-ID"] = self.last_id
        self.ended.clear()
        self._thread = threading.Thread(target=self._listen, args=(url, asked), daemon=True)
        self._thread.start()

    def drop(self) -> None:
        """Loses the line, without a word."""
        while not self.ended.wait(0.05):
            if self._line is not None:
                with contextlib.suppress(OSError):  # it may have ended by itself just now
                    self._line.shutdown(socket.SHUT_RDWR)

    def until(self, met: Callable[[], bool], *, deadline: float | None = None) -> None:
        """Waits until something is so. Raises after a while, or at a deadline of the monotonic clock."""
        deadline = deadline or time.monotonic() + BOUND
        with self._changed:
            while not met():
                left = deadline - time.monotonic()
                assert left > 0, f"it did not come to that: {len(self.messages)} messages, status {self.status}"
                self._changed.wait(min(left, 0.2))

    def _listen(self, url: str, headers: dict[str, str]) -> None:
        try:
            path = f"{url}/v1/events/{self.event_id}/marketplace/stream"
            with httpx.stream("GET", path, headers=headers, timeout=BOUND) as response:
                self._line = response.extensions["network_stream"].get_extra_info("socket")
                self.status = response.status_code
                if self.status == 200:
                    self._read(response)
        except httpx.HTTPError:
            pass  # the line is lost, or was let go
        finally:
            self._line = None
            self.ended.set()

    def _read(self, response: httpx.Response) -> None:
        fields: dict[str, str] = {}
        for line in response.iter_lines():
            if line.startswith(":"):
                self.comments += 1
            elif line:
                name, _, value = line.partition(": ")
                fields[name] = value
            else:
                if "data" in fields:
                    self._take(Message(fields["event"], fields["id"], json.loads(fields["data"])))
                fields = {}

    def _take(self, told: Message) -> None:
        with self._changed:
            self.messages.append(told)
            if told.kind == "marketplace":
                self.market = MarketplaceOut.model_validate(told.data)
            elif self.market is not None:
                self.market = applied(self.market, MarketplaceChanges.model_validate(told.data))
            self._changed.notify_all()
