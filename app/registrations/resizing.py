"""Changing an event: its words and times, and its size, which never goes below what is taken and promotes who waits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events import queries as events
from app.events.commands import CapacityBelowTaken, check_timetable, new_round, times
from app.events.models import Event
from app.events.rules import Times, Timetable
from app.events.schemas import EventChange, EventOut
from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.commands import by, command
from app.kernel.merge import merge
from app.marketplace import layout
from app.marketplace.commands import must_be_open_to_change
from app.marketplace.models import Table
from app.registrations import places


@command(turns=by("event_id"))
def change_event(session: Session, *, caller: Caller, now: datetime, event_id: UUID, body: EventChange) -> EventOut:
    """Changes an event, whole or not at all. Raises `NotFound`, `EventOver`, `InvalidRequest`, `CapacityBelowTaken`."""
    caller.must_run_the_hub()
    event = events.own_event(session, caller=caller, event_id=event_id)
    must_be_open_to_change(event)
    before = events.shown(session, [event])[0]
    _check(before, body)
    changes = body.model_dump(exclude_unset=True, exclude={"venue", "rounds", "table_count", "seats_per_table"})
    capacity = changes.pop("attendee_capacity", event.attendee_capacity)
    merge(event, {**changes, **_venue(body)})
    _set_capacity(session, event, capacity, now=now)
    _set_layout(session, event, body)
    after = events.shown(session, [event])[0]
    if after != before:
        event.updated_at = now
        events.note_change(session, event.id)
        outbox.record(session, "event.updated", hub_id=event.hub_id, now=now, event_id=event.id)
        return events.shown(session, [event])[0]
    return after


def _check(before: EventOut, body: EventChange) -> None:
    """Looks at the event as it would be, so that the parts fit together."""
    rounds: Sequence[Times] = (
        times(body.rounds)
        if body.rounds is not None
        else [Times(each.number, each.starts_at, each.ends_at) for each in before.rounds]
    )

    def after(name: str) -> Any:
        return getattr(body, name) if name in body.model_fields_set else getattr(before, name)

    check_timetable(
        Timetable(
            after("starts_at"),
            after("ends_at"),
            rounds,
            after("registration_opens_at"),
            after("registration_closes_at"),
        ),
        table_count=after("table_count"),
        seats_per_table=after("seats_per_table"),
    )


def _venue(body: EventChange) -> dict[str, object]:
    """The venue's columns that change: null removes the whole of it, an object its named parts (RFC 7396)."""
    if "venue" not in body.model_fields_set:
        return {}
    if body.venue is None:
        return {"venue_name": None, "venue_address": None, "venue_postcode": None}
    return {f"venue_{name}": value for name, value in body.venue.model_dump(exclude_unset=True).items()}


def _set_capacity(session: Session, event: Event, capacity: int, *, now: datetime) -> None:
    more = capacity - event.attendee_capacity
    if more < 0:
        taken = places.held_places(session, event.id)
        if taken > capacity:
            raise CapacityBelowTaken(f"{taken} attendees are confirmed.", capacity=capacity, taken=taken)
        places.lower_capacity(session, event, by=-more)
    elif more > 0:
        places.raise_capacity(session, event, by=more, now=now)
    event.attendee_capacity = capacity
    session.flush()


def _set_layout(session: Session, event: Event, body: EventChange) -> None:
    if body.rounds is not None:
        _set_rounds(session, event, times(body.rounds))
    if body.seats_per_table is not None and body.seats_per_table != event.seats_per_table:
        usual = select(Table).where(Table.event_id == event.id, Table.seats == event.seats_per_table)
        layout.set_seats(session, session.scalars(usual).all(), body.seats_per_table)
        event.seats_per_table = body.seats_per_table
    if body.table_count is not None and body.table_count != event.table_count:
        layout.remove_tables_above(session, event_id=event.id, table_count=body.table_count)
        new = range(event.table_count + 1, body.table_count + 1)
        layout.add_tables(session, event_id=event.id, numbers=new, seats=event.seats_per_table)
        event.table_count = body.table_count
    layout.complete(session, event.id)


def _set_rounds(session: Session, event: Event, wanted: Sequence[Times]) -> None:
    layout.remove_rounds_above(session, event_id=event.id, rounds=len(wanted))
    session.expire_all()
    existing = {each.number: each for each in events.rounds_of(session, [event.id]).get(event.id, [])}
    for each in wanted:
        if each.number in existing:
            merge(existing[each.number], {"starts_at": each.starts_at, "ends_at": each.ends_at})
        else:
            session.add(new_round(event.id, each))
    session.flush()
