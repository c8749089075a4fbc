"""What an organiser does with a connection, step by step over HTTP."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support import made
from tests.support.callers import Organiser
from tests.support.made import Thing, done
from tests.support.oneroster import CLIENT_ID, CLIENT_SECRET, School

BOUND = 15.0


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Waits, for a bounded time, until something is so."""
    deadline = time.monotonic() + BOUND
    while not await condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.05)


async def at_work(organiser: httpx.AsyncClient, hub: Organiser, mis: School) -> "Step":
    """An organiser whose hub has the two schools of the system."""
    await made.school(organiser, hub.hub_id, urn="990001")
    await made.school(organiser, hub.hub_id, urn="990002", laestab="202/2902")
    return Step(organiser, hub.hub_id, mis)


@dataclass(slots=True)
class Step:
    """The organiser's calls, the hub, and the system to connect."""

    organiser: httpx.AsyncClient
    hub_id: str
    mis: School

    def credentials(self, **changes: Any) -> Thing:
        """Those that the system takes."""
        return {
            "method": "oauth2",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "token_url": f"{self.mis.url}/token",
            **changes,
        }

    def body(self, **changes: Any) -> Thing:
        """A new connection to the system."""
        return {
            "name": "The schools' MIS",
            "kind": "oneroster",
            "base_url": self.mis.url,
            "credentials": self.credentials(),
            **changes,
        }

    async def connect(self, **changes: Any) -> Thing:
        """A connection."""
        address = f"/v1/hubs/{self.hub_id}/mis-connections"
        return done(await self.organiser.post(address, json=self.body(**changes)), 201)

    async def begin(self, connection: Thing, mode: str = "apply", **more: Any) -> httpx.Response:
        """Asks for a sync."""
        return await self.organiser.post(f"/v1/mis-connections/{connection['id']}/syncs", json={"mode": mode, **more})

    async def sync(self, connection: Thing, mode: str = "apply", **more: Any) -> Thing:
        """A sync that has come to its end."""
        return await self.ended(connection, done(await self.begin(connection, mode, **more), 202))

    async def ended(self, connection: Thing, sync: Thing) -> Thing:
        """The sync, once it runs no longer."""
        deadline = time.monotonic() + BOUND
        while time.monotonic() < deadline:
            sync = done(await self.organiser.get(f"/v1/syncs/{sync['id']}"))
            if sync["status"] != "running":
                assert sync in await self.history(connection)
                return sync
            await asyncio.sleep(0.05)
        raise AssertionError(f"it still runs: {sync}")

    async def history(self, connection: Thing) -> list[Thing]:
        """The connection's syncs, newest first."""
        listed: list[Thing] = done(await self.organiser.get(f"/v1/mis-connections/{connection['id']}/syncs"))["items"]
        return listed

    async def teachers(self) -> list[Thing]:
        """Everybody in the hub."""
        found: list[Thing] = []
        cursor = None
        while True:
            params = {"limit": "200", **({"cursor": cursor} if cursor else {})}
            page = done(await self.organiser.get(f"/v1/hubs/{self.hub_id}/teachers", params=params))
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    async def look(self, connection: Thing) -> Thing:
        """The connection as it is now."""
        return done(await self.organiser.get(f"/v1/mis-connections/{connection['id']}"))
