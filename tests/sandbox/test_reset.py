"""The known hub comes back, whatever has become of it: the same to the id, in under a second, in mid-traffic."""

import asyncio
import threading
import time
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.events.models import Event
from app.kernel.commands import command
from app.kernel.database import reading_engine
from app.kernel.reader import Reader
from app.kernel.settings import Settings
from app.privacy import retention
from app.sandbox.story import BEGINS
from tests.sandbox.conftest import BEGINNING
from tests.sandbox.world import EVERYBODY, OPERATOR, ORGANISER, RIVERSIDE, WINTER, evening, world
from tests.support.databases import Backend
from tests.support.made import done
from tests.support.refusals import refused
from tests.support.sign_in import all_done

pytestmark = pytest.mark.anyio

SECONDS = 1.0


async def make_a_mess(sandbox: httpx.AsyncClient) -> None:
    """Changes a bit of everything."""
    done(await sandbox.post("/v1/hubs", json={"name": "Another", "slug": "another"}, headers=OPERATOR), 201)
    school = done(await sandbox.get("/v1/hubs/demo/schools", headers=ORGANISER))["items"][0]
    newcomer = {"given_name": "Wilf", "email": "wilf@new.example", "school_id": school["id"]}
    open_one = await evening(sandbox, "open")
    path = f"/v1/events/{open_one['id']}/registrations"
    done(await sandbox.post(path, json={"teacher": newcomer}, headers=ORGANISER), 201)
    everybody = done(await sandbox.get(f"/v1/events/{WINTER}/registrations?limit=200", headers=ORGANISER))["items"]
    for each in [each for each in everybody if each["role"] == "attendee"][:5]:
        done(await sandbox.post(f"/v1/registrations/{each['id']}/cancel", headers=ORGANISER))
    done(await sandbox.patch(f"/v1/events/{WINTER}", json={"name": "Not it"}, headers=ORGANISER))
    done(await sandbox.post(f"/v1/events/{open_one['id']}/cancel", headers={**ORGANISER, "Idempotency-Key": "once"}))
    for headers in EVERYBODY:
        assert (await sandbox.get("/v1/me", headers=headers)).status_code == 200


async def test_whatever_became_of_it_it_is_the_known_hub_again(
    app: FastAPI, sandbox: httpx.AsyncClient, settings: Settings
) -> None:
    before = await world(app)
    pages = [(await sandbox.get(f"/v1/events/{WINTER}/{page}")).content for page in ("programme", "marketplace")]
    await make_a_mess(sandbox)
    await sandbox.post("/v1/hubs/demo/sign-in-links", json={"email": "wilf@new.example"})
    await all_done(settings)
    await sandbox.put("/v1/sandbox/clock", json={"now": "2026-12-24T12:00:00Z"})
    assert done(await sandbox.get("/v1/sandbox/mail"))["items"]
    assert await world(app) != before
    began = time.monotonic()
    known = done(await sandbox.post("/v1/sandbox/reset"))
    assert time.monotonic() - began < SECONDS
    assert known == done(await sandbox.get("/v1/sandbox/known-hub"))
    assert await world(app) == before
    assert [
        (await sandbox.get(f"/v1/events/{WINTER}/{page}")).content for page in ("programme", "marketplace")
    ] == pages
    assert done(await sandbox.get("/v1/sandbox/clock"))["now"].startswith("2026-11-23T09:00:0")
    assert not any((await app.state.reader.run(_due)).values()), "its own housekeeping leaves it as it is"


def _due(session: Session) -> dict[str, int]:
    return retention.due(session, now=BEGINS, needs_kept_days=0)


async def test_what_is_made_after_a_reset_is_the_same_each_time(sandbox: httpx.AsyncClient) -> None:
    told = []
    for _ in range(2):
        await sandbox.post("/v1/sandbox/reset")
        await sandbox.put("/v1/sandbox/clock", json={"frozen": True, "now": BEGINNING})
        made = await sandbox.post("/v1/hubs", json={"name": "A", "slug": "aa"}, headers=OPERATOR)
        people = await sandbox.get("/v1/hubs/demo/teachers?limit=2", headers=ORGANISER)
        told.append((made.content, made.headers["etag"], people.content, people.headers["link"]))
    assert told[0] == told[1]
    assert made.json()["id"].endswith("-7fff-8000-000000000001")


async def test_who_reads_meanwhile_sees_one_world_or_the_other(sandbox: httpx.AsyncClient) -> None:
    """Seven people are taken off the list in one transaction with the name, and a reset brings all of it back."""
    over = asyncio.Event()
    seen: set[tuple[str, int, int]] = set()

    async def keep_looking() -> None:
        while not over.is_set():
            event = done(await sandbox.get(f"/v1/events/{WINTER}"))
            seen.add((event["name"], event["attendee_capacity"], event["places_left"]))
            listed = done(await sandbox.get(f"/v1/events/{WINTER}/registrations?limit=200", headers=ORGANISER))
            assert len(listed["items"]) == 155
            assert (await sandbox.get(f"/v1/events/{WINTER}/marketplace")).status_code == 200

    async def keep_writing(number: int) -> None:
        """In the same transactions as the resets, now and then; some of it is about what they make vanish."""
        while not over.is_set():
            hub = {"name": f"Hub {number}", "slug": f"hub-{number}"}
            made = await sandbox.post("/v1/hubs", json=hub, headers=OPERATOR)
            changed = await sandbox.patch(f"/v1/hubs/hub-{number}", json={"name": "Changed"}, headers=OPERATOR)
            assert (made.status_code in (201, 409), changed.status_code in (200, 404)) == (True, True)

    looking = [asyncio.create_task(keep_looking()) for _ in range(3)]
    looking += [asyncio.create_task(keep_writing(number)) for number in range(3)]
    for _ in range(4):
        change = {"name": "Not it", "attendee_capacity": 130}
        done(await sandbox.patch(f"/v1/events/{WINTER}", json=change, headers=ORGANISER))
        done(await sandbox.post("/v1/sandbox/reset"))
    over.set()
    await asyncio.gather(*looking)
    assert seen <= {("Winter Teach Meet 2026", 120, 0), ("Not it", 130, 2)}
    assert len(seen) == 2


async def test_who_is_in_the_middle_of_reading_stays_in_their_world(
    app: FastAPI, sandbox: httpx.AsyncClient, settings: Settings, backend: Backend
) -> None:
    async def read(reader: Reader) -> Any:
        """Two things, one before and one after a reset, in one transaction."""
        begun, over = threading.Event(), threading.Event()

        def question(session: Session) -> Any:
            name = session.scalar(select(Event.name).where(Event.id == UUID(WINTER)))
            begun.set()
            assert over.wait(20)
            return name, session.scalar(select(Event.attendee_capacity).where(Event.id == UUID(WINTER)))

        change = {"name": "Not it", "attendee_capacity": 130}
        done(await sandbox.patch(f"/v1/events/{WINTER}", json=change, headers=ORGANISER))
        reading = asyncio.create_task(reader.run(question))
        assert await asyncio.to_thread(begun.wait, 20)
        done(await sandbox.post("/v1/sandbox/reset"))
        over.set()
        return await reading

    assert await read(app.state.reader) == ("Not it", 130)
    if backend == "postgresql":  # the control: as readers read where nothing is reset, it would be half and half
        unguarded = Reader(reading_engine(settings.model_copy(update={"sandbox": False})), threads=1)
        assert await read(unguarded) == ("Not it", 120)
        unguarded.stop()


async def test_all_that_was_counted_and_kept_of_requests_is_forgotten(sandbox: httpx.AsyncClient) -> None:
    async def ask() -> httpx.Response:
        return await sandbox.post("/v1/hubs/demo/sign-in-links", json={"email": "nobody@new.example"})

    answers = [(await ask()).status_code for _ in range(5)]
    assert answers == [202] * 4 + [429]
    body: dict[str, Any] = {"json": {"name": "A", "slug": "aa"}, "headers": {**OPERATOR, "Idempotency-Key": "1"}}
    done(await sandbox.post("/v1/hubs", **body), 201)
    await sandbox.post("/v1/sandbox/reset")
    assert (await ask()).status_code == 202
    assert "idempotency-replayed" not in (await sandbox.post("/v1/hubs", **body)).headers


async def test_a_reset_that_is_sent_again_with_its_key_happens_once(sandbox: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "reset-once"}
    first = await sandbox.post("/v1/sandbox/reset", headers=key)
    done(await sandbox.post("/v1/hubs", json={"name": "A", "slug": "aa"}, headers=OPERATOR), 201)
    again = await sandbox.post("/v1/sandbox/reset", headers=key)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert (await sandbox.get("/v1/hubs/aa", headers=OPERATOR)).status_code == 200


@pytest.mark.parametrize("statement", ["UPDATE outbox SET actor = 'me'", "DELETE FROM outbox"])
async def test_what_happened_stays_all_the_same(app: FastAPI, sandbox: httpx.AsyncClient, statement: str) -> None:
    @command()
    def cheat(session: Session) -> None:
        session.execute(text(statement))

    assert sandbox
    with pytest.raises(DBAPIError, match="what happened stays"):
        await app.state.writer.run(cheat)


async def test_the_other_hub_sees_nothing_of_it(sandbox: httpx.AsyncClient) -> None:
    for path in ("/v1/hubs/demo", "/v1/hubs/demo/teachers", f"/v1/events/{WINTER}/registrations"):
        refused(await sandbox.get(path, headers=RIVERSIDE), "not-found")
    assert len(done(await sandbox.get("/v1/hubs/riverside/teachers", headers=RIVERSIDE))["items"]) == 2
