"""ETags: strong ones, honoured on reading and on every change of an item."""

import httpx
import pytest

from tests.support import made
from tests.support.callers import Organiser, make_key
from tests.support.made import Thing, done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio

STALE = '"0123456789abcdef01234567"'


async def items(organiser: httpx.AsyncClient, hub: Organiser) -> list[tuple[str, Thing]]:
    """The paths of one item of each kind, with a change that each takes."""
    evening = await made.event(organiser, hub.hub_id)
    offer = await made.presentation(organiser, evening)
    booked = await made.registration(organiser, evening)
    school = await made.school(organiser, hub.hub_id)
    return [
        (f"/v1/hubs/{hub.hub_id}", {"name": "Renamed"}),
        (f"/v1/schools/{school['id']}", {"name": "Renamed"}),
        (f"/v1/teachers/{booked['teacher_id']}", {"given_name": "Renamed"}),
        (f"/v1/events/{evening['id']}", {"name": "Renamed"}),
        (f"/v1/presentations/{offer['id']}", {"title": "Renamed"}),
        (f"/v1/events/{evening['id']}/tables/2", {"zone": "Hall"}),
        (f"/v1/registrations/{booked['id']}", {"dietary_requirements": "vegan"}),
    ]


async def test_an_item_is_not_sent_twice(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    for path, _ in await items(organiser, hub):
        first = await organiser.get(path)
        etag = first.headers["etag"]
        assert etag.startswith('"')
        for header in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            again = await organiser.get(path, headers={"If-None-Match": header})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        for header in (STALE, "nonsense", "W/", etag.strip('"')):
            other = await organiser.get(path, headers={"If-None-Match": header})
            assert (other.status_code, other.content) == (200, first.content)


async def test_a_change_asks_that_nothing_has_changed_before(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    for path, change in await items(organiser, hub):
        etag = (await organiser.get(path)).headers["etag"]
        for stale in (STALE, f"W/{etag}", "nonsense"):
            refused(await organiser.patch(path, json=change, headers={"If-Match": stale}), "precondition-failed")
        assert (await organiser.get(path)).headers["etag"] == etag
        changed = await organiser.patch(path, json=change, headers={"If-Match": f"{STALE}, {etag}"})
        assert changed.status_code == 200
        assert changed.headers["etag"] != etag
        assert changed.headers["etag"] == (await organiser.get(path)).headers["etag"]
        refused(await organiser.patch(path, json=change, headers={"If-Match": etag}), "precondition-failed")
        assert (await organiser.patch(path, json=change, headers={"If-Match": "*"})).status_code == 200


async def test_replacing_asks_too(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    offers = [await made.presentation(organiser, evening) for _ in range(2)]
    registration = await made.registration(organiser, evening)
    at = f"/v1/registrations/{registration['id']}"
    table = f"/v1/events/{evening['id']}/tables/3"
    for read, path, body in (
        (f"{at}/preferences", f"{at}/preferences", {"presentation_ids": [offers[0]["id"]]}),
        (f"{at}/itinerary", f"{at}/itinerary/1", {"table_number": 1}),
        (f"{at}/itinerary", f"{at}/itinerary", {"bookings": [{"round": 2, "table_number": 1}]}),
        (table, f"{table}/presentation", {"presentation_id": offers[1]["id"]}),
    ):
        etag = (await organiser.get(read)).headers["etag"]
        refused(await organiser.put(path, json=body, headers={"If-Match": STALE}), "precondition-failed")
        replaced = await organiser.put(path, json=body, headers={"If-Match": etag})
        assert replaced.status_code == 200
        assert replaced.headers["etag"] == (await organiser.get(read)).headers["etag"] != etag
        refused(await organiser.put(path, json=body, headers={"If-Match": etag}), "precondition-failed")


async def test_deleting_asks_too(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    await made.presentation(organiser, evening)
    registration = await made.registration(organiser, evening)
    at = f"/v1/registrations/{registration['id']}/itinerary"
    done(await organiser.put(f"{at}/1", json={"table_number": 1}))
    draft = await made.event(organiser, hub.hub_id, publish=False)
    school = await made.school(organiser, hub.hub_id)
    await make_key(organiser, hub.headers, hub.hub_id, scopes=["people:read"])
    keys = done(await organiser.get(f"/v1/hubs/{hub.hub_id}/api-keys"))["items"]
    key = f"/v1/api-keys/{keys[-1]['id']}"
    table = f"/v1/events/{evening['id']}/tables/1"
    for read, path, status in (
        (at, f"{at}/1", 200),
        (table, f"{table}/presentation", 204),
        (f"/v1/events/{draft['id']}", f"/v1/events/{draft['id']}", 204),
        (f"/v1/schools/{school['id']}", f"/v1/schools/{school['id']}", 204),
        (key, key, 204),
    ):
        etag = (await organiser.get(read)).headers["etag"]
        refused(await organiser.delete(path, headers={"If-Match": STALE}), "precondition-failed")
        assert (await organiser.get(read)).headers["etag"] == etag
        assert (await organiser.delete(path, headers={"If-Match": etag})).status_code == status


async def test_what_is_made_is_where_it_says_and_has_the_etag_it_says(
    organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    school = await made.school(organiser, hub.hub_id)
    teacher = await made.teacher(organiser, hub.hub_id, school["id"])
    evening = await made.event(organiser, hub.hub_id)
    presenter = await made.teacher(organiser, hub.hub_id, school["id"])
    for path, body in (
        (f"/v1/hubs/{hub.slug}/schools", {"name": "Aster Primary School", "urn": "991001"}),
        (f"/v1/hubs/{hub.hub_id}/teachers", {"given_name": "Ola", "school_id": school["id"]}),
        (f"/v1/hubs/{hub.hub_id}/events", made.event_body()),
        (f"/v1/events/{evening['id']}/copy", {"starts_at": "2027-12-02T16:30:00+00:00"}),
        (f"/v1/events/{evening['id']}/presentations", {"title": "Oracy", "presenter_ids": [presenter["id"]]}),
        (f"/v1/events/{evening['id']}/registrations", {"teacher_id": teacher["id"], "access_requirements": "ramp"}),
    ):
        new = await organiser.post(path, json=body)
        thing = done(new, 201)
        assert thing["id"][14] == "7"  # UUIDv7
        there = await organiser.get(new.headers["location"])
        assert there.json() == thing
        assert there.headers["etag"] == new.headers["etag"]


async def test_ids_grow_with_time(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    ids = [(await made.school(organiser, hub.hub_id))["id"] for _ in range(5)]
    assert ids == sorted(ids)
    assert {each[14] for each in ids} == {"7"}
    assert {each[19] for each in ids} <= set("89ab")


async def test_a_new_key_is_where_it_says(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    new = await organiser.post(f"/v1/hubs/{hub.hub_id}/api-keys", json={"name": "MIS", "scopes": ["people:read"]})
    told = done(new, 201)
    there = done(await organiser.get(new.headers["location"]))
    assert there == {name: value for name, value in told.items() if name != "secret"}
