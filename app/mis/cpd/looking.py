"""Which registrations have CPD records, and what stands around them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, or_, select
from sqlalchemy.orm import Session, aliased

from app.events.models import Event, Round
from app.events.rules import EventStatus
from app.kernel.caller import Caller
from app.marketplace.models import Presentation, Presenter, Seat, Slot, Table
from app.mis.syncing.models import Source, StaffLink
from app.people.models import FormerSchool, School, Teacher
from app.people.reach import within_reach
from app.registrations.models import Registration

SETTLED = (EventStatus.COMPLETED, EventStatus.ARCHIVED)
"""What is still under way is nobody's record yet."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A presentation in a round, as somebody had it: from a seat, or behind the own table."""

    round_number: int
    starts_at: datetime
    ends_at: datetime
    presentation_id: UUID | None
    title: str | None
    presenting: bool
    changed_at: datetime | None


@dataclass(slots=True)
class Around:
    """What is told of some registrations beside their own rows."""

    sessions: dict[UUID, list[Heard]] = field(default_factory=dict)
    presenters: Mapping[UUID, tuple[str, datetime]] = field(default_factory=dict)
    """Names, and when the last of these people changed, by presentation."""
    links: Mapping[UUID, tuple[str, StaffLink]] = field(default_factory=dict)


def school_then() -> ColumnElement[UUID | None]:
    """The school of a registration's teacher when the event began."""
    left = (
        select(FormerSchool.school_id)
        .where(FormerSchool.teacher_id == Registration.teacher_id, FormerSchool.until > Event.starts_at)
        .correlate(Registration, Event)
    )
    return case((left.exists(), left.order_by(FormerSchool.until).limit(1).scalar_subquery()), else_=Teacher.school_id)


def with_records(caller: Caller, hub_id: UUID) -> Select[Registration, Event, Teacher, School]:
    """Registrations that have records, with their event, their teacher and the school at the time.

    Those of events that are completed and at which attendance was taken at all: where nobody was checked in, nothing
    is known of who came. Whoever cancelled and came after all has the records of the one who came.
    """
    later = aliased(Registration)
    replaced = exists().where(
        later.event_id == Registration.event_id,
        later.teacher_id == Registration.teacher_id,
        or_(later.live_event_id.is_not(None), later.id > Registration.id),
    )
    taken = select(Registration.event_id).where(Registration.checked_in_at.is_not(None))
    then = school_then()
    return (
        select(Registration, Event, Teacher, School)
        .join(Event, Event.id == Registration.event_id)
        .join(Teacher, Teacher.id == Registration.teacher_id)
        .outerjoin(School, School.id == then)
        .where(
            within_reach(caller, "cpd:read", hub=Event.hub_id, school=then, teacher=Registration.teacher_id),
            Event.hub_id == hub_id,
            Event.status.in_(SETTLED),
            Event.id.in_(taken),
            Registration.queue_number.is_(None),
            or_(Registration.live_event_id.is_not(None), ~replaced),
        )
    )


def changed_since(since: datetime) -> ColumnElement[bool]:
    """Registrations some record of which may have changed since."""
    presenter = aliased(Teacher)
    heard = (
        exists()
        .where(Seat.registration_id == Registration.id, Presentation.table_id == Seat.table_id)
        .where(Presenter.presentation_id == Presentation.id, presenter.id == Presenter.teacher_id)
        .where(presenter.updated_at >= since)
    )
    linked = exists().where(StaffLink.teacher_id == Registration.teacher_id, StaffLink.changed_at >= since)
    own = [each.updated_at >= since for each in (Registration, Event, Teacher, School)]
    return or_(*own, heard, linked)


def around(session: Session, found: Sequence[Registration]) -> Around:
    """All that the records of these registrations tell beside the rows themselves."""
    sessions: dict[UUID, list[Heard]] = {}
    for registration_id, each in (*_seated(session, found), *_presenting(session, found)):
        sessions.setdefault(registration_id, []).append(each)
    for several in sessions.values():
        several.sort(key=lambda each: each.round_number)
    ids = {each.presentation_id for several in sessions.values() for each in several if each.presentation_id}
    return Around(sessions, _presenters(session, ids), _links(session, {each.teacher_id for each in found}))


def _seated(session: Session, found: Sequence[Registration]) -> Iterable[tuple[UUID, Heard]]:
    rows = session.execute(
        select(Seat.registration_id, Round, Presentation)
        .join(Round, Round.id == Seat.round_id)
        .outerjoin(Presentation, Presentation.table_id == Seat.table_id)
        .where(Seat.registration_id.in_([each.id for each in found]))
    )
    return [
        (holder, _heard(round_, presentation, presenting=False))
        for holder, round_, presentation in rows
        if holder is not None
    ]


def _presenting(session: Session, found: Sequence[Registration]) -> Iterable[tuple[UUID, Heard]]:
    """Rounds in which somebody stood at the own table: those in which it was open."""
    rows = session.execute(
        select(Registration.id, Round, Presentation)
        .join(
            Presenter,
            and_(Presenter.teacher_id == Registration.teacher_id, Presenter.event_id == Registration.event_id),
        )
        .join(Presentation, Presentation.id == Presenter.presentation_id)
        .join(Table, Table.id == Presentation.table_id)
        .join(Slot, and_(Slot.table_id == Table.id, Slot.closed == false()))
        .join(Round, Round.id == Slot.round_id)
        .where(Registration.id.in_([each.id for each in found if each.live_event_id is not None]))
        .order_by(Registration.id, Round.number, Table.number)
    )
    # Who has two tables in one round was there once.
    once = {(row[0], row.Round.number): row for row in reversed(rows.all())}
    return [(row[0], _heard(row.Round, row.Presentation, presenting=True)) for row in once.values()]


def _heard(round_: Round, presentation: Presentation | None, *, presenting: bool) -> Heard:
    return Heard(
        round_number=round_.number,
        starts_at=round_.starts_at,
        ends_at=round_.ends_at,
        presentation_id=presentation.id if presentation else None,
        title=presentation.title if presentation else None,
        presenting=presenting,
        changed_at=presentation.updated_at if presentation else None,
    )


def _presenters(session: Session, presentation_ids: Iterable[UUID]) -> dict[UUID, tuple[str, datetime]]:
    rows = session.execute(
        select(Presenter.presentation_id, Teacher)
        .join(Teacher, Teacher.id == Presenter.teacher_id)
        .where(Presenter.presentation_id.in_(list(presentation_ids)))
        .order_by(Presenter.position)
    )
    told: dict[UUID, tuple[str, datetime]] = {}
    for presentation_id, teacher in rows:
        name, changed_at = name_of(teacher), teacher.updated_at
        if presentation_id in told:
            others, before = told[presentation_id]
            name, changed_at = f"{others}, {name}", max(before, changed_at)
        told[presentation_id] = (name, changed_at)
    return told


def _links(session: Session, teacher_ids: Iterable[UUID]) -> dict[UUID, tuple[str, StaffLink]]:
    """By which source each person is known: one in which they are active, and of several the first."""
    rows = session.execute(
        select(Source.kind, Source.name, StaffLink)
        .join(Source, Source.id == StaffLink.source_id)
        .where(StaffLink.teacher_id.in_(list(teacher_ids)))
        .order_by(StaffLink.active, StaffLink.linked_at.desc(), StaffLink.source_id, StaffLink.record_id)
    )
    return {link.teacher_id: (f"{kind}:{name}", link) for kind, name, link in rows}


def name_of(teacher: Teacher) -> str:
    """As people call them."""
    return f"{teacher.given_name} {teacher.family_name}".strip()
