"""The pages that explain the service: complete, strict about what they load, and kind to caches."""

import gzip
import html
import json
import re

import httpx
import pytest
from fastapi import FastAPI

from app.kernel.problems import Problem
from app.kernel.settings import Settings
from app.main import create_app
from app.manual.guides import BY_NAME
from app.manual.problem_pages import DIALECTS, example_of
from app.manual.shell import SCRIPTS, STYLE
from app.sandbox import credentials

pytestmark = pytest.mark.anyio

PAGES = (
    "/docs",
    "/docs/reference",
    "/docs/guides",
    *(f"/docs/guides/{name}" for name in BY_NAME),
    "/docs/errors",
    "/problems",
    "/problems/not-found",
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The service of which only pages are asked: no database is touched."""
    file = tmp_path_factory.mktemp("pages") / "none.sqlite"
    return create_app(Settings(_env_file=None, database_url=f"sqlite:///{file}", log_level="warning"))


@pytest.fixture
def client(service: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url="http://testserver")


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_loads_nothing_from_elsewhere(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert not re.search(r"<script(?![^>]+src=)|<style|\son\w+=|\sstyle=", page.text)
    loaded = re.findall(r'<(?:link|script|img)[^>]+(?:href|src)="([^"]+)"', page.text)
    assert len(loaded) == 2 + len(SCRIPTS)
    for address in loaded:
        assert not address.startswith(("http:", "https:", "//"))
        found = await client.get(str(page.url.join(address)))
        assert found.status_code == 200
        assert found.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_every_link_between_the_pages_leads_somewhere(client: httpx.AsyncClient) -> None:
    ids = {}
    wanted = set()
    for path in PAGES:
        page = await client.get(path)
        there = re.findall(r'\sid="([^"]+)"', page.text)
        assert len(there) == len(set(there)), f"an id twice on {path}"
        ids[str(page.url)] = set(there)
        for to in re.findall(r'<a[^>]+href="([^"]+)"', page.text):
            address = str(page.url.join(html.unescape(to)))
            wanted |= {address} if address.startswith("http://testserver/") else set()
    for address in sorted(wanted):
        where, _, fragment = address.partition("#")
        if where not in ids:
            answer = await client.get(where)
            assert answer.status_code == 200, address
            ids[where] = set(re.findall(r'\sid="([^"]+)"', answer.text))
        assert not fragment or fragment in ids[where], address


@pytest.mark.parametrize("path", ["/docs", "/problems/not-found"])
async def test_a_page_that_has_not_changed_is_not_sent_again(client: httpx.AsyncClient, path: str) -> None:
    etag = (await client.get(path)).headers["etag"]
    again = await client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/docs", "/docs/assets"])
async def test_what_is_sent_is_compressed_for_those_who_take_it(client: httpx.AsyncClient, path: str) -> None:
    page = (await client.get("/docs")).text
    assets = [f"/{each}" for each in re.findall(r'(?:href|src)="(docs/assets/[^"]+)"', page)]
    for address in assets if path == "/docs/assets" else [path]:
        plain = await client.get(address, headers={"Accept-Encoding": "identity"})
        packed = await client.get(address, headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.content == plain.content  # the client unpacks
        assert int(packed.headers["content-length"]) <= 1.2 * len(gzip.compress(plain.content))
        assert packed.headers["etag"] != plain.headers["etag"]
        assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("address", ["nope/manual.js", f"0123456789abcdef/{STYLE}", "x/..%2f..%2fsettings.py"])
async def test_an_asset_that_is_not_there_is_a_problem(client: httpx.AsyncClient, address: str) -> None:
    answer = await client.get(f"/docs/assets/{address}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_every_operation_can_be_tried_and_is_described(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    tried, described = [(await client.get(path)).text for path in ("/docs", "/docs/reference")]
    operations = [each for there in document["paths"].values() for each in there.values()]
    assert len(operations) > 100
    for operation in operations:
        assert f'<details class="operation" id="{operation["operationId"]}"' in tried
        assert f'<div class="described" id="{operation["operationId"]}"' in described
    assert tried.count("<form data-method=") == len(operations)
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in described


async def test_the_usual_address_of_a_reference_leads_to_ours(client: httpx.AsyncClient) -> None:
    answer = await client.get("/redoc", follow_redirects=True)
    assert answer.status_code == 200
    assert str(answer.url) == "http://testserver/docs/reference"


async def test_keys_are_shown_in_the_sandbox_only(
    client: httpx.AsyncClient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("sandbox") / "none.sqlite"
    playground = create_app(Settings(_env_file=None, database_url=f"sqlite:///{file}", sandbox=True))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(playground), base_url="http://testserver") as other:
        shown = (await other.get("/docs")).text
    assert all(f">{each.secret}<" in shown for each in credentials.ALL)
    assert 'id="reset"' in shown
    elsewhere = (await client.get("/docs")).text
    assert 'class="key"' not in elsewhere
    assert '<option value="tm' not in elsewhere
    assert 'id="reset"' not in elsewhere


async def test_every_problem_is_explained_with_an_example(client: httpx.AsyncClient) -> None:
    index = (await client.get("/problems")).text
    assert len(Problem.known) > 50
    for slug, kind in Problem.known.items():
        assert f'href="problems/{slug}"' in index
        page = (await client.get(f"/problems/{slug}")).text
        assert f"<h1>{html.escape(kind.title, quote=False).replace(chr(39), '&#39;')}</h1>" in page
        if slug not in DIALECTS:
            shown = re.findall(
                r"<figcaption>application/problem\+json</figcaption><pre[^>]*><code>(.*?)</code>", page, re.DOTALL
            )
            body = json.loads(html.unescape(shown[0]))
            assert body == example_of(kind)
            assert (body["status"], body["type"]) == (kind.status, f"/problems/{slug}")


async def test_a_problems_type_opens_its_page(client: httpx.AsyncClient) -> None:
    refused = await client.get("/v1/hubs")
    page = await client.get(refused.json()["type"])
    assert page.status_code == 200
    assert html.escape(refused.json()["title"]) in page.text


@pytest.mark.parametrize("path", ["/problems/no-such-thing", "/docs/guides/no-such-thing", "/docs/nothing"])
async def test_a_page_that_is_not_there_is_a_problem(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"
