"""These tests keep to a hub of their own; the service runs on the evening itself, by a clock that they move."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from fastapi import FastAPI

from app.kernel.settings import Settings
from app.main import create_app
from tests.support.made import STARTS
from tests.support.services import MovableClock
from tests.support.shared import database_url, hub, shared_databases

__all__ = ["database_url", "hub", "shared_databases"]


@pytest.fixture
def clock() -> MovableClock:
    """A quarter of an hour before the evening begins."""
    return MovableClock(STARTS - timedelta(minutes=15))


@pytest.fixture
async def app(settings: Settings, clock: MovableClock) -> AsyncIterator[FastAPI]:
    """The service in this process, started."""
    service = create_app(settings, clock=clock)
    async with service.router.lifespan_context(service):
        yield service
