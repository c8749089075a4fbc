"""The guides: Markdown in `guides/`, in the order in which one needs them."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from app.manual import prose

FOLDER = files("app.manual") / "guides"


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide: the file's name, a short name, and what it is about."""

    name: str
    short: str
    about: str

    @property
    def source(self) -> str:
        return FOLDER.joinpath(f"{self.name}.md").read_text(encoding="utf-8")

    @property
    def text(self) -> prose.Text:
        return prose.document(self.source)


@dataclass(frozen=True, slots=True)
class Part:
    """Guides for one kind of reader."""

    name: str
    guides: tuple[Guide, ...]


PARTS = (
    Part(
        "Start here",
        (
            Guide("getting-started", "Getting started", "From nothing to a first registration in five minutes."),
            Guide("testing", "Testing", "The sandbox: reset, time, mail, and faults on request."),
        ),
    ),
    Part(
        "For those who build a frontend",
        (
            Guide("registering", "Registering", "Places, the waitlist, several colleagues at once, cancelling."),
            Guide("itineraries", "Marketplace and itineraries", "Tables, seats, wishes, a personal itinerary, live."),
            Guide("errors", "Errors", "One form for all, switched on by type, placed on the field of a form."),
            Guide("lists-and-retries", "Lists and retries", "Pages, conditional requests, idempotency keys."),
            Guide("clients", "Clients", "TypeScript, Python and Postman, made from the document."),
        ),
    ),
    Part(
        "For other systems, and those who connect them",
        (
            Guide("webhooks", "Webhooks", "Changes pushed to you, signed; or polled, in order."),
            Guide("integrating", "Integrating an MIS", "OneRoster, Wonde, files; CPD records; changes."),
            Guide("staff-import", "Staff from your MIS", "For the business manager: bringing staff in, safely."),
        ),
    ),
)
GUIDES = tuple(guide for part in PARTS for guide in part.guides)
BY_NAME = {guide.name: guide for guide in GUIDES}


@cache
def neighbours(name: str) -> tuple[Guide | None, Guide | None]:
    """The guides before and after one."""
    number = GUIDES.index(BY_NAME[name])
    before = GUIDES[number - 1] if number else None
    return before, GUIDES[number + 1] if number + 1 < len(GUIDES) else None
