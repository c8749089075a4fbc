"""The known hub has an evening in each state, and somebody to be in each role."""

from typing import Any

import httpx
import pytest

from tests.sandbox.world import EVERYBODY, ORGANISER, PRESENTER, SCHOOL_LEAD, TEACHER, WINTER, evening
from tests.support.made import done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio

FIGURES = {
    "main": ("published", 120, 8, 0),
    "draft": ("draft", 0, 0, 20),
    "open": ("published", 8, 0, 12),
    "nearly full": ("published", 12, 0, 2),
    "full": ("published", 12, 3, 0),
    "on the day": ("published", 12, 0, 8),
    "completed": ("completed", 12, 0, 8),
    "cancelled": ("cancelled", 6, 0, 14),
}


async def test_each_evening_is_in_its_state(sandbox: httpx.AsyncClient) -> None:
    found = {}
    for state in FIGURES:
        event = await evening(sandbox, state)
        figures = ("confirmed_count", "waitlisted_count", "places_left")
        found[state] = (event["status"], *(event[name] for name in figures))
    assert found == FIGURES
    assert (await evening(sandbox, "main"))["id"] == WINTER
    for state, (checked_in, reflections) in {"on the day": (11, 0), "completed": (16, 6)}.items():
        path = f"/v1/events/{(await evening(sandbox, state))['id']}"
        attendance = done(await sandbox.get(f"{path}/attendance", headers=ORGANISER))
        assert attendance["figures"]["checked_in"] == checked_in
        assert len(done(await sandbox.get(f"{path}/reflections", headers=ORGANISER))["items"]) == reflections


async def test_each_credential_is_somebody(sandbox: httpx.AsyncClient) -> None:
    told = done(await sandbox.get("/v1/sandbox/credentials"))["items"]
    assert [{"Authorization": f"Bearer {each['secret']}"} for each in told] == [
        EVERYBODY[index] for index in (0, 1, 2, 3, 4, 5, 6)
    ]
    kinds: list[Any] = [done(await sandbox.get("/v1/me", headers=headers))["kind"] for headers in EVERYBODY]
    assert kinds == ["operator", "organiser", "integration", "integration", "teacher", "teacher", "organiser"]
    people = done(await sandbox.get("/v1/hubs/demo/teachers?limit=200", headers=SCHOOL_LEAD))["items"]
    assert len({each["school_id"] for each in people}) == 1


async def test_the_teacher_and_the_presenter_have_something_to_do(sandbox: httpx.AsyncClient) -> None:
    today, free = await evening(sandbox, "on the day"), await evening(sandbox, "open")
    mine = done(await sandbox.get(f"/v1/events/{today['id']}/registrations", headers=TEACHER))["items"]
    assert [each["status"] for each in mine] == ["confirmed"]
    itinerary = done(await sandbox.get(f"/v1/registrations/{mine[0]['id']}/itinerary", headers=TEACHER))
    assert [each["table_number"] for each in itinerary["bookings"]] == [1, 2, 3]
    registered = done(await sandbox.post(f"/v1/events/{free['id']}/registrations", json={}, headers=TEACHER), 201)
    seat = f"/v1/registrations/{registered['id']}/itinerary/1"
    refused(await sandbox.put(seat, json={"table_number": 1}, headers=TEACHER), "table-full")
    done(await sandbox.put(seat, json={"table_number": 2}, headers=TEACHER))
    offers = done(await sandbox.get(f"/v1/events/{today['id']}/presentations", headers=PRESENTER))["items"]
    own = next(each for each in offers if each["table_number"] == 1)
    guests = done(await sandbox.get(f"/v1/presentations/{own['id']}/guests", headers=PRESENTER))
    assert [len(each["guests"]) for each in guests["rounds"]] == [4, 0, 0]
