"""What the frontend shows when it is refused, kept waiting, or left alone."""

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.frontend.visits import LAPTOP, OPEN, TODAY, at_home, event_of, registrations, row, sign_in


def test_an_organiser_is_shown_which_fields_are_wrong(fresh: httpx.Client, frontend: str, chromium: Browser) -> None:
    event = event_of(fresh, OPEN)
    with at_home(chromium, frontend, width=LAPTOP) as visit:
        page = visit.page
        sign_in(page, "organiser")
        page.goto(f"/#/events/{event}/people")
        page.get_by_label("First name").fill("Wren")
        page.get_by_label("E-mail address").fill("wren at larkspur")
        page.get_by_role("button", name="Register", exact=True).click()
        email, school = page.get_by_label("E-mail address"), page.get_by_label("School")
        for each in (email, school):
            expect(each).to_have_attribute("aria-invalid", "true")
            expect(page.locator(f"#{each.get_attribute('aria-describedby')}")).not_to_be_empty()
        expect(page.get_by_label("First name")).not_to_have_attribute("aria-invalid", "true")
        expect(email).to_be_focused()
        expect(page.get_by_label("First name")).to_have_value("Wren")
        email.fill("wren.okonjo@larkspur.example")
        school.select_option(label="Bramble Hill Primary School")
        page.get_by_role("button", name="Register", exact=True).click()
        expect(page.locator(".notice")).to_contain_text("Wren is registered.")
        expect(page.get_by_label("First name")).to_have_value("")
        page.get_by_label("Name", exact=True).fill("wren")
        expect(page.locator(".people li")).to_have_count(1)
    assert [each["status"] for each in registrations(fresh, event, q="wren")] == ["confirmed"]


def test_a_busy_service_is_asked_again_with_the_same_key(fresh: httpx.Client, frontend: str, chromium: Browser) -> None:
    event = event_of(fresh, OPEN)
    keys: list[str | None] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/registrations"):
            keys.append(request.header_value("Idempotency-Key"))

    with at_home(chromium, frontend) as visit:
        page = visit.page
        page.on("requestfinished", note)
        page.goto("/?fault=unavailable&fault-on=POST&fault-times=3")
        sign_in_here(page, "teacher")
        page.evaluate(f"location.hash = '#/events/{event}'")
        page.get_by_role("button", name="Register", exact=True).click()
        expect(page.locator("#banner")).to_contain_text("Trying again in 2 s")
        expect(page.locator(".notice")).to_contain_text("The service is very busy")
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("heading", name="You have a place")).to_be_visible()
    assert len(keys) == 4
    assert len(set(keys)) == 1
    assert keys[0]


def test_too_many_requests_are_waited_out(fresh: httpx.Client, frontend: str, chromium: Browser) -> None:
    with at_home(chromium, frontend) as visit:
        visit.page.goto("/?fault=rate-limited&fault-times=1")
        expect(visit.page.locator("#banner")).to_have_text("That was a lot at once. Trying again in 2 s…")
        expect(visit.page.get_by_role("heading", name="Coming up")).to_be_visible()


def sign_in_here(page: Page, role: str) -> None:
    """Without leaving the address's `?…`."""
    page.evaluate("location.hash = '#/sign-in'")
    page.get_by_role("button", name=f"Sign in as {role}", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.wait_for_url("**#/events")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("table-full", "Somebody was quicker"),
        ("presenting-in-round", "You present in this round"),
        ("event-over", "This evening is over"),
        ("internal-error", "Something went wrong"),
    ],
)
def test_each_refusal_has_its_words(
    fresh: httpx.Client, frontend: str, chromium: Browser, fault: str, words: str
) -> None:
    event = event_of(fresh, TODAY)
    with at_home(chromium, frontend) as visit:
        page = visit.page
        page.goto(f"/?fault={fault}&fault-on=PUT")
        sign_in_here(page, "teacher")
        page.evaluate(f"location.hash = '#/events/{event}/itinerary'")
        page.get_by_role("button", name="Change the table of round 1").click()
        row(page, 6).get_by_role("button", name="Move here").click()
        expect(page.locator(".notice")).to_contain_text(words)
        expect(page.locator("#foot")).to_contain_text(f"Fault on request: {fault}")
        expect(row(page, 1)).to_contain_text("Your seat")


def test_slow_answers_are_announced_and_lost_sign_ins_lead_back(
    fresh: httpx.Client, frontend: str, chromium: Browser
) -> None:
    event = event_of(fresh, TODAY)
    with at_home(chromium, frontend) as visit:
        page = visit.page
        page.goto("/?fault=slow&fault-times=1")
        expect(page.locator("#banner")).to_have_text("This is taking longer than usual…")
        expect(page.get_by_role("heading", name="Coming up")).to_be_visible()
        expect(page.locator("#banner")).to_be_hidden()
        sign_in(page, "teacher")
        fresh.delete("/v1/sessions/current", headers={"Authorization": "Bearer tms_sandbox_teacher"})
        page.evaluate(f"location.hash = '#/events/{event}'")
        expect(page.locator(".notice")).to_contain_text("Please sign in again")
        # A reset brings the session that everybody knows back.
        fresh.post("/v1/sandbox/reset").raise_for_status()
        page.get_by_role("button", name="Sign in as teacher", exact=True).click()
        page.wait_for_url(f"**/#/events/{event}")
        expect(page.get_by_role("heading", name="You have a place")).to_be_visible()
        page.context.set_offline(True)
        page.get_by_role("link", name="All evenings").click()
        expect(page.locator(".notice")).to_contain_text("You are offline")
        page.context.set_offline(False)
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("heading", name="Coming up")).to_be_visible()
