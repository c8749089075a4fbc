"""Identities of an OpenID Connect issuer: linked by one who is signed in, then as good as a link from the mail."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.kernel.settings import Settings
from app.main import create_app
from tests.support import made
from tests.support.callers import Headers, Organiser, bearer
from tests.support.databases import settings_for
from tests.support.issuer import CLIENT_ID, Issuer, issuing, rsa_key
from tests.support.made import Thing, done
from tests.support.refusals import refused
from tests.support.services import MovableClock, calling
from tests.support.shared import new_hub
from tests.support.sign_in import make_session
from tests.support.timed import app, clock

__all__ = ["app", "clock"]  # fixtures

pytestmark = pytest.mark.anyio

KEY = rsa_key("one")
SAME_ID = {"X-Request-ID": "one-for-all"}


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with issuing(KEY) as made_issuer:
        yield made_issuer


@pytest.fixture
def settings(database_url: str, issuer: Issuer) -> Settings:
    return settings_for(
        database_url,
        secret_key="a secret for tests only",
        rate_limit_sign_in=0,
        oidc_issuer=issuer.url,
        oidc_client_id=CLIENT_ID,
        allowed_hosts_out="127.0.0.1",
    )


class Person:
    """Somebody at the issuer."""

    def __init__(self, issuer: Issuer, clock: MovableClock, **claims: Any) -> None:
        self._issuer = issuer
        self._clock = clock
        self._claims = claims
        self._tokens = 0

    def token(self, **others: Any) -> str:
        """A new id token, as the issuer gives one each time somebody signs in there."""
        self._tokens += 1
        claims = {**self._claims, "jti": f"{self._claims['sub']} {self._tokens}", **others}
        return KEY.sign(self._issuer.claims(self._clock.now, **claims))


@pytest.fixture
async def teacher(organiser: httpx.AsyncClient, hub: Organiser) -> Thing:
    return await made.teacher(organiser, hub.hub_id)


@pytest.fixture
def headers(settings: Settings, clock: MovableClock, teacher: Thing) -> Headers:
    return make_session(settings, teacher["id"], now=clock.now)


@pytest.fixture
def ada(issuer: Issuer, clock: MovableClock, teacher: Thing) -> Person:
    return Person(issuer, clock, sub=f"ada-{teacher['id']}", email=teacher["email"])


async def sign_in(client: httpx.AsyncClient, hub: Organiser, token: str, *, by_slug: bool = True) -> httpx.Response:
    body = {"id_token": token, "hub": hub.slug if by_slug else hub.hub_id}
    return await client.post("/v1/sessions", json=body, headers=SAME_ID)


async def link(client: httpx.AsyncClient, headers: Headers, token: str) -> httpx.Response:
    return await client.post("/v1/me/identities", json={"id_token": token}, headers=headers)


async def test_an_identity_signs_in_once_it_is_linked_and_no_longer_when_it_is_not(
    client: httpx.AsyncClient, hub: Organiser, teacher: Thing, headers: Headers, ada: Person, issuer: Issuer
) -> None:
    token = ada.token()
    refused(await sign_in(client, hub, token), "unauthenticated")
    linked = await link(client, headers, token)
    identity = done(linked, 201)
    assert (identity["issuer"], identity["subject"]) == (issuer.url, f"ada-{teacher['id']}")
    at = linked.headers["location"]
    assert done(await client.get(at, headers=headers)) == identity
    assert done(await client.get("/v1/me/identities", headers=headers))["items"] == [identity]
    for by_slug in (True, False):
        session = done(await sign_in(client, hub, ada.token(), by_slug=by_slug), 201)
        assert session["teacher"]["id"] == teacher["id"]
        me = done(await client.get("/v1/me", headers=bearer(session["access_token"])))
        assert me["teacher_id"] == teacher["id"]
    assert (await client.delete(at, headers=headers)).status_code == 204
    refused(await client.get(at, headers=headers), "not-found")
    refused(await sign_in(client, hub, ada.token()), "unauthenticated")


async def test_all_that_does_not_sign_in_is_refused_with_the_same_bytes(
    client: httpx.AsyncClient,
    organiser: httpx.AsyncClient,
    operator: Headers,
    hub: Organiser,
    teacher: Thing,
    headers: Headers,
    ada: Person,
    clock: MovableClock,
    issuer: Issuer,
) -> None:
    """Also the e-mail address of a teacher, verified by the issuer: that alone is nobody."""
    stranger = Person(issuer, clock, sub=f"stranger-{teacher['id']}", email=teacher["email"], email_verified=True)
    done(await link(client, headers, ada.token()), 201)
    used = ada.token()
    done(await sign_in(client, hub, used), 201)
    other = await new_hub(client, operator)
    tried = [
        (hub, stranger.token()),
        (hub, used),
        (other, ada.token()),
        (hub, ada.token(aud="somebody-else")),
        (hub, ada.token(exp=int((clock.now - timedelta(minutes=5)).timestamp()))),
        (hub, "nonsense"),
        (Organiser("no-such-hub", "no-such-hub", {}), ada.token()),
    ]
    answers = [await sign_in(client, where, token) for where, token in tried]
    answers.append(await client.post("/v1/sessions", json={"token": "nonsense"}, headers=SAME_ID))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert {refused(answer, "unauthenticated")["status"] for answer in answers} == {401}
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}
    done(await organiser.patch(f"/v1/teachers/{teacher['id']}", json={"active": False}))
    assert (await sign_in(client, hub, ada.token())).content == answers[0].content


async def test_of_twenty_who_show_one_id_token_at_once_one_is_signed_in(
    client: httpx.AsyncClient, hub: Organiser, headers: Headers, ada: Person, settings: Settings, clock: MovableClock
) -> None:
    done(await link(client, headers, ada.token()), 201)
    token = ada.token()
    second = create_app(settings, clock=clock)
    async with second.router.lifespan_context(second), calling(second) as other:
        answers = await asyncio.gather(*(sign_in((client, other)[n % 2], hub, token) for n in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 19


async def test_an_identity_is_one_teachers_of_a_hub(
    client: httpx.AsyncClient,
    organiser: httpx.AsyncClient,
    operator: Headers,
    hub: Organiser,
    headers: Headers,
    ada: Person,
    settings: Settings,
    clock: MovableClock,
) -> None:
    identity = done(await link(client, headers, ada.token()), 201)
    colleague = await made.teacher(organiser, hub.hub_id)
    theirs = make_session(settings, colleague["id"], now=clock.now)
    for who in (headers, theirs):
        refused(await link(client, who, ada.token()), "identity-taken")
    at = f"/v1/me/identities/{identity['id']}"
    refused(await client.get(at, headers=theirs), "not-found")
    refused(await client.delete(at, headers=theirs), "not-found")
    other = await new_hub(client, operator)
    organiser.headers.update(other.headers)
    elsewhere = await made.teacher(organiser, other.hub_id)
    there = make_session(settings, elsewhere["id"], now=clock.now)
    done(await link(client, there, ada.token()), 201)
    for where, who in ((hub, identity), (other, elsewhere)):
        session = done(await sign_in(client, where, ada.token()), 201)
        assert session["teacher"]["hub_id"] == where.hub_id, who


async def test_linking_needs_a_person_and_a_fresh_token(
    client: httpx.AsyncClient, hub: Organiser, headers: Headers, ada: Person, issuer: Issuer
) -> None:
    refused(await link(client, {}, ada.token()), "unauthenticated")
    refused(await link(client, bearer("tms_nobody_at_all"), ada.token()), "unauthenticated")
    refused(await link(client, hub.headers, ada.token()), "forbidden")
    assert issuer.fetches == 0
    token = ada.token()
    identity = done(await link(client, headers, token), 201)
    refused(await sign_in(client, hub, token), "unauthenticated")
    stale = await client.delete(f"/v1/me/identities/{identity['id']}", headers={**headers, "If-Match": '"stale"'})
    refused(stale, "precondition-failed")


async def test_an_issuer_that_does_not_answer_is_no_reason_to_doubt_the_token(
    client: httpx.AsyncClient, hub: Organiser, headers: Headers, ada: Person, issuer: Issuer
) -> None:
    issuer.status = "500 Broken"
    answer = await sign_in(client, hub, ada.token())
    refused(answer, "unavailable")
    assert answer.headers["retry-after"]
