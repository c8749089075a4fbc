"""Fixtures for tests of the service whose time the test moves, in a sandbox without limits on signing in."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from app.kernel.settings import Settings
from app.main import create_app
from tests.support.databases import settings_for
from tests.support.services import MovableClock


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(
        database_url, secret_key="a secret for tests only", sandbox=True, rate_limit_sign_in=0, rate_limit_anonymous=0
    )


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def app(settings: Settings, clock: MovableClock) -> AsyncIterator[FastAPI]:
    service = create_app(settings, clock=clock)
    async with service.router.lifespan_context(service):
        yield service
