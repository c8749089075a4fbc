"""Evenings with wishes, set up over HTTP, and what their allocations are asked."""

import asyncio
import time
from typing import Any

import httpx

from tests.support import made
from tests.support.made import Thing, done

BOUND_SECONDS = 60.0


async def evening(
    organiser: httpx.AsyncClient,
    hub_id: str,
    *,
    tables: int = 3,
    seats: int = 2,
    people: int = 0,
    attendee_capacity: int = 20,
) -> Thing:
    """A published evening with a presentation at each table, and this many registrations without wishes.

    `presentations` are those at tables 1, 2, …; `people` the registrations, in order.
    """
    event = await made.event(
        organiser, hub_id, table_count=tables, seats_per_table=seats, attendee_capacity=attendee_capacity
    )
    event["presentations"] = [await made.presentation(organiser, event) for _ in range(tables)]
    school = await made.school(organiser, hub_id)
    event["people"] = [await newcomer(organiser, event, school["id"]) for _ in range(people)]
    return event


async def newcomer(organiser: httpx.AsyncClient, event: Thing, school_id: str | None = None, *wishes: int) -> Thing:
    """One more registration, which wishes for the presentations at these tables."""
    teacher = await made.teacher(organiser, event["hub_id"], school_id)
    preferences = [event["presentations"][table - 1]["id"] for table in wishes]
    return await made.registration(organiser, event, teacher["id"], preferences=preferences)


async def wish(organiser: httpx.AsyncClient, event: Thing, person: Thing, *tables: int) -> None:
    """Ranks the presentations at these tables."""
    body = {"presentation_ids": [event["presentations"][table - 1]["id"] for table in tables]}
    done(await organiser.put(f"/v1/registrations/{person['id']}/preferences", json=body))


async def sit(organiser: httpx.AsyncClient, person: Thing, round_number: int, table: int) -> None:
    """Books one seat."""
    at = f"/v1/registrations/{person['id']}/itinerary/{round_number}"
    done(await organiser.put(at, json={"table_number": table}))


async def preview(organiser: httpx.AsyncClient, event: Thing, **options: Any) -> Thing:
    """A new allocation, ready to be looked at."""
    return done(await organiser.post(f"/v1/events/{event['id']}/allocations", json=options), 201)


async def begun(organiser: httpx.AsyncClient, event: Thing, **options: Any) -> Thing:
    """A new allocation, for which nobody waits."""
    answer = await organiser.post(
        f"/v1/events/{event['id']}/allocations", json=options, headers={"Prefer": "respond-async"}
    )
    return done(answer, 202)


async def until(organiser: httpx.AsyncClient, allocation: Thing, *statuses: str) -> Thing:
    """The allocation, once it has one of these statuses."""
    deadline = time.monotonic() + BOUND_SECONDS
    while True:
        found = done(await organiser.get(f"/v1/allocations/{allocation['id']}"))
        if found["status"] in statuses:
            return found
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)


def seats(allocation: Thing, person: Thing) -> dict[int, int]:
    """Somebody's tables by round, in an allocation."""
    (own,) = [each for each in allocation["itineraries"] if each["registration_id"] == person["id"]]
    return {each["round"]: each["table_number"] for each in own["bookings"]}


async def booked(organiser: httpx.AsyncClient, person: Thing) -> dict[int, int]:
    """Somebody's tables by round, as booked now."""
    found = done(await organiser.get(f"/v1/registrations/{person['id']}/itinerary"))
    return {each["round"]: each["table_number"] for each in found["bookings"]}


async def look(organiser: httpx.AsyncClient, allocation: Thing, what: str) -> Thing:
    """A resource beside an allocation."""
    return done(await organiser.get(f"/v1/allocations/{allocation['id']}/{what}"))
