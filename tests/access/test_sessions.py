"""Sessions: how long they last, who sees and ends them, and that what ends them counts at once, everywhere."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.access.signing_in.models import SignInLink, TeacherSession
from app.kernel.outbox import Fact
from app.kernel.settings import Settings
from app.main import create_app
from app.privacy.retention import delete_what_is_due
from tests.support import made
from tests.support.callers import Headers, Organiser, make_key
from tests.support.made import Thing, done
from tests.support.refusals import refused
from tests.support.services import MovableClock, calling, serving
from tests.support.shared import new_hub
from tests.support.shared import sandbox_url as database_url
from tests.support.sign_in import link_token, signed_in
from tests.support.timed import app, clock, settings

__all__ = ["app", "clock", "database_url", "settings"]  # fixtures

pytestmark = pytest.mark.anyio

MISSING = "01990000-0000-7000-8000-000000000000"


@pytest.fixture
async def teacher(organiser: httpx.AsyncClient, hub: Organiser) -> Thing:
    return await made.teacher(organiser, hub.hub_id)


async def status(client: httpx.AsyncClient, headers: Headers) -> int:
    return (await client.get("/v1/me", headers=headers)).status_code


async def listed(client: httpx.AsyncClient, headers: Headers, path: str = "/v1/sessions") -> list[Thing]:
    items: list[Thing] = done(await client.get(path, headers=headers))["items"]
    return items


async def test_each_use_puts_the_end_off_until_a_week_is_over(
    client: httpx.AsyncClient, settings: Settings, teacher: Thing, clock: MovableClock
) -> None:
    headers = await signed_in(client, settings, teacher)
    begun = clock.now
    uses = 0
    while clock.now + timedelta(hours=11) < begun + timedelta(days=7):
        clock.move(timedelta(hours=11))
        assert await status(client, headers) == 200
        uses += 1
    assert uses > 10
    clock.now = begun + timedelta(days=7) - timedelta(seconds=1)
    assert await status(client, headers) == 200
    clock.now = begun + timedelta(days=7)
    refused(await client.get("/v1/me", headers=headers), "unauthenticated")


async def test_a_session_that_is_not_used_ends(
    client: httpx.AsyncClient, settings: Settings, teacher: Thing, clock: MovableClock
) -> None:
    headers = await signed_in(client, settings, teacher)
    clock.move(timedelta(hours=12) - timedelta(seconds=1))
    assert await status(client, headers) == 200
    clock.move(timedelta(hours=12))
    answer = await client.get("/v1/me", headers=headers)
    refused(answer, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert await status(client, headers) == 401, "being refused is no use"


async def test_uses_are_written_down(
    client: httpx.AsyncClient, app: FastAPI, settings: Settings, teacher: Thing, clock: MovableClock
) -> None:
    async with serving(settings, clock=clock) as first:
        headers = await signed_in(first, settings, teacher)
        clock.move(timedelta(hours=6))
        assert await status(first, headers) == 200
    (session,) = await listed(client, headers)
    assert session["last_used_at"] == clock.now.isoformat()
    assert session["expires_at"] == (clock.now + timedelta(hours=12)).isoformat()
    clock.move(timedelta(hours=11))
    assert await status(client, headers) == 200


async def test_one_sees_and_ends_ones_own_sessions(
    client: httpx.AsyncClient, settings: Settings, teacher: Thing, clock: MovableClock
) -> None:
    first = await signed_in(client, settings, teacher)
    clock.move(timedelta(minutes=1))
    second = await signed_in(client, settings, teacher)
    seen = await listed(client, second)
    assert [each["current"] for each in seen] == [True, False]
    assert seen[0]["created_at"] > seen[1]["created_at"]
    assert second["Authorization"].startswith(f"Bearer {seen[0]['prefix']}_")
    page = done(await client.get("/v1/sessions?limit=1", headers=second))
    following = await listed(client, second, f"/v1/sessions?limit=1&cursor={page['next_cursor']}")
    assert [each["id"] for each in (*page["items"], *following)] == [each["id"] for each in seen]
    current = await client.get("/v1/sessions/current", headers=second)
    assert done(current) == seen[0]
    other = f"/v1/sessions/{seen[1]['id']}"
    stale = await client.delete(other, headers={**second, "If-Match": '"stale"'})
    refused(stale, "precondition-failed")
    assert await status(client, first) == 200
    assert (await client.delete(other, headers=second)).status_code == 204
    assert (await status(client, first), await status(client, second)) == (401, 200)
    etag = {"If-Match": (await client.get("/v1/sessions/current", headers=second)).headers["etag"]}
    assert (await client.delete("/v1/sessions/current", headers={**second, **etag})).status_code == 204
    assert await status(client, second) == 401


async def test_an_end_counts_at_once_on_every_process(
    client: httpx.AsyncClient, settings: Settings, teacher: Thing, clock: MovableClock
) -> None:
    headers = await signed_in(client, settings, teacher)
    second = create_app(settings, clock=clock)
    async with second.router.lifespan_context(second), calling(second) as other:
        assert await status(other, headers) == 200
        assert (await client.delete("/v1/sessions/current", headers=headers)).status_code == 204
        assert await status(other, headers) == 401
        refused(await other.post("/v1/me/identities", json={"id_token": "x"}, headers=headers), "unauthenticated")


async def test_whoever_is_signed_in_is_what_their_row_says_now(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, settings: Settings, teacher: Thing
) -> None:
    headers = await signed_in(client, settings, teacher)
    at = f"/v1/teachers/{teacher['id']}"

    async def kind() -> str:
        told: str = done(await client.get("/v1/me", headers=headers))["kind"]
        return told

    assert await kind() == "teacher"
    for role in ("school_lead", "organiser"):
        done(await organiser.patch(at, json={"roles": [role]}))
        assert await kind() == role
    done(await organiser.patch(at, json={"roles": []}))
    assert await kind() == "teacher"
    done(await organiser.patch(at, json={"active": False}))
    refused(await client.get("/v1/me", headers=headers), "unauthenticated")


async def test_organisers_sign_teachers_of_their_hub_out(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings, teacher: Thing
) -> None:
    boss = await made.teacher(organiser, hub.hub_id, roles=["organiser"])
    boss_headers = await signed_in(client, settings, boss)
    at = f"/v1/teachers/{teacher['id']}/sessions"
    for runs_the_hub in (boss_headers, hub.headers):
        headers = await signed_in(client, settings, teacher)
        (session,) = await listed(client, runs_the_hub, at)
        assert session["current"] is False
        one = f"/v1/sessions/{session['id']}"
        assert done(await client.get(one, headers=runs_the_hub)) == session
        assert (await client.delete(one, headers=runs_the_hub)).status_code == 204
        assert await status(client, headers) == 401
    everywhere = [await signed_in(client, settings, teacher) for _ in range(2)]
    unused = await link_token(client, settings, teacher)
    assert (await client.delete(at, headers=boss_headers)).status_code == 204
    assert [await status(client, each) for each in everywhere] == [401, 401]
    refused(await client.post("/v1/sessions", json={"token": unused}), "unauthenticated")
    assert await status(client, boss_headers) == 200


async def test_what_is_anothers_does_not_exist(
    client: httpx.AsyncClient,
    organiser: httpx.AsyncClient,
    operator: Headers,
    hub: Organiser,
    settings: Settings,
    teacher: Thing,
) -> None:
    headers = await signed_in(client, settings, teacher)
    (session,) = await listed(client, headers)
    colleague = await made.teacher(organiser, hub.hub_id, teacher["school_id"])
    lead = await made.teacher(organiser, hub.hub_id, teacher["school_id"], roles=["school_lead"])
    strangers = [
        await signed_in(client, settings, colleague),
        await signed_in(client, settings, lead),
        (await new_hub(client, operator)).headers,
    ]
    for stranger in strangers:
        for method, path in (
            ("GET", "/v1/sessions/{id}"),
            ("DELETE", "/v1/sessions/{id}"),
            ("GET", "/v1/teachers/{teacher_id}/sessions"),
            ("DELETE", "/v1/teachers/{teacher_id}/sessions"),
        ):
            same = {**stranger, "X-Request-ID": "one-for-all"}
            theirs, missing = [
                await client.request(method, path.format(**ids), headers=same)
                for ids in (session, {"id": MISSING, "teacher_id": MISSING})
            ]
            bodies = [{**refused(each, "not-found"), "instance": ""} for each in (theirs, missing)]
            assert bodies[0] == bodies[1]
    assert await status(client, headers) == 200


async def test_keys_are_nobody_in_person(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, operator: Headers
) -> None:
    for headers in (hub.headers, operator):
        for method, path in (
            ("GET", "/v1/sessions"),
            ("GET", "/v1/sessions/current"),
            ("DELETE", "/v1/sessions/current"),
            ("GET", "/v1/me/identities"),
            ("GET", f"/v1/me/identities/{MISSING}"),
        ):
            refused(await client.request(method, path, headers=headers), "forbidden")
    limited = await make_key(organiser, hub.headers, hub.hub_id, scopes=["people:read"])
    refused(await client.get(f"/v1/sessions/{MISSING}", headers=limited), "forbidden")
    refused(await client.get("/v1/sessions"), "unauthenticated")


async def test_signing_in_and_out_leave_facts_without_a_person_in_them(
    client: httpx.AsyncClient, app: FastAPI, settings: Settings, teacher: Thing
) -> None:
    headers = await signed_in(client, settings, teacher)
    (session,) = await listed(client, headers)
    assert (await client.delete("/v1/sessions/current", headers=headers)).status_code == 204
    facts = await app.state.reader.run(
        lambda db: [
            (fact.kind, fact.subject, fact.actor)
            for fact in db.scalars(select(Fact).where(Fact.kind.startswith("session.")).order_by(Fact.id))
            if fact.subject["teacher_id"] == teacher["id"]
        ]
    )
    ids = {"session_id": session["id"], "teacher_id": teacher["id"]}
    who = f"teacher:{teacher['id']}"
    assert facts == [("session.opened", {**ids, "how": "link"}, who), ("session.ended", ids, who)]


async def test_what_is_over_is_cleared_away(
    client: httpx.AsyncClient, app: FastAPI, settings: Settings, teacher: Thing, clock: MovableClock
) -> None:
    await signed_in(client, settings, teacher)

    async def left() -> list[int]:
        def count(db: object) -> list[int]:
            return [
                sum(str(row.teacher_id) == teacher["id"] for row in db.scalars(select(table)))  # type: ignore[attr-defined]  # a session
                for table in (SignInLink, TeacherSession)
            ]

        found: list[int] = await app.state.reader.run(count)
        return found

    await app.state.writer.run(delete_what_is_due, now=clock(), needs_kept_days=30)
    assert await left() == [1, 1]
    clock.move(timedelta(minutes=31))
    await app.state.writer.run(delete_what_is_due, now=clock(), needs_kept_days=30)
    assert await left() == [0, 1]
    clock.move(timedelta(hours=12))
    await app.state.writer.run(delete_what_is_due, now=clock(), needs_kept_days=30)
    assert await left() == [0, 0]
