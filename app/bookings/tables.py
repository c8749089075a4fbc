"""Changing tables while people may sit there: seats, closed rounds, and where a presentation is."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.bookings.seating import PresentingInRound
from app.events import queries as events
from app.events.commands import CapacityBelowTaken, IllegalTransition
from app.events.models import Event, Round
from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.commands import by, command
from app.kernel.merge import merge
from app.kernel.problems import Fault, InvalidRequest, NotFound
from app.marketplace import layout, queries
from app.marketplace.commands import must_be_open_to_change, tell
from app.marketplace.models import Presentation, Presenter, Seat, Slot, Table
from app.marketplace.rules import CAN_BE_ACCEPTED, PresentationStatus
from app.marketplace.schemas import PlacementIn, TableChange, TableOut
from app.registrations.models import Registration
from app.registrations.presenting import call_presenters_back, must_be_free, seat_at, take_from_table


def _own_table(session: Session, *, caller: Caller, event_id: UUID, number: int) -> tuple[Event, Table]:
    caller.must_run_the_hub()
    event = events.own_event(session, caller=caller, event_id=event_id)
    must_be_open_to_change(event)
    return event, queries.table_row(session, event_id=event.id, number=number)


@command(turns=by("event_id"))
def change_table(
    session: Session, *, caller: Caller, now: datetime, event_id: UUID, number: int, body: TableChange
) -> TableOut:
    """Changes a table. Raises `NotFound`, `EventOver`, `InvalidRequest`, `CapacityBelowTaken`, `PresentingInRound`."""
    event, table = _own_table(session, caller=caller, event_id=event_id, number=number)
    before = queries.tables_shown(session, [table])[0]
    merge(table, body.model_dump(exclude_unset=True, include={"zone", "x", "y"}))
    if body.seats is not None and body.seats != table.seats:
        layout.set_seats(session, [table], body.seats)
        layout.complete(session, event.id)
    if body.closed_rounds is not None:
        _close_rounds(session, event, table, body.closed_rounds)
    after = queries.tables_shown(session, [table])[0]
    if after != before:
        events.note_change(session, event.id)
        outbox.record(session, "table.updated", hub_id=event.hub_id, now=now, event_id=event.id, table_number=number)
    return after


def _close_rounds(session: Session, event: Event, table: Table, closed: Collection[int]) -> None:
    slots = {
        number: slot
        for slot, number in session.execute(
            select(Slot, Round.number)
            .join(Round, Round.id == Slot.round_id)
            .where(Slot.table_id == table.id)
            .order_by(Round.number)
        )
    }
    faults = [
        Fault("the event has no such round", pointer=f"/closed_rounds/{index}")
        for index, number in enumerate(closed)
        if number not in slots
    ]
    if faults:
        raise InvalidRequest("There are no such rounds.", errors=faults)
    taken = queries.seats_taken(session, [table.id])
    for number, slot in slots.items():
        if number in closed and taken.get(slot.id, 0):
            raise CapacityBelowTaken(
                f"In round {number}, {taken[slot.id]} people sit at table {table.number}.",
                capacity=0,
                taken=taken[slot.id],
            )
        if slot.closed and number not in closed:
            _must_not_be_elsewhere(session, event, table, slot, number)
        slot.closed = number in closed
    session.flush()


def _must_not_be_elsewhere(session: Session, event: Event, table: Table, slot: Slot, number: int) -> None:
    """A table opens in a round only when its presenters have no seat at another one then."""
    elsewhere = session.scalar(
        select(Seat.number)
        .join(Registration, Registration.id == Seat.registration_id)
        .join(Presenter, Presenter.teacher_id == Registration.teacher_id)
        .join(Presentation, Presentation.id == Presenter.presentation_id)
        .where(
            Presentation.table_id == table.id,
            Registration.live_event_id == event.id,
            Seat.round_id == slot.round_id,
        )
        .limit(1)
    )
    if elsewhere is not None:
        raise PresentingInRound(
            f"A presenter of table {table.number} visits another table in round {number}.", round=number
        )


@command(turns=by("event_id"))
def place_presentation(
    session: Session, *, caller: Caller, now: datetime, event_id: UUID, number: int, body: PlacementIn
) -> TableOut:
    """Puts a presentation at a table: one that is at another table moves with all who are to sit there, one that is
    only offered is accepted. Raises `NotFound`, `EventOver`, `TableTaken`, `CapacityBelowTaken`, `InvalidRequest`,
    `IllegalTransition`."""
    event, table = _own_table(session, caller=caller, event_id=event_id, number=number)
    presentation = session.get(Presentation, body.presentation_id)
    if presentation is None or presentation.event_id != event.id:
        fault = Fault("is not a presentation of this event", pointer="/presentation_id")
        raise InvalidRequest("There is no such presentation.", errors=[fault])
    if presentation.table_id != table.id:
        must_be_free(session, table)
        if presentation.status == PresentationStatus.ACCEPTED:
            _move(session, presentation, table, event=event, now=now)
        elif presentation.status in CAN_BE_ACCEPTED:
            seat_at(session, presentation, table, event=event, now=now)
        else:
            raise IllegalTransition(f"A presentation that is {presentation.status} cannot be placed.")
    return queries.tables_shown(session, [table])[0]


def _move(session: Session, presentation: Presentation, to: Table, *, event: Event, now: datetime) -> None:
    """Moves a presentation and all who have a seat with it."""
    held = session.execute(
        select(Seat.registration_id, Seat.round_id)
        .where(Seat.table_id == presentation.table_id, Seat.registration_id.is_not(None))
        .order_by(Seat.number)
    ).all()
    _must_hold(session, to, [row.round_id for row in held])
    session.execute(
        update(Seat)
        .where(Seat.table_id == presentation.table_id)
        .values(registration_id=None, held_event_id=None)
        .execution_options(synchronize_session=False)
    )
    _sit_down(session, to, [(row.registration_id, row.round_id) for row in held])
    presentation.table_id, presentation.updated_at = to.id, now
    session.flush()
    call_presenters_back(session, to.id, event=event, now=now)
    tell(session, presentation, event=event, now=now, what="moved")


def _must_hold(session: Session, table: Table, round_ids: list[UUID]) -> None:
    slots = select(Slot).join(Round, Round.id == Slot.round_id).where(Slot.table_id == table.id)
    for slot in session.scalars(slots.order_by(Round.number)):
        seats, coming = 0 if slot.closed else table.seats, round_ids.count(slot.round_id)
        if coming > seats:
            raise CapacityBelowTaken(
                f"{coming} people come in one round; table {table.number} has {seats} seats then.",
                capacity=seats,
                taken=coming,
            )


def _sit_down(session: Session, table: Table, those: list[tuple[UUID | None, UUID]]) -> None:
    """Seats people at a table where nobody sits; there must be room."""
    seats: dict[UUID, list[Seat]] = {}
    for seat in session.scalars(select(Seat).where(Seat.table_id == table.id).order_by(Seat.number.desc())):
        seats.setdefault(seat.round_id, []).append(seat)
    for registration_id, round_id in those:
        seat = seats[round_id].pop()
        seat.registration_id, seat.held_event_id = registration_id, seat.event_id
    session.flush()


@command(turns=by("event_id"))
def free_table(session: Session, *, caller: Caller, now: datetime, event_id: UUID, number: int) -> None:
    """Takes the presentation away from a table; it is an offer again. Raises `NotFound`, `EventOver`."""
    event, table = _own_table(session, caller=caller, event_id=event_id, number=number)
    presentation = session.scalar(select(Presentation).where(Presentation.table_id == table.id))
    if presentation is None:
        raise NotFound("There is no presentation at this table.")
    take_from_table(session, presentation, event=event, now=now, status=PresentationStatus.PROPOSED)
    tell(session, presentation, event=event, now=now, what="unplaced")
