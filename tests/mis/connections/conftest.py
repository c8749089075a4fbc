"""The service with leave to call loopback, and a hub whose schools are those of the fake systems."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.kernel.settings import Settings
from tests.mis.connections.steps import Step, at_work
from tests.support.callers import Organiser
from tests.support.databases import TESTS_SECRET, settings_for
from tests.support.oneroster import School, school


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url, secret_key=TESTS_SECRET, allowed_hosts_out=["127.0.0.1"])


@pytest.fixture
async def mis() -> AsyncIterator[School]:
    """A OneRoster server with the staff of two schools."""
    async with school() as there:
        yield there


@pytest.fixture
async def step(organiser: httpx.AsyncClient, hub: Organiser, mis: School) -> Step:
    """What an organiser does, in a hub that has the two schools."""
    return await at_work(organiser, hub, mis)
