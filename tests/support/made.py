"""People and evenings for tests, set up over HTTP as an organiser would. Whoever is made here is invented."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

Thing = dict[str, Any]
STARTS = datetime(2026, 12, 3, 16, 30, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=2)
FIRST_ROUND = STARTS + timedelta(minutes=30)
_numbers = itertools.count(1)


def done(answer: httpx.Response, status: int = 200) -> Thing:
    """The body of an answer that must have this status."""
    assert answer.status_code == status, answer.text
    body: Thing = answer.json()
    return body


def rounds(how_many: int) -> list[Thing]:
    """Rounds of a quarter of an hour, one after another."""
    quarter = timedelta(minutes=15)
    return [
        {
            "number": number,
            "starts_at": (FIRST_ROUND + (number - 1) * quarter).isoformat(),
            "ends_at": (FIRST_ROUND + number * quarter).isoformat(),
        }
        for number in range(1, how_many + 1)
    ]


def event_body(**changes: object) -> Thing:
    """A small evening: 3 places, 3 tables of 2 seats, 3 rounds."""
    return {
        "name": "Winter Teach Meet 2026",
        "starts_at": STARTS.isoformat(),
        "ends_at": ENDS.isoformat(),
        "attendee_capacity": 3,
        "table_count": 3,
        "seats_per_table": 2,
        "rounds": rounds(3),
        **changes,
    }


async def school(caller: httpx.AsyncClient, hub_id: str, **changes: object) -> Thing:
    """A new school."""
    number = next(_numbers)
    body = {"name": f"Larkspur Primary School {number}", "urn": f"{990_000 + number}", **changes}
    return done(await caller.post(f"/v1/hubs/{hub_id}/schools", json=body), 201)


async def teacher(caller: httpx.AsyncClient, hub_id: str, school_id: str | None = None, **changes: object) -> Thing:
    """A new teacher, of a new school unless one is named."""
    number = next(_numbers)
    if school_id is None:
        school_id = (await school(caller, hub_id))["id"]
    body = {
        "given_name": "Siân",
        "family_name": f"Penhaligon {number}",
        "email": f"s.penhaligon.{number}@larkspur.example",
        "school_id": school_id,
        **changes,
    }
    return done(await caller.post(f"/v1/hubs/{hub_id}/teachers", json=body), 201)


async def event(caller: httpx.AsyncClient, hub_id: str, *, publish: bool = True, **changes: object) -> Thing:
    """A new evening, published unless it is to stay a draft."""
    made = done(await caller.post(f"/v1/hubs/{hub_id}/events", json=event_body(**changes)), 201)
    return done(await caller.post(f"/v1/events/{made['id']}/publish")) if publish else made


async def presentation(
    caller: httpx.AsyncClient, evening: Thing, *presenter_ids: str, accept: bool = True, **changes: object
) -> Thing:
    """A presentation, by a new teacher unless somebody is named, at the lowest free table unless it stays an offer."""
    those = list(presenter_ids) or [(await teacher(caller, evening["hub_id"]))["id"]]
    body = {"title": f"Oracy circles {next(_numbers)}", "presenter_ids": those, **changes}
    offered = done(await caller.post(f"/v1/events/{evening['id']}/presentations", json=body), 201)
    return done(await caller.post(f"/v1/presentations/{offered['id']}/accept")) if accept else offered


async def registration(
    caller: httpx.AsyncClient, evening: Thing, teacher_id: str | None = None, **more: object
) -> Thing:
    """A registration, of a new teacher unless one is named."""
    who = teacher_id or (await teacher(caller, evening["hub_id"]))["id"]
    body = {"teacher_id": who, **more}
    return done(await caller.post(f"/v1/events/{evening['id']}/registrations", json=body), 201)


async def seen(caller: httpx.AsyncClient, thing: Thing, kind: str) -> Thing:
    """A thing as it is now, by the name of its collection."""
    return done(await caller.get(f"/v1/{kind}/{thing['id']}"))


async def queue(caller: httpx.AsyncClient, evening: Thing) -> list[str]:
    """The ids of those who wait, in order."""
    answer = await caller.get(f"/v1/events/{evening['id']}/registrations?status=waitlisted&limit=200")
    waiting: list[Thing] = done(answer)["items"]
    ordered = sorted(waiting, key=lambda each: int(each["waitlist_position"]))
    assert [each["waitlist_position"] for each in ordered] == list(range(1, len(ordered) + 1))
    return [each["id"] for each in ordered]
