"""Nobody makes themselves an organiser: not by an organiser's address, nor by giving the role to a name of theirs,
nor with a key that makes keys."""

import httpx
import pytest
from fastapi import FastAPI

from app.kernel.settings import Settings
from tests.support import made
from tests.support.callers import Organiser, make_key, sign_in
from tests.support.made import done
from tests.support.refusals import refused
from tests.support.services import calling

pytestmark = pytest.mark.anyio


async def test_a_lead_does_not_touch_how_an_organiser_signs_in(
    app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings
) -> None:
    boss = await made.teacher(organiser, hub.hub_id, roles=["organiser"])
    lead = await made.teacher(organiser, hub.hub_id, boss["school_id"], roles=["school_lead"])
    async with calling(app) as client:
        client.headers.update(await sign_in(client, settings, lead))
        for change in ({"email": "mine@larkspur.example"}, {"active": False}):
            refused(await client.patch(f"/v1/teachers/{boss['id']}", json=change), "forbidden")
    assert done(await organiser.get(f"/v1/teachers/{boss['id']}"))["email"] == boss["email"]


@pytest.mark.parametrize("more", [[], ["keys:manage"]], ids=["people", "people and keys"])
async def test_an_integration_makes_no_organisers(
    app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser, more: list[str]
) -> None:
    boss = await made.teacher(organiser, hub.hub_id, roles=["organiser"])
    async with calling(app) as client:
        scopes = ["people:read", "people:write", *more]
        client.headers.update(await make_key(client, hub.headers, hub.hub_id, scopes=scopes))
        person = {"given_name": "Ola", "email": "ola@larkspur.example", "school_id": boss["school_id"]}
        new = await client.post(f"/v1/hubs/{hub.hub_id}/teachers", json={**person, "roles": ["organiser"]})
        refused(new, "forbidden")
        plain = done(await client.post(f"/v1/hubs/{hub.hub_id}/teachers", json=person), 201)
        for who, change in ((boss, {"email": "x@larkspur.example"}), (plain, {"roles": ["organiser"]})):
            refused(await client.patch(f"/v1/teachers/{who['id']}", json=change), "forbidden")
