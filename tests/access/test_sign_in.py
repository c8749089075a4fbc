"""Signing in with a link from the mail: who gets one, what it is good for, and what nobody learns from the answers."""

import asyncio
import random
import statistics
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event, text

from app.kernel.settings import Settings
from app.main import create_app
from tests.sheets.making import SCHOOLS, SCHOOLS_HEADER, SIGN_UPS_HEADER, answer, imported, sheet
from tests.support import made
from tests.support.callers import Headers, Organiser, bearer
from tests.support.forms import form
from tests.support.made import Thing, done
from tests.support.refusals import refused
from tests.support.services import MovableClock, calling
from tests.support.shared import new_hub
from tests.support.shared import sandbox_url as database_url
from tests.support.sign_in import ask, caught, link_token, token_in
from tests.support.timed import app, clock, settings

__all__ = ["app", "clock", "database_url", "settings"]  # fixtures

pytestmark = pytest.mark.anyio

SAME_ID = {"X-Request-ID": "one-for-all"}
OWN_TO_EACH = ("ratelimit", "date", "server-timing", "x-request-id")
"""Headers that differ from answer to answer."""


def told(answered: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All that an answer tells."""
    return answered.status_code, answered.content, {k: v for k, v in answered.headers.items() if k not in OWN_TO_EACH}


async def open_session(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/v1/sessions", json={"token": token}, headers=SAME_ID)


async def test_a_link_signs_in_once(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings, clock: MovableClock
) -> None:
    teacher = await made.teacher(organiser, hub.hub_id, given_name="Siân <b>", roles=["school_lead"])
    assert (await ask(client, hub.slug, f" {teacher['email'].upper()} ")).status_code == 202
    (mail,) = await caught(client, settings, teacher["email"])
    assert mail["caught_at"] == clock.now.isoformat()
    assert "Siân <b>" in mail["text"]
    assert "Siân &lt;b&gt;" in mail["html"]
    token = token_in(mail["text"])
    assert len(token) >= 43
    assert f"{settings.public_url}/sign-in#token={token}" in mail["html"]
    opened = await open_session(client, token)
    session = done(opened, 201)
    assert session["teacher"] == teacher
    assert session["access_token"].startswith("tms_")
    assert session["expires_at"] == (clock.now + timedelta(hours=12)).isoformat()
    assert opened.headers["location"] == f"/v1/sessions/{session['id']}"
    headers = bearer(session["access_token"])
    assert done(await client.get(opened.headers["location"], headers=headers))["current"] is True
    me = done(await client.get("/v1/me", headers=headers))
    assert (me["kind"], me["teacher_id"], me["name"]) == (
        "school_lead",
        teacher["id"],
        "Siân <b> " + teacher["family_name"],
    )
    refused(await open_session(client, token), "unauthenticated")


async def test_what_does_not_sign_in_is_refused_with_the_same_bytes(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings, clock: MovableClock
) -> None:
    used, old = [await made.teacher(organiser, hub.hub_id) for _ in range(2)]
    tokens = [await link_token(client, settings, each) for each in (used, old)]
    assert (await open_session(client, tokens[0])).status_code == 201
    clock.move(timedelta(minutes=15))
    shown = [*tokens, tokens[0][:-1], "", "nonsense", "ẞ" * 3_000, "\\u0000", tokens[1] + " "]
    answers = [await open_session(client, token) for token in shown]
    assert {told(each)[1] for each in answers} == {answers[0].content}
    assert [refused(each, "unauthenticated")["status"] for each in answers] == [401] * len(shown)
    assert {each.headers["www-authenticate"] for each in answers} == {"Bearer"}


async def test_a_link_is_good_for_15_minutes_from_the_asking(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings, clock: MovableClock
) -> None:
    teacher = await made.teacher(organiser, hub.hub_id)
    token = await link_token(client, settings, teacher)
    clock.move(timedelta(minutes=14, seconds=59))
    assert (await open_session(client, token)).status_code == 201


async def test_everybody_gets_the_same_answer_and_only_teachers_get_mail(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, operator: Headers, hub: Organiser, settings: Settings
) -> None:
    known, inactive, elsewhere = [await made.teacher(organiser, hub.hub_id) for _ in range(3)]
    done(await organiser.patch(f"/v1/teachers/{inactive['id']}", json={"active": False}))
    other = await new_hub(client, operator)
    asked = [(hub, known), (hub, inactive), (other, elsewhere)]
    answers = [await ask(client, where.hub_id, who["email"]) for where, who in asked]
    answers.append(await ask(client, hub.hub_id, "nobody@larkspur.example"))
    assert [told(each) for each in answers] == [told(answers[0])] * 4
    assert answers[0].status_code == 202
    sent = [len(await caught(client, settings, each["email"])) for each in (known, inactive, elsewhere)]
    assert sent == [1, 0, 0]
    assert await caught(client, settings, "nobody@larkspur.example") == []


async def test_a_shared_inbox_signs_nobody_in(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings
) -> None:
    office = f"office.{hub.slug}@larkspur.example"
    await imported(organiser, hub.hub_id, "schools", sheet(SCHOOLS_HEADER, *SCHOOLS))
    evening = await made.event(organiser, hub.hub_id)
    rows = [answer(name, office) for name in ("Ada Byrne", "Ben Cole")]
    await imported(organiser, hub.hub_id, "sign-ups", sheet(SIGN_UPS_HEADER, *rows), event_id=evening["id"])
    people = done(await organiser.get(f"/v1/hubs/{hub.hub_id}/teachers"))["items"]
    assert [each["shared_email"] for each in people] == [office, office]
    assert (await ask(client, hub.hub_id, office)).status_code == 202
    assert await caught(client, settings, office) == []


async def test_what_is_no_address_or_no_hub_is_told_so(client: httpx.AsyncClient, hub: Organiser) -> None:
    for address in ("", "nobody", "a@b@c.example", "a" * 250 + "@larkspur.example"):
        refused(await ask(client, hub.hub_id, address), "invalid-request", "/email")
    refused(await ask(client, "no-such-hub", "ada@larkspur.example"), "not-found")
    refused(await client.post("/v1/sessions", json={}), "invalid-request")
    refused(await client.post("/v1/sessions", json={"token": "a", "id_token": "b", "hub": "c"}), "invalid-request")
    refused(await client.post("/v1/sessions", json={"id_token": "b"}), "invalid-request")
    refused(await client.post("/v1/sessions", json={"token": "a", "hub": "c"}), "invalid-request")
    refused(await client.post("/v1/sessions", json={"token": 1}), "invalid-request", "/token")
    no_issuer = await client.post("/v1/sessions", json={"id_token": "b", "hub": hub.slug})
    refused(no_issuer, "invalid-request", "/id_token")


async def test_five_mails_to_one_address_in_a_quarter_of_an_hour(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings, clock: MovableClock
) -> None:
    teacher, other = [await made.teacher(organiser, hub.hub_id) for _ in range(2)]
    answers = await asyncio.gather(*(ask(client, hub.hub_id, teacher["email"]) for _ in range(8)))
    assert [told(each) for each in answers] == [told(answers[0])] * 8
    assert len(await caught(client, settings, teacher["email"])) == 5
    assert (await ask(client, hub.hub_id, other["email"])).status_code == 202
    assert len(await caught(client, settings, other["email"])) == 1
    clock.move(timedelta(minutes=15))
    await ask(client, hub.hub_id, teacher["email"])
    assert len(await caught(client, settings, teacher["email"])) == 6


@pytest.mark.parametrize("change", [{"active": False}, {"email": "new.{id}@larkspur.example"}, {"email": None}])
async def test_a_link_is_void_once_its_address_is_no_longer_the_teachers(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings, change: Thing
) -> None:
    teacher = await made.teacher(organiser, hub.hub_id)
    token = await link_token(client, settings, teacher)
    changes = {name: value.format(**teacher) if isinstance(value, str) else value for name, value in change.items()}
    done(await organiser.patch(f"/v1/teachers/{teacher['id']}", json=changes))
    refused(await open_session(client, token), "unauthenticated")


async def test_of_twenty_who_use_a_link_at_once_one_is_signed_in(
    client: httpx.AsyncClient,
    app: FastAPI,
    organiser: httpx.AsyncClient,
    hub: Organiser,
    settings: Settings,
    clock: MovableClock,
) -> None:
    teacher = await made.teacher(organiser, hub.hub_id)
    token = await link_token(client, settings, teacher)
    second = create_app(settings, clock=clock)
    async with second.router.lifespan_context(second), calling(second) as other:
        answers = await asyncio.gather(*(open_session((client, other)[n % 2], token) for n in range(20)))
    statuses = sorted(each.status_code for each in answers)
    assert statuses == [201] + [401] * 19
    (headers,) = [bearer(each.json()["access_token"]) for each in answers if each.status_code == 201]
    assert len(done(await client.get("/v1/sessions", headers=headers))["items"]) == 1


async def test_the_same_request_again_with_its_key_gets_the_same_session(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings
) -> None:
    token = await link_token(client, settings, await made.teacher(organiser, hub.hub_id))
    key = {"Idempotency-Key": f"sign-in-{hub.slug}"}
    first, again = [await client.post("/v1/sessions", json={"token": token}, headers=key) for _ in range(2)]
    assert first.json() == done(again, 201)
    assert again.headers["idempotency-replayed"] == "true"


async def test_mail_is_caught_in_the_sandbox_only(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings, operator: Headers
) -> None:
    teacher = await made.teacher(organiser, hub.hub_id)
    for _ in range(3):
        await link_token(client, settings, teacher)
    pages = [done(await client.get("/v1/sandbox/mail?limit=2"))]
    pages.append(done(await client.get(f"/v1/sandbox/mail?limit=2&cursor={pages[0]['next_cursor']}")))
    seen = [mail["id"] for page in pages for mail in page["items"]]
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) >= 3
    plain = create_app(settings.model_copy(update={"sandbox": False}))
    async with calling(plain) as real:
        refused(await real.get("/v1/sandbox/mail"), "not-found")
        refused(await real.get("/v1/sandbox/mail", headers=operator), "not-found")


async def test_known_and_unknown_addresses_cost_the_same(
    client: httpx.AsyncClient, app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    """The same statements, and as long: the work that depends on the address is done later, and not by the request."""
    addresses = {"known": (await made.teacher(organiser, hub.hub_id))["email"], "unknown": "nobody@larkspur.example"}
    await app.state.worker.stop()
    statements: dict[str, list[str]] = {}
    for name, address in addresses.items():
        seen = statements.setdefault(name, [])

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any, seen: list[str] = seen) -> None:
            seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            assert (await ask(client, hub.hub_id, address)).status_code == 202
        finally:
            event.remove(Engine, "before_cursor_execute", note)
    assert statements["known"] == statements["unknown"]
    assert any("INSERT INTO jobs" in statement for statement in statements["known"])
    app.state.worker.start()
    tries, rounds, within = form(short=(20, 1, 1.0), full=(200, 3, 0.1))
    differences = [await _difference(client, hub, addresses, tries) for _ in range(rounds)]
    assert min(differences) <= within, differences


async def _difference(client: httpx.AsyncClient, hub: Organiser, addresses: dict[str, str], tries: int) -> float:
    """By how much of the shorter one the medians differ, over tries in no order."""
    order = [name for name in addresses for _ in range(tries)]
    random.shuffle(order)
    seconds: dict[str, list[float]] = {name: [] for name in addresses}
    for name in order:
        began = time.perf_counter()
        await ask(client, hub.hub_id, addresses[name])
        seconds[name].append(time.perf_counter() - began)
    medians = sorted(statistics.median(each) for each in seconds.values())
    return medians[1] / medians[0] - 1


async def test_no_token_and_no_address_lies_in_the_database_in_the_clear(
    client: httpx.AsyncClient, app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings
) -> None:
    teacher = await made.teacher(organiser, hub.hub_id)
    token = await link_token(client, settings, teacher)
    key = {"Idempotency-Key": f"dump-{hub.slug}"}
    access = done(await client.post("/v1/sessions", json={"token": token}, headers=key), 201)["access_token"]
    waiting = await link_token(client, settings, teacher)
    await app.state.worker.stop()
    stranger = "somebody.unknown@larkspur.example"
    await ask(client, hub.hub_id, stranger)
    await ask(client, hub.hub_id, teacher["email"])

    def tables(session: Any) -> dict[str, bytes]:
        names = [
            "jobs",
            "sign_in_links",
            "sessions",
            "caught_mails",
            "idempotency_keys",
            "outbox",
            "api_keys",
            "teacher_identities",
            "used_id_tokens",
        ]
        return {name: _bytes_of(session.execute(text(f"SELECT * FROM {name}")).all()) for name in names}

    dump = await app.state.reader.run(tables)
    assert len(dump["jobs"]) > 100
    for secret in (token, waiting, access.split("_", 2)[2], stranger, teacher["email"]):
        assert [name for name, content in dump.items() if secret.encode() in content] == []


def _bytes_of(rows: Any) -> bytes:
    return b"\0".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for row in rows for value in row
    )
