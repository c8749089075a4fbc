"""The frontend shuts nobody out, asks nobody else, and finds things."""

import re

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.frontend.conftest import FOLDER
from tests.frontend.visits import FULL, LAPTOP, MAIN, OPEN, TODAY, at_home, event_of, sign_in
from tests.support.browser import violations
from tests.support.forms import form
from tests.support.server import Server

VIEWS = [(LAPTOP, False), (320, True), (LAPTOP, True), (320, False)]
SHORTEN = "document.querySelectorAll('.cards li:nth-child(n+7), .tables li:nth-child(n+7)').forEach(it => it.remove())"
"""Of what one template makes dozens of, a few are looked at."""


@pytest.mark.parametrize(("width", "dark"), form(short=VIEWS[:2], full=VIEWS))
def test_shuts_nobody_out(
    fresh: httpx.Client, sandbox: Server, frontend: str, chromium: Browser, width: int, dark: bool
) -> None:
    main, open_, full, today = (event_of(fresh, each) for each in (MAIN, OPEN, FULL, TODAY))
    with at_home(chromium, frontend, width=width, dark=dark, strict=False) as visit:
        page = visit.page

        def look(path: str, seen: str) -> None:
            page.goto(path)
            expect(page.locator("main")).to_contain_text(seen)
            page.evaluate(form(short=SHORTEN, full="0"))
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert page.locator("h1").count() == 1

        look("/#/events", "Coming up")
        look("/#/sign-in", "People of the sandbox")
        look(f"/#/events/{main}", "Seats are live")
        sign_in(page, "teacher")
        look(f"/#/events/{today}/itinerary", "Seats are live")
        look(f"/#/events/{main}/wishes", "Save my wishes")
        look(f"/#/events/{full}", "Join the waitlist")
        page.get_by_text("Is there anything that you need?").click()
        assert violations(page) == []
        sign_in(page, "organiser")
        look(f"/#/events/{open_}/people", "Register a colleague")
        page.get_by_role("button", name=re.compile("^Cancel the registration of")).first.click()
        assert violations(page) == []
        assert visit.noted.complaints == []
        assert [each for each in visit.noted.elsewhere if not each.startswith(f"{sandbox.url}/v1/")] == []


def test_the_content_is_one_key_away(fresh: httpx.Client, frontend: str, chromium: Browser) -> None:
    with at_home(chromium, frontend) as visit:
        page = visit.page
        page.goto(f"/#/events/{event_of(fresh, MAIN)}")
        expect(page.get_by_label("Search")).to_be_visible()
        address = page.url
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="All evenings")).to_be_focused()
        assert page.url == address
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1, name="Teach Meets")).to_be_focused()
        assert visit.noted.complaints == []


def test_finds_presentations_without_accents(fresh: httpx.Client, frontend: str, chromium: Browser) -> None:
    with at_home(chromium, frontend) as visit:
        page = visit.page
        page.goto(f"/#/events/{event_of(fresh, MAIN)}")
        page.get_by_label("Search").fill("grainne")
        expect(page.locator(".talk h3")).to_have_text(["Diagrams that children draw"])
        page.get_by_role("button", name="Show all").click()
        page.get_by_label("Subject").select_option("Computing")
        page.get_by_label("Key stage").select_option("KS1")
        expect(page.locator(".talk h3")).to_have_text(["Algorithms with cups and string"])


def test_parses_no_html_and_needs_no_build() -> None:
    """What makes a page of words: the browser refuses it besides, by the page's policy."""
    scripts = {path: path.read_text() for path in FOLDER.rglob("*.js")}
    unsafe = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")
    assert len(scripts) > 10
    assert [path.name for path, text in scripts.items() if unsafe.search(text)] == []
    assert "require-trusted-types-for 'script'" in (FOLDER / "index.html").read_text()
    imported = [name for text in scripts.values() for name in re.findall(r'from "([^"]+)"', text)]
    assert [name for name in imported if not name.startswith(".")] == []
