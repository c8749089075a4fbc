"""Everybody's seats at once, as a plan has them: in one step, under the event's turn.

The plan has been checked against the evening as it is; whatever should be wrong with it all the same, the constraints
refuse, and then nothing of it is written.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bookings.room import SeatKey, write_seats
from app.events import queries as events
from app.events.models import Event, Round
from app.kernel import outbox
from app.marketplace.models import Seat, Table

Plan = Mapping[UUID, Mapping[int, int]]
"""Of each registration: the table's number in each round's."""


@dataclass(slots=True)
class _Hall:
    """All seats of an event, by who holds them."""

    held: dict[UUID, dict[int, tuple[SeatKey, int]]] = field(default_factory=lambda: defaultdict(dict))
    """By registration and round: the seat and the table's number."""
    free: dict[tuple[int, int], list[SeatKey]] = field(default_factory=lambda: defaultdict(list))
    """By round and table, the next one last."""


def seat_everybody(session: Session, *, event: Event, plan: Plan, now: datetime) -> int:
    """Gives each registration of a plan exactly the seats that it has there; others keep theirs. In how many rounds
    somebody's seat has changed.

    Raises `SeatGone` and the database's own refusal when the plan does not fit the evening.
    """
    hall = _look(session, event.id)
    changed: dict[SeatKey, tuple[UUID | None, UUID | None]] = {}
    moves = list(_moves(hall, plan))
    for registration_id, number, _ in moves:
        holding = hall.held[registration_id].get(number)
        if holding is not None:
            changed[holding[0]] = (registration_id, None)
            hall.free[number, holding[1]].append(holding[0])
    for registration_id, number, table in moves:
        if table is not None:
            seat = hall.free[number, table].pop()
            changed[seat] = (changed.get(seat, (None, None))[0], registration_id)
    write_seats(session, changed)
    if moves:
        events.note_change(session, event.id)
        outbox.record_all(session, [_fact(event, *move, now=now) for move in moves])
    return len(moves)


def _moves(hall: _Hall, plan: Plan) -> Iterator[tuple[UUID, int, int | None]]:
    """Whose seat changes in which round, and to which table; none to leave."""
    for registration_id, wanted in plan.items():
        held = {number: table for number, (_, table) in hall.held[registration_id].items()}
        for number in sorted(held.keys() | wanted.keys()):
            if held.get(number) != wanted.get(number):
                yield registration_id, number, wanted.get(number)


def rounds_and_tables(session: Session, event_id: UUID) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """The numbers of an event's rounds and tables, by id; rounds in order."""
    rounds = session.execute(select(Round.id, Round.number).where(Round.event_id == event_id).order_by(Round.number))
    tables = session.execute(select(Table.id, Table.number).where(Table.event_id == event_id))
    return {row.id: row.number for row in rounds}, {row.id: row.number for row in tables}


def _look(session: Session, event_id: UUID) -> _Hall:
    rounds, numbers = rounds_and_tables(session, event_id)
    hall = _Hall()
    rows = session.execute(
        select(Seat.slot_id, Seat.number, Seat.round_id, Seat.table_id, Seat.registration_id)
        .where(Seat.round_id.in_(list(rounds)))
        .order_by(Seat.slot_id, Seat.number.desc())
    )
    for slot_id, number, round_id, table_id, registration_id in rows:
        if registration_id is None:
            hall.free[rounds[round_id], numbers[table_id]].append((slot_id, number))
        else:
            hall.held[registration_id][rounds[round_id]] = ((slot_id, number), numbers[table_id])
    return hall


def _fact(
    event: Event, registration_id: UUID, round_number: int, table_number: int | None, *, now: datetime
) -> outbox.Row:
    return outbox.fact(
        "booking.made" if table_number is not None else "booking.released",
        hub_id=event.hub_id,
        now=now,
        event_id=event.id,
        registration_id=registration_id,
        round=round_number,
        table_number=table_number,
    )
