"""Registering, many at a time: who gets a place, who waits, who is refused, decided in order and written at once.

The hot path of the evening. One call is the same as a group of one, so there is one set of rules. All of it happens
under the turns of the events concerned.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.events import queries as events
from app.events.commands import ATTENDEE
from app.events.rules import is_open_for_registration
from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.commands import Arguments, alone, by, command
from app.kernel.ids import new_id
from app.kernel.problems import Fault, InvalidRequest, Members, NotFound, Problem
from app.people.commands import new_teacher
from app.people.reach import reaches
from app.people.rules import email_key
from app.registrations import needs
from app.registrations.books import Book, Call, Known, Person, Written, look_up, write
from app.registrations.rules import check_in_code
from app.registrations.schemas import (
    RegisteredTeacher,
    RegistrationIn,
    RegistrationOut,
    RegistrationRole,
    RegistrationStatus,
)


class EventFull(Problem):
    """Every place is taken and the event keeps no waitlist, or it is somebody at the door, who cannot wait. `capacity`
    and `taken` say how many.

    Raise the event's `attendee_capacity`, turn its waitlist on, or wait until somebody cancels.
    """

    status, title = 409, "The event is full"
    example: ClassVar[Members] = {"capacity": 120, "taken": 120}


class AlreadyRegistered(Problem):
    """The teacher has a live registration for this event; `registration_id` says which.

    Use that one: show it, change it, or cancel it.
    """

    status, title = 409, "The teacher is already registered"
    example: ClassVar[Members] = {"registration_id": "0199f2c4-6f0e-7cc3-9a51-2b7d1f6e8a11"}


class RegistrationNotOpen(Problem):
    """Registration is not open: the event is not published, or it is before `registration_opens_at` or after
    `registration_closes_at`.

    Read the event: it says when. The organiser can publish it, or move those times.
    """

    status, title = 409, "Registration is not open"


def register_together(session: Session, calls: Sequence[Arguments]) -> list[RegistrationOut | Problem]:
    """Registers each in turn. The outcome of each is the registration, or the `Problem` that it meets."""
    asked = [Call(**call) for call in calls]
    known = look_up(session, asked)
    before = {event_id: (book.confirmed, book.waitlisted) for event_id, book in known.books.items()}
    written = Written()
    outcomes: list[RegistrationOut | Problem] = []
    for call in asked:
        try:
            outcomes.append(_decide(call, known, written))
        except Problem as problem:
            outcomes.append(problem)
    write(session, written)
    for event_id, (confirmed, waitlisted) in before.items():
        book = known.books[event_id]
        if (book.confirmed, book.waitlisted) != (confirmed, waitlisted):
            more_waiting = book.waitlisted - waitlisted
            events.note_change(
                session,
                event_id,
                confirmed=book.confirmed - confirmed,
                waitlisted=more_waiting,
                queue_numbers=more_waiting,
            )
    return outcomes


@command(turns=by("event_id"), together=register_together)
def register(
    session: Session, *, caller: Caller, now: datetime, event_id: UUID, body: RegistrationIn
) -> RegistrationOut:
    """Registers a teacher: confirmed while there are places, waitlisted after that.

    Raises `NotFound`, `AlreadyRegistered`, `RegistrationNotOpen`, `EventFull`, `InvalidRequest`.
    """
    registered: RegistrationOut = alone(
        register_together, session, caller=caller, now=now, event_id=event_id, body=body
    )
    return registered


def _decide(call: Call, known: Known, written: Written) -> RegistrationOut:
    """One verdict, entered into the books. Raises the `Problem` that refuses it."""
    book = known.books.get(call.event_id)
    if book is None or not events.may_see(call.caller, hub_id=book.event.hub_id, status=book.event.status):
        raise NotFound
    teacher = _teacher(call, book.event.hub_id, known)
    _check_wishes(call, known)
    if teacher is not None and (call.event_id, teacher.id) in known.live:
        live = known.live[call.event_id, teacher.id]
        raise AlreadyRegistered("This teacher is already registered for this event.", registration_id=str(live))
    if not call.walk_in and not is_open_for_registration(
        status=book.event.status,
        opens_at=book.event.registration_opens_at,
        closes_at=book.event.registration_closes_at,
        now=call.now,
    ):
        raise RegistrationNotOpen("This event takes no registrations now.")
    if not book.free and (call.walk_in or not book.event.waitlist_enabled):
        capacity = book.event.attendee_capacity
        raise EventFull("Every place is taken, and nobody can wait for one.", capacity=capacity, taken=book.confirmed)
    if teacher is None:
        teacher = _make_teacher(call, book.event.hub_id, known, written)
    return _enter(call, teacher, book, known, written)


def _teacher(call: Call, hub_id: UUID, known: Known) -> Person | None:
    """The teacher that a call names, or None when there is to be a new one. Raises `InvalidRequest`."""
    body = call.body
    if body.teacher is None:
        if call.teacher_id is None:
            raise _unusable("name one teacher: by teacher_id, or with teacher", "/teacher_id")
        teacher, pointer = known.people.get(call.teacher_id), "/teacher_id"
    else:
        if not _has_school(call, hub_id, body.teacher.school_id, known):
            raise _unusable("is not a school of this hub", "/teacher/school_id")
        teacher, pointer = known.by_email.get((hub_id, email_key(body.teacher.email))), "/teacher/email"
        if teacher is None:
            return None
    if teacher is None or teacher.hub_id != hub_id or not _reaches(call, hub_id, teacher.school_id, teacher.id):
        raise _unusable("is not a teacher of this hub", pointer)
    return teacher


def _reaches(call: Call, hub_id: UUID, school_id: UUID, teacher_id: UUID | None) -> bool:
    return reaches(call.caller, call.scope, hub_id=hub_id, school_id=school_id, teacher_id=teacher_id)


def _has_school(call: Call, hub_id: UUID, school_id: UUID, known: Known) -> bool:
    return known.schools.get(school_id) == hub_id and _reaches(call, hub_id, school_id, None)


def _check_wishes(call: Call, known: Known) -> None:
    wishes = call.body.preferences
    faults = wish_faults(wishes, {each for each in wishes if known.presentations.get(each) == call.event_id})
    if faults:
        raise InvalidRequest("Some wishes cannot be used.", errors=faults)


def wish_faults(wishes: Sequence[UUID], possible: Iterable[UUID], *, pointer: str = "/preferences") -> list[Fault]:
    """What is wrong with ranked wishes: each is for an accepted presentation of the event, and none comes twice."""
    possible = set(possible)
    faults = []
    for index, each in enumerate(wishes):
        if each not in possible:
            faults.append(Fault("is not an accepted presentation of this event", pointer=f"{pointer}/{index}"))
        elif each in wishes[:index]:
            faults.append(Fault("comes twice", pointer=f"{pointer}/{index}"))
    return faults


def _unusable(detail: str, pointer: str) -> InvalidRequest:
    return InvalidRequest("Some values cannot be used.", errors=[Fault(detail, pointer=pointer)])


def _make_teacher(call: Call, hub_id: UUID, known: Known, written: Written) -> Person:
    wanted = call.body.teacher
    assert wanted is not None
    teacher = new_teacher(hub_id=hub_id, now=call.now, **wanted.model_dump())
    written.teachers.append(teacher)
    written.facts.append(
        outbox.fact("teacher.created", hub_id=hub_id, now=call.now, actor=call.caller.principal, teacher_id=teacher.id)
    )
    person = Person(*(getattr(teacher, name) for name in Person._fields))
    known.add(person)
    return person


def _enter(call: Call, teacher: Person, book: Book, known: Known, written: Written) -> RegistrationOut:
    """Enters a registration that nothing stands against: with the next free place, or at the end of the queue."""
    body, registration_id = call.body, new_id()
    row = {
        "id": registration_id,
        "event_id": call.event_id,
        "live_event_id": call.event_id,
        "teacher_id": teacher.id,
        "role": ATTENDEE,
        "queue_number": None,
        "created_at": call.now,
        "updated_at": call.now,
    }
    position = None
    if book.free:
        written.confirmed.append(row)
        written.places.append({"at_event": call.event_id, "at_number": book.free.pop(), "holder": registration_id})
        book.confirmed += 1
    else:
        written.waiting.append({**row, "queue_number": book.next_queue_number})
        book.next_queue_number += 1
        book.waitlisted += 1
        position = book.waitlisted
    status = RegistrationStatus.CONFIRMED if position is None else RegistrationStatus.WAITLISTED
    known.live[call.event_id, teacher.id] = registration_id
    _enter_extras(call, registration_id, written)
    written.facts.append(
        outbox.fact(
            f"registration.{status}",
            hub_id=book.event.hub_id,
            now=call.now,
            actor=call.caller.principal,
            event_id=call.event_id,
            registration_id=registration_id,
            teacher_id=teacher.id,
        )
    )
    told = needs.Told(body.dietary_requirements or None, body.access_requirements or None)
    return RegistrationOut(
        id=registration_id,
        event_id=call.event_id,
        teacher_id=teacher.id,
        teacher=RegisteredTeacher(
            id=teacher.id,
            given_name=teacher.given_name,
            family_name=teacher.family_name,
            school_id=teacher.school_id,
        ),
        role=RegistrationRole.ATTENDEE,
        status=status,
        waitlist_position=position,
        **(told if needs.may_read(call.caller, teacher.id) else needs.NOTHING)._asdict(),
        preferences=body.preferences,
        check_in_code=check_in_code(registration_id) if position is None else None,
        checked_in_at=None,
        created_at=call.now,
        updated_at=call.now,
        cancelled_at=None,
    )


def _enter_extras(call: Call, registration_id: UUID, written: Written) -> None:
    body = call.body
    if body.dietary_requirements or body.access_requirements:
        told = needs.Told(body.dietary_requirements or None, body.access_requirements or None)
        written.needs.append((registration_id, told))
    written.wishes += [
        {
            "registration_id": registration_id,
            "event_id": call.event_id,
            "rank": rank,
            "presentation_id": presentation_id,
        }
        for rank, presentation_id in enumerate(body.preferences, start=1)
    ]
