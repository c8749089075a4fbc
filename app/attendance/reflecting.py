"""Reflections: what went well, what would make it even better. By those who were there; one for each subject."""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import Session

from app.attendance.models import Reflection
from app.attendance.schemas import ReflectionIn, ReflectionOut
from app.events import queries as events
from app.events.models import Event
from app.events.rules import EventStatus
from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.commands import by, command
from app.kernel.ids import new_id
from app.kernel.merge import merge
from app.kernel.pagination import Page, PageRequest, paginate
from app.kernel.problems import Fault, InvalidRequest, Problem
from app.kernel.rendering import Rendered, render_item
from app.marketplace.models import Presentation
from app.marketplace.queries import presented_by
from app.marketplace.rules import PresentationStatus
from app.registrations.models import Registration
from app.registrations.queries import visible_registrations


class ReflectionNotOpen(Problem):
    """Only who was there writes a reflection: those who have been checked in, and, once the event is completed, those
    whose registration was confirmed.

    Check in first, or wait until the organiser has completed the event.
    """

    status, title = 409, "Only those who were there write a reflection"


class Written(NamedTuple):
    """A reflection as it stands now, and whether it is new."""

    reflection: ReflectionOut
    is_new: bool


@command(turns=by("event_id"))
def reflect(session: Session, *, caller: Caller, now: datetime, event_id: UUID, body: ReflectionIn) -> Written:
    """Writes a reflection, or changes the one that there is. Raises `NotFound`, `InvalidRequest`,
    `ReflectionNotOpen`."""
    event = events.own_event(session, caller=caller, event_id=event_id)
    registration = _whose(session, caller, event, body)
    if not _was_there(registration, event):
        raise ReflectionNotOpen("This registration does not say that its teacher was there.")
    _check_subject(session, registration, body)
    about: ColumnElement[bool] = (
        Reflection.presentation_id.is_(None)
        if body.presentation_id is None
        else Reflection.presentation_id == body.presentation_id
    )
    kept = session.scalar(select(Reflection).where(Reflection.registration_id == registration.id, about))
    said = body.model_dump(include={"what_went_well", "even_better_if", "rating"})
    is_new = kept is None
    if kept is None:
        kept = Reflection(
            id=new_id(),
            event_id=event.id,
            registration_id=registration.id,
            presentation_id=body.presentation_id,
            created_at=now,
            updated_at=now,
            **said,
        )
        session.add(kept)
        _tell(session, kept, event, now=now, what="created")
    elif merge(kept, said):
        kept.updated_at = now
        _tell(session, kept, event, now=now, what="updated")
    session.flush()
    return Written(ReflectionOut.model_validate(kept), is_new=is_new)


def _whose(session: Session, caller: Caller, event: Event, body: ReflectionIn) -> Registration:
    """The registration for which a reflection is written. Raises `InvalidRequest`."""
    statement = visible_registrations(caller).where(Registration.event_id == event.id)
    if body.registration_id is not None:
        found = session.scalar(statement.where(Registration.id == body.registration_id))
        problem = "is not a registration of this event"
    else:
        own = Registration.teacher_id == caller.teacher_id
        found = session.scalar(statement.where(own, Registration.live_event_id.is_not(None)))
        problem = "name one: no registration for this event is your own"
    if found is None:
        raise _unusable(problem, "/registration_id")
    return found


def _was_there(registration: Registration, event: Event) -> bool:
    confirmed = registration.live_event_id is not None and registration.queue_number is None
    over = event.status in (EventStatus.COMPLETED, EventStatus.ARCHIVED)
    return registration.checked_in_at is not None or (confirmed and over)


def _check_subject(session: Session, registration: Registration, body: ReflectionIn) -> None:
    """A presentation that was given at the event, by somebody else. Raises `InvalidRequest`."""
    if body.presentation_id is None:
        return
    given = select(Presentation.id).where(
        Presentation.id == body.presentation_id,
        Presentation.event_id == registration.event_id,
        Presentation.status == PresentationStatus.ACCEPTED,
    )
    if session.scalar(given) is None:
        raise _unusable("is not an accepted presentation of this event", "/presentation_id")
    if session.scalar(given.where(presented_by(registration.teacher_id))) is not None:
        raise _unusable("is their own presentation", "/presentation_id")


def _unusable(detail: str, pointer: str) -> InvalidRequest:
    return InvalidRequest("Some values cannot be used.", errors=[Fault(detail, pointer=pointer)])


def _tell(session: Session, reflection: Reflection, event: Event, *, now: datetime, what: str) -> None:
    outbox.record(
        session,
        f"reflection.{what}",
        hub_id=event.hub_id,
        now=now,
        event_id=event.id,
        reflection_id=reflection.id,
        presentation_id=reflection.presentation_id,
    )


def render_written(written: Written) -> Rendered:
    """201 for a new reflection, 200 for one that was there."""
    return render_item(ReflectionOut, status=201 if written.is_new else 200)(written.reflection)


def visible_reflections(caller: Caller) -> Select[Any]:
    """All for those who run the hub; of others' only those on presentations that the caller gives."""
    statement = select(Reflection).join(Event, Event.id == Reflection.event_id)
    if caller.is_operator:
        return statement
    here = statement.where(Event.hub_id == caller.hub_id)
    if caller.runs_hub("registrations:read", "registrations:write"):
        return here
    return here.where(or_(presented_to(caller), Reflection.registration_id.in_(_own(caller))))


def presented_to(caller: Caller) -> ColumnElement[bool]:
    """Reflections on presentations that the caller gives."""
    if caller.teacher_id is None:
        return false()
    return Reflection.presentation_id.in_(select(Presentation.id).where(presented_by(caller.teacher_id)))


def _own(caller: Caller) -> Select[UUID]:
    return select(Registration.id).where(Registration.teacher_id == caller.teacher_id)


def reflections(
    session: Session, *, caller: Caller, event_id: UUID, page: PageRequest, presentation_id: UUID | None = None
) -> Page:
    """An event's reflections in the order in which they were written first. Raises `NotFound`.

    Presenters are not told whose each is, so that people say what they think.
    """
    event = events.own_event(session, caller=caller, event_id=event_id)
    statement = visible_reflections(caller).where(Reflection.event_id == event.id)
    if presentation_id is not None:
        statement = statement.where(Reflection.presentation_id == presentation_id)
    found = paginate(session, statement, order=[Reflection.id], page=page)
    everyone = caller.runs_hub("registrations:read", "registrations:write")
    own = set() if everyone or caller.teacher_id is None else set(session.scalars(_own(caller)))
    shown = [ReflectionOut.model_validate(each) for each in found.items]
    return replace(
        found,
        items=[
            each if everyone or each.registration_id in own else each.model_copy(update={"registration_id": None})
            for each in shown
        ],
    )
