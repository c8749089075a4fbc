"""What every answer tells browsers and caches, whatever the answer is."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest

from app.kernel.operations import Writing, writes
from app.kernel.routing import router
from app.kernel.settings import Settings
from tests.support import made
from tests.support.callers import Headers, Organiser
from tests.support.services import serving

pytestmark = pytest.mark.anyio

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGES = ("/docs", "/problems", "/problems/not-found")
OURS = "https://app.larkspur.example"
EVERYWHERE = [
    ("GET", "/health/live", 200),
    ("GET", "/health/ready", 200),
    ("GET", "/metrics", 200),
    ("GET", "/openapi.json", 200),
    ("HEAD", "/health/live", 200),
    ("OPTIONS", "/v1/hubs/x", 204),
    ("GET", "/v1/me", 401),
    ("GET", "/v1/nothing", 404),
    ("PUT", "/v1/hubs/x", 405),
    ("POST", "/v1/hubs/x/schools", 401),
    ("GET", "/v1/hubs/x/events?x=1", 422),
    *(("GET", path, 200) for path in PAGES),
]


@pytest.mark.parametrize(("method", "path", "status"), EVERYWHERE)
async def test_every_answer_has_them(client: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    for name, value in ALWAYS.items():
        assert answer.headers.get_list(name) == [value]
    (policy,) = answer.headers.get_list("content-security-policy")
    if path in PAGES:
        assert policy.startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "camera=()" in answer.headers["permissions-policy"]
    else:
        assert policy == API_POLICY
    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_lets_scripts_or_styles_be_written_into_it(client: httpx.AsyncClient, path: str) -> None:
    policy = (await client.get(path)).headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "*" not in policy


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_that_has_not_changed_keeps_its_policy(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    again = await client.get(path, headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304
    for name in ("content-security-policy", "cache-control", "etag"):
        assert again.headers.get_list(name) == page.headers.get_list(name)


async def test_where_the_world_finds_it_by_https_it_stays_there(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"public_url": "https://api.larkspur.example"})) as client:
        for path in ("/health/live", "/docs", "/v1/nothing"):
            assert (await client.get(path)).headers["strict-transport-security"] == "max-age=31536000"


async def test_what_is_not_public_is_kept_by_nobody(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    its = f"/v1/hubs/{hub.hub_id}"
    event = f"/v1/events/{(await made.event(organiser, hub.hub_id))['id']}"
    for path in (f"{its}/teachers", f"{its}/schools", f"{event}/registrations", "/v1/me", event, f"{event}/programme"):
        answer = await organiser.get(path)
        assert answer.status_code == 200, path
        assert answer.headers.get_list("cache-control") == ["no-store"], path
        unchanged = await organiser.get(path, headers={"If-None-Match": answer.headers.get("etag", '"x"')})
        assert unchanged.headers.get_list("cache-control") == ["no-store"], path
    refusals = [
        await client.get(f"{its}/teachers"),
        await client.get("/v1/nothing"),
        await organiser.get("/v1/hubs?x=1"),
    ]
    refusals += [await client.get(f"/v1/events/{hub.hub_id}/programme")]
    for answer in refusals:
        assert answer.status_code >= 400
        assert answer.headers.get_list("cache-control") == ["no-store"]


async def test_what_is_public_may_be_kept_but_not_shown_to_those_with_credentials(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    event = f"/v1/events/{(await made.event(organiser, hub.hub_id))['id']}"
    for path in (event, f"{event}/programme", f"{event}/marketplace"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert "no-store" not in answer.headers.get("cache-control", "")
        assert answer.headers["vary"] == "Authorization"
        assert answer.headers["etag"]


public = router("Anyone")


@public.post("/signed-in")
async def signed_in(write: Annotated[Writing, writes(public=True)]) -> dict[str, str]:
    """Hands out what is one person's alone, to somebody who has no credential yet."""
    return {"path": write.request.url.path}


async def test_what_is_handed_out_to_one_is_kept_by_nobody(settings: Settings) -> None:
    async with serving(settings, routes=public) as client:
        answer = await client.post("/signed-in")
        assert answer.status_code == 200
        assert answer.headers.get_list("cache-control") == ["no-store"]


@pytest.fixture
async def page(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(settings.model_copy(update={"cors_origins": (OURS,)})) as client:
        yield client


async def test_calls_from_other_origins_have_them_too(page: httpx.AsyncClient, operator: Headers) -> None:
    asked = {"Origin": OURS, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    preflights = [await page.options("/v1/me", headers=asked)]
    preflights += [await page.options("/v1/me", headers={**asked, "Access-Control-Request-Method": "TRACE"})]
    answers = [await page.get("/v1/me", headers={"Origin": OURS, **operator})]
    assert [answer.status_code for answer in [*preflights, *answers]] == [200, 400, 200]
    for answer in [*preflights, *answers]:
        for name, value in ALWAYS.items():
            assert answer.headers.get_list(name) == [value]
    assert "Origin" in answers[0].headers["vary"]
