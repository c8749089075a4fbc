"""When a key was last used is told to those who manage keys, also after the service has been stopped."""

import httpx
import pytest

from app.kernel.settings import Settings
from tests.support.callers import Organiser
from tests.support.services import MovableClock, serving

pytestmark = pytest.mark.anyio


async def test_a_key_tells_when_it_was_last_used(settings: Settings, hub: Organiser) -> None:
    clock = MovableClock()

    async def last_used(client: httpx.AsyncClient) -> list[str | None]:
        listed = await client.get(f"/v1/hubs/{hub.hub_id}/api-keys", headers=hub.headers)
        return [each["last_used_at"] for each in listed.json()["items"]]

    async with serving(settings, clock=clock) as client:
        assert await last_used(client) == [None]
    async with serving(settings, clock=clock) as client:
        assert await last_used(client) == [clock.now.isoformat()]
