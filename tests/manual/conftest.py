"""A sandbox that is a process of its own, and a browser, each started once."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser

from tests.support.browser import browser
from tests.support.databases import Databases
from tests.support.server import Server

BODY_SECONDS = 1
EVENT = "01a1c666-fa80-7007-8000-000000000001"
"""The evening that is open, with places left."""


@pytest.fixture(scope="session")
def sandbox(databases: Databases) -> Iterator[Server]:
    """A sandbox that anybody may reset, with less patience for slow bodies than usual."""
    with databases.maker("sqlite") as make:
        env = {"TEACHMEET_SANDBOX": "true", "TEACHMEET_BODY_SECONDS": str(BODY_SECONDS)}
        server = Server(make(), env=env)
        try:
            server.start()
            yield server
        finally:
            server.discard()


@pytest.fixture(scope="session")
def calling(sandbox: Server) -> Iterator[httpx.Client]:
    """A client of the sandbox."""
    with httpx.Client(base_url=sandbox.url, timeout=20) as client:
        yield client


@pytest.fixture
def fresh(calling: httpx.Client) -> httpx.Client:
    """A client of the sandbox, which has just been reset."""
    calling.post("/v1/sandbox/reset").raise_for_status()
    return calling


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started
