"""Who holds which place: handed over, given up, promoted into. All of it under the event's turn.

A place goes straight from who leaves to who has waited longest; it becomes free only when nobody waits. The database
refuses the rest, and empties the seats of whoever gives up a place.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.events import queries as events
from app.events.commands import ATTENDEE, PRESENTER, add_places
from app.events.models import Event, Place
from app.kernel import outbox
from app.kernel.ids import new_id
from app.registrations.models import Registration
from app.registrations.queries import place_of


def first_waiting(session: Session, event_id: UUID, how_many: int) -> Sequence[Registration]:
    """Those who have waited longest, in order."""
    statement = (
        select(Registration)
        .where(Registration.event_id == event_id, Registration.queue_number.is_not(None))
        .order_by(Registration.queue_number)
        .limit(how_many)
    )
    return session.scalars(statement).all()


def leave(session: Session, registration: Registration, *, event: Event, now: datetime) -> None:
    """Takes a live attendee out of their place or out of the queue; what they are afterwards is the caller's business.

    Whoever waits longest gets the place in the same step.
    """
    if registration.queue_number is not None:
        registration.queue_number = None
        session.flush()
        events.note_change(session, event.id, waitlisted=-1)
        return
    place = place_of(session, registration.id)
    successor = next(iter(first_waiting(session, event.id, 1)), None)
    if place is not None and successor is not None:
        # One step: were the place free in between, the database would refuse it, because somebody waits.
        _set_holder(session, place, successor)
        _promoted(session, [successor], event=event, now=now)
        events.note_change(session, event.id, waitlisted=-1)
    else:
        events.note_change(session, event.id, confirmed=-1)


def _set_holder(session: Session, place: Place, holder: Registration) -> None:
    session.execute(
        update(Place)
        .where(Place.event_id == place.event_id, Place.role == place.role, Place.number == place.number)
        .values(registration_id=holder.id, held_event_id=holder.event_id, held_role=holder.role)
        .execution_options(synchronize_session=False)
    )
    session.expire(place)


def _promoted(session: Session, those: Sequence[Registration], *, event: Event, now: datetime) -> None:
    """Those who waited and now hold a place wait no more."""
    for each in those:
        each.queue_number, each.updated_at = None, now
        outbox.record(
            session,
            "registration.promoted",
            hub_id=event.hub_id,
            now=now,
            event_id=event.id,
            registration_id=each.id,
            teacher_id=each.teacher_id,
        )
    session.flush()


def raise_capacity(session: Session, event: Event, *, by: int, now: datetime) -> None:
    """Adds places; those who wait get them first."""
    those = first_waiting(session, event.id, by)
    highest = session.scalar(
        select(func.coalesce(func.max(Place.number), 0)).where(Place.event_id == event.id, Place.role == ATTENDEE)
    )
    held = [
        {
            "event_id": event.id,
            "role": ATTENDEE,
            "number": number,
            "registration_id": each.id,
            "held_event_id": event.id,
            "held_role": ATTENDEE,
        }
        for number, each in enumerate(those, start=(highest or 0) + 1)
    ]
    if held:
        session.execute(insert(Place), held)
        _promoted(session, those, event=event, now=now)
        events.note_change(session, event.id, confirmed=len(held), waitlisted=-len(held))
    add_places(session, event_id=event.id, how_many=by - len(held))


def lower_capacity(session: Session, event: Event, *, by: int) -> None:
    """Takes away free places, the highest numbers first. There must be that many."""
    doomed = (
        select(Place.number)
        .where(Place.event_id == event.id, Place.role == ATTENDEE, Place.registration_id.is_(None))
        .order_by(Place.number.desc())
        .limit(by)
    )
    session.execute(
        delete(Place)
        .where(Place.event_id == event.id, Place.role == ATTENDEE, Place.number.in_(doomed))
        .execution_options(synchronize_session=False)
    )


def held_places(session: Session, event_id: UUID) -> int:
    """How many attendees hold a place."""
    statement = select(func.count()).where(
        Place.event_id == event_id, Place.role == ATTENDEE, Place.registration_id.is_not(None)
    )
    return session.scalar(statement) or 0


def give_presenters_place(session: Session, registration: Registration) -> None:
    """Gives a presenter a place of their own, outside the attendees' capacity."""
    highest = session.scalar(
        select(func.coalesce(func.max(Place.number), 0)).where(
            Place.event_id == registration.event_id, Place.role == PRESENTER
        )
    )
    session.add(
        Place(
            event_id=registration.event_id,
            role=PRESENTER,
            number=(highest or 0) + 1,
            registration_id=registration.id,
            held_event_id=registration.event_id,
            held_role=PRESENTER,
        )
    )
    session.flush()


def cancel_live(session: Session, registration: Registration, *, event: Event, now: datetime) -> None:
    """Ends a live registration. By the foreign keys it gives up its place, if it still has one, and all its seats."""
    if registration.role == ATTENDEE:
        leave(session, registration, event=event, now=now)
    registration.live_event_id = None
    registration.cancelled_at = registration.updated_at = now
    session.flush()
    if registration.role == PRESENTER:
        _remove_empty_presenters_places(session, event.id)
    session.expire_all()
    outbox.record(
        session,
        "registration.cancelled",
        hub_id=event.hub_id,
        now=now,
        event_id=event.id,
        registration_id=registration.id,
        teacher_id=registration.teacher_id,
    )


def _remove_empty_presenters_places(session: Session, event_id: UUID) -> None:
    session.execute(
        delete(Place)
        .where(Place.event_id == event_id, Place.role == PRESENTER, Place.registration_id.is_(None))
        .execution_options(synchronize_session=False)
    )


def new_presenter(session: Session, *, event: Event, teacher_id: UUID, now: datetime) -> None:
    """Registers a presenter, or makes one of the attendee that the teacher already is."""
    live = session.scalar(
        select(Registration).where(Registration.live_event_id == event.id, Registration.teacher_id == teacher_id)
    )
    if live is not None and live.role == PRESENTER:
        return
    if live is None:
        live = Registration(
            id=new_id(),
            event_id=event.id,
            live_event_id=event.id,
            teacher_id=teacher_id,
            role=PRESENTER,
            created_at=now,
            updated_at=now,
        )
        session.add(live)
    else:
        leave(session, live, event=event, now=now)
        live.role, live.updated_at = PRESENTER, now
    session.flush()
    session.expire_all()
    give_presenters_place(session, live)
    outbox.record(
        session,
        "registration.confirmed",
        hub_id=event.hub_id,
        now=now,
        event_id=event.id,
        registration_id=live.id,
        teacher_id=teacher_id,
    )
