"""An evening set up over HTTP on a running service: hub, school, event, tables with presentations, people."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.support.callers import Headers, make_operator, make_organiser
from tests.support.databases import settings_for
from tests.support.server import environment

STARTS = datetime(2027, 12, 2, 16, 30, tzinfo=UTC)
CHECK_SECONDS = 60
LONGEST_WAIT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub with one school, its organiser's key, and a connection to the service."""

    id: str
    school_id: str
    headers: Headers
    http: httpx.Client

    def guest(self, name: str) -> dict[str, str]:
        """A teacher as a registration names them; the same name is the same person."""
        return {
            "given_name": "Guest",
            "family_name": name.title(),
            "email": f"{name}@larkspur.example",
            "school_id": self.school_id,
        }

    def ask(self, method: str, path: str, body: Any = None, *, expect: int = 200) -> Any:
        """One request that must be answered so."""
        answer = self.http.request(method, path, json=body)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def everything(self, path: str) -> list[Any]:
        """All items of a list, over all its pages."""
        items: list[Any] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.ask("GET", f"{path}?limit=200" + (f"&cursor={cursor}" if cursor else ""))
            items += page["items"]
            cursor = page["next_cursor"]
        return items


@dataclass(frozen=True, slots=True)
class Evening:
    """A published event with a presentation at every table."""

    hub: Hub
    event_id: str
    tables: int
    seats: int
    rounds: int
    presentation_ids: Sequence[str]

    @property
    def path(self) -> str:
        return f"/v1/events/{self.event_id}"

    def register(self, names: Sequence[str]) -> list[Any]:
        """Registers these people, in order, by the batch."""
        bodies: list[Any] = []
        for start in range(0, len(names), 200):
            items = [{"teacher": self.hub.guest(name)} for name in names[start : start + 200]]
            answers = self.hub.ask("POST", f"{self.path}/registrations/batch", {"items": items})["items"]
            assert [each["status"] for each in answers] == [201] * len(answers)
            bodies += [each["body"] for each in answers]
        return bodies

    def wait_for(self, people: int) -> None:
        """Waits until so many have registered."""
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while time.monotonic() < deadline:
            event = self.hub.ask("GET", self.path)
            if event["confirmed_count"] + event["waitlisted_count"] >= people:
                return
        raise AssertionError(f"{people} people did not register in {LONGEST_WAIT_SECONDS} s")

    def registrations(self) -> list[Any]:
        """All attendees' registrations, as the service shows them."""
        return [each for each in self.hub.everything(f"{self.path}/registrations") if each["role"] == "attendee"]


def found_hub(database_url: str, http: httpx.Client) -> Hub:
    """Makes the hub and its school."""

    async def make() -> tuple[str, Headers]:
        async with httpx.AsyncClient(base_url=http.base_url, timeout=30) as client:
            organiser = await make_organiser(client, make_operator(settings_for(database_url)))
            return organiser.hub_id, organiser.headers

    hub_id, headers = asyncio.run(make())
    http.headers.update(headers)
    school = http.post(f"/v1/hubs/{hub_id}/schools", json={"name": "Larkspur Primary School", "urn": "990001"})
    assert school.status_code == 201, school.text
    return Hub(hub_id, school.json()["id"], headers, http)


def hold_evening(hub: Hub, *, capacity: int, tables: int = 0, seats: int = 6, rounds: int = 1) -> Evening:
    """Sets up an evening and publishes it. One teacher presents at every table."""
    body = {
        "name": "Winter Teach Meet",
        "starts_at": STARTS.isoformat(),
        "ends_at": (STARTS + timedelta(hours=6)).isoformat(),
        "attendee_capacity": capacity,
        "table_count": tables,
        "seats_per_table": seats,
        "rounds": [
            {
                "number": number,
                "starts_at": (STARTS + timedelta(minutes=15 * number)).isoformat(),
                "ends_at": (STARTS + timedelta(minutes=15 * number + 15)).isoformat(),
            }
            for number in range(1, rounds + 1)
        ],
    }
    event_id = hub.ask("POST", f"/v1/hubs/{hub.id}/events", body, expect=201)["id"]
    presentations = [_accepted(hub, event_id, number) for number in range(1, tables + 1)]
    hub.ask("POST", f"/v1/events/{event_id}/publish")
    return Evening(hub, event_id, tables, seats, rounds, presentations)


def _accepted(hub: Hub, event_id: str, number: int) -> str:
    presenter = {"given_name": "Presenter", "school_id": hub.school_id}
    teacher_id = hub.ask("POST", f"/v1/hubs/{hub.id}/teachers", presenter, expect=201)["id"]
    offer = {"title": f"Presentation {number}", "presenter_ids": [teacher_id]}
    made = hub.ask("POST", f"/v1/events/{event_id}/presentations", offer, expect=201)
    hub.ask("POST", f"/v1/presentations/{made['id']}/accept", {"table_number": number})
    return str(made["id"])


def check(database_url: str) -> "subprocess.CompletedProcess[str]":
    """`teachmeet check` on this database, as an operator runs it."""
    with tempfile.TemporaryDirectory() as directory:
        return subprocess.run(
            [sys.executable, "-c", "from app.cli import main; main()", "check"],
            cwd=directory,
            env=environment(database_url),
            capture_output=True,
            text=True,
            timeout=CHECK_SECONDS,
            check=False,
        )
