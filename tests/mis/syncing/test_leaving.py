"""What follows when people leave: places go back after a week, presenters are put before an organiser."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from tests.mis.syncing.making import Desk, crowd, open_desk
from tests.support import made
from tests.support.callers import Headers, make_organiser
from tests.support.made import Thing, done
from tests.support.services import MovableClock
from tests.support.timed import app, clock, settings

__all__ = ["app", "clock", "settings"]
pytestmark = pytest.mark.anyio


async def an_evening(desk: Desk, clock: MovableClock, **more: Any) -> Thing:
    """A published evening in a month."""
    starts = clock() + timedelta(days=30)
    ends = (starts + timedelta(hours=1)).isoformat()
    only_round = {"number": 1, "starts_at": starts.isoformat(), "ends_at": ends}
    times: dict[str, Any] = {"starts_at": starts.isoformat(), "ends_at": ends, "rounds": [only_round]}
    return await made.event(desk.organiser, desk.hub_id, **times, **more)


async def status_of(desk: Desk, registration: Thing) -> str:
    found = await desk.get(f"/v1/registrations/{registration['id']}")
    return str(found["status"])


async def becomes(desk: Desk, registration: Thing, status: str) -> bool:
    """Whether a registration has this status before long."""
    for _ in range(100):
        if await status_of(desk, registration) == status:
            return True
        await asyncio.sleep(0.1)
    return False


async def test_a_leavers_place_goes_to_who_waits_after_a_week_and_a_returner_keeps_theirs(
    desk: Desk, clock: MovableClock
) -> None:
    staff = crowd(25)
    await desk.everybody(staff)
    people = await desk.teachers()
    evening = await an_evening(desk, clock, attendee_capacity=2)
    leaver, returner, waiting = [
        await made.registration(desk.organiser, evening, people[name]["id"]) for name in ("Given1", "Given2", "Given3")
    ]
    assert waiting["status"] == "waitlisted"
    await desk.everybody(staff[2:])
    assert await status_of(desk, leaver) == "confirmed"
    await desk.everybody([staff[1], *staff[2:]])  # the second one was not gone after all
    clock.move(timedelta(days=6))
    assert await status_of(desk, leaver) == "confirmed"
    clock.move(timedelta(days=1, minutes=1))
    assert await becomes(desk, waiting, "confirmed")
    assert [await status_of(desk, each) for each in (leaver, returner)] == ["cancelled", "confirmed"]
    kinds = [each["what"] for each in await desk.facts()]
    assert kinds.count("teacher.places_released") == 1


async def test_a_presenter_who_has_left_is_never_cancelled_but_told_of(desk: Desk, clock: MovableClock) -> None:
    staff = crowd(25)
    await desk.everybody(staff)
    people = await desk.teachers()
    evening = await an_evening(desk, clock)
    offered = await made.presentation(desk.organiser, evening, people["Given1"]["id"], accept=True)
    await desk.everybody([replace(staff[0], active="left"), *staff[1:]])
    (told,) = (await desk.get("/v1/hubs/{hub_id}/leaving-presenters"))["items"]
    assert (told["teacher_id"], told["presentation_id"], told["event_id"]) == (
        people["Given1"]["id"],
        offered["id"],
        evening["id"],
    )
    assert "presenter.leaving" in [each["what"] for each in await desk.facts()]
    clock.move(timedelta(days=8))
    await desk.everybody(staff[1:])
    assert (await desk.get(f"/v1/presentations/{offered['id']}"))["status"] == "accepted"
    done(await desk.organiser.post(f"/v1/presentations/{offered['id']}/withdraw"))
    assert (await desk.get("/v1/hubs/{hub_id}/leaving-presenters"))["items"] == []


async def test_another_hub_knows_nothing_of_it(
    desk: Desk, app: FastAPI, operator: Headers, clock: MovableClock
) -> None:
    await desk.everybody(crowd(2))
    others = await make_organiser(desk.organiser, operator, slug="elsewhere", name="Elsewhere")
    sources = (await desk.get("/v1/hubs/{hub_id}/staff-sources"))["items"]
    desk.organiser.headers.update(others.headers)
    elsewhere = await open_desk(desk.organiser, others.hub_id)
    assert (await elsewhere.get("/v1/hubs/{hub_id}/staff-sources"))["items"] == []
    hidden = await desk.organiser.get(f"/v1/staff-sources/{sources[0]['id']}/schools")
    assert hidden.status_code == 404
    # The same ids of the same kind of file are other people there.
    assert (await elsewhere.everybody(crowd(2)))["counts"]["skipped"] == 0
