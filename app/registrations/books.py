"""What a group of registrations is decided on, looked up in few statements, and what it comes to, written in few."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from app.events.commands import ATTENDEE
from app.events.models import Event, Figures, Place
from app.kernel import outbox
from app.kernel.caller import Caller
from app.marketplace.models import Presentation
from app.marketplace.rules import PresentationStatus
from app.people.models import School, Teacher
from app.people.rules import email_key
from app.registrations.models import Needs, Preference, Registration
from app.registrations.schemas import NewTeacher, RegistrationIn


@dataclass(frozen=True, slots=True)
class Call:
    """One registration asked for."""

    caller: Caller
    now: datetime
    event_id: UUID
    body: RegistrationIn


@dataclass(slots=True)
class Book:
    """An event's state while a group is decided, kept up as if each call had been written already."""

    event: Any
    confirmed: int
    waitlisted: int
    next_queue_number: int
    free: list[int]
    """Numbers of free places, the next one last."""


@dataclass(slots=True)
class Known:
    """What a group's calls speak of, as it stands now."""

    books: dict[UUID, Book]
    teachers: dict[UUID, Teacher]
    by_email: dict[tuple[UUID, str], Teacher]
    schools: dict[UUID, UUID]
    live: dict[tuple[UUID, UUID], UUID]
    presentations: dict[UUID, UUID]


@dataclass(slots=True)
class Written:
    """What a group's verdicts come to, as rows."""

    teachers: list[Teacher] = field(default_factory=list)
    confirmed: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    places: list[dict[str, Any]] = field(default_factory=list)
    needs: list[dict[str, Any]] = field(default_factory=list)
    wishes: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, object]] = field(default_factory=list)


def look_up(session: Session, asked: Sequence[Call]) -> Known:
    event_ids = {call.event_id for call in asked}
    books = _books(session, event_ids, how_many=len(asked))
    teachers, by_email = _teachers(session, asked, books)
    school_ids = {call.body.teacher.school_id for call in asked if call.body.teacher}
    wishes = {each for call in asked for each in call.body.preferences}
    return Known(
        books=books,
        teachers=teachers,
        by_email=by_email,
        schools=_schools(session, school_ids),
        live=_live(session, event_ids, teachers),
        presentations=_accepted(session, wishes),
    )


def _books(session: Session, event_ids: Iterable[UUID], *, how_many: int) -> dict[UUID, Book]:
    rows = session.execute(
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
        .where(Event.id.in_(event_ids))
    ).all()
    return {
        row.id: Book(
            event=row,
            confirmed=row.confirmed_count,
            waitlisted=row.waitlisted_count,
            next_queue_number=row.next_queue_number,
            free=_free_places(session, row.id, how_many),
        )
        for row in rows
    }


def _free_places(session: Session, event_id: UUID, how_many: int) -> list[int]:
    statement = (
        select(Place.number)
        .where(Place.event_id == event_id, Place.role == ATTENDEE, Place.registration_id.is_(None))
        .order_by(Place.number)
        .limit(how_many)
    )
    return list(reversed(session.scalars(statement).all()))


def _teachers(
    session: Session, asked: Sequence[Call], books: dict[UUID, Book]
) -> tuple[dict[UUID, Teacher], dict[tuple[UUID, str], Teacher]]:
    ids = {call.body.teacher_id for call in asked if call.body.teacher_id}
    wanted: list[NewTeacher] = [call.body.teacher for call in asked if call.body.teacher]
    conditions: list[ColumnElement[bool]] = [Teacher.id.in_(ids)] if ids else []
    if wanted:
        hubs = {book.event.hub_id for book in books.values()}
        keys = {email_key(each.email) for each in wanted}
        conditions.append(and_(Teacher.hub_id.in_(hubs), Teacher.email_key.in_(keys)))
    if not conditions:
        return {}, {}
    found = session.scalars(select(Teacher).where(or_(*conditions))).all()
    by_email = {(each.hub_id, each.email_key): each for each in found if each.email_key is not None}
    return {each.id: each for each in found}, by_email


def _schools(session: Session, ids: set[UUID]) -> dict[UUID, UUID]:
    if not ids:
        return {}
    return dict(session.execute(select(School.id, School.hub_id).where(School.id.in_(ids))).all())


def _live(session: Session, event_ids: set[UUID], teachers: Iterable[UUID]) -> dict[tuple[UUID, UUID], UUID]:
    rows = session.execute(
        select(Registration.event_id, Registration.teacher_id, Registration.id).where(
            Registration.live_event_id.in_(event_ids), Registration.teacher_id.in_(list(teachers))
        )
    )
    return {(event_id, teacher_id): registration_id for event_id, teacher_id, registration_id in rows}


def _accepted(session: Session, ids: set[UUID]) -> dict[UUID, UUID]:
    if not ids:
        return {}
    statement = select(Presentation.id, Presentation.event_id).where(
        Presentation.id.in_(ids), Presentation.status == PresentationStatus.ACCEPTED
    )
    return dict(session.execute(statement).all())


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
    session.add_all(written.teachers)
    session.flush()
    _insert(session, Registration, written.confirmed)
    if written.places:
        claimed = session.connection().execute(_CLAIM, written.places)
        if claimed.rowcount != len(written.places):
            raise PlaceGone
    _insert(session, Registration, written.waiting)
    _insert(session, Needs, written.needs)
    _insert(session, Preference, written.wishes)
    outbox.record_all(session, written.facts)


def _insert(session: Session, model: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(model), rows)
