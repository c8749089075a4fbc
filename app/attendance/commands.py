"""What one can do at the door: check in, take that back, let somebody in who has not registered."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.attendance import queries
from app.attendance.rules import TAKES_PLACE, Window, device_time_fault, window
from app.attendance.schemas import CheckInBatchIn, CheckInBatchItem, CheckInBatchOut, CheckInIn, CheckInOut
from app.bookings.seating import RegistrationNotConfirmed
from app.events import queries as events
from app.events.models import Event
from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.commands import Arguments, alone, by, command
from app.kernel.problems import Fault, InvalidRequest, Members, NotFound, Problem
from app.kernel.refusals import faults_in
from app.people.models import Teacher
from app.people.reach import within_reach
from app.registrations import queries as registrations
from app.registrations.models import Registration
from app.registrations.queries import events_of_registrations
from app.registrations.registering import register_together
from app.registrations.rules import as_code
from app.registrations.schemas import RegistrationIn, RegistrationOut

SCOPE = "attendance:write"


class CheckInNotOpen(Problem):
    """Check-ins are taken from 12 hours before the event begins until 7 days after it ends: `opens_at` and `closes_at`
    say when that is. A draft and a cancelled or archived event take none.

    Wait until `opens_at`. What a device has collected in time is taken with its own times.
    """

    status, title = 409, "Check-in is not open"
    example: ClassVar[Members] = {
        "opens_at": "2026-12-03T04:30:00+00:00",
        "closes_at": "2026-12-10T18:30:00+00:00",
    }


@command(turns=by("event_id"))
def check_in(session: Session, *, caller: Caller, now: datetime, event_id: UUID, body: CheckInIn) -> CheckInOut:
    """Notes that somebody has come. Twice is once; of several times the earliest stays.

    Raises `NotFound`, `CheckInNotOpen`, `InvalidRequest`, `RegistrationNotConfirmed`.
    """
    [outcome] = _check_in_all(session, caller=caller, now=now, event_id=event_id, wanted=[body])
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


@command(turns=by("event_id"))
def check_in_batch(
    session: Session,
    *,
    caller: Caller,
    now: datetime,
    event_id: UUID,
    body: CheckInBatchIn,
    instance: str,
    request_id: str,
) -> CheckInBatchOut:
    """Notes many check-ins, each as if alone; one that is refused hinders nobody else.

    Raises `NotFound`, `CheckInNotOpen`. `instance` and `request_id` go into the problems of those that are refused.
    """
    read = [_read(item) for item in body.items]
    wanted = [each for each in read if isinstance(each, CheckInIn)]
    verdicts = iter(_check_in_all(session, caller=caller, now=now, event_id=event_id, wanted=wanted))
    outcomes = [each if isinstance(each, Problem) else next(verdicts) for each in read]
    return CheckInBatchOut(items=[_item(each, instance=instance, request_id=request_id) for each in outcomes])


def _read(item: dict[str, Any]) -> CheckInIn | Problem:
    try:
        return CheckInIn.model_validate_json(json.dumps(item))
    except ValidationError as error:
        return InvalidRequest("Some values cannot be used.", errors=faults_in(error))


def _item(outcome: CheckInOut | Problem, *, instance: str, request_id: str) -> CheckInBatchItem:
    if isinstance(outcome, Problem):
        return CheckInBatchItem(status=outcome.status, body=outcome.body(instance=instance, request_id=request_id))
    return CheckInBatchItem(status=200, body=outcome.model_dump(mode="json"))


def _check_in_all(
    session: Session, *, caller: Caller, now: datetime, event_id: UUID, wanted: Sequence[CheckInIn]
) -> list[CheckInOut | Problem]:
    event = events.own_event(session, caller=caller, event_id=event_id)
    doors = open_doors(event, now=now)
    named = _named(session, caller, event, wanted)
    outcomes: list[Registration | Problem] = []
    for each in wanted:
        try:
            outcomes.append(_enter(session, each, named, event, doors, now=now))
        except Problem as problem:
            outcomes.append(problem)
    session.flush()
    shown = queries.shown(session, [each for each in outcomes if isinstance(each, Registration)])
    return [each if isinstance(each, Problem) else shown[each.id] for each in outcomes]


def open_doors(event: Event, *, now: datetime) -> Window:
    """When an event's check-ins are taken. Raises `CheckInNotOpen` when that is not now."""
    doors = window(starts_at=event.starts_at, ends_at=event.ends_at)
    if event.status not in TAKES_PLACE or not doors.holds(now):
        opens_at, closes_at = doors.opens_at.isoformat(), doors.closes_at.isoformat()
        detail = "Check-ins are not taken now." if event.status in TAKES_PLACE else f"The event is {event.status}."
        raise CheckInNotOpen(detail, opens_at=opens_at, closes_at=closes_at)
    return doors


Named = dict[UUID | str, Registration]
"""Registrations by their id, and by their code."""


def _named(session: Session, caller: Caller, event: Event, wanted: Iterable[CheckInIn]) -> Named:
    wanted = list(wanted)
    ids = {each.registration_id for each in wanted if each.registration_id is not None}
    codes = {as_code(each.code) for each in wanted if each.code is not None}
    here = _within_reach(caller, event).where(or_(Registration.id.in_(ids), Registration.check_in_code.in_(codes)))
    found: Named = {}
    for each in session.scalars(here):
        found[each.id] = found[each.check_in_code] = each
    return found


def _within_reach(caller: Caller, event: Event) -> Select[Registration]:
    reached = within_reach(caller, SCOPE, hub=Teacher.hub_id, school=Teacher.school_id)
    teachers = select(Registration).join(Teacher, Teacher.id == Registration.teacher_id)
    return teachers.where(Registration.event_id == event.id, reached)


def _enter(
    session: Session, wish: CheckInIn, named: Named, event: Event, doors: Window, *, now: datetime
) -> Registration:
    if wish.registration_id is not None:
        registration, pointer = named.get(wish.registration_id), "/registration_id"
    else:
        registration, pointer = named.get(as_code(wish.code or "")), "/code"
    if registration is None:
        raise _unusable("is not a registration of this event", pointer)
    at = wish.checked_in_at or now
    fault = device_time_fault(at, opens_at=doors.opens_at, now=now)
    if fault is not None:
        raise _unusable(fault, "/checked_in_at")
    if registration.live_event_id is None or registration.queue_number is not None:
        status = registrations.status_of(registration)
        raise RegistrationNotConfirmed(f"The registration is {status}: its teacher holds no place.")
    note_arrival(session, registration, event=event, at=min(at, now), now=now)
    return registration


def note_arrival(session: Session, registration: Registration, *, event: Event, at: datetime, now: datetime) -> None:
    """Writes down when somebody who holds a place came, unless an earlier time is known already."""
    if registration.checked_in_at is not None and registration.checked_in_at <= at:
        return
    is_new = registration.checked_in_at is None
    registration.checked_in_at, registration.updated_at = at, now
    if is_new:
        _tell(session, registration, event, now=now, what="checked_in")


def _tell(session: Session, registration: Registration, event: Event, *, now: datetime, what: str) -> None:
    outbox.record(
        session,
        f"registration.{what}",
        hub_id=event.hub_id,
        now=now,
        event_id=event.id,
        registration_id=registration.id,
        teacher_id=registration.teacher_id,
    )


def _unusable(detail: str, pointer: str) -> InvalidRequest:
    return InvalidRequest("Some values cannot be used.", errors=[Fault(detail, pointer=pointer)])


@command(turns=events_of_registrations)
def undo_check_in(session: Session, *, caller: Caller, now: datetime, registration_id: UUID) -> None:
    """Takes a check-in back. Raises `NotFound`, also when there is none, and `CheckInNotOpen`."""
    registration = session.scalar(queries.visible_check_ins(caller, SCOPE).where(Registration.id == registration_id))
    if registration is None:
        raise NotFound
    event = session.get_one(Event, registration.event_id)
    open_doors(event, now=now)
    registration.checked_in_at, registration.updated_at = None, now
    _tell(session, registration, event, now=now, what="check_in_undone")


def _walk_in_together(session: Session, calls: Sequence[Arguments]) -> list[RegistrationOut | Problem]:
    return register_together(session, [{**call, "walk_in": True} for call in calls])


@command(turns=by("event_id"))
def walk_in(
    session: Session, *, caller: Caller, now: datetime, event_id: UUID, body: RegistrationIn
) -> RegistrationOut:
    """Registers somebody who stands at the door, and checks them in: both or neither.

    Raises `NotFound`, `CheckInNotOpen`, `AlreadyRegistered`, `EventFull`, `InvalidRequest`.
    """
    event = events.own_event(session, caller=caller, event_id=event_id)
    open_doors(event, now=now)
    made: RegistrationOut = alone(_walk_in_together, session, caller=caller, now=now, event_id=event_id, body=body)
    registration = session.get_one(Registration, made.id)
    note_arrival(session, registration, event=event, at=now, now=now)
    session.flush()
    return made.model_copy(update={"checked_in_at": now})
