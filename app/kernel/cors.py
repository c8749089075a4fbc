"""Cross-origin calls: which origins' pages may call, and what they may read of an answer, errors included.

This is the outermost middleware: every answer goes out through it, also those of the others.
"""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from app.kernel.answer_headers import ALWAYS
from app.kernel.ids import new_id
from app.kernel.problems import BadRequest
from app.kernel.rendering import render_problem

SENDABLE = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "X-Request-ID",
)
READABLE = (
    "Allow",
    "Content-Disposition",
    "Deprecation",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Server-Timing",
    "Sunset",
    "WWW-Authenticate",
    "X-Request-ID",
)


class Cors(CORSMiddleware):
    """The framework's own, but for a refused preflight, which is told in this API's form."""

    def preflight_response(self, request_headers: Headers) -> Response:
        response = self._preflight(request_headers)
        response.raw_headers.extend(ALWAYS)
        return response

    def _preflight(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        request_id = str(new_id())
        problem = BadRequest("This origin, method or header is not allowed for calls from other origins' pages.")
        refused = render_problem(problem, instance="*", request_id=request_id).response()
        for name, value in response.headers.items():
            if name.lower().startswith("access-control-") or name.lower() == "vary":
                refused.headers[name] = value
        refused.headers["X-Request-ID"] = request_id
        return refused


def add_cors(app: FastAPI, origins: Sequence[str], *, sendable: Sequence[str] = ()) -> None:
    """Lets pages of these origins call, with `sendable` header fields besides the usual ones; with no origins, browsers
    let no other origin's page read an answer."""
    if origins:
        app.add_middleware(
            Cors,
            allow_origins=list(origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[*SENDABLE, *sendable],
            expose_headers=list(READABLE),
            max_age=600,
        )
