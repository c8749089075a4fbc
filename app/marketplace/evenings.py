"""Setting up an evening with its tables: from nothing, or from last year's."""

from datetime import datetime
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from app.events import queries as events
from app.events.commands import IllegalTransition, new_event
from app.events.models import Event, Round
from app.events.rules import EventKind, EventStatus, NoSuchLocalTime, moved
from app.events.schemas import EventCopyIn, EventIn, EventOut, RoundIn, Venue
from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.commands import by, command
from app.kernel.problems import Fault, InvalidRequest
from app.marketplace import layout
from app.marketplace.models import Presentation, Slot, Table
from app.people import queries as people


@command()
def create_event(session: Session, *, caller: Caller, now: datetime, hub_id: str, body: EventIn) -> EventOut:
    """Makes a draft, with its rounds, places, tables and seats. Raises `NotFound`, `InvalidRequest`."""
    caller.must_run_the_hub()
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    event = _set_up(session, hub_id=hub.id, now=now, body=body)
    return events.shown(session, [event])[0]


@command()
def copy_event(session: Session, *, caller: Caller, now: datetime, event_id: UUID, body: EventCopyIn) -> EventOut:
    """Makes next year's draft of an event: the same venue, size, tables and rounds, moved by the same local time.

    Raises `NotFound`, and `InvalidRequest` when a local time does not exist on the new day.
    """
    caller.must_run_the_hub()
    old = events.own_event(session, caller=caller, event_id=event_id)
    event = _set_up(session, hub_id=old.hub_id, now=now, body=_moved_body(session, old, body))
    _copy_tables(session, old_id=old.id, new_id=event.id)
    layout.complete(session, event.id)
    return events.shown(session, [event])[0]


@command(turns=by("event_id"))
def delete_event(session: Session, *, caller: Caller, now: datetime, event_id: UUID) -> None:
    """Deletes a draft that holds no presentations. Raises `NotFound`, `IllegalTransition`."""
    caller.must_run_the_hub()
    event = events.own_event(session, caller=caller, event_id=event_id)
    if event.status != EventStatus.DRAFT:
        raise IllegalTransition(f"An event that is {event.status} is not deleted; cancel and archive it.")
    if session.scalar(select(Presentation.id).where(Presentation.event_id == event.id).limit(1)):
        raise IllegalTransition("People have offered presentations for this event; cancel and archive it.")
    session.execute(delete(Event).where(Event.id == event.id).execution_options(synchronize_session=False))
    outbox.record(session, "event.deleted", hub_id=event.hub_id, now=now, event_id=event.id)


def _set_up(session: Session, *, hub_id: UUID, now: datetime, body: EventIn) -> Event:
    event = new_event(session, hub_id=hub_id, now=now, body=body)
    layout.add_tables(session, event_id=event.id, numbers=range(1, event.table_count + 1), seats=event.seats_per_table)
    layout.complete(session, event.id)
    return event


def _moved_body(session: Session, old: Event, body: EventCopyIn) -> EventIn:
    def move(instant: datetime) -> datetime:
        return moved(instant, old_start=old.starts_at, new_start=body.starts_at, timezone=old.timezone)

    rounds = events.rounds_of(session, [old.id]).get(old.id, [])
    try:
        return EventIn(
            name=body.name or old.name,
            kind=EventKind(old.kind),
            venue=Venue(name=old.venue_name, address=old.venue_address, postcode=old.venue_postcode),
            starts_at=move(old.starts_at),
            ends_at=move(old.ends_at),
            timezone=old.timezone,
            attendee_capacity=old.attendee_capacity,
            table_count=old.table_count,
            seats_per_table=old.seats_per_table,
            rounds=[
                RoundIn(number=each.number, starts_at=move(each.starts_at), ends_at=move(each.ends_at))
                for each in rounds
            ],
            registration_opens_at=old.registration_opens_at and move(old.registration_opens_at),
            registration_closes_at=old.registration_closes_at and move(old.registration_closes_at),
            waitlist_enabled=old.waitlist_enabled,
        )
    except (NoSuchLocalTime, ValidationError, OverflowError) as error:
        why = str(error) if isinstance(error, NoSuchLocalTime) else "moves the evening out of the years 1970 to 2200"
        fault = Fault(why, pointer="/starts_at")
        raise InvalidRequest("The evening cannot be moved to that time.", errors=[fault]) from None


def _copy_tables(session: Session, *, old_id: UUID, new_id: UUID) -> None:
    """The room as it was: seats, zones, where each table stands, and rounds in which a table is closed."""
    session.flush()
    old = {table.number: table for table in session.scalars(select(Table).where(Table.event_id == old_id))}
    for table in session.scalars(select(Table).where(Table.event_id == new_id)).all():
        before = old[table.number]
        table.zone, table.x, table.y = before.zone, before.x, before.y
        if table.seats != before.seats:
            layout.set_seats(session, [table], before.seats)
    closed = _closed_slots(session, old_id)
    if closed:
        for slot, number, table_number in session.execute(_slots(new_id)):
            slot.closed = (number, table_number) in closed
    session.flush()


def _slots(event_id: UUID) -> Select[Slot, int, int]:
    """An event's slots with the numbers of their round and table."""
    return (
        select(Slot, Round.number, Table.number)
        .join(Round, Round.id == Slot.round_id)
        .join(Table, Table.id == Slot.table_id)
        .where(Slot.event_id == event_id)
    )


def _closed_slots(session: Session, event_id: UUID) -> set[tuple[int, int]]:
    return {(number, table) for slot, number, table in session.execute(_slots(event_id)) if slot.closed}
