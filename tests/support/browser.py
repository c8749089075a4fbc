"""A real browser without a screen, which may talk to nobody but the service."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.support.node import chromium, node_modules

SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # No name resolves but this machine's: what a page asks of others fails, and is noted besides.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
AT_MOST_MILLISECONDS = 15_000


@dataclass(slots=True)
class Noted:
    """What a page did besides being looked at: requests to others, and complaints in its console."""

    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that is open, and what was noted of it."""

    page: Page
    noted: Noted


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Chromium, started once for many visits."""
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    program, environment = (installed, {}) if installed else (chromium().program, chromium().environment)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=list(SWITCHES), env={**os.environ, **environment}
        )
        try:
            yield started
        finally:
            started.close()


@contextlib.contextmanager
def visiting(
    chromium: Browser, home: str, *, width: int = 1280, height: int = 900, dark: bool = False, strict: bool = True
) -> Iterator[Visit]:
    """An empty page at a service's address. Unless `strict`, tests may run their own script in it."""
    context = chromium.new_context(
        base_url=home,
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        bypass_csp=not strict,
    )
    context.set_default_timeout(AT_MOST_MILLISECONDS)
    noted = Noted()

    def ask(request: Request) -> None:
        if not request.url.startswith((f"{home}/", "data:", "blob:")):
            noted.elsewhere.append(request.url)

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            noted.complaints.append(message.text)

    try:
        page = context.new_page()
        page.on("request", ask)
        page.on("console", complain)
        page.on("pageerror", lambda error: noted.complaints.append(str(error)))
        yield Visit(page, noted)
    finally:
        context.close()


def violations(page: Page) -> list[str]:
    """What axe-core holds against a page, in words; the visit must not be strict."""
    page.evaluate((node_modules() / "axe-core" / "axe.min.js").read_text())
    found = page.evaluate("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations")
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]} ({len(each['nodes'])})" for each in found]
