"""Calls from other origins' pages: from those that the settings name, and errors can be read too."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from app.kernel.settings import Settings
from tests.support.callers import Headers
from tests.support.refusals import refused
from tests.support.services import serving

pytestmark = pytest.mark.anyio

OURS, THEIRS = "https://app.larkspur.example", "https://elsewhere.example"


@pytest.fixture
async def page(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that lets pages of one origin call."""
    async with serving(settings.model_copy(update={"cors_origins": (OURS,)})) as client:
        yield client


def preflight(origin: str, method: str = "PATCH", headers: str = "authorization, content-type, if-match") -> Headers:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }


async def test_a_page_of_a_named_origin_may_call(page: httpx.AsyncClient) -> None:
    answer = await page.options("/v1/hubs", headers=preflight(OURS))
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == OURS
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower()
    for header in ("authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "x-request-id"):
        assert header in allowed


@pytest.mark.parametrize(
    "asked", [preflight(THEIRS), preflight(OURS, "TRACE"), preflight(OURS, headers="x-something-else")]
)
async def test_anything_else_is_refused_as_a_problem(page: httpx.AsyncClient, asked: Headers) -> None:
    answer = await page.options("/v1/hubs", headers=asked)
    refused(answer, "bad-request")
    assert answer.headers.get("access-control-allow-origin") != THEIRS


async def test_a_page_can_read_errors_too(page: httpx.AsyncClient, operator: Headers) -> None:
    for path, status in (("/v1/hubs", 401), ("/nothing", 404), ("/v1/hubs/x/events?x=1", 422)):
        answer = await page.get(path, headers={"Origin": OURS})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == OURS
        exposed = answer.headers["access-control-expose-headers"].lower()
        for header in ("etag", "link", "location", "retry-after", "idempotency-replayed", "x-request-id", "ratelimit"):
            assert header in exposed.split(", ")
    too_large = await page.post("/v1/hubs", content=b"x" * 3_000_000, headers={"Origin": OURS, **operator})
    assert too_large.status_code == 413
    assert too_large.headers["access-control-allow-origin"] == OURS


async def test_another_origins_page_cannot_read(page: httpx.AsyncClient) -> None:
    answer = await page.get("/health/live", headers={"Origin": THEIRS})
    assert "access-control-allow-origin" not in answer.headers


async def test_with_no_origin_named_no_page_may_call(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health/live", headers={"Origin": OURS})
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_health_and_metrics_need_no_credentials(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}
    assert (await client.get("/health/ready")).json() == {"status": "ready"}
    await client.get("/v1/hubs/somebody-s-hub/schools")
    metrics = await client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    route = 'route="/v1/hubs/{hub_id}/schools"'
    assert f'teachmeet_http_requests_total{{method="GET",{route},status="401"}}' in metrics.text
    assert "somebody-s-hub" not in metrics.text
    assert "teachmeet_writer_group_size_bucket" in metrics.text


async def test_a_page_can_read_that_it_asks_too_much_or_too_slowly(settings: Settings) -> None:
    narrow = {"cors_origins": (OURS,), "rate_limit_anonymous": 1, "body_seconds": 0.2}
    async with serving(settings.model_copy(update=narrow)) as page:

        async def never_whole() -> AsyncIterator[bytes]:
            yield b'{"name": '
            await asyncio.sleep(5)

        slow = await page.post(
            "/v1/hubs",
            content=never_whole(),
            headers={"Origin": OURS, "Content-Type": "application/json"},
        )
        refused(slow, "request-timeout")
        limited = await page.get("/v1/nothing", headers={"Origin": OURS})
        refused(limited, "rate-limited")
        for answer in (slow, limited):
            assert answer.headers["access-control-allow-origin"] == OURS
            exposed = answer.headers["access-control-expose-headers"].lower().split(", ")
            assert {"retry-after", "ratelimit", "ratelimit-policy"} <= set(exposed)
