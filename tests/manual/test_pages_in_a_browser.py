"""The pages in a real browser with the network cut: they render, send requests, ask nobody else, shut nobody out."""

import re

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from app.manual.guides import BY_NAME
from tests.manual.conftest import EVENT
from tests.support.browser import Visit, violations, visiting
from tests.support.forms import form
from tests.support.server import Server

GUIDES = [f"/docs/guides/{name}" for name in BY_NAME]
PAGES = ["/docs", "/docs/reference", "/docs/guides", *GUIDES, "/docs/errors", "/problems", "/problems/table-full"]
PHONE = 320
VIEWS = [(1280, True), (PHONE, False), (1280, False), (PHONE, True)]
SHORTEN = "document.querySelectorAll('.described:nth-child(n+4), .provoked:nth-child(n+9)').forEach(it => it.remove())"
"""Of what one template makes hundreds of, a few are looked at: axe-core takes half a minute for all."""


@pytest.mark.parametrize(("width", "dark"), form(short=VIEWS[:2], full=VIEWS))
def test_pages_render_and_shut_nobody_out(sandbox: Server, chromium: Browser, width: int, dark: bool) -> None:
    with visiting(chromium, sandbox.url, width=width, dark=dark, strict=False) as visit:
        for path in PAGES:
            visit.page.goto(path)
            assert visit.page.locator("h1").count() == 1
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, path
            visit.page.evaluate(form(short=SHORTEN, full="0"))
            assert violations(visit.page) == [], path
        assert (visit.noted.elsewhere, visit.noted.complaints) == ([], [])


def test_operations_that_are_open_shut_nobody_out_either(sandbox: Server, chromium: Browser) -> None:
    for width in (1280, PHONE):
        with visiting(chromium, sandbox.url, width=width, dark=width == PHONE, strict=False) as visit:
            operation = opened(visit, "register")
            operation.get_by_label("event_id").fill(EVENT)
            operation.get_by_role("button", name="Send").click()
            expect(operation.locator("[data-outcome] strong")).to_be_visible()
            opened(visit, "start_import", go=False)
            assert violations(visit.page) == []
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


def opened(visit: Visit, name: str, *, go: bool = True) -> Page:
    """An operation of the page to try things on, opened as a link to it does."""
    if go:
        visit.page.goto(f"/docs#{name}")
    else:
        visit.page.evaluate(f"location.hash = '{name}'")
    operation = visit.page.locator(f"details#{name}")
    expect(operation).to_have_attribute("open", "")
    return operation  # type: ignore[return-value]  # a locator looks for what it is asked as a page does


def test_a_request_is_tried_out(fresh: httpx.Client, sandbox: Server, chromium: Browser) -> None:
    with visiting(chromium, sandbox.url) as visit:
        operation = opened(visit, "register")
        visit.page.get_by_label("Send as").select_option(label="organiser")
        operation.get_by_label("event_id").fill(EVENT)
        operation.get_by_label("Idempotency-Key").fill("from-the-page")
        operation.get_by_label("Body").fill('{"teacher_id": "01a1bf52-3c00-7005-8000-000000000001"}')
        operation.get_by_role("button", name="Send").click()
        expect(operation.locator("[data-outcome] strong")).to_have_text(re.compile("^201"))
        assert '"status": "confirmed"' in operation.get_by_label("Body", exact=True).last.inner_text()
        shown = operation.get_by_label("The same on the command line").inner_text()
        assert "-H 'Authorization: Bearer tm_sandbox_organiser'" in shown
        assert visit.noted.elsewhere == visit.noted.complaints == []
    there = fresh.get(f"/v1/events/{EVENT}").json()
    assert there["confirmed_count"] == 9


def test_a_problem_leads_to_its_page_and_reset_brings_all_back(
    fresh: httpx.Client, sandbox: Server, chromium: Browser
) -> None:
    fresh.put("/v1/sandbox/clock", json={"now": "2027-06-01T12:00:00+00:00", "frozen": True}).raise_for_status()
    with visiting(chromium, sandbox.url) as visit:
        visit.page.goto("/docs")
        visit.page.get_by_role("button", name="Reset the sandbox").click()
        expect(visit.page.locator("#reset-done")).to_have_text("Everything is as it was at the start.")
        assert fresh.get("/v1/sandbox/clock").json()["now"].startswith("2026-11-23T09:0")
        operation = opened(visit, "get_me")
        operation.get_by_role("button", name="Send").click()
        operation.get_by_role("link", name="What unauthenticated means").click()
        expect(visit.page.get_by_role("heading", level=1)).to_have_text("Valid credentials are needed")
        assert visit.noted.elsewhere == []


def test_everything_can_be_done_with_the_keyboard(fresh: httpx.Client, sandbox: Server, chromium: Browser) -> None:
    with visiting(chromium, sandbox.url) as visit:
        page = visit.page
        page.goto("/docs")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        page.get_by_label("Find an operation").focus()
        page.keyboard.type("get /v1/me whose")
        page.keyboard.press("Control+A")
        page.keyboard.type("get_me")
        expect(page.locator("#filter-done")).to_have_text("1 operation")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        operation = page.locator("details#get_me")
        expect(operation).to_have_attribute("open", "")
        for _ in range(12):
            if operation.get_by_role("button", name="Send").evaluate("(it) => it === document.activeElement"):
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(operation.locator("[data-outcome] strong")).to_have_text(re.compile("^401"))


def test_a_page_prints_without_what_is_for_the_screen(sandbox: Server, chromium: Browser) -> None:
    with visiting(chromium, sandbox.url) as visit:
        visit.page.goto("/docs/guides/getting-started")
        visit.page.emulate_media(media="print")
        expect(visit.page.locator("header.top")).to_be_hidden()
        expect(visit.page.get_by_role("button", name="Copy").first).to_be_hidden()
        expect(visit.page.locator("h1")).to_be_visible()
        assert len(visit.page.pdf()) > 10_000
