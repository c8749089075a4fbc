"""The page on which a link is used: complete by itself, strict about what it loads, and quick to forget the token."""

import re

import httpx
import pytest

pytestmark = pytest.mark.anyio


async def test_the_page_loads_its_own_script_and_nothing_else(client: httpx.AsyncClient) -> None:
    page = await client.get("/sign-in")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"<script(?![^>]+src=)|\son\w+=|style=", page.text)
    loaded = re.findall(r'<(?:link|script|img)[^>]+(?:href|src)="([^"]+)"', page.text)
    assert len(loaded) == 2
    for address in loaded:
        asset = await client.get(str(page.url.join(address)))
        assert asset.status_code == 200
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    again = await client.get("/sign-in", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_script_takes_the_token_out_of_the_address_and_waits_for_a_click(client: httpx.AsyncClient) -> None:
    page = await client.get("/sign-in")
    (address,) = re.findall(r'<script src="([^"]+)"', page.text)
    script = (await client.get(f"/{address}")).text
    begin, _, rest = script.partition("history.replaceState")
    assert "location.hash" in begin
    assert "fetch(" not in begin
    assert re.search(r'addEventListener\("submit".*"v1/sessions"', rest, flags=re.DOTALL)
    for kept in ("localStorage", "sessionStorage", "document.cookie", "innerHTML", "http:", "https:"):
        assert kept not in script


async def test_an_asset_that_is_not_there_is_a_problem(client: httpx.AsyncClient) -> None:
    for address in ("0123456789abcdef/sign-in.js", "x/..%2fpage.py"):
        answer = await client.get(f"/sign-in/assets/{address}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
