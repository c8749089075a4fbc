"""These tests keep to a hub of their own, or share one in which they change nothing that others rely on."""

import httpx
import pytest

from app.kernel.settings import Settings
from tests.support.callers import Headers, make_operator
from tests.support.document import world_for
from tests.support.shared import database_url, hub, new_hub, shared_databases

__all__ = ["database_url", "hub", "shared_databases"]

_worlds: dict[str, tuple[Headers, dict[str, str]]] = {}
"""By database: an organiser's headers, and one of everything in their hub."""


@pytest.fixture
async def world(client: httpx.AsyncClient, settings: Settings) -> dict[str, str]:
    """One of everything, as the values of path parameters. `client` calls as its organiser from here on."""
    if settings.database_url not in _worlds:
        hub = await new_hub(client, make_operator(settings))
        client.headers.update(hub.headers)
        _worlds[settings.database_url] = hub.headers, await world_for(client, hub)
    headers, found = _worlds[settings.database_url]
    client.headers.update(headers)
    return found
