"""Faults on request, so that a frontend can build the screens for them: `X-Sandbox-Fault` on any request under /v1."""

import asyncio
import difflib
from typing import Any

from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from app.kernel.idempotency import IdempotencyInProgress
from app.kernel.problem_schemas import MARK
from app.kernel.problems import Fault, InvalidRequest, Problem

HEADER = "X-Sandbox-Fault"
SLOW, CONFLICT = "slow", "conflict"
SLOW_SECONDS = 3.0
RETRY_AFTER = "2"
WITHOUT = "/v1/sandbox/"
"""What puts a sandbox right must not be put out of order."""


class Faults:
    """Refuses, or keeps waiting, whoever asks for that, before anything is read or written."""

    def __init__(self, app: ASGIApp, *, routes: Any) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = _wanted(scope) if scope["type"] == "http" else None
        if wanted == SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        elif wanted is not None:
            raise self._problem(wanted, scope)
        await self._app(scope, receive, send)

    def _problem(self, wanted: str, scope: Scope) -> Problem:
        if wanted == CONFLICT:
            return provoked(self._conflict(scope))
        kind = Problem.known.get(wanted)
        if kind is not None:
            return provoked(kind)
        near = difflib.get_close_matches(wanted, [SLOW, CONFLICT, *Problem.known], n=1)
        known = "slow, conflict, unavailable, rate-limited and every other problem's name"
        told = f"there is no such fault; there are {known}" + (f". Did you mean {near[0]}?" if near else "")
        return InvalidRequest("The fault cannot be had.", errors=[Fault(told, parameter=HEADER)])

    def _conflict(self, scope: Scope) -> type[Problem]:
        """The first that this operation names among its own; one that any operation may meet, when it names none."""
        route = next((each for each in self._routes if each.matches(scope)[0] is Match.FULL), None)
        names = getattr(route, "responses", {}).get(409, {}).get(MARK, [])
        return next((Problem.known[name] for name in names), IdempotencyInProgress)


def provoked(kind: type[Problem]) -> Problem:
    """A problem as it comes, with the members that its page shows as an example."""
    headers = {401: {"WWW-Authenticate": "Bearer"}, 429: _RETRY, 503: _RETRY}.get(kind.status, {})
    headers = _RETRY if kind is IdempotencyInProgress else headers
    places = [Fault("as was asked for", parameter=HEADER)] if kind.points else []
    problem = Problem.__new__(kind)
    told = f"You asked for this with {HEADER}. Nothing was done."
    Problem.__init__(problem, told, errors=places, headers=headers, **kind.example)
    return problem


_RETRY = {"Retry-After": RETRY_AFTER}


def _wanted(scope: Scope) -> str | None:
    path = scope["path"]
    if not path.startswith("/v1/") or path.startswith(WITHOUT):
        return None
    name = HEADER.lower().encode()
    found = next((value for field, value in scope["headers"] if field == name), None)
    return None if found is None else found.decode("latin-1").strip()[:100]
