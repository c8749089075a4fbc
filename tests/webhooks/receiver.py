"""A receiver of webhooks: a real HTTP server on loopback that verifies every delivery with the public
`standardwebhooks` package, and answers as it is told."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

BOUND_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery as it came. `payload` is what the package verified, or None when it would not."""

    path: str
    message_id: str
    timestamp: int
    signature: str
    body: bytes
    payload: dict[str, Any] | None


Answer = Callable[[Delivered], tuple[int, dict[str, str]]]
"""The status and the headers with which a delivery is answered; it may take its time."""


@dataclass(slots=True)
class Receiver:
    """What came, in order, and how it is answered."""

    port: int = 0
    secret: str = ""
    answer: Answer = field(default=lambda _: (204, {}))
    seen: list[Delivered] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/in") -> str:
        return f"http://{self.host}{path}"

    @property
    def ids(self) -> list[str]:
        return [each.message_id for each in self.seen]

    def wait_until(self, enough: Callable[[], bool], *, seconds: float = BOUND_SECONDS) -> None:
        """Waits, with a bound, until something is so."""
        deadline = time.monotonic() + seconds
        while not enough():
            assert time.monotonic() < deadline, f"not within {seconds} s; {len(self.seen)} deliveries came"
            time.sleep(0.02)

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        """Verifies and keeps a delivery, and says how to answer."""
        try:
            payload = Webhook(self.secret).verify(body, headers) if self.secret else None
        except WebhookVerificationError:
            payload = None
        delivered = Delivered(
            path,
            headers["webhook-id"],
            int(headers["webhook-timestamp"]),
            headers["webhook-signature"],
            body,
            payload,
        )
        self.seen.append(delivered)
        return self.answer(delivered)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver, for as long as the block lasts."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, more = receiver.take(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            for name, value in {"Content-Length": "0", **more}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's own name
            """Tells nobody."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
