"""What one can ask about attendance. Every question begins with what its caller may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, and_, cast, func, select
from sqlalchemy.orm import Session

from app.attendance.schemas import AttendanceFiguresOut, AttendanceItemOut, Attendant, CheckInOut
from app.events import queries as events
from app.events.commands import PRESENTER
from app.events.models import Event
from app.kernel.caller import Caller
from app.kernel.pagination import Page, PageRequest, paginate
from app.kernel.problems import NotFound
from app.people.models import School, Teacher
from app.people.reach import within_reach
from app.people.rules import folded
from app.registrations.models import Registration
from app.registrations.schemas import RegistrationRole

READING = ("registrations:read", "attendance:write")


@dataclass(frozen=True, slots=True)
class Attendance:
    """A page of those who are expected, with the figures of all of them."""

    event_id: UUID
    figures: AttendanceFiguresOut
    items: Sequence[AttendanceItemOut]
    next_cursor: str | None


def expected(caller: Caller, event_id: UUID, *scopes: str) -> Select[Any]:
    """Those of an event's confirmed registrations that are within reach with one of these scopes."""
    reached = within_reach(
        caller, *scopes, hub=Teacher.hub_id, school=Teacher.school_id, teacher=Registration.teacher_id
    )
    return (
        select(Registration)
        .join(Teacher, Teacher.id == Registration.teacher_id)
        .where(reached, Registration.live_event_id == event_id, Registration.queue_number.is_(None))
    )


def attendance(
    session: Session,
    *,
    caller: Caller,
    event_id: UUID,
    page: PageRequest,
    checked_in: bool | None = None,
    role: RegistrationRole | None = None,
    school_id: UUID | None = None,
    q: str | None = None,
) -> Attendance:
    """Who is expected and who has come, in the order in which they registered. Raises `NotFound`."""
    event = events.own_event(session, caller=caller, event_id=event_id)
    everybody = expected(caller, event.id, *READING)
    statement = everybody
    if checked_in is not None:
        statement = statement.where(Registration.checked_in_at.is_not(None) == checked_in)
    if role is not None:
        statement = statement.where(Registration.role == role)
    if school_id is not None:
        statement = statement.where(Teacher.school_id == school_id)
    if q is not None:
        statement = statement.where(Teacher.search_key.contains(folded(q), autoescape=True))
    found: Page = paginate(session, statement, order=[Registration.id], page=page)
    return Attendance(event.id, _figures(session, everybody), _items(session, found.items), found.next_cursor)


def _figures(session: Session, everybody: Select[Any]) -> AttendanceFiguresOut:
    came, presents = Registration.checked_in_at.is_not(None), Registration.role == PRESENTER
    counts = [func.coalesce(func.sum(cast(each, Integer)), 0) for each in (came, presents, and_(came, presents))]
    row = session.execute(everybody.with_only_columns(func.count(), *counts)).one()
    return AttendanceFiguresOut(
        expected=row[0], checked_in=row[1], presenters_expected=row[2], presenters_checked_in=row[3]
    )


def _items(session: Session, found: Sequence[Registration]) -> list[AttendanceItemOut]:
    people = attendants(session, found)
    return [
        AttendanceItemOut(
            registration_id=each.id,
            role=RegistrationRole(each.role),
            teacher=people[each.teacher_id],
            checked_in_at=each.checked_in_at,
        )
        for each in found
    ]


def attendants(session: Session, found: Sequence[Registration]) -> dict[UUID, Attendant]:
    """Whose registrations these are, with their schools, by the teacher's id."""
    rows = session.execute(
        select(Teacher.id, Teacher.given_name, Teacher.family_name, Teacher.school_id, School.name.label("school_name"))
        .join(School, School.id == Teacher.school_id)
        .where(Teacher.id.in_({each.teacher_id for each in found}))
    )
    return {row.id: Attendant.model_validate(row) for row in rows}


def shown(session: Session, found: Sequence[Registration]) -> dict[UUID, CheckInOut]:
    """Check-ins as clients see them, by registration."""
    people = attendants(session, found)
    return {
        each.id: CheckInOut(
            registration_id=each.id,
            event_id=each.event_id,
            role=RegistrationRole(each.role),
            teacher=people[each.teacher_id],
            checked_in_at=each.checked_in_at,
        )
        for each in found
        if each.checked_in_at is not None
    }


def check_in(session: Session, *, caller: Caller, registration_id: UUID) -> CheckInOut:
    """A registration's check-in. Raises `NotFound`, also while there is none."""
    found = session.scalar(visible_check_ins(caller, *READING).where(Registration.id == registration_id))
    if found is None:
        raise NotFound
    return shown(session, [found])[registration_id]


def visible_check_ins(caller: Caller, *scopes: str) -> Select[Registration]:
    """The registrations within reach with one of these scopes that have been checked in."""
    reached = within_reach(caller, *scopes, hub=Event.hub_id, school=Teacher.school_id, teacher=Registration.teacher_id)
    return (
        select(Registration)
        .join(Event, Event.id == Registration.event_id)
        .join(Teacher, Teacher.id == Registration.teacher_id)
        .where(reached, Registration.checked_in_at.is_not(None))
    )
