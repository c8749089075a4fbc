"""The room's layout: tables, their slots in each round, and the seats of each slot, made many at a time."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from app.events.commands import CapacityBelowTaken
from app.events.models import Round
from app.kernel.ids import new_id
from app.kernel.numbers import numbers_up_to
from app.marketplace.models import Presentation, Seat, Slot, Table
from app.marketplace.queries import seats_taken


def add_tables(session: Session, *, event_id: UUID, numbers: Iterable[int], seats: int) -> None:
    """Adds tables; their slots and seats come with `complete`."""
    session.add_all(Table(id=new_id(), event_id=event_id, number=number, seats=seats) for number in numbers)
    session.flush()


def complete(session: Session, event_id: UUID) -> None:
    """Gives every table a slot in every round, and every slot the seats that its table has."""
    _add_missing_slots(session, event_id)
    _add_missing_seats(session, event_id)


def _add_missing_slots(session: Session, event_id: UUID) -> None:
    pairs = session.execute(
        select(Round.id, Table.id)
        .join(Table, Table.event_id == Round.event_id)
        .outerjoin(Slot, (Slot.round_id == Round.id) & (Slot.table_id == Table.id))
        .where(Round.event_id == event_id, Slot.id.is_(None))
        .order_by(Round.number, Table.number)
    ).all()
    rows = [
        {"id": new_id(), "event_id": event_id, "round_id": round_id, "table_id": table_id, "closed": False}
        for round_id, table_id in pairs
    ]
    if rows:
        session.execute(insert(Slot), rows)


def _add_missing_seats(session: Session, event_id: UUID) -> None:
    most = session.scalar(select(func.max(Table.seats)).where(Table.event_id == event_id)) or 0
    if most == 0:
        return
    have = (
        select(Seat.slot_id, func.count().label("how_many"), func.max(Seat.number).label("highest"))
        .where(Seat.slot_id.in_(select(Slot.id).where(Slot.event_id == event_id)))
        .group_by(Seat.slot_id)
        .subquery()
    )
    numbers = numbers_up_to(most)
    missing = (
        select(
            Slot.id,
            func.coalesce(have.c.highest, 0) + numbers.c.number,
            Slot.event_id,
            Slot.round_id,
            Slot.table_id,
        )
        .join(Table, Table.id == Slot.table_id)
        .outerjoin(have, have.c.slot_id == Slot.id)
        .join(numbers, numbers.c.number <= Table.seats - func.coalesce(have.c.how_many, 0))
        .where(Slot.event_id == event_id)
    )
    columns = ["slot_id", "number", "event_id", "round_id", "table_id"]
    session.execute(insert(Seat).from_select(columns, missing))


def set_seats(session: Session, tables: Sequence[Table], seats: int) -> None:
    """Gives tables a new number of seats. Raises `CapacityBelowTaken` where more are taken in some round.

    Where there are to be more, `complete` adds them.
    """
    fewer = [table for table in tables if table.seats > seats]
    taken_in = seats_taken(session, [table.id for table in fewer])
    fullest = max(taken_in, key=lambda slot_id: taken_in[slot_id], default=None)
    if fullest is not None and taken_in[fullest] > seats:
        number = session.scalar(select(Table.number).join(Slot, Slot.table_id == Table.id).where(Slot.id == fullest))
        raise CapacityBelowTaken(
            f"At table {number}, {taken_in[fullest]} seats are taken in one round.",
            capacity=seats,
            taken=taken_in[fullest],
        )
    _remove_free_seats(session, fewer, seats)
    for table in tables:
        table.seats = seats
    session.flush()


def _remove_free_seats(session: Session, tables: Sequence[Table], seats: int) -> None:
    surplus = {table.id: table.seats - seats for table in tables}
    free = session.execute(
        select(Seat.slot_id, Seat.number, Seat.table_id)
        .where(Seat.table_id.in_(list(surplus)), Seat.registration_id.is_(None))
        .order_by(Seat.slot_id, Seat.number.desc())
    )
    removed: dict[UUID, int] = {}
    doomed: dict[UUID, list[int]] = {}
    for slot_id, number, table_id in free:
        if removed.get(slot_id, 0) < surplus[table_id]:
            removed[slot_id] = removed.get(slot_id, 0) + 1
            doomed.setdefault(slot_id, []).append(number)
    for slot_id, numbers in doomed.items():
        session.execute(delete(Seat).where(Seat.slot_id == slot_id, Seat.number.in_(numbers)))


def remove_tables_above(session: Session, *, event_id: UUID, table_count: int) -> None:
    """Takes away the tables with higher numbers. Raises `CapacityBelowTaken` when one of them is in use."""
    doomed = select(Table.id).where(Table.event_id == event_id, Table.number > table_count)
    highest = session.scalar(
        select(func.max(Table.number)).join(Presentation, Presentation.table_id == Table.id).where(Table.id.in_(doomed))
    )
    if highest is not None:
        raise CapacityBelowTaken(f"Table {highest} holds a presentation.", capacity=table_count, taken=highest)
    session.execute(delete(Table).where(Table.event_id == event_id, Table.number > table_count))


def remove_rounds_above(session: Session, *, event_id: UUID, rounds: int) -> None:
    """Takes away the rounds with higher numbers. Raises `CapacityBelowTaken` when somebody sits in one of them."""
    highest = session.scalar(
        select(func.max(Round.number))
        .join(Seat, Seat.round_id == Round.id)
        .where(Round.event_id == event_id, Round.number > rounds, Seat.registration_id.is_not(None))
    )
    if highest is not None:
        raise CapacityBelowTaken(f"Seats are taken in round {highest}.", capacity=rounds, taken=highest)
    session.execute(delete(Round).where(Round.event_id == event_id, Round.number > rounds))
