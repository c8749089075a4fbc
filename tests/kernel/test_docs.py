"""The pages that explain the service: complete, strict about what they load, and kind to caches."""

import gzip
import html
import json
import re

import httpx
import pytest

from app.kernel.docs import ASSETS, example_of
from app.kernel.problems import Problem

pytestmark = pytest.mark.anyio

PAGES = ("/docs", "/problems", "/problems/not-found")


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_loads_nothing_from_elsewhere(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "http" not in policy
    loaded = re.findall(r'<(?:link|script|img)[^>]+(?:href|src)="([^"]+)"', page.text)
    assert loaded
    for address in loaded:
        assert not address.startswith(("http:", "https:", "//"))
        found = await client.get(str(page.url.join(address)))
        assert found.status_code == 200
        assert found.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_the_page_to_try_things_on_runs_the_shipped_swagger_ui(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    scripts = re.findall(r'<script src="([^"]+)"', page)
    bundle, start = [(await client.get(f"/{address}")).text for address in scripts]
    assert "SwaggerUIBundle" in bundle
    assert "tryItOutEnabled: true" in start
    assert "persistAuthorization: true" in start
    assert "validatorUrl: null" in start
    assert "sourceMappingURL" not in bundle
    assert (await client.get("/openapi.json")).json()["openapi"].startswith("3.1")


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_that_has_not_changed_is_not_sent_again(client: httpx.AsyncClient, path: str) -> None:
    etag = (await client.get(path)).headers["etag"]
    again = await client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


async def test_assets_are_compressed_for_those_who_take_it(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    for address in re.findall(r'(?:href|src)="(docs/assets/[^"]+)"', page):
        plain = await client.get(f"/{address}", headers={"Accept-Encoding": "identity"})
        packed = await client.get(f"/{address}", headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.content == plain.content  # the client unpacks
        assert int(packed.headers["content-length"]) <= len(gzip.compress(plain.content)) + 32
        assert packed.headers["etag"] != plain.headers["etag"]
        assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("address", ["nope/docs.js", "0123456789abcdef/swagger-ui.css", "x/..%2f..%2fsettings.py"])
async def test_an_asset_that_is_not_there_is_a_problem(client: httpx.AsyncClient, address: str) -> None:
    answer = await client.get(f"/docs/assets/{address}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_every_problem_is_explained_with_an_example(client: httpx.AsyncClient) -> None:
    index = (await client.get("/problems")).text
    assert len(Problem.known) > 20
    for slug, kind in Problem.known.items():
        assert f'href="problems/{slug}"' in index
        page = (await client.get(f"/problems/{slug}")).text
        assert f"<h1>{html.escape(kind.title)}</h1>" in page
        (shown,) = re.findall(r"<pre>(.*?)</pre>", page, flags=re.DOTALL)
        body = json.loads(html.unescape(shown))
        assert body == example_of(kind)
        assert (body["status"], body["type"]) == (kind.status, f"/problems/{slug}")
        assert len(kind.__doc__ or "") > 40


async def test_a_problems_type_opens_its_page(client: httpx.AsyncClient) -> None:
    refused = await client.get("/v1/hubs")
    page = await client.get(refused.json()["type"])
    assert page.status_code == 200
    assert html.escape(refused.json()["title"]) in page.text


async def test_an_unknown_problem_is_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.get("/problems/no-such-thing")
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"


async def test_every_asset_is_used(client: httpx.AsyncClient) -> None:
    pages = "".join([(await client.get(path)).text for path in PAGES])
    assert all(f"/{name}" in pages for name in ASSETS)
