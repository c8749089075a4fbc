"""What one can do with an event by itself. Setting up its tables and changing its size belong to the rooms above."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, insert, literal, select
from sqlalchemy.orm import Session

from app.events import queries
from app.events.models import Event, Figures, Place, Round
from app.events.rules import LIFECYCLE, EventStatus, Times, Timetable, Transition, size_faults, timetable_faults
from app.events.schemas import EventIn, EventOut, RoundIn
from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.commands import by, command
from app.kernel.ids import new_id
from app.kernel.numbers import numbers_up_to
from app.kernel.problems import InvalidRequest, Members, Problem

ATTENDEE = "attendee"
PRESENTER = "presenter"


class IllegalTransition(Problem):
    """The event's status does not allow this. The states are draft → published ⇄ closed → completed, or cancelled, then
    archived.

    Look at the event's `status`, and do first what comes first.
    """

    status, title = 409, "The event's status does not allow this"


class CapacityBelowTaken(Problem):
    """The new number is below what is already taken. `capacity` is what you asked for, `taken` what is taken.

    Ask for at least that many, or free some first.
    """

    status, title = 409, "Below what is already taken"
    example: ClassVar[Members] = {"capacity": 100, "taken": 112}


@command(turns=by("event_id"))
def change_status(
    session: Session, *, caller: Caller, now: datetime, event_id: UUID, transition: Transition
) -> EventOut:
    """Moves an event along its lifecycle. Raises `NotFound`, `IllegalTransition`."""
    caller.must_run_the_hub()
    event = queries.own_event(session, caller=caller, event_id=event_id)
    sources, target = LIFECYCLE[transition]
    if event.status not in sources:
        raise IllegalTransition(f"An event that is {event.status} cannot {transition}.")
    event.status, event.updated_at = target, now
    queries.note_change(session, event.id)
    outbox.record(session, f"event.{target}", hub_id=event.hub_id, now=now, event_id=event.id)
    return queries.shown(session, [event])[0]


def new_event(session: Session, *, hub_id: UUID, now: datetime, body: EventIn) -> Event:
    """Writes down a draft with its rounds, places and figures. Raises `InvalidRequest` for an impossible timetable."""
    check_timetable(
        Timetable(
            body.starts_at, body.ends_at, times(body.rounds), body.registration_opens_at, body.registration_closes_at
        ),
        table_count=body.table_count,
        seats_per_table=body.seats_per_table,
    )
    plain = body.model_dump(exclude={"venue", "rounds", "kind"})
    event = Event(
        id=new_id(),
        hub_id=hub_id,
        kind=str(body.kind),
        status=str(EventStatus.DRAFT),
        venue_name=body.venue.name,
        venue_address=body.venue.address,
        venue_postcode=body.venue.postcode,
        created_at=now,
        updated_at=now,
        **plain,
    )
    session.add(event)
    session.flush()
    session.add(Figures(event_id=event.id, confirmed_count=0, waitlisted_count=0, next_queue_number=1, version=1))
    session.add_all(new_round(event.id, each) for each in times(body.rounds))
    session.flush()
    add_places(session, event_id=event.id, how_many=event.attendee_capacity)
    outbox.record(session, "event.created", hub_id=hub_id, now=now, event_id=event.id)
    return event


def new_round(event_id: UUID, each: Times) -> Round:
    return Round(id=new_id(), event_id=event_id, number=each.number, starts_at=each.starts_at, ends_at=each.ends_at)


def times(rounds: Sequence[RoundIn]) -> list[Times]:
    return [Times(each.number, each.starts_at, each.ends_at) for each in rounds]


def check_timetable(timetable: Timetable, *, table_count: int, seats_per_table: int) -> None:
    """Raises `InvalidRequest` with every place that is wrong."""
    faults = [
        *timetable_faults(timetable),
        *size_faults(table_count=table_count, seats_per_table=seats_per_table, rounds=len(timetable.rounds)),
    ]
    if faults:
        raise InvalidRequest("The event's times or size are not possible.", errors=faults)


def add_places(session: Session, *, event_id: UUID, how_many: int) -> None:
    """Makes free places for attendees, numbered on from the highest there is."""
    if how_many <= 0:
        return
    highest = (
        select(func.coalesce(func.max(Place.number), 0))
        .where(Place.event_id == event_id, Place.role == ATTENDEE)
        .scalar_subquery()
    )
    numbers = numbers_up_to(how_many)
    rows = select(literal(event_id, Place.event_id.type), literal(ATTENDEE), highest + numbers.c.number)
    session.execute(insert(Place).from_select(["event_id", "role", "number"], rows))
