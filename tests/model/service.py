"""The service under the model's eyes: calls to it, and what is to be seen there, in the names that the model uses."""

import asyncio
import itertools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import structlog
from fastapi import FastAPI
from sqlalchemy.orm import Session

from app.bookings.invariants import findings
from app.kernel.settings import Settings
from app.main import create_app
from tests.model.views import View
from tests.support.callers import Headers, make_operator, make_organiser

TEACHERS = ("Ada", "Bo", "Cai", "Dee", "Eve", "Flo", "Gus", "Hal")
"""Known to the hub from the start."""
GUESTS = ("Ivy", "Jo")
"""Known only once they have registered."""


class Service:
    """One hub of a running service."""

    def __init__(self, runner: asyncio.Runner, app: FastAPI) -> None:
        self._loop = runner.get_loop()
        self._app = app
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")
        self._headers: Headers = {}
        self._evenings = itertools.count(1)
        self.hub_id = ""
        self.school_id = ""
        self.teachers: dict[str, str] = {}

    def set_up(self, operator: Headers) -> None:
        """Makes the hub, a school, and the teachers that it knows from the start."""
        hub = self._loop.run_until_complete(make_organiser(self._client, operator))
        self.hub_id, self._headers = hub.hub_id, hub.headers
        self.school_id = self._made(f"/v1/hubs/{hub.hub_id}/schools", {"name": "Larkspur Primary", "urn": "990001"})
        for name in TEACHERS:
            body = {"given_name": name, "email": f"{name}@larkspur.example", "school_id": self.school_id}
            self.teachers[name] = self._made(f"/v1/hubs/{hub.hub_id}/teachers", body)

    def _made(self, path: str, body: View) -> str:
        answer = self.call("POST", path, body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def call(self, method: str, path: str, body: View | None = None, headers: Headers | None = None) -> httpx.Response:
        """One call as the organiser."""
        request = self._client.request(method, path, json=body, headers={**self._headers, **(headers or {})})
        return self._loop.run_until_complete(request)

    def call_as_anyone(self, path: str) -> httpx.Response:
        """One read without credentials."""
        return self._loop.run_until_complete(self._client.get(path))

    def breaches(self) -> list[str]:
        """What the rows say about the promises, asked as `teachmeet check` asks."""

        def ask(session: Session) -> list[str]:
            return [f"{each.invariant.promise}: {breach}" for each in findings(session) for breach in each.breaches]

        found: list[str] = self._app.state.reader.run_and_wait(ask)
        return found

    def new_evening(self, body: View) -> "Stage":
        """Sets up an event of its own for one example."""
        event_id = self._made(f"/v1/hubs/{self.hub_id}/events", body)
        return Stage(self, UUID(event_id), next(self._evenings))

    def close(self) -> None:
        self._loop.run_until_complete(self._client.aclose())


@contextmanager
def _without_request_logs() -> Iterator[None]:
    """A line for each of many thousand requests would bury the report of a failure."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.reset_defaults()


@contextmanager
def running(settings: Settings) -> Iterator[Service]:
    """A started service with a hub in it."""
    app = create_app(settings)
    with _without_request_logs(), asyncio.Runner() as runner:
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        service = Service(runner, app)
        try:
            service.set_up(make_operator(settings))
            yield service
        finally:
            service.close()
            runner.run(lifespan.__aexit__(None, None, None))


class Stage:
    """One event of the service, and the ids of what the model knows by name."""

    def __init__(self, service: Service, event_id: UUID, number: int) -> None:
        self.service = service
        self.path = f"/v1/events/{event_id}"
        self._number = number
        self._teachers = dict(service.teachers)
        self.presentations: dict[str, str] = {}
        self.registrations: list[str] = []
        """In the order of the model's."""

    def teacher_id(self, name: str) -> str:
        return self._teachers.setdefault(name, str(uuid4()))

    def presentation_id(self, name: str) -> str:
        return self.presentations.get(name) or str(uuid4())

    def new_teacher(self, name: str) -> View:
        """A teacher as a registration names one that may have to be made; the address's case is of no account."""
        place = "larkspur" if name in TEACHERS else f"visitors-{self._number}"
        email = f"{name.upper()}@{place}.example"
        return {"given_name": name, "email": email, "school_id": self.service.school_id}

    def read(self, path: str) -> Any:
        answer = self.service.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def all_of(self, collection: str) -> list[Any]:
        """A whole list, in pages of three."""
        items: list[Any] = []
        path: str | None = f"{self.path}/{collection}?limit=3"
        while path is not None:
            page = self.read(path)
            items += page["items"]
            path = f"{self.path}/{collection}?limit=3&cursor={page['next_cursor']}" if page["next_cursor"] else None
        return items

    def note_registrations(self, found: list[Any]) -> None:
        """Learns the ids of registrations that are new, and of the teachers who were made with them."""
        assert [each["id"] for each in found[: len(self.registrations)]] == self.registrations
        self.registrations = [each["id"] for each in found]
        self._teachers |= {each["teacher"]["given_name"]: each["teacher_id"] for each in found}

    def everything(self) -> View:
        """The whole of it, as `views.everything` tells it."""
        registrations = self.all_of("registrations")
        self.note_registrations(registrations)
        return {
            "event": event(self.read(self.path)),
            "registrations": [self.registration(each) for each in registrations],
            "itineraries": [
                itinerary(self.read(f"/v1/registrations/{each['id']}/itinerary")) for each in registrations
            ],
            "presentations": [presentation(each) for each in self.all_of("presentations")],
            "tables": [table(each) for each in self.all_of("tables")],
            "marketplace": marketplace(self.read(f"{self.path}/marketplace")),
            "programme": programme(self.read(f"{self.path}/programme")),
        }

    def registration(self, each: Any) -> View:
        titles = {presentation_id: name for name, presentation_id in self.presentations.items()}
        return {
            "teacher": each["teacher"]["given_name"],
            **_some(each, "role", "status", "waitlist_position"),
            "preferences": [titles[wish] for wish in each["preferences"]],
        }


def _some(each: Any, *names: str) -> View:
    return {name: each[name] for name in names}


def event(body: Any) -> View:
    sizes = ("attendee_capacity", "seats_per_table", "table_count", "waitlist_enabled", "status")
    figures = ("confirmed_count", "waitlisted_count", "places_left")
    return {**_some(body, *sizes, *figures), "rounds": len(body["rounds"])}


def itinerary(body: Any) -> list[View]:
    return [
        {**_some(each, "round", "table_number"), "presentation": each["presentation"]["title"]}
        for each in body["bookings"]
    ]


def presentation(body: Any) -> View:
    presenters = [each["given_name"] for each in body["presenters"]]
    assert body["presenter_ids"] == [each["teacher_id"] for each in body["presenters"]]
    return {**_some(body, "title", "status", "table_number"), "presenters": presenters}


def table(body: Any) -> View:
    held = body["presentation"]
    return {
        **_some(body, "number", "seats", "closed_rounds", "rounds"),
        "presentation": held and held["title"],
    }


def marketplace(body: Any) -> View:
    wanted = ("table_number", "title", "seats", "seats_taken", "closed")
    return {
        "places_left": body["places_left"],
        "rounds": [
            {"number": each["number"], "tables": [_some(slot, *wanted) for slot in each["tables"]]}
            for each in body["rounds"]
        ],
    }


def programme(body: Any) -> View:
    return {
        "event": event(body["event"]),
        "presentations": [
            {
                **_some(each, "title", "table_number", "closed_rounds"),
                "presenters": [presenter["given_name"] for presenter in each["presenters"]],
            }
            for each in body["presentations"]
        ],
    }
