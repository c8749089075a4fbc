"""What one can ask about registrations. Every question begins with what its caller may see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from app.events import queries as events
from app.events.models import Event, Place
from app.kernel.caller import Caller
from app.kernel.commands import Arguments
from app.kernel.pagination import Page, PageRequest, paginate
from app.kernel.problems import NotFound
from app.people.models import Teacher
from app.people.reach import within_reach
from app.people.rules import folded
from app.registrations import needs
from app.registrations.models import Preference, Registration
from app.registrations.schemas import (
    PreferencesOut,
    RegisteredTeacher,
    RegistrationOut,
    RegistrationRole,
    RegistrationStatus,
)

REGISTRATIONS = ("registrations:read", "registrations:write")


def visible_registrations(caller: Caller) -> Select[Registration]:
    """Those within reach: the hub's, those of a school's teachers, or one's own."""
    of = select(Teacher.school_id).where(Teacher.id == Registration.teacher_id)
    # Said which: filters may bring teachers into the statement around it, too.
    school = of.correlate(Registration).scalar_subquery()
    reached = within_reach(caller, *REGISTRATIONS, hub=Event.hub_id, school=school, teacher=Registration.teacher_id)
    return select(Registration).join(Event, Event.id == Registration.event_id).where(reached)


def registration_row(session: Session, *, caller: Caller, registration_id: UUID) -> Registration:
    """A registration itself. Raises `NotFound`."""
    found = session.scalar(visible_registrations(caller).where(Registration.id == registration_id))
    if found is None:
        raise NotFound
    return found


def registration(session: Session, *, caller: Caller, registration_id: UUID) -> RegistrationOut:
    """Raises `NotFound`."""
    found = registration_row(session, caller=caller, registration_id=registration_id)
    return shown(session, [found], caller=caller)[0]


def registrations(
    session: Session,
    *,
    caller: Caller,
    event_id: UUID,
    page: PageRequest,
    status: RegistrationStatus | None = None,
    role: RegistrationRole | None = None,
    school_id: UUID | None = None,
    q: str | None = None,
) -> Page:
    """An event's registrations in the order in which they came in. Raises `NotFound`."""
    event = events.own_event(session, caller=caller, event_id=event_id)
    statement = visible_registrations(caller).where(Registration.event_id == event.id)
    if status is not None:
        statement = statement.where(_has_status(status))
    if role is not None:
        statement = statement.where(Registration.role == role)
    if school_id is not None or q is not None:
        statement = statement.join(Teacher, Teacher.id == Registration.teacher_id)
    if school_id is not None:
        statement = statement.where(Teacher.school_id == school_id)
    if q is not None:
        statement = statement.where(Teacher.search_key.contains(folded(q), autoescape=True))
    found = paginate(session, statement, order=[Registration.id], page=page)
    return replace(found, items=shown(session, found.items, caller=caller))


def _has_status(status: RegistrationStatus) -> ColumnElement[bool]:
    if status is RegistrationStatus.CANCELLED:
        return Registration.live_event_id.is_(None)
    if status is RegistrationStatus.WAITLISTED:
        return Registration.queue_number.is_not(None)
    return and_(Registration.live_event_id.is_not(None), Registration.queue_number.is_(None))


def status_of(registration: Registration) -> RegistrationStatus:
    """Confirmed is who is live and does not wait; the places agree, which `teachmeet check` proves."""
    if registration.live_event_id is None:
        return RegistrationStatus.CANCELLED
    return RegistrationStatus.CONFIRMED if registration.queue_number is None else RegistrationStatus.WAITLISTED


def shown(session: Session, found: Sequence[Registration], *, caller: Caller) -> list[RegistrationOut]:
    """Registrations as a client sees them: with what somebody needs where the client may read it."""
    session.flush()
    ids = [each.id for each in found]
    teachers = {
        each.id: each
        for each in session.scalars(select(Teacher).where(Teacher.id.in_([each.teacher_id for each in found])))
    }
    told = needs.read(session, caller=caller, registrations=found)
    wishes, positions = wishes_of(session, ids), _positions(session, found)
    return [
        RegistrationOut(
            id=each.id,
            event_id=each.event_id,
            teacher_id=each.teacher_id,
            teacher=RegisteredTeacher.model_validate(teachers[each.teacher_id]),
            role=RegistrationRole(each.role),
            status=status_of(each),
            waitlist_position=positions.get(each.id),
            **told.get(each.id, needs.NOTHING)._asdict(),
            preferences=wishes.get(each.id, []),
            check_in_code=each.check_in_code if status_of(each) is RegistrationStatus.CONFIRMED else None,
            checked_in_at=each.checked_in_at,
            created_at=each.created_at,
            updated_at=each.updated_at,
            cancelled_at=each.cancelled_at,
        )
        for each in found
    ]


def wishes_of(session: Session, registration_ids: Iterable[UUID]) -> Mapping[UUID, list[UUID]]:
    """Wished-for presentations, best first, by registration."""
    wishes: dict[UUID, list[UUID]] = {}
    rows = session.execute(
        select(Preference.registration_id, Preference.presentation_id)
        .where(Preference.registration_id.in_(list(registration_ids)))
        .order_by(Preference.registration_id, Preference.rank)
    )
    for registration_id, presentation_id in rows:
        wishes.setdefault(registration_id, []).append(presentation_id)
    return wishes


def preferences(session: Session, *, caller: Caller, registration_id: UUID) -> PreferencesOut:
    """Raises `NotFound`."""
    found = registration_row(session, caller=caller, registration_id=registration_id)
    wishes = wishes_of(session, [found.id]).get(found.id, [])
    return PreferencesOut(registration_id=found.id, presentation_ids=wishes)


def _positions(session: Session, found: Sequence[Registration]) -> dict[UUID, int]:
    """How far from the front of the queue each of those stands who wait, counted from 1."""
    waiting = [each for each in found if each.queue_number is not None]
    if not waiting:
        return {}
    queue = (
        select(
            Registration.id,
            func.row_number()
            .over(partition_by=Registration.event_id, order_by=Registration.queue_number)
            .label("position"),
        )
        .where(Registration.event_id.in_({each.event_id for each in waiting}), Registration.queue_number.is_not(None))
        .subquery()
    )
    rows = session.execute(select(queue.c.id, queue.c.position).where(queue.c.id.in_([each.id for each in waiting])))
    return dict(rows.all())


def place_of(session: Session, registration_id: UUID) -> Place | None:
    """The place that a registration holds."""
    return session.scalar(select(Place).where(Place.registration_id == registration_id))


def events_of_registrations(session: Session, calls: Sequence[Arguments]) -> Sequence[UUID]:
    """Whose turn calls need that name a `registration_id`."""
    ids = {call["registration_id"] for call in calls}
    return session.scalars(select(Registration.event_id).where(Registration.id.in_(ids))).all()
