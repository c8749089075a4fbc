"""Syncs of a connection: whole or not at all, one at a time, by hand and by themselves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import httpx
import pytest

from app.kernel.settings import Settings
from tests.mis.connections.steps import Step, at_work, eventually
from tests.support.callers import Headers, make_organiser
from tests.support.made import Thing, done
from tests.support.oneroster import SCHOOLS, STAFF, School, at_page, person, refusal
from tests.support.refusals import refused
from tests.support.services import MovableClock, serving

pytestmark = pytest.mark.anyio


async def test_two_hundred_and_thirty_staff_arrive(step: Step) -> None:
    step.mis.manners.most_per_page = 100
    made = await step.connect()
    planned = await step.sync(made, "preview")
    assert (planned["status"], planned["counts"]["created"]) == ("planned", STAFF)
    assert await step.teachers() == []
    applied = await step.sync(made)
    assert (applied["status"], applied["counts"]["created"]) == ("applied", STAFF)
    people = await step.teachers()
    assert len(people) == STAFF
    assert {each["roles"] == [] for each in people} == {True}
    again = await step.sync(made)
    assert (again["counts"]["unchanged"], again["counts"]["updated"]) == (STAFF, 0)
    assert await step.teachers() == people
    assert [each["id"] for each in await step.history(made)] == [again["id"], applied["id"], planned["id"]]


async def test_a_page_that_fails_changes_nothing_and_deactivates_nobody(step: Step) -> None:
    made = await step.connect()
    await step.sync(made)
    before = await step.teachers()
    step.mis.users = step.mis.users[:300]
    step.mis.manners.most_per_page = 100
    for status in ("403 Forbidden", "404 Not Found", "401 Unauthorized"):
        step.mis.manners.failing = at_page(200, *[refusal(status)] * 9)
        failed = await step.sync(made)
        assert failed["status"] == "failed"
        assert failed["summary"][0].startswith("Nothing was changed: While reading the staff, page 3: ")
        assert "larkspur-secret-words" not in str(failed)
    assert await step.teachers() == before


async def test_being_throttled_is_waited_for(step: Step) -> None:
    step.mis.manners.most_per_page = 100
    step.mis.manners.failing = at_page(200, refusal("429 Too Many Requests", "text", Retry_After="1"))
    assert (await step.sync(await step.connect()))["counts"]["created"] == STAFF


async def test_half_of_the_staff_gone_is_held(step: Step) -> None:
    made = await step.connect()
    await step.sync(made)
    before = await step.teachers()
    step.mis.users = [row for row in step.mis.users if not str(row["sourcedId"]).endswith(("1", "2", "3"))]
    held = await step.sync(made)
    assert held["status"] == "held"
    assert await step.teachers() == before
    assert (await step.look(made))["read_up_to"] is not None


async def test_only_what_changed(step: Step) -> None:
    made = await step.connect()
    first = done(await step.begin(made, full=False), 202)
    await step.ended(made, first)
    assert not any("filter=" in path for path in step.mis.asked), "there was nothing to go on from"
    cursor = (await step.look(made))["read_up_to"]
    joined = (datetime.fromisoformat(cursor) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    step.mis.users = [*step.mis.users, person(900, dateLastModified=joined, email="nia@larkspur.example")]
    changed = await step.sync(made, full=False)
    assert (changed["status"], changed["counts"]["created"], changed["counts"]["unchanged"]) == ("applied", 1, 0)
    assert "filter=dateLastModified>'" in step.mis.asked[-1]
    assert len(await step.teachers()) == STAFF + 1
    gone = {"sourcedId": "teacher-900", "status": "tobedeleted", "dateLastModified": joined}
    step.mis.users = [*step.mis.users[:-1], gone]
    left = await step.sync(made, full=False)
    assert (left["status"], left["counts"]["deactivated"]) == ("applied", 1), left["held_because"]
    assert [each["email"] for each in await step.teachers() if not each["active"]] == ["nia@larkspur.example"]
    done(await step.organiser.patch(f"/v1/mis-connections/{made['id']}", json={"leave_out": ["*ACCOUNT*"]}))
    assert (await step.look(made))["read_up_to"] is None, "other people may be meant now"


async def test_a_preview_and_a_failure_do_not_move_the_cursor(step: Step) -> None:
    made = await step.connect()
    await step.sync(made, "preview")
    step.mis.manners.failing = at_page(0, *[refusal("403 Forbidden")] * 9)
    await step.sync(made)
    assert (await step.look(made))["read_up_to"] is None


@asynccontextmanager
async def slow(step: Step) -> AsyncIterator[asyncio.Event]:
    """The system lets everybody wait until the event is set."""
    step.mis.waiting = go = asyncio.Event()
    try:
        yield go
    finally:
        go.set()
        step.mis.waiting = None


async def test_one_sync_at_a_time_and_how_far_it_is(step: Step) -> None:
    made = await step.connect()
    async with slow(step) as go:
        answers = await asyncio.gather(*(step.begin(made) for _ in range(4)))
        started = [answer for answer in answers if answer.status_code == 202]
        assert len(started) == 1
        for answer in answers:
            if answer not in started:
                assert refused(answer, "sync-running")["sync_id"] == started[0].json()["id"]
        running = (await step.history(made))[0]
        assert running["status"] == "running"
        assert running["progress"] is not None
        go.set()
    assert (await step.ended(made, started[0].json()))["status"] == "applied"
    assert (await step.sync(made))["status"] == "applied"


async def test_a_process_asks_two_systems_at_a_time(step: Step) -> None:
    """The third waits until one of the others is done, and then has its turn."""
    made = [await step.connect(name=name) for name in ("First", "Second", "Third")]
    async with slow(step) as go:
        syncs = [done(await step.begin(each, "preview"), 202) for each in made]

        async def two_wait() -> bool:
            return len(step.mis.listener.calls) == 2

        await eventually(two_wait)
        assert await step.mis.listener.seen() == 2
        go.set()
    ended = [await step.ended(each, sync) for each, sync in zip(made, syncs, strict=True)]
    assert [each["status"] for each in ended] == ["planned"] * 3


async def test_a_pause_ends_what_runs_and_keeps_everything_else_from_beginning(step: Step) -> None:
    made = await step.connect(schedule={})
    address = f"/v1/mis-connections/{made['id']}"
    async with slow(step):
        sync = done(await step.begin(made), 202)
        paused = done(await step.organiser.post(f"{address}/pause"))
        assert (paused["paused"], paused["next_sync_at"]) == (True, None)
        ended = await step.ended(made, sync)
    assert ended["summary"] == ["Nothing was changed: the connection was paused."]
    refused(await step.begin(made), "connection-paused")
    assert await step.teachers() == []
    resumed = done(await step.organiser.post(f"{address}/resume"))
    assert (resumed["paused"], resumed["next_sync_at"] is None) == (False, False)
    assert (await step.sync(made))["status"] == "applied"


async def test_by_itself_at_night(settings: Settings, operator: Headers, mis: School) -> None:
    """All staff the first time, then what has changed; by the clock of the place."""
    clock = MovableClock()
    async with serving(settings, clock=clock) as client:
        hub = await make_organiser(client, operator)
        client.headers.update(hub.headers)
        here = await at_work(client, hub, mis)
        made = await here.connect(schedule={"at": "02:30"})
        next_at = datetime.fromisoformat(made["next_sync_at"])
        assert timedelta() <= next_at - datetime.fromisoformat("2026-11-03T02:30:00+00:00") < timedelta(minutes=10)
        await come_to(clock, here, made, next_at, runs=1)
        assert len(await here.teachers()) == STAFF
        asked = len(mis.asked)
        await come_to(clock, here, made, next_at + timedelta(days=1), runs=2)
        assert any("filter=" in path for path in mis.asked[asked:])
        done(await client.patch(f"/v1/mis-connections/{made['id']}", json={"schedule": None}))
        assert (await here.look(made))["next_sync_at"] is None


async def come_to(clock: MovableClock, step: Step, connection: Thing, moment: datetime, *, runs: int) -> None:
    """Moves the time on, and waits until so many syncs have been applied."""
    clock.now = moment + timedelta(seconds=1)

    async def so_many() -> bool:
        return [each["status"] for each in await step.history(connection)] == ["applied"] * runs

    await eventually(so_many)


async def test_another_hub_sees_nothing_of_it(client: httpx.AsyncClient, operator: dict[str, str], step: Step) -> None:
    made = await step.connect()
    other = await make_organiser(client, operator, slug="elsewhere", name="Elsewhere")
    for path in ("", "/syncs"):
        refused(await client.get(f"/v1/mis-connections/{made['id']}{path}", headers=other.headers), "not-found")
    assert SCHOOLS[0][1] not in str(done(await client.get("/v1/me", headers=other.headers)))
