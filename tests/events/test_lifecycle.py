"""Where an event is in its life, what follows, and what the public sees of it."""

import httpx
import pytest

from tests.support import made
from tests.support.callers import Organiser, make_key
from tests.support.made import done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio

WAYS = {
    "draft": [],
    "published": ["publish"],
    "closed": ["publish", "close"],
    "completed": ["publish", "close", "complete"],
    "cancelled": ["cancel"],
    "archived": ["cancel", "archive"],
}
LEGAL = {
    ("draft", "publish"): "published",
    ("published", "close"): "closed",
    ("closed", "reopen"): "published",
    ("closed", "complete"): "completed",
    ("draft", "cancel"): "cancelled",
    ("published", "cancel"): "cancelled",
    ("closed", "cancel"): "cancelled",
    ("completed", "archive"): "archived",
    ("cancelled", "archive"): "archived",
}
MOVES = ("publish", "close", "reopen", "complete", "cancel", "archive")


@pytest.mark.parametrize("status", WAYS)
async def test_from_here_only_there(organiser: httpx.AsyncClient, hub: Organiser, status: str) -> None:
    for move in MOVES:
        evening = await made.event(organiser, hub.hub_id, publish=False)
        at = f"/v1/events/{evening['id']}"
        for step in WAYS[status]:
            evening = done(await organiser.post(f"{at}/{step}"))
        assert evening["status"] == status
        answer = await organiser.post(f"{at}/{move}")
        if (status, move) in LEGAL:
            assert done(answer)["status"] == LEGAL[status, move]
        else:
            refused(answer, "illegal-transition")
            assert (await made.seen(organiser, evening, "events"))["status"] == status


@pytest.mark.parametrize("status", WAYS)
async def test_the_public_sees_what_is_published(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, status: str
) -> None:
    evening = await made.event(organiser, hub.hub_id, publish=False)
    at = f"/v1/events/{evening['id']}"
    for step in WAYS[status]:
        done(await organiser.post(f"{at}/{step}"))
    without_scope = await make_key(client, hub.headers, hub.hub_id, scopes=["people:read"])
    for path in (at, f"{at}/programme", f"{at}/marketplace", f"{at}/tables", f"{at}/presentations"):
        for headers in ({}, without_scope):
            answer = await client.get(path, headers=headers)
            if status in ("draft", "archived"):
                refused(answer, "not-found")
            else:
                assert answer.status_code == 200
        assert (await organiser.get(path)).status_code == 200
    listed = done(await client.get(f"/v1/hubs/{hub.hub_id}/events"))["items"]
    assert [each["id"] for each in listed] == ([] if status in ("draft", "archived") else [evening["id"]])
    assert done(await client.get(f"/v1/hubs/{hub.hub_id}/events?status=draft"))["items"] == []
    mine = done(await organiser.get(f"/v1/hubs/{hub.hub_id}/events?status={status}"))["items"]
    assert [each["id"] for each in mine] == [evening["id"]]


@pytest.mark.parametrize("status", ["completed", "cancelled", "archived"])
async def test_nothing_changes_after_the_end(organiser: httpx.AsyncClient, hub: Organiser, status: str) -> None:
    evening = await made.event(organiser, hub.hub_id)
    offer = await made.presentation(organiser, evening)
    registration = await made.registration(organiser, evening)
    at = f"/v1/events/{evening['id']}"
    for step in {"completed": ["close", "complete"], "cancelled": ["cancel"], "archived": ["cancel", "archive"]}[
        status
    ]:
        done(await organiser.post(f"{at}/{step}"))
    person = registration["teacher_id"]
    mine = f"/v1/registrations/{registration['id']}"
    for method, path, body in (
        ("PATCH", at, {"name": "Later"}),
        ("POST", f"{at}/presentations", {"title": "Late", "presenter_ids": [person]}),
        ("PATCH", f"/v1/presentations/{offer['id']}", {"title": "Late"}),
        ("POST", f"/v1/presentations/{offer['id']}/accept", {}),
        ("POST", f"/v1/presentations/{offer['id']}/decline", None),
        ("POST", f"/v1/presentations/{offer['id']}/withdraw", None),
        ("PATCH", f"{at}/tables/1", {"seats": 1}),
        ("PUT", f"{at}/tables/2/presentation", {"presentation_id": offer["id"]}),
        ("DELETE", f"{at}/tables/1/presentation", None),
        ("PATCH", mine, {"dietary_requirements": "vegan"}),
        ("POST", f"{mine}/cancel", None),
        ("PUT", f"{mine}/preferences", {"presentation_ids": []}),
        ("PUT", f"{mine}/itinerary", {"bookings": []}),
        ("PUT", f"{mine}/itinerary/1", {"table_number": 1}),
        ("DELETE", f"{mine}/itinerary/1", None),
    ):
        refused(await organiser.request(method, path, json=body), "event-over")
    new = {"teacher_id": (await made.teacher(organiser, hub.hub_id))["id"]}
    refused(await organiser.post(f"{at}/registrations", json=new), "registration-not-open")


async def test_a_draft_without_offers_is_deleted(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    draft = await made.event(organiser, hub.hub_id, publish=False)
    at = f"/v1/events/{draft['id']}"
    offered = await made.event(organiser, hub.hub_id, publish=False)
    await made.presentation(organiser, offered, accept=False)
    published = await made.event(organiser, hub.hub_id)
    assert (await organiser.delete(at)).status_code == 204
    for path in (at, f"{at}/tables", f"{at}/programme"):
        refused(await organiser.get(path), "not-found")
    for kept in (offered, published):
        refused(await organiser.delete(f"/v1/events/{kept['id']}"), "illegal-transition")
        assert (await organiser.get(f"/v1/events/{kept['id']}")).status_code == 200
