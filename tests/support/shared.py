"""Fixtures for tests that keep to their own hub: they share one database, since a hub is a tenant.

A room's `conftest.py` takes them in place of the fresh ones, which cost PostgreSQL more than such a test itself does.
"""

import contextlib
import itertools
from collections.abc import Iterator

import httpx
import pytest

from tests.support.callers import Headers, Organiser, make_organiser
from tests.support.databases import Backend, Databases

_slugs = itertools.count(1)


@pytest.fixture(scope="session")
def shared_databases(databases: Databases) -> Iterator[dict[Backend, str]]:
    """The databases that have been made so far, by kind."""
    with contextlib.ExitStack() as stack:
        yield made_when_asked_for(databases, stack)


@pytest.fixture(scope="session")
def shared_sandboxes(databases: Databases) -> Iterator[dict[Backend, str]]:
    """Others for services that are sandboxes: on a database with real hubs those do not start."""
    with contextlib.ExitStack() as stack:
        yield made_when_asked_for(databases, stack)


def made_when_asked_for(databases: Databases, stack: contextlib.ExitStack) -> dict[Backend, str]:
    """A migrated database of each kind, made when it is first looked up and dropped with the stack."""
    return _Lazily(databases, stack)


class _Lazily(dict[Backend, str]):
    def __init__(self, databases: Databases, stack: contextlib.ExitStack) -> None:
        super().__init__()
        self._databases = databases
        self._stack = stack

    def __missing__(self, backend: Backend) -> str:
        self[backend] = self._stack.enter_context(self._databases.maker(backend))()
        return self[backend]


@pytest.fixture
def database_url(shared_databases: dict[Backend, str], backend: Backend) -> str:
    """A migrated database in which other tests of this process have their hubs too."""
    return shared_databases[backend]


@pytest.fixture
def sandbox_url(shared_sandboxes: dict[Backend, str], backend: Backend) -> str:
    """The same among sandboxes."""
    return shared_sandboxes[backend]


@pytest.fixture
async def hub(client: httpx.AsyncClient, operator: Headers) -> Organiser:
    """A hub of this test's own."""
    return await new_hub(client, operator)


async def new_hub(client: httpx.AsyncClient, operator: Headers) -> Organiser:
    """One more hub, with the headers of its organiser."""
    return await make_organiser(client, operator, slug=f"hub-{next(_slugs)}")
