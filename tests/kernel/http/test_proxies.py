"""Behind proxies: what a trusted one says of its client counts, and nothing that anybody else says."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request

from app.kernel.routing import router
from app.kernel.settings import Settings, SettingsError, read_settings
from app.main import create_app
from tests.support.databases import settings_for

pytestmark = pytest.mark.anyio

TRUSTED = ("10.0.0.0/8", "2001:db8:1::/48", "192.0.2.200")
PROXY, STRANGER = "10.0.0.5", "198.51.100.9"
CLIENT = "203.0.113.7"
whoami = router("Who am I")


@whoami.get("/who-am-i")
async def who_am_i(request: Request) -> list[str]:
    """Whom the service takes the client for."""
    assert request.client is not None
    return [request.client.host, request.url.scheme]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"trusted_proxies": TRUSTED})


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    service = create_app(settings)
    service.include_router(whoami)
    async with service.router.lifespan_context(service):
        yield service


async def seen(app: FastAPI, peer: str, *fields: tuple[str, str]) -> list[str]:
    transport = httpx.ASGITransport(app, client=(peer, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        found: list[str] = (await client.get("/who-am-i", headers=list(fields))).json()
        return found


def chain(value: str) -> tuple[str, str]:
    return ("X-Forwarded-For", value)


@pytest.mark.parametrize(
    ("peer", "fields", "client"),
    [
        pytest.param(PROXY, [chain(CLIENT)], CLIENT, id="one proxy"),
        pytest.param(PROXY, [chain(f"{CLIENT}, 10.1.1.1")], CLIENT, id="two proxies"),
        pytest.param(PROXY, [chain(CLIENT), chain("10.1.1.1")], CLIENT, id="two proxies on two lines"),
        pytest.param(PROXY, [chain(f"192.0.2.66, {CLIENT}")], CLIENT, id="the client adds one in front"),
        pytest.param(PROXY, [chain(f"10.0.0.1, {CLIENT}, 10.1.1.1")], CLIENT, id="and names a trusted one"),
        pytest.param(PROXY, [chain("10.2.2.2, 10.1.1.1")], "10.2.2.2", id="all trusted: the farthest"),
        pytest.param(PROXY, [chain(f"{CLIENT}:4711")], CLIENT, id="with a port"),
        pytest.param(PROXY, [chain("[2001:db8:9::1]:4711")], "2001:db8:9::1", id="IPv6 with a port"),
        pytest.param(PROXY, [chain("2001:db8:9::1")], "2001:db8:9::1", id="IPv6 without one"),
        pytest.param("2001:db8:1::5", [chain(CLIENT)], CLIENT, id="an IPv6 proxy"),
        pytest.param("::ffff:10.0.0.5", [chain(CLIENT)], CLIENT, id="a mapped address of a proxy"),
        pytest.param(PROXY, [chain(f"{CLIENT}, unknown")], PROXY, id="unreadable: nothing beyond it is believed"),
        pytest.param(PROXY, [chain("")], PROXY, id="empty"),
        pytest.param(PROXY, [], PROXY, id="a trusted one that says nothing"),
        pytest.param(PROXY, [("Forwarded", f"for={CLIENT}")], CLIENT, id="RFC 7239"),
        pytest.param(PROXY, [("Forwarded", 'For="[2001:db8:9::1]:80";by=10.0.0.5')], "2001:db8:9::1", id="and quoted"),
        pytest.param(PROXY, [("Forwarded", f"for=192.0.2.66, for={CLIENT}, for=10.1.1.1")], CLIENT, id="and a chain"),
        pytest.param(PROXY, [("Forwarded", "for=_hidden")], PROXY, id="and hidden"),
        pytest.param(PROXY, [chain(CLIENT), ("Forwarded", f"for={CLIENT}")], CLIENT, id="both, agreeing"),
        pytest.param(
            PROXY, [chain(CLIENT), ("Forwarded", "for=192.0.2.66")], PROXY, id="both, and one is the client's"
        ),
        pytest.param(STRANGER, [chain(CLIENT)], STRANGER, id="nobody we trust"),
        pytest.param(STRANGER, [chain("10.0.0.1")], STRANGER, id="nobody we trust, naming a proxy"),
        pytest.param(STRANGER, [("Forwarded", f"for={CLIENT}")], STRANGER, id="nobody we trust, by RFC 7239"),
        pytest.param("127.0.0.1", [chain(CLIENT)], "127.0.0.1", id="this machine is not trusted unasked"),
        pytest.param("192.0.2.201", [chain(CLIENT)], "192.0.2.201", id="the neighbour of one we trust"),
    ],
)
async def test_who_the_client_is(app: FastAPI, peer: str, fields: list[tuple[str, str]], client: str) -> None:
    assert (await seen(app, peer, *fields))[0] == client


@pytest.mark.parametrize(
    ("peer", "fields", "scheme"),
    [
        (PROXY, [("X-Forwarded-Proto", "https")], "https"),
        (PROXY, [chain(CLIENT), ("X-Forwarded-Proto", "HTTPS")], "https"),
        (PROXY, [chain(f"{CLIENT}, 10.1.1.1"), ("X-Forwarded-Proto", "https, http")], "https"),
        (PROXY, [chain(f"192.0.2.66, {CLIENT}"), ("X-Forwarded-Proto", "https, http")], "http"),
        (PROXY, [("Forwarded", f"for={CLIENT};proto=https")], "https"),
        (PROXY, [chain(CLIENT), ("X-Forwarded-Proto", "javascript")], "http"),
        (STRANGER, [chain(CLIENT), ("X-Forwarded-Proto", "https")], "http"),
        (STRANGER, [("Forwarded", f"for={CLIENT};proto=https")], "http"),
    ],
)
async def test_the_scheme_that_the_client_used(
    app: FastAPI, peer: str, fields: list[tuple[str, str]], scheme: str
) -> None:
    assert (await seen(app, peer, *fields))[1] == scheme


async def test_clients_behind_a_proxy_have_quotas_of_their_own(settings: Settings) -> None:
    service = create_app(settings.model_copy(update={"rate_limit_anonymous": 2}))
    transport = httpx.ASGITransport(service, client=(PROXY, 40_000))
    proxy = httpx.AsyncClient(transport=transport, base_url="http://testserver")
    async with service.router.lifespan_context(service), proxy:
        for client, status in ((CLIENT, 404), (CLIENT, 404), (CLIENT, 429), ("203.0.113.8", 404), (CLIENT, 429)):
            answer = await proxy.get("/v1/nothing", headers=[chain(f"192.0.2.66, {client}")])
            assert answer.status_code == status


async def test_without_proxies_nobody_is_believed(settings: Settings) -> None:
    service = create_app(settings.model_copy(update={"trusted_proxies": ()}))
    service.include_router(whoami)
    async with service.router.lifespan_context(service):
        assert await seen(service, PROXY, chain(CLIENT), ("X-Forwarded-Proto", "https")) == [PROXY, "http"]


@pytest.mark.parametrize("wrong", ["localhost", "10.0.0.1/8", "10.0.0.0/33", "*", "10.0.0.1; 10.0.0.2"])
def test_a_setting_that_is_no_address_stops_the_start(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEACHMEET_TRUSTED_PROXIES", f"10.0.0.0/8,{wrong}")
    with pytest.raises(SettingsError, match=r"TEACHMEET_TRUSTED_PROXIES.*IP addresses or networks") as refusal:
        read_settings()
    assert wrong not in str(refusal.value).replace("10.0.0.0/8", "")


def test_addresses_and_networks_may_be_mixed() -> None:
    assert settings_for("sqlite:///x", trusted_proxies="10.0.0.0/8, 2001:db8::1").trusted_proxies[1] == "2001:db8::1"
