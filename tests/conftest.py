"""Fixtures of the whole run. A test that asks for a database runs twice, on SQLite and on PostgreSQL."""

import contextlib
from collections.abc import AsyncIterator, Iterator

import httpx
import hypothesis
import pytest
from fastapi import FastAPI

from app.kernel.settings import Settings
from app.main import create_app
from tests.support.callers import Headers, Organiser, make_operator, make_organiser
from tests.support.databases import BACKENDS, TESTS_SECRET, Backend, Databases, NewDatabase, settings_for

# A slow machine is no bug: what is slow is measured by the benchmarks.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    with contextlib.ExitStack() as stack:
        yield Databases(tmp_path_factory.mktemp("sqlite"), stack)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Backend:
    """The database that this run of the test is on."""
    chosen: Backend = request.param
    return chosen


@pytest.fixture
def new_database(databases: Databases, backend: Backend) -> Iterator[NewDatabase]:
    """Makes fresh databases, for tests that need more than one."""
    with databases.maker(backend) as make:
        yield make


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    """A fresh, migrated database."""
    return new_database()


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url, secret_key=TESTS_SECRET)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The service in this process, started."""
    service = create_app(settings)
    async with service.router.lifespan_context(service):
        yield service


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Calls the service in this process; without credentials, unless a call brings its own."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as made:
        yield made


@pytest.fixture
def operator(settings: Settings) -> Headers:
    """The headers of an operator."""
    return make_operator(settings)


@pytest.fixture
async def hub(client: httpx.AsyncClient, operator: Headers) -> Organiser:
    """A hub, with the headers of its organiser."""
    return await make_organiser(client, operator)


@pytest.fixture
async def organiser(app: FastAPI, hub: Organiser) -> AsyncIterator[httpx.AsyncClient]:
    """Calls the service as the hub's organiser."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=hub.headers) as made:
        yield made
