"""The changes feed: in order, without gaps, to be asked again and again."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy.orm import Session

from app.kernel.clock import wall_clock
from app.kernel.database import writing_engine
from app.kernel.settings import Settings
from app.privacy.retention import delete_what_is_due
from tests.support import made
from tests.support.callers import Headers, Organiser, make_key, make_operator, make_organiser, sign_in
from tests.support.databases import NewDatabase, settings_for
from tests.support.made import Thing, done
from tests.support.refusals import refused
from tests.support.services import MovableClock, serving
from tests.support.shared import new_hub

pytestmark = pytest.mark.anyio


def feed(hub: Organiser, **query: object) -> str:
    """The address of a hub's feed."""
    return str(httpx.URL(f"/v1/hubs/{hub.hub_id}/changes", params={name: str(each) for name, each in query.items()}))


async def follow(caller: httpx.AsyncClient, hub: Organiser, **query: object) -> list[Thing]:
    """Everything from the start, or from a cursor, page by page."""
    items: list[Thing] = []
    while True:
        page = done(await caller.get(feed(hub, **query)))
        items += page["items"]
        query["cursor"] = page["next_cursor"]
        if not page["has_more"]:
            return items


async def test_it_tells_everything_in_order(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=1)
    presentation = await made.presentation(organiser, evening)
    first, second = [await made.registration(organiser, evening) for _ in range(2)]
    done(await organiser.put(f"/v1/registrations/{first['id']}/itinerary/1", json={"table_number": 1}))
    done(await organiser.post(f"/v1/registrations/{first['id']}/cancel"))
    whole = await follow(organiser, hub)
    types = [each["type"] for each in whole]
    assert types[0] == "hub.created"
    telling = ("event.created", "event.published", "presentation.accepted", "registration.waitlisted", "booking.made")
    places = [types.index(each) for each in (*telling, "registration.promoted", "registration.cancelled")]
    assert places == sorted(places)
    by_type = {each["type"]: each for each in whole}
    promoted = by_type["registration.promoted"]
    assert promoted["record"] == {
        "kind": "registration",
        "id": second["id"],
        "path": f"/v1/registrations/{second['id']}",
    }
    assert promoted["operation"] == "upsert"
    assert by_type["presentation.accepted"]["record"]["id"] == presentation["id"]
    assert by_type["booking.made"]["subject"] == {
        "event_id": evening["id"],
        "registration_id": first["id"],
        "round": 1,
        "table_number": 1,
    }
    assert len({each["id"] for each in whole}) == len(whole)
    assert "Siân" not in str(whole)
    assert "@" not in str(whole)
    assert await follow(organiser, hub, limit=1) == whole
    assert await follow(organiser, Organiser(hub.slug, hub.slug, hub.headers), limit=7) == whole
    for each in whole:
        if each["record"]["path"]:
            done(await organiser.get(each["record"]["path"]))


async def test_what_is_deleted_leaves_a_tombstone(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    school = await made.school(organiser, hub.hub_id)
    draft = await made.event(organiser, hub.hub_id, publish=False)
    teacher = await made.teacher(organiser, hub.hub_id)
    assert (await organiser.delete(f"/v1/schools/{school['id']}")).status_code == 204
    assert (await organiser.delete(f"/v1/events/{draft['id']}")).status_code == 204
    done(await organiser.post(f"/v1/teachers/{teacher['id']}/erasure"))
    gone = [each for each in await follow(organiser, hub) if each["operation"] == "delete"]
    assert [(each["type"], each["record"]["id"], each["record"]["path"]) for each in gone] == [
        ("school.deleted", school["id"], None),
        ("event.deleted", draft["id"], None),
        ("teacher.erased", teacher["id"], None),
    ]


async def test_there_is_always_a_cursor(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    begun = done(await organiser.get(feed(hub, start="latest")))
    assert (begun["items"], begun["has_more"]) == ([], False)
    at = feed(hub, cursor=begun["next_cursor"])
    answer = await organiser.get(at)
    assert done(answer)["next_cursor"] == begun["next_cursor"]
    assert answer.links["next"]["url"].endswith(begun["next_cursor"])
    again = await organiser.get(at, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    school = await made.school(organiser, hub.hub_id)
    news = await organiser.get(at, headers={"If-None-Match": answer.headers["etag"]})
    assert [each["record"]["id"] for each in done(news)["items"]] == [school["id"]]
    assert done(news)["next_cursor"] != begun["next_cursor"]
    # What the audit trail alone has is passed over, and not seen again.
    await make_key(organiser, hub.headers, hub.hub_id, scopes=["people:read"])
    after = done(await organiser.get(feed(hub, cursor=done(news)["next_cursor"])))
    assert (after["items"], after["has_more"]) == ([], False)
    assert after["next_cursor"] != done(news)["next_cursor"]


async def test_types_are_filtered(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    await made.registration(organiser, evening)
    only = await follow(organiser, hub, type="registration.*, event.published", limit=1)
    assert [each["type"] for each in only] == ["event.published", "registration.confirmed"]
    for wrong in ("registration.", "needs.read", "*", "", "event.published,party.begun", "x" * 1_001):
        refused(await organiser.get(feed(hub, type=wrong)), "invalid-request", "type")
    told = done(await organiser.get("/v1/change-types"))["items"]
    assert {"registration.confirmed", "teacher.erased"} <= {each["name"] for each in told}


async def test_a_cursor_is_of_its_own_hub_and_untouched(
    client: httpx.AsyncClient, operator: Headers, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    cursor = done(await organiser.get(feed(hub)))["next_cursor"]
    flipped = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    other = await new_hub(client, operator)
    theirs = done(await client.get(feed(other), headers=other.headers))["next_cursor"]
    of_a_list = done(await organiser.get(f"/v1/hubs/{hub.hub_id}/audit?limit=1"))["next_cursor"] or "AAAA"
    for wrong in (flipped, cursor[1:], cursor + "AAAA", "", "AAAA", theirs, of_a_list):
        refused(await organiser.get(feed(hub, cursor=wrong)), "invalid-request", "cursor")
    refused(await organiser.get(feed(hub, start="middle")), "invalid-request", "start")
    # A filter may change on the way: the cursor stands in all that happened.
    assert done(await organiser.get(feed(hub, cursor=cursor, type="booking.*")))["items"] == []


async def test_a_school_hears_of_its_own_only(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings
) -> None:
    mine, other = [await made.school(organiser, hub.hub_id) for _ in range(2)]
    lead = await made.teacher(organiser, hub.hub_id, mine["id"], roles=["school_lead"])
    leaver = await made.teacher(organiser, hub.hub_id, mine["id"])
    stranger = await made.teacher(organiser, hub.hub_id, other["id"])
    evening = await made.event(organiser, hub.hub_id)
    coming = [await made.registration(organiser, evening, each["id"]) for each in (lead, stranger, leaver)]
    for each in coming:
        done(await organiser.patch(f"/v1/registrations/{each['id']}", json={"dietary_requirements": "vegan"}))
    bound = await make_key(organiser, hub.headers, hub.hub_id, scopes=["registrations:read"], school_id=str(mine["id"]))
    for headers in (bound, await sign_in(client, settings, lead)):
        client.headers.update(headers)
        told = await follow(client, hub, limit=2)
        assert {each["record"]["id"] for each in told} == {
            *(mine["id"], lead["id"], leaver["id"]),
            *(coming[0]["id"], coming[2]["id"]),
        }
        assert [each["type"] for each in told].count("registration.updated") == 2
    done(await organiser.patch(f"/v1/teachers/{leaver['id']}", json={"school_id": other["id"]}))
    (moved,) = [each for each in await follow(client, hub, limit=2) if each["type"] == "teacher.updated"]
    assert (moved["operation"], moved["record"]) == (
        "delete",
        {"kind": "teacher", "id": leaver["id"], "path": None},
    )
    everything = await follow(organiser, hub, type="teacher.updated")
    assert [each["operation"] for each in everything] == ["upsert"]
    refused(await client.get(feed(hub), headers=await sign_in(client, settings, stranger)), "forbidden")


async def test_an_expired_cursor_says_so(new_database: NewDatabase) -> None:
    """History goes after two years, but for the newest of each hub: who is up to date stays so."""
    settings = settings_for(new_database())
    clock = MovableClock(wall_clock() - timedelta(days=800))
    async with serving(settings, clock=clock) as client:
        hub = await make_organiser(client, make_operator(settings))
        client.headers.update(hub.headers)
        early = done(await client.get(feed(hub)))["next_cursor"]
        await made.school(client, hub.hub_id)
        late = done(await client.get(feed(hub)))["next_cursor"]
        engine = writing_engine(settings)
        with Session(engine) as session, session.begin():
            deleted = delete_what_is_due(session, now=wall_clock(), needs_kept_days=30)
        engine.dispose()
        assert deleted["history of more than two years"] > 1
        body = refused(await client.get(feed(hub, cursor=early)), "cursor-expired")
        assert "full resync" in body["detail"]
        assert body["status"] == 410
        assert done(await client.get(feed(hub, cursor=late)))["items"] == []
        school = await made.school(client, hub.hub_id)
        page = done(await client.get(feed(hub, cursor=late)))
        assert [each["record"]["id"] for each in page["items"]] == [school["id"]]
