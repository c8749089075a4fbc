"""The clock goes forward and back, and everything in the sandbox goes by it."""

import httpx
import pytest

from app.kernel.settings import Settings
from app.main import create_app
from tests.sandbox.conftest import BEGINNING
from tests.sandbox.world import EVERYBODY, ORGANISER, PRESENTER, TEACHER, evening
from tests.support.made import done
from tests.support.refusals import refused
from tests.support.services import calling
from tests.support.sign_in import ask, caught, token_in

pytestmark = pytest.mark.anyio


async def move(sandbox: httpx.AsyncClient, now: str, *, frozen: bool = True) -> None:
    """Sets the clock."""
    moved = done(await sandbox.put("/v1/sandbox/clock", json={"now": now, "frozen": frozen}))
    assert moved == {"now": now, "frozen": frozen}


async def an_address(sandbox: httpx.AsyncClient) -> str:
    """Of somebody who can sign in."""
    people = done(await sandbox.get("/v1/hubs/demo/teachers?limit=50", headers=ORGANISER))["items"]
    return str(next(each["email"] for each in people if each["email"]))


async def test_it_stands_still_or_goes_on(sandbox: httpx.AsyncClient) -> None:
    assert done(await sandbox.get("/v1/sandbox/clock")) == {"now": BEGINNING, "frozen": True}
    going = done(await sandbox.put("/v1/sandbox/clock", json={}))
    assert going["frozen"] is False
    seen = await sandbox.get("/v1/sandbox/clock")
    assert BEGINNING < seen.json()["now"] < "2026-11-23T09:01"
    assert seen.headers["cache-control"] == "no-store"
    for wrong in ("2026-11-23T09:00:00", "2025-12-31T23:59:59Z", "2028-01-01T00:00:00Z", 1):
        refused(await sandbox.put("/v1/sandbox/clock", json={"now": wrong}), "invalid-request", "/now")


async def test_deadlines_and_the_door_follow(sandbox: httpx.AsyncClient) -> None:
    event = await evening(sandbox, "open")
    path = f"/v1/events/{event['id']}"
    deadline = {"registration_closes_at": "2027-01-20T12:00:00+00:00"}
    done(await sandbox.patch(path, json=deadline, headers=ORGANISER))
    people = done(await sandbox.get(f"{path}/registrations", headers=ORGANISER))["items"]
    coming = {"registration_id": people[-1]["id"]}
    refused(await sandbox.post(f"{path}/check-ins", json=coming, headers=ORGANISER), "check-in-not-open")
    await move(sandbox, "2027-01-21T16:25:00+00:00")
    refused(await sandbox.post(f"{path}/registrations", json={}, headers=TEACHER), "registration-not-open")
    arrived = done(await sandbox.post(f"{path}/check-ins", json=coming, headers=ORGANISER))
    assert arrived["checked_in_at"] == "2027-01-21T16:25:00+00:00"
    await move(sandbox, "2027-01-19T12:00:00+00:00")
    made = done(await sandbox.post(f"{path}/registrations", json={}, headers=TEACHER), 201)
    assert made["created_at"] == "2027-01-19T12:00:00+00:00"
    refused(await sandbox.post(f"{path}/check-ins", json=coming, headers=ORGANISER), "check-in-not-open")


async def test_links_and_sessions_expire_but_for_those_that_everybody_knows(
    sandbox: httpx.AsyncClient, settings: Settings
) -> None:
    address = await an_address(sandbox)
    assert (await ask(sandbox, "demo", address)).status_code == 202
    mail = (await caught(sandbox, settings, address))[0]
    assert mail["caught_at"] == BEGINNING
    token = {"token": token_in(mail["text"])}
    await move(sandbox, "2026-11-23T09:16:00+00:00")
    refused(await sandbox.post("/v1/sessions", json=token), "unauthenticated")
    await move(sandbox, "2026-11-23T09:14:00+00:00")
    own = {"Authorization": f"Bearer {done(await sandbox.post('/v1/sessions', json=token), 201)['access_token']}"}
    for now in ("2026-12-03T17:00:00+00:00", "2027-02-01T09:00:00+00:00", "2026-11-01T09:00:00+00:00"):
        await move(sandbox, now)
        for headers in EVERYBODY:
            assert (await sandbox.get("/v1/me", headers=headers)).status_code == 200
    await move(sandbox, "2026-11-24T09:00:00+00:00")
    refused(await sandbox.get("/v1/me", headers=own), "unauthenticated")
    done(await sandbox.get("/v1/sessions/current", headers=PRESENTER))


async def test_work_that_waits_is_not_left_behind_when_it_goes_back(
    sandbox: httpx.AsyncClient, settings: Settings
) -> None:
    """Whether it has been begun when the clock moves or not."""
    address = await an_address(sandbox)
    await move(sandbox, "2027-12-31T00:00:00+00:00", frozen=False)
    assert (await ask(sandbox, "demo", address)).status_code == 202
    await move(sandbox, BEGINNING)
    assert len(await caught(sandbox, settings, address)) == 1


async def test_it_goes_on_where_it_was_in_the_next_process(sandbox: httpx.AsyncClient, settings: Settings) -> None:
    await move(sandbox, "2026-12-03T17:00:00+00:00")
    second = create_app(settings)
    async with second.router.lifespan_context(second), calling(second) as other:
        assert done(await other.get("/v1/sandbox/clock")) == {"now": "2026-12-03T17:00:00+00:00", "frozen": True}
