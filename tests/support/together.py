"""A group of calls served twice from the same start, together and one after another, neither of them kept.

The form that serves many is held to the verdicts of one after another, and to what they leave behind.
"""

import contextlib
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Executable, Row, func, select
from sqlalchemy.orm import Session

from app.events.commands import change_status
from app.events.rules import Transition
from app.events.schemas import EventIn, RoundIn
from app.kernel.caller import HERE, Caller, Kind, Reach
from app.kernel.commands import Command
from app.kernel.database import savepoint, writing_engine
from app.kernel.outbox import Fact
from app.kernel.problems import Problem
from app.kernel.sealing import seal_of
from app.kernel.settings import Settings
from app.marketplace.commands import propose
from app.marketplace.evenings import create_event
from app.marketplace.schemas import AcceptIn, PresentationIn
from app.people.commands import create_hub, create_school, create_teacher
from app.people.schemas import HubIn, SchoolIn, TeacherIn
from app.registrations import needs
from app.registrations.models import Needs
from app.registrations.presenting import accept
from app.registrations.rules import check_in_code

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
STARTS = datetime(2026, 12, 3, 17, 0, tzinfo=UTC)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def organiser_of(hub_id: UUID, *, school_id: UUID | None = None) -> Caller:
    """Somebody with every scope in a hub, or in one school of it."""
    scopes = frozenset({"events:write", "people:write", "registrations:read", "registrations:write"})
    reach = Reach.HUB if school_id is None else Reach.SCHOOL
    return Caller(Kind.KEY, f"key:{hub_id}:{school_id}", scopes, reach, hub_id, school_id)


class Bench:
    """A connection in a transaction that is never committed, on which commands are carried out."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def do(self, command: Callable[..., Any], **arguments: Any) -> Any:
        """One call by the operator, in a savepoint of its own, as at the writer's desk."""
        with savepoint(self.connection) as session:
            result = command(session, **{"caller": HERE, "now": NOW, **arguments})
            session.flush()
            return result

    @contextlib.contextmanager
    def undone(self) -> Iterator[None]:
        """What is done inside is undone at the end."""
        nested = self.connection.begin_nested()
        try:
            yield
        finally:
            nested.rollback()

    def hub(self, slug: str) -> UUID:
        """A new hub."""
        made: UUID = self.do(create_hub, body=HubIn(name="A hub", slug=slug)).id
        return made

    def school(self, hub_id: UUID, urn: str) -> UUID:
        """A new school."""
        made: UUID = self.do(create_school, hub_id=str(hub_id), body=SchoolIn(name="Larkspur Primary", urn=urn)).id
        return made

    def teacher(self, hub_id: UUID, school_id: UUID, name: str) -> UUID:
        """A new teacher, with an address made of the name."""
        body = TeacherIn(given_name=name, email=f"{name.lower()}@larkspur.example", school_id=school_id)
        made: UUID = self.do(create_teacher, hub_id=str(hub_id), body=body).id
        return made

    def event(self, hub_id: UUID, *, publish: bool = True, rounds: int = 2, **changes: Any) -> UUID:
        """A new event with three tables."""
        times = [STARTS + timedelta(minutes=15 * number) for number in range(rounds + 1)]
        body = EventIn(
            name="Winter Teach Meet",
            starts_at=STARTS,
            ends_at=STARTS + timedelta(hours=2),
            table_count=3,
            rounds=[
                RoundIn(number=number, starts_at=starts, ends_at=ends)
                for number, (starts, ends) in enumerate(itertools.pairwise(times), start=1)
            ],
            **changes,
        )
        made: UUID = self.do(create_event, hub_id=str(hub_id), body=body).id
        if publish:
            self.do(change_status, event_id=made, transition=Transition.PUBLISH)
        return made

    def presentation(self, event_id: UUID, *presenters: UUID, accepted: bool = True) -> UUID:
        """A new presentation, at the lowest free table unless it stays an offer."""
        body = PresentationIn(title="Oracy circles", presenter_ids=list(presenters))
        made: UUID = self.do(propose, event_id=event_id, body=body).id
        if accepted:
            self.do(accept, presentation_id=made, body=AcceptIn())
        return made

    def together(self, command: Command[..., Any], calls: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The verdicts on a group, served by the form that serves many."""
        assert command.together is not None
        if not calls:
            return []
        with savepoint(self.connection) as session:
            return [_verdict(each) for each in command.together(session, calls)]

    def one_after_another(self, command: Command[..., Any], calls: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The verdicts on each call alone, in a savepoint of its own."""
        verdicts = []
        for call in calls:
            try:
                verdicts.append(_verdict(self.do(command, **call)))
            except Problem as problem:
                verdicts.append(_verdict(problem))
        return verdicts

    def both_ways(
        self, command: Command[..., Any], calls: Sequence[Mapping[str, Any]], state: Mapping[str, Executable]
    ) -> tuple[Any, Any]:
        """What becomes of a group of calls: together, and one after another. New ids are told apart by their order."""
        with self.undone():
            facts = self._facts()
            first = {"verdicts": self.together(command, calls), **self._state({**state, "facts": facts})}
        with self.undone():
            second = {"verdicts": self.one_after_another(command, calls), **self._state({**state, "facts": facts})}
        known = set(_UUID.findall(json.dumps([calls, self._state(state)], default=str)))
        return _without_new_ids(first, known), _without_new_ids(second, known)

    def _facts(self) -> Executable:
        """What is told of the calls from here on."""
        latest = self.connection.execute(select(func.coalesce(func.max(Fact.id), 0))).scalar_one()
        return select(Fact.hub_id, Fact.kind, Fact.subject).where(Fact.id > latest).order_by(Fact.id)

    def _state(self, state: Mapping[str, Executable]) -> dict[str, Any]:
        with Session(self.connection) as session:
            return {
                name: [_plain(session, row) for row in session.execute(question)] for name, question in state.items()
            }


def _plain(session: Session, row: Row[Any]) -> list[Any]:
    """A row to compare. What is sealed looks different each time, so it is opened."""
    return [needs.opened(seal_of(session), each) if isinstance(each, Needs) else each for each in row]


def _verdict(outcome: Any) -> Any:
    if isinstance(outcome, Problem):
        return outcome.body(instance="", request_id="")
    told: dict[str, Any] = outcome.model_dump(mode="json")
    if told.get("check_in_code"):  # a new id has a new code
        told["check_in_code"] = told["check_in_code"] == check_in_code(outcome.id)
    return told


def _without_new_ids(told: Any, known: set[str]) -> Any:
    labels: dict[str, str] = {}

    def label(found: re.Match[str]) -> str:
        return found[0] if found[0] in known else labels.setdefault(found[0], f"new {len(labels) + 1}")

    return json.loads(_UUID.sub(label, json.dumps(told, default=str)))


@contextlib.contextmanager
def bench(settings: Settings) -> Iterator[Bench]:
    """A bench on a database; nothing of what is done there stays."""
    engine = writing_engine(settings)
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            yield Bench(connection)
            transaction.rollback()
    finally:
        engine.dispose()
