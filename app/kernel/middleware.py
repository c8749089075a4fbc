"""Around every request: its id, its size limit, HEAD, log and metrics, and an answer whatever goes wrong inside."""

import re
import time
from typing import Any

import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kernel.ids import new_id
from app.kernel.metrics import REQUEST_SECONDS, REQUESTS
from app.kernel.problems import ContentTooLarge, InternalError, Problem
from app.kernel.rendering import render_problem

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
_log = structlog.get_logger("app.requests")


class Envelope:
    """The innermost middleware: whatever happens inside it, the client gets an answer in this API's form."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._max_body_bytes)
        try:
            exchange.check_announced_length()
            await self._app(exchange.scope, exchange.receive, exchange.send)
        except Problem as problem:
            await exchange.answer(problem)
        except Exception:
            _log.exception("a request failed", request_id=exchange.request_id, route=exchange.route)
            await exchange.answer(InternalError("Nothing was half done. The request's id finds the cause in our log."))
        finally:
            exchange.note()


class _Exchange:
    """One request and its response."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, max_body_bytes: int) -> None:
        self._headers = dict(scope["headers"])
        given = self._headers.get(b"x-request-id", b"").decode("latin-1")
        self.request_id = given if _SANE_REQUEST_ID.fullmatch(given) else str(new_id())
        self._is_head = scope["method"] == "HEAD"
        self._method = scope["method"]
        self.scope = {**scope, "method": "GET"} if self._is_head else scope
        self.scope.setdefault("state", {})["request_id"] = self.request_id
        self._receive = receive
        self._send = send
        self._left = max_body_bytes
        self._max_body_bytes = max_body_bytes
        self._status = 0
        self._began = time.perf_counter()

    @property
    def route(self) -> str:
        """The route's template: it names no id."""
        return getattr(self.scope.get("route"), "path_format", "unknown")

    def check_announced_length(self) -> None:
        announced = self._headers.get(b"content-length", b"0")
        if announced.isdigit() and int(announced[:12]) > self._max_body_bytes:
            raise self._too_large()

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise self._too_large()
        return message

    def _too_large(self) -> Problem:
        return ContentTooLarge(f"At most {self._max_body_bytes} bytes are taken.", max_bytes=self._max_body_bytes)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = [*message["headers"], (b"x-request-id", self.request_id.encode("latin-1"))]
            message = {**message, "headers": headers}
        elif self._is_head:
            message = {**message, "body": b""}
        await self._send(message)

    async def answer(self, problem: Problem) -> None:
        if self._status:
            return  # the response is on its way; all that is left is to end it
        rendered = render_problem(problem, instance=instance_of(self.scope), request_id=self.request_id)
        await rendered.response()(self.scope, self.receive, self.send)

    def note(self) -> None:
        seconds = time.perf_counter() - self._began
        REQUESTS.labels(self._method, self.route, self._status).inc()
        REQUEST_SECONDS.labels(self._method, self.route).observe(seconds)
        _log.info(
            "request",
            request_id=self.request_id,
            method=self._method,
            route=self.route,
            status=self._status,
            milliseconds=round(seconds * 1000, 1),
        )


def instance_of(scope: Scope) -> str:
    """The request's path as a problem's `instance`, whatever bytes came in."""
    return str(scope.get("path", "")).encode("utf-8", "replace").decode("utf-8")[:1000]


def request_id_of(scope: Scope) -> str:
    state: Any = scope.get("state", {})
    return str(state.get("request_id", ""))


def problem_response(problem: Problem, scope: Scope) -> Response:
    return render_problem(problem, instance=instance_of(scope), request_id=request_id_of(scope)).response()
