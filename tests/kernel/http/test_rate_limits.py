"""Quotas: for each credential, for each address without, stricter ones for signing in; and no way round them."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from app.kernel.rate_limits import MOST_KEYS, WINDOW_SECONDS, Buckets
from app.kernel.settings import Settings
from app.main import create_app
from tests.support.callers import Headers, bearer
from tests.support.made import done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio

HERE, THERE = "192.0.2.1", "198.51.100.7"
LINKS, SESSIONS = "/v1/hubs/any-hub/sign-in-links", "/v1/sessions"


@contextlib.asynccontextmanager
async def limited(settings: Settings, **quotas: int) -> AsyncIterator[FastAPI]:
    """The service with these quotas (`credential`, `anonymous`, `sign_in`), and none besides."""
    app = create_app(settings.model_copy(update={f"rate_limit_{name}": quota for name, quota in quotas.items()}))
    async with app.router.lifespan_context(app):
        yield app


def client_at(app: FastAPI, host: str = HERE, headers: Headers | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(host, 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers)


def left(answer: httpx.Response) -> dict[str, int]:
    """What an answer says is left of each quota."""
    return {name: int(number) for name, number in re.findall(r'"([a-z-]+)";r=(\d+);t=\d+', answer.headers["ratelimit"])}


async def test_an_address_without_credentials_has_a_quota(settings: Settings) -> None:
    async with limited(settings, anonymous=3) as app, client_at(app) as here, client_at(app, THERE) as there:
        for remaining in (2, 1, 0):
            answer = await here.get("/v1/nothing")
            assert answer.status_code == 404
            assert answer.headers["ratelimit-policy"] == '"address";q=3;w=60'
            assert left(answer) == {"address": remaining}
        refusal = await here.get("/v1/nothing")
        body = refused(refusal, "rate-limited")
        wait = int(refusal.headers["retry-after"])
        assert 18 <= wait <= 20  # a third of a minute
        assert f"{wait} s" in body["detail"]
        assert refusal.headers["ratelimit-policy"] == '"address";q=3;w=60'
        assert left(refusal) == {"address": 0}
        assert left(await there.get("/v1/nothing")) == {"address": 2}


async def test_who_waits_as_told_is_let_in_again(settings: Settings) -> None:
    async with limited(settings, anonymous=60) as app, client_at(app) as client:
        answers = [await client.get("/v1/nothing") for _ in range(61)]
        refused(answers[-1], "rate-limited")
        await asyncio.sleep(int(answers[-1].headers["retry-after"]))
        assert (await client.get("/v1/nothing")).status_code == 404


async def test_each_credential_has_its_own_quota_wherever_it_is_used(settings: Settings, operator: Headers) -> None:
    async with (
        limited(settings, credential=4, anonymous=50) as app,
        client_at(app) as here,
        client_at(app, THERE) as there,
    ):
        assert left(await here.get("/v1/me", headers=operator)) == {"credential": 3}
        assert left(await there.get("/v1/me", headers=operator)) == {"credential": 2}
        other = bearer(done(await _new_key(here, operator), 201)["secret"])
        assert left(await here.get("/v1/me", headers=other)) == {"credential": 3}
        secret = operator["Authorization"].split()[1]
        for spelt in (f"bearer {secret}", f"BEARER   {secret} "):
            answer = await there.get("/v1/me", headers={"Authorization": spelt})
        refused(answer, "rate-limited")
        assert answer.headers["ratelimit-policy"] == '"credential";q=4;w=60'
        assert secret not in answer.text
        # Those without credentials have used nothing: what turned out to be a credential's was given back.
        assert left(await here.get("/v1/nothing")) == {"address": 49}


async def _new_key(client: httpx.AsyncClient, operator: Headers) -> httpx.Response:
    slug = f"limits-{id(client)}"
    async with client_at(_app_of(client), "203.0.113.9") as elsewhere:
        hub = done(await elsewhere.post("/v1/hubs", json={"name": "A hub", "slug": slug}, headers=operator), 201)
        return await elsewhere.post(
            f"/v1/hubs/{hub['id']}/api-keys", json={"name": "A key", "scopes": ["people:read"]}, headers=operator
        )


def _app_of(client: httpx.AsyncClient) -> FastAPI:
    transport = client._transport
    assert isinstance(transport, httpx.ASGITransport)
    assert isinstance(transport.app, FastAPI)
    return transport.app


async def test_made_up_credentials_count_as_none(settings: Settings, operator: Headers) -> None:
    async with limited(settings, credential=100, anonymous=5) as app, client_at(app) as client:
        assert left(await client.get("/v1/me", headers=operator)) == {"credential": 99}
        answers = [await client.get(path, headers=bearer(f"made up {n}")) for n, path in enumerate(["/v1/me"] * 3)]
        answers += [await client.get("/docs", headers=bearer("a page of anyone's")), await client.get("/v1/nothing")]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 200, 404]
        assert [left(answer)["address"] for answer in answers] == [4, 3, 2, 1, 0]
        for headers in (bearer("yet another"), {}, {"Authorization": "Basic eDp5"}):
            refused(await client.get("/v1/me", headers=headers), "rate-limited")
        # A credential that was accepted here before is not taken for one of them.
        assert (await client.get("/v1/me", headers=operator)).status_code == 200


async def test_a_second_credential_in_the_same_request_is_no_way_out(settings: Settings, operator: Headers) -> None:
    async with limited(settings, credential=3, anonymous=3) as app, client_at(app) as client:
        for number in range(6):
            twice = [("Authorization", operator["Authorization"]), ("Authorization", f"Bearer x{number}")]
            answer = await client.get("/v1/me", headers=twice)
        refused(answer, "rate-limited")


async def test_a_revoked_credential_counts_as_none(settings: Settings, operator: Headers) -> None:
    async with limited(settings, credential=100, anonymous=3) as app, client_at(app) as client:
        key = done(await _new_key(client, operator), 201)
        headers = bearer(key["secret"])
        assert left(await client.get("/v1/me", headers=headers)) == {"credential": 99}
        assert (await client.delete(f"/v1/api-keys/{key['id']}", headers=operator)).status_code == 204
        statuses = [(await client.get("/v1/me", headers=headers)).status_code for _ in range(4)]
        assert statuses == [401, 401, 401, 429]


async def test_signing_in_has_a_stricter_quota(settings: Settings) -> None:
    async with (
        limited(settings, sign_in=3, anonymous=100) as app,
        client_at(app) as here,
        client_at(app, THERE) as there,
    ):
        tried = [await here.post(LINKS, json={}), await here.post(SESSIONS, json={}), await here.post(LINKS)]
        assert [left(answer)["sign-in"] for answer in tried] == [2, 1, 0]
        assert tried[0].headers["ratelimit-policy"] == '"sign-in";q=3;w=60, "address";q=100;w=60'
        for path in (LINKS, SESSIONS, "/v1/hubs/another-hub/sign-in-links"):
            answer = await here.post(path, json={}, headers=bearer("whoever"))
            refused(answer, "rate-limited")
            assert answer.headers["ratelimit-policy"] == '"sign-in";q=3;w=60'
        assert left(await here.get(SESSIONS)) == {"address": 96}
        assert left(await there.post(SESSIONS, json={}))["sign-in"] == 2


async def test_whatever_anyone_may_post_is_an_attempt_to_sign_in(settings: Settings) -> None:
    async with limited(settings, sign_in=1_000) as app, client_at(app) as client:
        document = (await client.get("/openapi.json")).json()
        public = [
            path
            for path, operations in document["paths"].items()
            if {} in operations.get("post", {}).get("security", []) and "/v1/sandbox/" not in path
        ]
        for path in [*public, LINKS, SESSIONS]:
            answer = await client.post(re.sub(r"\{\w+\}", "x", path), json={})
            assert "sign-in" in left(answer), path


async def test_health_is_not_limited(settings: Settings) -> None:
    async with limited(settings, anonymous=1, credential=1, sign_in=1) as app, client_at(app) as client:
        for _ in range(5):
            answer = await client.get("/health/live", headers=bearer("whoever"))
            assert answer.status_code == 200
            assert "ratelimit" not in answer.headers


async def test_a_quota_of_nought_is_none(settings: Settings, operator: Headers) -> None:
    async with limited(settings, credential=0, anonymous=2) as app, client_at(app) as client:
        for _ in range(5):
            answer = await client.get("/v1/me", headers=operator)
            assert answer.status_code == 200
        assert "ratelimit" not in answer.headers
        assert left(await client.get("/v1/nothing")) == {"address": 1}


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2", True),
    ],
)
async def test_an_ipv6_client_is_its_network(settings: Settings, one: str, other: str, together: bool) -> None:
    async with limited(settings, anonymous=5) as app, client_at(app, one) as first, client_at(app, other) as second:
        assert left(await first.get("/v1/nothing")) == {"address": 4}
        assert left(await second.get("/v1/nothing")) == {"address": 3 if together else 4}


def test_a_million_clients_do_not_fill_the_memory() -> None:
    buckets = Buckets("address", 5)
    keys = [f"client {number}" for number in range(1_000_000)]
    assert all(buckets.take(key, now=1_000.0) == 0 for key in keys)
    assert sum(map(buckets.knows, keys)) <= 2 * MOST_KEYS
    assert buckets.knows(keys[-1])


def test_nobody_gets_more_than_the_quota_for_coming_steadily() -> None:
    buckets = Buckets("address", 60)
    taken = sum(buckets.take("one", now=1_000 + tick / 10) == 0 for tick in range(10 * WINDOW_SECONDS * 5))
    assert 60 * 5 <= taken <= 60 * 6  # what can be used at once, and then as much a minute
