"""A key is replaced without a gap: both work during the overlap, and nobody gains by it."""

from datetime import timedelta

import httpx
import pytest

from app.kernel.settings import Settings
from tests.support.callers import Organiser, bearer, make_key, make_operator, make_organiser
from tests.support.made import done
from tests.support.refusals import refused
from tests.support.services import MovableClock, serving

pytestmark = pytest.mark.anyio


async def test_both_keys_work_until_the_overlap_ends(settings: Settings) -> None:
    clock = MovableClock()
    async with serving(settings, clock=clock) as client:
        hub = await make_organiser(client, make_operator(settings), slug="rotating")
        keys = f"/v1/hubs/{hub.hub_id}/api-keys"
        body = {"name": "MIS", "scopes": ["people:read"]}
        old = done(await client.post(keys, json=body, headers=hub.headers), 201)
        turned = await client.post(
            f"/v1/api-keys/{old['id']}/rotate", json={"overlap_seconds": 3_600}, headers=hub.headers
        )
        new = done(turned, 201)
        assert turned.headers["location"] == f"/v1/api-keys/{new['id']}"
        assert (new["name"], new["scopes"], new["replaces_id"]) == ("MIS", ["people:read"], old["id"])
        assert new["secret"] != old["secret"]
        for key in (old, new):
            assert (await client.get("/v1/me", headers=bearer(key["secret"]))).status_code == 200
        clock.move(timedelta(hours=1))
        refused(await client.get("/v1/me", headers=bearer(old["secret"])), "unauthenticated")
        assert (await client.get("/v1/me", headers=bearer(new["secret"]))).status_code == 200
        at_once = {"overlap_seconds": 0}
        newest = done(await client.post(f"/v1/api-keys/{new['id']}/rotate", json=at_once, headers=hub.headers), 201)
        refused(await client.get("/v1/me", headers=bearer(new["secret"])), "unauthenticated")
        assert (await client.get("/v1/me", headers=bearer(newest["secret"]))).status_code == 200


async def test_nobody_turns_a_key_into_more_than_they_have(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    keys = f"/v1/hubs/{hub.hub_id}/api-keys"
    strong = done(await organiser.post(keys, json={"name": "S", "scopes": ["people:read", "events:write"]}), 201)
    weak = await make_key(organiser, hub.headers, hub.hub_id, scopes=["keys:manage", "people:read"])
    refused(await organiser.post(f"/v1/api-keys/{strong['id']}/rotate", headers=weak), "forbidden")
    refused(
        await organiser.post(f"/v1/api-keys/{strong['id']}/rotate", json={"overlap_seconds": -1}), "invalid-request"
    )
    assert (await organiser.get("/v1/me", headers=bearer(strong["secret"]))).status_code == 200
