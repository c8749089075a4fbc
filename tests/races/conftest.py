"""What the races share: client processes, and servers to race on, with their guards and without."""

from collections.abc import Iterator

import pytest

from tests.races.stage import Stage, stage
from tests.support import unguarded
from tests.support.crowd import Crowd
from tests.support.databases import BACKENDS, Backend, Databases


@pytest.fixture(scope="session")
def crowd() -> Iterator[Crowd]:
    """Four client processes, waiting for orders."""
    made = Crowd()
    try:
        yield made
    finally:
        made.dismiss()


@pytest.fixture(scope="session", params=BACKENDS)
def service(request: pytest.FixtureRequest, databases: Databases, crowd: Crowd) -> Iterator[Stage]:
    """The service as it is: one process on SQLite, two on PostgreSQL. Each race on it has an evening of its own."""
    backend: Backend = request.param
    with databases.maker(backend) as make, stage(make(), crowd) as on:
        yield on


@pytest.fixture(scope="session", params=BACKENDS)
def unguarded_service(request: pytest.FixtureRequest, databases: Databases, crowd: Crowd) -> Iterator[Stage]:
    """Two processes of the service without its guards."""
    backend: Backend = request.param
    with databases.maker(backend) as make:
        url = make()
        unguarded.strip(url)
        with stage(url, crowd, service=unguarded.SERVICE, processes=2) as on:
            yield on
