"""Large allocations: worked out in the background, in a process of their own; cancelled, and taken over."""

import asyncio
import time

import httpx
import psutil
import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, func, select, text

from app.kernel.jobs import Job
from tests.allocation.evenings import begun, evening, preview, seats, until, wish
from tests.support.callers import Organiser
from tests.support.databases import NewDatabase
from tests.support.evening import found_hub, hold_evening
from tests.support.made import Thing, done
from tests.support.refusals import refused
from tests.support.server import Server

pytestmark = pytest.mark.anyio

BOUND_SECONDS = 60


async def test_the_same_comes_out_of_a_job(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await evening(organiser, hub.hub_id, people=4)
    for person in event["people"]:
        await wish(organiser, event, person, 1, 2)
    at_once = await preview(organiser, event)
    answer = await organiser.post(f"/v1/events/{event['id']}/allocations", json={}, headers={"Prefer": "respond-async"})
    running = done(answer, 202)
    assert answer.headers["location"] == f"/v1/allocations/{running['id']}"
    assert (running["status"], running["progress"], running["figures"]) == ("running", 0, None)
    ready = await until(organiser, running, "ready", "failed")
    assert (ready["status"], ready["progress"], ready["stale"]) == ("ready", 100, False)
    for name in ("figures", "proof", "changes", "itineraries"):
        assert ready[name] == at_once[name]
    done(await organiser.post(f"/v1/allocations/{running['id']}/apply"))
    assert seats(ready, event["people"][0])


async def test_one_that_is_running_is_cancelled(app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await evening(organiser, hub.hub_id, people=2)
    running = await begun(organiser, event)
    at = f"/v1/allocations/{running['id']}"
    refused(await organiser.post(f"{at}/apply"), "allocation-not-ready")
    refused(await organiser.get(f"{at}/itineraries"), "allocation-not-ready")
    refused(await organiser.get(f"{at}/heat-map.svg"), "allocation-not-ready")
    for _ in range(2):
        cancelled = done(await organiser.post(f"{at}/cancel"))
        assert (cancelled["status"], cancelled["figures"]) == ("cancelled", None)
    refused(await organiser.post(f"{at}/apply"), "allocation-not-ready")
    await _nobody_is_at_it()
    after = await begun(organiser, event)
    assert (await until(organiser, after, "ready", "failed"))["status"] == "ready"
    assert done(await organiser.get(at))["status"] == "cancelled"
    refused(await organiser.post(f"/v1/allocations/{after['id']}/cancel"), "allocation-not-running")
    named = Job.payload["allocation_id"].as_string() == running["id"]
    jobs = await app.state.reader.run(
        lambda session: session.scalar(select(func.count()).select_from(Job).where(named))
    )
    assert jobs == 0


async def test_what_has_become_impossible_meanwhile_fails_in_words(
    app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    event = await evening(organiser, hub.hub_id, people=2)
    person: Thing = event["people"][0]
    await app.state.worker.stop()
    pin = {"registration_id": person["id"], "round": 1, "table_number": 1}
    running = await begun(organiser, event, pinned=[pin])
    done(await organiser.post(f"/v1/registrations/{person['id']}/cancel"))
    app.state.worker.start()
    failed = await until(organiser, running, "failed", "ready")
    assert failed["status"] == "failed"
    assert "/pinned/0/registration_id: is not a confirmed registration of this event" in failed["failure"]


async def _nobody_is_at_it() -> None:
    """Until the process that was at it has been ended."""
    deadline = time.monotonic() + BOUND_SECONDS
    while any("spawn_main" in " ".join(each.cmdline()) for each in psutil.Process().children()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


def test_a_killed_process_is_taken_over_by_another(new_database: NewDatabase) -> None:
    url = new_database()
    first, second = Server(url), Server(url)
    try:
        first.start()
        with httpx.Client(base_url=first.url, timeout=30) as http:
            hub = found_hub(url, http)
            evening = hold_evening(hub, capacity=10, tables=3, rounds=3)
            evening.register(["ann", "ben"])
            answer = http.post(f"{evening.path}/allocations", json={}, headers={"Prefer": "respond-async"})
            assert answer.status_code == 202, answer.text
            allocation = answer.json()["id"]
            _wait_for_a_lease(url)
        first.kill()
        _end_all_leases(url)
        second.start()
        with httpx.Client(base_url=second.url, timeout=30, headers=hub.headers) as http:
            deadline = time.monotonic() + BOUND_SECONDS
            while (found := http.get(f"/v1/allocations/{allocation}").json())["status"] == "running":
                assert time.monotonic() < deadline
                time.sleep(0.1)
        assert found["status"] == "ready", found
        assert found["figures"]["attendees"] == 2
    finally:
        first.discard()
        second.discard()


def _wait_for_a_lease(url: str) -> None:
    """Until somebody is at the job."""
    deadline = time.monotonic() + BOUND_SECONDS
    while not _execute(url, "SELECT count(*) FROM jobs WHERE kind = 'allocation' AND lease IS NOT NULL"):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _end_all_leases(url: str) -> None:
    """As if half a minute had gone by."""
    _execute(url, "UPDATE jobs SET leased_until = '2020-01-01 00:00:00' RETURNING 1")


def _execute(url: str, statement: str) -> object:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            return connection.execute(text(statement)).scalar()
    finally:
        engine.dispose()
