"""Around every request: its id, its client, its limits in number, size and time, HEAD, log and metrics; and an answer
whatever goes wrong inside."""

import asyncio
import re
import time
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kernel.answer_headers import AnswerHeaders, policy_of
from app.kernel.event_stream import HEAD
from app.kernel.ids import new_id
from app.kernel.metrics import REQUEST_SECONDS, REQUESTS
from app.kernel.problems import ContentTooLarge, InternalError, Problem
from app.kernel.proxies import Proxies
from app.kernel.rate_limits import Admission, RateLimits
from app.kernel.rendering import dialect_at
from app.kernel.settings import Settings

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
UPLOADS_PATIENCE = 4
"""A file may take so many times as long as other bodies."""
_log = structlog.get_logger("app.requests")


class RequestTimeout(Problem):
    """The body did not arrive in the time that there is for it, however little by little it came. Nothing was done, and
    the connection is closed.

    Send the request again, as a whole.
    """

    status, title = 408, "The body took too long to arrive"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Connection": "close"})


class Envelope:
    """The innermost middleware: whatever happens inside it, the client gets an answer in this API's form.

    It is one and not one for each of its duties, because each would cost every request as much as the duty itself.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings, limits: RateLimits, uploads: re.Pattern[str]) -> None:
        self._app = app
        self._proxies = Proxies(settings.trusted_proxies)
        self.limits = limits
        self.headers = AnswerHeaders(settings)
        self._settings = settings
        self._uploads = uploads

    def bounds(self, scope: Scope) -> tuple[int, float]:
        """How many bytes a body may have, and how many seconds to arrive; more of both where files come in."""
        most, seconds = self._settings.max_body_bytes, self._settings.body_seconds
        if scope["method"] == "POST" and self._uploads.fullmatch(scope["path"]):
            return max(most, self._settings.max_upload_bytes), seconds * UPLOADS_PATIENCE
        return most, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._proxies:
            self._proxies.see_through(scope)
        exchange = _Exchange(scope, receive, send, self)
        try:
            exchange.admit()
            await self._app(exchange.scope, exchange.receive, exchange.send)
        except Problem as problem:
            await exchange.answer(problem)
        except ClientDisconnect:
            pass  # nobody is left to answer
        except Exception:
            _log.exception("a request failed", request_id=exchange.request_id, route=exchange.route)
            await exchange.answer(InternalError("Nothing was half done. The request's id finds the cause in our log."))
        finally:
            exchange.note()


class _Exchange:
    """One request and its response."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, terms: Envelope) -> None:
        # Of a field that comes twice, the first counts here as it does everywhere else.
        self._headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        given = self._headers.get(b"x-request-id", b"").decode("latin-1")
        self.request_id = given if _SANE_REQUEST_ID.fullmatch(given) else str(new_id())
        self._is_head = scope["method"] == "HEAD"
        self._method = scope["method"]
        self.scope = {**scope, "method": "GET"} if self._is_head else scope
        state = self.scope.setdefault("state", {})
        state["request_id"] = self.request_id
        if self._is_head:
            state[HEAD] = True
        self._receive = receive
        self._send = send
        self._terms = terms
        self._admission: Admission | None = None
        self._most, self._seconds = terms.bounds(scope)
        self._left = self._most
        self._until = 0.0
        self._received = False
        self._status = 0
        self._began = time.perf_counter()

    @property
    def route(self) -> str:
        """The route's template: it names no id."""
        return getattr(self.scope.get("route"), "path_format", "unknown")

    def admit(self) -> None:
        """Raises `RateLimited`, or `ContentTooLarge` when the announced length already says so."""
        self._admission = self._terms.limits.admit(self.scope, self._headers)
        announced = self._headers.get(b"content-length", b"0")
        if announced.isdigit() and int(announced[:12]) > self._most:
            raise self._too_large()

    async def receive(self) -> Message:
        if self._received:  # all of the body: who asks now, waits for the client to leave
            return await self._receive()
        message = await self._within_time()
        self._received = not message.get("more_body", False)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise self._too_large()
        return message

    async def _within_time(self) -> Message:
        """The time is for the body as a whole: a client that sends a byte now and then is not given more."""
        self._until = self._until or asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(self._until):
                return await self._receive()
        except TimeoutError:
            raise RequestTimeout(f"A body has {self._seconds:g} seconds to arrive.") from None

    def _too_large(self) -> Problem:
        return ContentTooLarge(f"At most {self._most} bytes are taken.", max_bytes=self._most)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message = {**message, "headers": self._completed(message["headers"])}
        elif self._is_head:
            message = {**message, "body": b""}
        await self._send(message)

    def _completed(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        credential = b"authorization" in self._headers
        return [
            *headers,
            (b"x-request-id", self.request_id.encode("latin-1")),
            *self._timing(),
            *self._terms.headers.missing(headers, scope=self.scope, status=self._status, credential=credential),
            *(self._admission.settle(self._status, policy_of(self.scope)) if self._admission is not None else ()),
        ]

    def _timing(self) -> list[tuple[bytes, bytes]]:
        """How long it took until here. Refusals do not tell: they are to be alike."""
        if self._status >= 400:
            return []
        return [(b"server-timing", b"app;dur=%.1f" % ((time.perf_counter() - self._began) * 1000))]

    async def answer(self, problem: Problem) -> None:
        if self._status:
            return  # the response is on its way; all that is left is to end it
        await problem_response(problem, self.scope)(self.scope, self.receive, self.send)

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
    """A refusal in this API's form, or in the one that its address asks for (`app.state.dialects`, by prefix)."""
    tell = dialect_at(scope["path"], scope["app"].state.dialects)
    return tell(problem, instance=instance_of(scope), request_id=request_id_of(scope)).response()
