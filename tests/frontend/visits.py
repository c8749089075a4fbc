"""What people do in the frontend, in a browser."""

import contextlib
from collections.abc import Iterator

import httpx
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import Visit, visiting

MAIN, OPEN, FULL, TODAY = "main", "open", "full", "on the day"
PATIENCE_MILLISECONDS = 30_000
PHONE, LAPTOP = 360, 1280


@contextlib.contextmanager
def at_home(
    chromium: Browser, frontend: str, *, width: int = PHONE, dark: bool = False, strict: bool = True
) -> Iterator[Visit]:
    """An empty page for the frontend, with time for a busy machine."""
    with visiting(chromium, frontend, width=width, dark=dark, strict=strict) as visit:
        visit.page.context.set_default_timeout(PATIENCE_MILLISECONDS)
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        yield visit


def event_of(client: httpx.Client, state: str) -> str:
    """The id of the known hub's event in a state."""
    known: dict[str, str] = {each["state"]: each["id"] for each in known_events(client)}
    return known[state]


def known_events(client: httpx.Client) -> list[dict[str, str]]:
    events: list[dict[str, str]] = client.get("/v1/sandbox/known-hub").raise_for_status().json()["events"]
    return events


def sign_in(page: Page, role: str) -> None:
    """As somebody whom everybody knows."""
    page.goto("/#/sign-in")
    page.get_by_role("button", name=f"Sign in as {role}", exact=True).click()
    page.wait_for_url("**/#/events")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def row(page: Page, table: int) -> Locator:
    """A table of the round that is looked at."""
    return page.locator(f".tables li[data-key='table {table}']")


def registrations(client: httpx.Client, event: str, **filters: str) -> list[dict[str, str]]:
    """The event's, as the organiser sees them."""
    found: list[dict[str, str]] = client.get(
        f"/v1/events/{event}/registrations", params={"limit": 200, "role": "attendee", **filters}
    ).json()["items"]
    return found


def take(client: httpx.Client, registration: str, *, round_number: int, table: int) -> None:
    """Has somebody else sit down."""
    client.put(
        f"/v1/registrations/{registration}/itinerary/{round_number}", json={"table_number": table}
    ).raise_for_status()
