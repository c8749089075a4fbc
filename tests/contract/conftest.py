"""A sandbox for those who try the document out: a real process, the known hub again for each test."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.databases import Databases
from tests.support.server import servers


@pytest.fixture(scope="session")
def sandbox_server(databases: Databases) -> Iterator[str]:
    """Where a sandbox answers."""
    with databases.maker("sqlite") as make, servers(make(), env={"TEACHMEET_SANDBOX": "true"}) as (server,):
        yield server.url


@pytest.fixture
def sandbox_url(sandbox_server: str) -> str:
    """Where a sandbox answers that has just become the known hub."""
    assert httpx.post(f"{sandbox_server}/v1/sandbox/reset", timeout=30).status_code == 200
    return sandbox_server
