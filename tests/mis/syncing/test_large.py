"""Large lists are worked out after the answer, by any process; one of a source at a time; all of it or nothing."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, text

from app.mis.imports.files import LARGE
from tests.mis.syncing.making import HOLLY, LARKSPUR, Desk, counted, crowd, oneroster, open_desk, staff_csv
from tests.support import made
from tests.support.callers import make_operator, make_organiser
from tests.support.databases import settings_for
from tests.support.forms import form
from tests.support.made import Thing, done
from tests.support.refusals import refused
from tests.support.server import SECRET, Server

pytestmark = pytest.mark.anyio

MANY = 600
KILLED_AFTER = form(short=(0.8,), full=(0.1, 0.4, 0.8, 1.2, 2.0))
"""Seconds from the answer on, in which the list is planned and written."""
PATIENCE = 60.0


async def ended(desk: Desk, sync: Thing) -> Thing:
    """The sync once it no longer runs."""
    until = time.monotonic() + PATIENCE
    while sync["status"] == "running" and time.monotonic() < until:
        await asyncio.sleep(0.1)
        sync = await desk.get(f"/v1/syncs/{sync['id']}")
    return sync


async def test_a_large_list_is_planned_after_the_answer_and_another_waits_for_it(desk: Desk, app: FastAPI) -> None:
    await app.state.worker.stop()  # until another list has come
    title = "a job title that makes the list so large that it is read in a process of its own " * 2
    both = [*crowd(MANY), *crowd(MANY, HOLLY, first=MANY + 1)]
    large = staff_csv([replace(each, title=title.strip()) for each in both])
    assert len(large) > LARGE
    begun = await desk.send(large, complete=True)
    assert (begun["status"], begun["progress"]["expected"]) == ("running", 2 * MANY)
    problem = refused(await desk.sent(large, complete=True), "sync-running")
    assert problem["sync_id"] == begun["id"]
    app.state.worker.start()
    other = await desk.send(staff_csv([replace(each, urn=HOLLY) for each in crowd(3)]), source="another")
    assert other["status"] == "applied"
    applied = await ended(desk, begun)
    assert (applied["status"], counted(applied)["created"]) == ("applied", 2 * MANY - 3)
    assert applied["progress"] is None
    again = await ended(desk, await desk.send(large, complete=True))
    assert counted(again)["skipped"] == 3
    assert counted(again)["unchanged"] == 2 * MANY - 3


async def test_the_same_key_sends_a_list_once(desk: Desk) -> None:
    headers = {"Idempotency-Key": "a-list"}
    path = f"/v1/hubs/{desk.hub_id}/imports"
    form = {"format": "staff-csv", "mode": "apply"}
    answers = [
        await desk.organiser.post(path, data=form, files={"file": ("f", staff_csv(crowd(2)))}, headers=headers)
        for _ in range(2)
    ]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    other = await desk.organiser.post(path, data=form, files={"file": ("f", staff_csv(crowd(3)))}, headers=headers)
    refused(other, "idempotency-key-reused")


async def test_two_lists_of_one_source_at_the_same_moment_make_nobody_twice(desk: Desk) -> None:
    sent = await asyncio.gather(*(desk.sent(staff_csv(crowd(40)), complete=True) for _ in range(6)))
    assert {each.status_code for each in sent} <= {202, 409}
    assert sum(each.json()["counts"]["created"] for each in sent if each.status_code == 202) == 40
    assert len(await desk.teachers()) == 40


async def test_people_register_while_lists_come_in(desk: Desk) -> None:
    await desk.everybody(crowd(60))
    people = await desk.teachers()
    evening = await made.event(desk.organiser, desk.hub_id, attendee_capacity=200)

    async def register(person: Thing) -> int:
        path = f"/v1/events/{evening['id']}/registrations"
        return (await desk.organiser.post(path, json={"teacher_id": person["id"]})).status_code

    async def change(round_: int) -> str:
        changed = [replace(each, family=f"Family-{round_}") if int(each.id[1:]) % 2 else each for each in crowd(60)]
        return str((await desk.everybody(changed))["status"])

    registered = asyncio.gather(*(register(each) for each in people.values()))
    statuses = [await change(round_) for round_ in range(5)]
    assert (set(await registered), set(statuses)) == ({201}, {"applied"})
    after = done(await desk.organiser.get(f"/v1/events/{evening['id']}"))
    assert after["confirmed_count"] == 60


async def test_a_file_that_cannot_be_read_changes_nobody(desk: Desk) -> None:
    await desk.everybody(crowd(3))
    package = oneroster([("a", "Larkspur", LARKSPUR)], [replace(each, urn="a") for each in crowd(3)])
    problem = refused(await desk.sent(package[:-40], kind="oneroster-csv"), "file-unusable")
    assert problem["errors"][0]["pointer"] == "/file"
    assert all(each["active"] for each in (await desk.teachers()).values())
    unknown = refused(await desk.sent(staff_csv(crowd(1)), strict=True), "invalid-request")
    assert unknown["errors"][0]["pointer"] == "/strict"


async def test_columns_are_suggested_and_those_that_were_confirmed_are_remembered(desk: Desk) -> None:
    content = b"Kuerzel,Forename,Surname,NI number,URN\r\nx1,Ann,Barrow,QQ123456C,990401\r\n"
    path = f"/v1/hubs/{desk.hub_id}/imports/columns"
    suggested = done(await desk.organiser.post(path, files={"file": ("f", content)}))
    assert (suggested["missing"], suggested["dropped"]) == (["staff_id"], ["NI number"])
    refused(await desk.sent(content), "file-unusable")
    columns: dict[str, Any] = {**suggested["taken"], "staff_id": "Kuerzel"}
    assert counted(await desk.send(content, columns=columns))["created"] == 1
    assert counted(await desk.send(content))["unchanged"] == 1


def _people_there(url: str) -> int:
    engine = create_engine(settings_for(url).database)
    try:
        with engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM teachers")).scalar_one())
    finally:
        engine.dispose()


def _end_leases(url: str) -> None:
    """As if the time of a dead process's leases were over."""
    engine = create_engine(settings_for(url).database)
    try:
        with engine.begin() as connection:
            connection.execute(text("UPDATE jobs SET leased_until = created_at"))
    finally:
        engine.dispose()


@pytest.mark.parametrize("after", KILLED_AFTER)
async def test_a_server_that_is_killed_in_the_middle_leaves_all_or_nothing(database_url: str, after: float) -> None:
    operator = make_operator(settings_for(database_url, secret_key=SECRET))
    server = Server(database_url)
    try:
        server.start()
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
            hub = await make_organiser(client, operator)
            client.headers.update(hub.headers)
            desk = await open_desk(client, hub.hub_id)
            begun = await desk.send(staff_csv(crowd(MANY)), complete=True)
            await asyncio.sleep(after)
            server.kill()
            assert _people_there(database_url) in (0, MANY)
            _end_leases(database_url)
            server.start()
            applied = await ended(desk, begun)
        assert (applied["status"], _people_there(database_url)) == ("applied", MANY)
    finally:
        server.discard()
