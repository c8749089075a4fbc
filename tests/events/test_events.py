"""Setting up and changing an evening: what is taken for granted, what is possible, and how its size may change."""

import time
from typing import Any

import httpx
import pytest

from tests.support import made
from tests.support.callers import Organiser
from tests.support.made import done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio

LEAST = {"name": "Hub meeting", "starts_at": "2026-12-03T16:30:00Z", "ends_at": "2026-12-03T18:30:00Z"}


async def test_what_is_left_out_is_as_documented(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    path = f"/v1/hubs/{hub.slug}/events"
    evening = done(await organiser.post(path, json={**LEAST, "rounds": made.rounds(1)}), 201)
    expected = {
        "hub_id": hub.hub_id,
        "name": "Hub meeting",
        "kind": "teachmeet",
        "status": "draft",
        "venue": {"name": None, "address": None, "postcode": None},
        "starts_at": "2026-12-03T16:30:00+00:00",
        "ends_at": "2026-12-03T18:30:00+00:00",
        "timezone": "Europe/London",
        "attendee_capacity": 120,
        "table_count": 24,
        "seats_per_table": 6,
        "rounds": made.rounds(1),
        "registration_opens_at": None,
        "registration_closes_at": None,
        "waitlist_enabled": True,
        "confirmed_count": 0,
        "waitlisted_count": 0,
        "places_left": 120,
    }
    assert {name: evening[name] for name in expected} == expected
    assert evening.keys() == {*expected, "id", "created_at", "updated_at"}
    tables = done(await organiser.get(f"/v1/events/{evening['id']}/tables"))["items"]
    assert [(each["number"], each["seats"], len(each["rounds"])) for each in tables] == [
        (n, 6, 1) for n in range(1, 25)
    ]


async def test_an_evening_without_tables(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    body = {**LEAST, "kind": "hub_meeting", "table_count": 0, "attendee_capacity": 1}
    evening = done(await organiser.post(f"/v1/hubs/{hub.hub_id}/events", json=body), 201)
    done(await organiser.post(f"/v1/events/{evening['id']}/publish"))
    assert done(await organiser.get(f"/v1/events/{evening['id']}/tables"))["items"] == []
    statuses = [(await made.registration(organiser, evening))["status"] for _ in range(2)]
    assert statuses == ["confirmed", "waitlisted"]
    assert done(await organiser.get(f"/v1/events/{evening['id']}/marketplace"))["rounds"] == []
    offer = await made.presentation(organiser, evening, accept=False)
    refused(await organiser.post(f"/v1/presentations/{offer['id']}/accept"), "tables-full")


async def test_times_are_taken_with_any_offset(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(
        organiser,
        hub.hub_id,
        publish=False,
        table_count=0,
        rounds=[],
        starts_at="2026-07-03T16:30:00+01:00",
        ends_at="2026-07-03T12:30:00.250-05:00",
    )
    assert evening["starts_at"] == "2026-07-03T15:30:00+00:00"
    assert evening["ends_at"] == "2026-07-03T17:30:00.250000+00:00"
    assert await made.seen(organiser, evening, "events") == evening
    last = {"starts_at": "2200-12-31T22:00:00Z", "ends_at": "2200-12-31T23:30:00-01:00"}
    body = made.event_body(table_count=0, rounds=[], **last)
    refused(await organiser.post(f"/v1/hubs/{hub.hub_id}/events", json=body), "invalid-request", "/ends_at")


def _round(number: int, starts: str, ends: str) -> dict[str, Any]:
    return {"number": number, "starts_at": f"2026-12-03T{starts}:00Z", "ends_at": f"2026-12-03T{ends}:00Z"}


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"ends_at": "2026-12-03T16:30:00Z", "rounds": [], "table_count": 0}, ["/ends_at"]),
        ({"ends_at": "2026-12-03T16:00:00Z", "rounds": [], "table_count": 0}, ["/ends_at"]),
        ({"rounds": [_round(1, "17:00", "17:20"), _round(2, "17:15", "17:30")]}, ["/rounds/1/starts_at"]),
        ({"rounds": [_round(1, "17:30", "17:45"), _round(2, "17:00", "17:15")]}, ["/rounds/1/starts_at"]),
        ({"rounds": [_round(1, "17:15", "17:00")]}, ["/rounds/0/ends_at"]),
        ({"rounds": [_round(1, "17:00", "17:00")]}, ["/rounds/0/ends_at"]),
        (
            {"rounds": [_round(2, "17:00", "17:15"), _round(1, "17:15", "17:30")]},
            ["/rounds/0/number", "/rounds/1/number"],
        ),
        ({"rounds": [_round(1, "17:00", "17:15"), _round(1, "17:15", "17:30")]}, ["/rounds/1/number"]),
        ({"rounds": [_round(1, "16:15", "17:00")]}, ["/rounds/0/starts_at"]),
        ({"rounds": [_round(1, "18:15", "18:45")]}, ["/rounds/0/ends_at"]),
        ({"rounds": []}, ["/rounds"]),
        ({"rounds": [_round(1, "17:00", "17:15")] * 21}, ["/rounds"]),
        ({"table_count": 1000, "seats_per_table": 100}, ["/table_count"]),
        ({"attendee_capacity": 100_001}, ["/attendee_capacity"]),
        ({"attendee_capacity": -1}, ["/attendee_capacity"]),
        ({"table_count": 1_001}, ["/table_count"]),
        ({"seats_per_table": 0}, ["/seats_per_table"]),
        ({"timezone": "Europe/Larkspur"}, ["/timezone"]),
        ({"timezone": "../../etc/passwd"}, ["/timezone"]),
        ({"kind": "party"}, ["/kind"]),
        ({"venue": {"name": "Hall", "room": "1"}}, ["/venue/room"]),
        ({"status": "published"}, ["/status"]),
        (
            {"registration_opens_at": "2026-11-02T09:00:00Z", "registration_closes_at": "2026-11-01T09:00:00Z"},
            ["/registration_closes_at"],
        ),
    ],
)
async def test_an_evening_that_cannot_be(
    organiser: httpx.AsyncClient, hub: Organiser, changes: dict[str, Any], places: list[str]
) -> None:
    answer = await organiser.post(f"/v1/hubs/{hub.hub_id}/events", json=made.event_body(**changes))
    refused(answer, "invalid-request", *places)
    evening = await made.event(organiser, hub.hub_id)
    refused(await organiser.patch(f"/v1/events/{evening['id']}", json=changes), "invalid-request", *places)
    assert await made.seen(organiser, evening, "events") == evening


async def test_everything_about_an_evening_changes(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id, venue={"name": "Hall", "address": "1 High Street"})
    path = f"/v1/events/{evening['id']}"
    changes = {
        "name": "Conference",
        "kind": "conference",
        "starts_at": "2026-12-04T10:00:00+00:00",
        "ends_at": "2026-12-04T16:00:00+00:00",
        "timezone": "Europe/Paris",
        "attendee_capacity": 7,
        "table_count": 5,
        "seats_per_table": 4,
        "rounds": [{"number": 1, "starts_at": "2026-12-04T11:00:00+00:00", "ends_at": "2026-12-04T12:00:00+00:00"}],
        "registration_opens_at": "2026-11-01T09:00:00+00:00",
        "registration_closes_at": "2026-12-01T09:00:00+00:00",
        "waitlist_enabled": False,
    }
    changed = done(await organiser.patch(path, json=changes))
    assert {name: changed[name] for name in changes} == changes
    assert changed["places_left"] == 7
    tables = done(await organiser.get(f"{path}/tables"))["items"]
    assert [(each["seats"], [each["seats"] for each in each["rounds"]]) for each in tables] == [(4, [4])] * 5
    opened = done(await organiser.patch(path, json={"registration_opens_at": None, "registration_closes_at": None}))
    assert (opened["registration_opens_at"], opened["registration_closes_at"]) == (None, None)


async def test_a_venue_is_merged(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id, venue={"name": "Hall", "address": "1 High Street"})
    path = f"/v1/events/{evening['id']}"
    for change, venue in (
        ({"postcode": "NW3 3BY"}, {"name": "Hall", "address": "1 High Street", "postcode": "NW3 3BY"}),
        ({"address": None}, {"name": "Hall", "address": None, "postcode": "NW3 3BY"}),
        ({}, {"name": "Hall", "address": None, "postcode": "NW3 3BY"}),
        (None, {"name": None, "address": None, "postcode": None}),
        ({"name": "Library"}, {"name": "Library", "address": None, "postcode": None}),
    ):
        assert done(await organiser.patch(path, json={"venue": change}))["venue"] == venue
    for field in ("name", "kind", "starts_at", "timezone", "attendee_capacity", "rounds", "waitlist_enabled"):
        refused(await organiser.patch(path, json={field: None}), "invalid-request", f"/{field}")


async def test_nothing_goes_below_what_is_taken(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    path = f"/v1/events/{evening['id']}"
    for _ in range(2):
        await made.presentation(organiser, evening)
    first, second = [await made.registration(organiser, evening) for _ in range(2)]
    done(await organiser.put(f"/v1/registrations/{first['id']}/itinerary/3", json={"table_number": 1}))
    done(await organiser.put(f"/v1/registrations/{second['id']}/itinerary/3", json={"table_number": 1}))
    for change, figures in (
        ({"attendee_capacity": 1}, {"capacity": 1, "taken": 2}),
        ({"attendee_capacity": 0, "name": "Unchanged"}, {"capacity": 0, "taken": 2}),
        ({"seats_per_table": 1}, {"capacity": 1, "taken": 2}),
        ({"table_count": 1}, {"capacity": 1, "taken": 2}),
        ({"rounds": made.rounds(2)}, {"capacity": 2, "taken": 3}),
    ):
        body = refused(await organiser.patch(path, json=change), "capacity-below-taken")
        assert {name: body[name] for name in figures} == figures
    assert (await made.seen(organiser, evening, "events"))["name"] == evening["name"]
    fits = {"attendee_capacity": 2, "table_count": 2, "seats_per_table": 2}
    done(await organiser.patch(path, json=fits))


async def test_the_largest_evening_is_quickly_made(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    began = time.monotonic()
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=100_000, table_count=1_000, seats_per_table=6)
    registration = await made.registration(organiser, evening)
    assert time.monotonic() - began < 20
    assert registration["status"] == "confirmed"
    assert (await made.seen(organiser, evening, "events"))["places_left"] == 99_999
