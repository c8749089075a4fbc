"""What a group of registrations is decided on, looked up in few statements, and what it comes to, written in few."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Integer, bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.events.commands import ATTENDEE
from app.events.models import Event, Figures, Place
from app.events.queries import may_see
from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.database import Base
from app.kernel.sealing import seal_of
from app.marketplace.models import Presentation
from app.marketplace.rules import PresentationStatus
from app.people.models import School, Teacher
from app.people.rules import email_key
from app.registrations.models import Needs, Preference, Registration
from app.registrations.needs import Told, sealed_row
from app.registrations.schemas import RegistrationIn


@dataclass(frozen=True, slots=True)
class Call:
    """One registration asked for."""

    caller: Caller
    now: datetime
    event_id: UUID
    body: RegistrationIn
    walk_in: bool = False
    """Somebody who stands at the door: they come in or they do not, whether or not one may still register."""

    @property
    def scope(self) -> str:
        """What its caller needs, to name whom it names."""
        return "attendance:write" if self.walk_in else "registrations:write"

    @property
    def teacher_id(self) -> UUID | None:
        """Whom it names by id: without any name, those who are signed in register themselves."""
        return self.body.teacher_id or (None if self.body.teacher else self.caller.teacher_id)


@dataclass(slots=True)
class Book:
    """An event's state while a group is decided, kept up as if each call had been written already."""

    event: Any
    confirmed: int
    waitlisted: int
    next_queue_number: int
    free: list[int]
    """Numbers of free places, the next one last."""


class Person(NamedTuple):
    """A teacher, as far as registering asks."""

    id: UUID
    hub_id: UUID
    school_id: UUID
    given_name: str
    family_name: str
    email_key: str | None


@dataclass(slots=True)
class Known:
    """What a group's calls speak of, as it stands now."""

    books: dict[UUID, Book]
    people: dict[UUID, Person]
    by_email: dict[tuple[UUID, str], Person]
    schools: dict[UUID, UUID]
    live: dict[tuple[UUID, UUID], UUID]
    presentations: dict[UUID, UUID]

    def add(self, person: Person) -> None:
        self.people[person.id] = person
        if person.email_key is not None:
            self.by_email[person.hub_id, person.email_key] = person


@dataclass(slots=True)
class Written:
    """What a group's verdicts come to, as rows."""

    teachers: list[Teacher] = field(default_factory=list)
    confirmed: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    places: list[dict[str, Any]] = field(default_factory=list)
    needs: list[tuple[UUID, Told]] = field(default_factory=list)
    wishes: list[dict[str, Any]] = field(default_factory=list)
    facts: list[outbox.Row] = field(default_factory=list)


# Built once: putting a statement together costs more than running it.
_EVENTS = (
    select(
        Event.id,
        Event.hub_id,
        Event.status,
        Event.attendee_capacity,
        Event.waitlist_enabled,
        Event.registration_opens_at,
        Event.registration_closes_at,
        Figures.confirmed_count,
        Figures.waitlisted_count,
        Figures.next_queue_number,
    )
    .join(Figures, Figures.event_id == Event.id)
    .where(Event.id.in_(bindparam("ids", expanding=True)))
)
_FREE_PLACES = (
    select(Place.number)
    .where(Place.event_id == bindparam("event"), Place.role == ATTENDEE, Place.registration_id.is_(None))
    .order_by(Place.number)
    .limit(bindparam("how_many", type_=Integer))
)
_PEOPLE = select(*(getattr(Teacher, name) for name in Person._fields))
_BY_ID = _PEOPLE.where(Teacher.id.in_(bindparam("ids", expanding=True)), Teacher.erased_at.is_(None))
_BY_EMAIL = _PEOPLE.where(
    Teacher.hub_id.in_(bindparam("hubs", expanding=True)), Teacher.email_key.in_(bindparam("keys", expanding=True))
)
_SCHOOLS = select(School.id, School.hub_id).where(School.id.in_(bindparam("ids", expanding=True)))
_LIVE = select(Registration.event_id, Registration.teacher_id, Registration.id).where(
    Registration.live_event_id.in_(bindparam("events", expanding=True)),
    Registration.teacher_id.in_(bindparam("teachers", expanding=True)),
)
_ACCEPTED = select(Presentation.id, Presentation.event_id).where(
    Presentation.id.in_(bindparam("ids", expanding=True)), Presentation.status == PresentationStatus.ACCEPTED
)


def look_up(session: Session, asked: Sequence[Call]) -> Known:
    """All that the verdicts on these calls ask for."""
    session.flush()
    connection = session.connection()
    known = Known(_books(connection, asked), {}, {}, _schools(connection, asked), {}, _accepted(connection, asked))
    for person in _people(connection, asked, known.books):
        known.add(person)
    pairs = connection.execute(_LIVE, {"events": list(known.books), "teachers": list(known.people)})
    known.live = {(event_id, teacher_id): registration_id for event_id, teacher_id, registration_id in pairs}
    return known


def _books(connection: Connection, asked: Sequence[Call]) -> dict[UUID, Book]:
    found = connection.execute(_EVENTS, {"ids": list({call.event_id for call in asked})})
    rows = [row for row in found if any(_is_there(call, row) for call in asked)]
    return {
        row.id: Book(
            event=row,
            confirmed=row.confirmed_count,
            waitlisted=row.waitlisted_count,
            next_queue_number=row.next_queue_number,
            free=_free_places(connection, row.id, how_many=len(asked)),
        )
        for row in rows
    }


def _is_there(call: Call, event: Any) -> bool:
    """Whether a call is about an event and its caller may see it: if not, no more is asked about it, or that would
    take longer than for an event that does not exist."""
    return call.event_id == event.id and may_see(call.caller, hub_id=event.hub_id, status=event.status)


def _free_places(connection: Connection, event_id: UUID, *, how_many: int) -> list[int]:
    numbers = connection.scalars(_FREE_PLACES, {"event": event_id, "how_many": how_many})
    return list(reversed(numbers.all()))


def _people(connection: Connection, asked: Sequence[Call], books: dict[UUID, Book]) -> Iterator[Person]:
    ids = {teacher_id for call in asked if (teacher_id := call.teacher_id)}
    if ids:
        yield from (Person(*row) for row in connection.execute(_BY_ID, {"ids": list(ids)}))
    keys = {email_key(call.body.teacher.email) for call in asked if call.body.teacher}
    if keys:
        hubs = {book.event.hub_id for book in books.values()}
        found = connection.execute(_BY_EMAIL, {"hubs": list(hubs), "keys": list(keys)})
        yield from (Person(*row) for row in found)


def _schools(connection: Connection, asked: Sequence[Call]) -> dict[UUID, UUID]:
    ids = {call.body.teacher.school_id for call in asked if call.body.teacher}
    return dict(connection.execute(_SCHOOLS, {"ids": list(ids)}).all()) if ids else {}


def _accepted(connection: Connection, asked: Sequence[Call]) -> dict[UUID, UUID]:
    ids = {each for call in asked for each in call.body.preferences}
    return dict(connection.execute(_ACCEPTED, {"ids": list(ids)}).all()) if ids else {}


class PlaceGone(Exception):
    """A place that was free a moment ago is not: somebody wrote without taking the event's turn."""


_CLAIM = (
    update(Place)
    .where(
        Place.event_id == bindparam("at_event"),
        Place.role == ATTENDEE,
        Place.number == bindparam("at_number"),
        Place.registration_id.is_(None),
    )
    .values(registration_id=bindparam("holder"), held_event_id=bindparam("at_event"), held_role=ATTENDEE)
)


def write(session: Session, written: Written) -> None:
    """Writes the rows in the order that the constraints ask for: places are claimed before anybody is queued.

    Raises `PlaceGone` when a place was not free after all.
    """
    # By address: of two processes that make the same people for two events, one waits for the other, never both.
    written.teachers.sort(key=lambda teacher: (str(teacher.hub_id), teacher.email_key or ""))
    session.add_all(written.teachers)
    session.flush()
    _insert(session, Registration, written.confirmed)
    if written.places:
        claimed = session.connection().execute(_CLAIM, written.places)
        if claimed.rowcount != len(written.places):
            raise PlaceGone
    _insert(session, Registration, written.waiting)
    if written.needs:
        seal = seal_of(session)
        _insert(session, Needs, [sealed_row(seal, *each) for each in written.needs])
    _insert(session, Preference, written.wishes)
    outbox.record_all(session, written.facts)


def _insert(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        # On the connection: rows as they are need none of the session's bookkeeping, which would cost as much again.
        session.connection().execute(insert(model), rows)
