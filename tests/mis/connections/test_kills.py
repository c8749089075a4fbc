"""kill -9 in the middle of a sync: nothing is half done, and another process sees it to its end."""

import asyncio

import httpx
import pytest

from tests.mis.connections.short_leases import SERVICE
from tests.mis.connections.steps import Step, at_work, eventually
from tests.support.callers import make_operator, make_organiser
from tests.support.databases import settings_for
from tests.support.made import done
from tests.support.oneroster import STAFF, school
from tests.support.server import SECRET, servers
from tests.support.services import serving

pytestmark = pytest.mark.anyio


async def test_another_process_takes_a_killed_sync_over(database_url: str) -> None:
    settings = settings_for(database_url, secret_key=SECRET, allowed_hosts_out=["127.0.0.1"])
    with servers(database_url, env={"TEACHMEET_ALLOWED_HOSTS_OUT": "127.0.0.1"}, service=SERVICE) as (first,):
        async with school() as mis, httpx.AsyncClient(base_url=first.url, timeout=30) as client:
            hub = await make_organiser(client, make_operator(settings))
            client.headers.update(hub.headers)
            step = await at_work(client, hub, mis)
            made = await step.connect()
            mis.waiting = asyncio.Event()
            sync = done(await step.begin(made), 202)

            async def is_asked() -> bool:
                return bool(mis.listener.calls)

            await eventually(is_asked)
            first.kill()
            mis.waiting = None
            async with serving(settings) as second:
                second.headers.update(hub.headers)
                step = Step(second, hub.hub_id, mis)
                assert await step.teachers() == []
                assert (await step.history(made))[0]["status"] == "running"
                ended = await step.ended(made, sync)
                assert (ended["status"], ended["counts"]["created"]) == ("applied", STAFF)
                assert len(await step.teachers()) == STAFF
                assert (await step.sync(made))["counts"]["unchanged"] == STAFF
