"""Sheets made up for tests, and a hub with an evening to import them into."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import httpx

SCHOOLS_HEADER = ("URN", "LAESTAB", "Name", "Phase", "Postcode", "Website")
PRESENTERS_HEADER = (
    "Timestamp",
    "Name",
    "E-mail",
    "School",
    "Title",
    "In one or two sentences",
    "Subject",
    "Key stages",
    "I need",
    "Second presenter (name, e-mail)",
    "Decision",
    "Table",
)
SIGN_UPS_HEADER = (
    "Timestamp",
    "Your name",
    "E-mail address",
    "School",
    "Which tables would you most like to visit? (best first)",
    "Dietary requirements",
    "Anything we should know about access?",
)
Row = Sequence[str]
SCHOOLS: tuple[Row, ...] = (
    ("990501", "301/4001", "Foxglove Primary School", "Primary", "N1 1AA", "https://www.foxglove.example"),
    ("990502", "301/4002", "St Wilfrid's CofE Primary School", "Primary", "N1 2BB", "https://stwilfrids.example"),
    ("990503", "", "Harbour View Academy", "", "", ""),
)


def sheet(header: Row, *rows: Row, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """A sheet's bytes, as a spreadsheet program saves it."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows([header, *rows])
    return text.getvalue().encode(encoding)


def offer(
    name: str = "Ana Pereira",
    email: str = "a.pereira@foxglove.example",
    school: str = "Foxglove Primary School",
    title: str = "Maps, and how to draw them",
    *,
    second: str = "",
    decision: str = "yes",
    table: str = "",
    stages: str = "KS1;KS2",
) -> Row:
    """A row of the call for presenters."""
    said = ("A short talk.", "Geography", stages, "a screen; wall space", second, decision, table)
    return ("05/10/2026 08:00", name, email, school, title, *said)


def answer(
    name: str = "Tom Quill",
    email: str = "t.quill@foxglove.example",
    school: str = "Foxglove",
    wishes: str = "",
    *,
    at: str = "02/11/2026 09:00:00",
    diet: str = "",
    access: str = "",
) -> Row:
    """A row of the sign-up form."""
    return (at, name, email, school, wishes, diet, access)


async def new_event(organiser: httpx.AsyncClient, hub_id: str, **more: Any) -> str:
    """An evening with four tables and two rounds; answers with its id."""
    body = {
        "name": "Winter Teach Meet",
        "starts_at": "2026-12-03T16:30:00+00:00",
        "ends_at": "2026-12-03T18:30:00+00:00",
        "attendee_capacity": 120,
        "table_count": 4,
        "rounds": [
            {"number": 1, "starts_at": "2026-12-03T17:00:00+00:00", "ends_at": "2026-12-03T17:20:00+00:00"},
            {"number": 2, "starts_at": "2026-12-03T17:25:00+00:00", "ends_at": "2026-12-03T17:45:00+00:00"},
        ],
        **more,
    }
    made = await organiser.post(f"/v1/hubs/{hub_id}/events", json=body)
    assert made.status_code == 201, made.text
    event_id: str = made.json()["id"]
    return event_id


async def publish(organiser: httpx.AsyncClient, event_id: str) -> None:
    assert (await organiser.post(f"/v1/events/{event_id}/publish")).status_code == 200


async def send(
    organiser: httpx.AsyncClient,
    hub_id: str,
    kind: str,
    content: bytes,
    *,
    mode: str = "apply",
    event_id: str | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """Sends a sheet, as a browser's form does."""
    fields = {"format": f"{kind}-sheet", "mode": mode, **({"event_id": event_id} if event_id else {})}
    file = {"file": (f"{kind}.csv", content, "text/csv")}
    return await organiser.post(f"/v1/hubs/{hub_id}/imports", data=fields, files=file, headers=headers)


async def imported(
    organiser: httpx.AsyncClient, hub_id: str, kind: str, content: bytes, *, event_id: str | None = None
) -> dict[str, Any]:
    """Imports a sheet at once; answers with the sync."""
    sent = await send(organiser, hub_id, kind, content, event_id=event_id)
    assert sent.status_code == 202, sent.text
    sync: dict[str, Any] = sent.json()
    assert sync["status"] == "applied", sync
    return sync


def counted(sync: dict[str, Any]) -> tuple[int, int, int]:
    """Created, updated, unchanged."""
    counts = sync["counts"]
    return counts["created"], counts["updated"], counts["unchanged"]


def needing(sync: dict[str, Any]) -> list[int | None]:
    """The rows that need a person."""
    return [each["row"] for each in sync["report"] if each["severity"] == "needs_a_person"]
