"""A teacher's way through the frontend, on a phone, while others do things, too."""

import re

import httpx
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.frontend.visits import (
    FULL,
    MAIN,
    TODAY,
    at_home,
    event_of,
    registrations,
    row,
    sign_in,
    take,
)
from tests.support.server import Server

EMAIL = "angharad.llywelynrees@gableend.example"


def sign_in_by_link(page: Page) -> None:
    page.get_by_label("Your e-mail address at school").fill(EMAIL)
    page.get_by_role("button", name="Send me a link").click()
    page.get_by_role("link", name="Open the link from the mail").click()
    # Nothing is sent before somebody presses the button: a mail scanner that opens links must not use it up.
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_waits_and_is_promoted(fresh: httpx.Client, frontend: str, chromium: Browser) -> None:
    event = event_of(fresh, FULL)
    with at_home(chromium, frontend) as visit:
        page = visit.page
        page.goto(f"/#/events/{event}")
        page.get_by_role("button", name="Sign in to register").click()
        sign_in_by_link(page)
        page.wait_for_url(f"**/#/events/{event}")
        assert "token" not in page.url
        page.get_by_role("button", name="Join the waitlist").click()
        expect(page.locator(".place .big")).to_have_text("Number 4")
        coming = registrations(fresh, event, status="confirmed")
        fresh.post(f"/v1/registrations/{coming[0]['id']}/cancel").raise_for_status()
        expect(page.locator(".place .big")).to_have_text("Number 3")
        for each in coming[1:4]:
            fresh.post(f"/v1/registrations/{each['id']}/cancel").raise_for_status()
        expect(page.locator(".notice")).to_contain_text("You have a place!")
        expect(page.locator("#told")).to_contain_text("Choose your tables now")
        page.get_by_role("link", name="My itinerary").click()
        row(page, 4).get_by_role("button", name="Sit here").click()
        expect(row(page, 4)).to_contain_text("Your seat")
        page.get_by_role("button", name="Give up my place").click()
        page.get_by_role("dialog").get_by_role("button", name="Give up my place").click()
        expect(page.get_by_role("heading", name="You have a place")).to_be_hidden()
        assert visit.noted.complaints == []
    (mine,) = registrations(fresh, event, q="llywelyn")
    assert mine["status"] == "cancelled"


def test_sees_others_take_seats_and_loses_a_race(fresh: httpx.Client, frontend: str, chromium: Browser) -> None:
    event = event_of(fresh, TODAY)
    others = registrations(fresh, event)
    with at_home(chromium, frontend) as visit:
        page = visit.page
        sign_in(page, "teacher")
        page.goto(f"/#/events/{event}/itinerary")
        expect(page.get_by_text("Seats are live")).to_be_visible()
        page.evaluate("globalThis.sameDocument = true")
        # What comes from now on, the stream brings.
        page.route(re.compile("/marketplace$"), lambda route: route.abort())
        page.get_by_role("button", name="Change the table of round 1").click()
        expect(row(page, 1)).to_contain_text("Your seat")
        for number, left in enumerate((3, 2, 1), start=4):
            take(fresh, others[number]["id"], round_number=1, table=6)
            expect(row(page, 6)).to_contain_text(f"{left} of 4 seats free")
        assert page.evaluate("globalThis.sameDocument") is True

        def outrun(route: Route) -> None:
            take(fresh, others[7]["id"], round_number=1, table=6)
            route.continue_()

        page.route("**/itinerary/1", outrun, times=1)
        # By keyboard alone, as all of it can be done.
        row(page, 6).get_by_role("button", name="Move here").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".notice")).to_contain_text("Somebody was quicker")
        expect(page.locator(".notice")).to_contain_text("You still have your seat at table 1.")
        expect(row(page, 6)).to_contain_text("Full")
        # The button is gone, and whoever was on it is not thrown back to the beginning.
        expect(page.locator("#choose")).to_be_focused()
        row(page, 5).get_by_role("button", name="Move here").focus()
        page.keyboard.press("Enter")
        expect(row(page, 5)).to_contain_text("Your seat")
        page.get_by_role("button", name="Leave table 5 in round 1").click()
        expect(page.locator(".rounds li").first).to_contain_text("No table yet")
        assert not [each for each in visit.noted.complaints if "409" not in each]
    (mine,) = registrations(fresh, event, q="llywelyn")
    rest = fresh.get(f"/v1/registrations/{mine['id']}/itinerary").json()["bookings"]
    assert [each["round"] for each in rest] == [2, 3]


def test_sees_seats_where_streams_do_not_get_through(fresh: httpx.Client, frontend: str, chromium: Browser) -> None:
    event = event_of(fresh, TODAY)
    other = registrations(fresh, event)[4]["id"]
    with at_home(chromium, frontend) as visit:
        page = visit.page
        page.route("**/marketplace/stream", lambda route: route.abort())
        page.goto(f"/#/events/{event}")
        seats = page.locator(".talk", has_text="The pond in the playground").locator(".seats li").first
        expect(seats).to_have_text("Round R1 4 free")
        expect(page.locator(".liveness")).to_have_text("Seats are checked every few seconds")
        take(fresh, other, round_number=1, table=6)
        expect(seats).to_have_text("Round R1 3 free")
        page.unroute("**/marketplace/stream")
        expect(page.locator(".liveness")).to_have_text("Seats are live")


def test_comes_back_after_the_line_was_cut(
    fresh: httpx.Client, sandbox: Server, frontend: str, chromium: Browser
) -> None:
    event = event_of(fresh, TODAY)
    others = registrations(fresh, event)
    listening: list[Request] = []

    def note(request: Request) -> None:
        if request.url.endswith("/stream"):
            listening.append(request)

    with at_home(chromium, frontend) as visit:
        page = visit.page
        page.on("request", note)
        page.goto(f"/#/events/{event}")
        seats = page.locator(".talk", has_text="The pond in the playground").locator(".seats li").first
        expect(page.locator(".liveness")).to_have_text("Seats are live")
        take(fresh, others[4]["id"], round_number=1, table=6)
        expect(seats).to_have_text("Round R1 3 free")
        sandbox.kill()
        expect(page.locator(".liveness")).to_have_text("Seats may be out of date")
        sandbox.start()
        take(fresh, others[5]["id"], round_number=1, table=6)
        expect(seats).to_have_text("Round R1 2 free")
        expect(page.locator(".liveness")).to_have_text("Seats are live")
        last_ids = [each.header_value("Last-Event-ID") for each in listening]
    assert last_ids[0] is None
    assert last_ids[-1]


def test_ranks_wishes_by_keyboard_and_overwrites_nothing(fresh: httpx.Client, frontend: str, chromium: Browser) -> None:
    event = event_of(fresh, MAIN)
    (mine,) = registrations(fresh, event, q="llywelyn")
    preferences = f"/v1/registrations/{mine['id']}/preferences"
    before = fresh.get(preferences).json()["presentation_ids"]
    with at_home(chromium, frontend) as visit:
        page = visit.page
        sign_in(page, "teacher")
        page.goto(f"/#/events/{event}/wishes")
        wishes = page.locator(".wishes li")
        wishes.first.get_by_role("button", name=re.compile("^Down")).focus()
        page.keyboard.press("Enter")
        expect(page.locator("#told")).to_contain_text("wish 2 of 2")
        expect(wishes.last.get_by_role("button", name=re.compile("^Down"))).to_be_focused()
        page.keyboard.press("Alt+ArrowUp")
        page.keyboard.press("Alt+ArrowDown")
        page.get_by_role("button", name="Save my wishes").press("Enter")
        expect(page.locator(".save")).to_contain_text("2 wishes saved")
        assert fresh.get(preferences).json()["presentation_ids"] == before[::-1]
        fresh.put(preferences, json={"presentation_ids": before[:1]}).raise_for_status()
        wishes.first.get_by_role("button", name=re.compile("^Remove")).click()
        page.get_by_role("button", name="Save my wishes").click()
        expect(page.locator(".notice")).to_contain_text("changed elsewhere meanwhile")
        page.get_by_role("button", name="Show how it is now").click()
        expect(wishes).to_have_count(1)
    assert fresh.get(preferences).json()["presentation_ids"] == before[:1]
