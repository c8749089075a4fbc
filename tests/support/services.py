"""The service in this process, with settings, a clock or routes of the test's own."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
from fastapi import APIRouter, FastAPI

from app.kernel.clock import wall_clock
from app.kernel.settings import Settings
from app.main import create_app


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by


@contextlib.asynccontextmanager
async def serving(
    settings: Settings, *, clock: MovableClock | None = None, routes: APIRouter | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """The service started, and a client of it without credentials."""
    app = create_app(settings, clock=clock or wall_clock)
    if routes is not None:
        app.include_router(routes)
    async with app.router.lifespan_context(app), calling(app) as client:
        yield client


@contextlib.asynccontextmanager
async def calling(app: FastAPI, headers: dict[str, str] | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that has been started."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        yield client
