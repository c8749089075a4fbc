"""A sandbox in this process, after a reset. The tests share its databases, since a reset leaves nothing of them."""

import contextlib
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fastapi import FastAPI

from app.kernel.settings import Settings
from app.main import create_app
from tests.support.databases import Backend, Databases, settings_for
from tests.support.shared import made_when_asked_for

BEGINNING = "2026-11-23T09:00:00+00:00"


@pytest.fixture(scope="session")
def sandboxes(databases: Databases) -> Iterator[dict[Backend, str]]:
    """The databases of the sandboxes, by kind."""
    with contextlib.ExitStack() as stack:
        yield made_when_asked_for(databases, stack)


@pytest.fixture
def settings(sandboxes: dict[Backend, str], backend: Backend) -> Settings:
    return settings_for(sandboxes[backend], sandbox=True, rate_limit_sign_in=4)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    service = create_app(settings)
    async with service.router.lifespan_context(service):
        yield service


@pytest.fixture
async def sandbox(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Calls the sandbox, which is the known hub; its clock stands still."""
    assert (await client.post("/v1/sandbox/reset")).status_code == 200
    assert (await client.put("/v1/sandbox/clock", json={"frozen": True, "now": BEGINNING})).status_code == 200
    return client
