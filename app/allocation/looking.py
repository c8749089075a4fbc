"""Looks at an evening as an allocation sees it, in few questions whatever its size."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.allocation.snapshot import Evening, Guest, TableSeen
from app.bookings.at_once import rounds_and_tables
from app.events.models import Place
from app.marketplace.models import Presentation, Presenter, Seat, Slot, Table
from app.people.models import Teacher
from app.registrations.models import Preference, Registration


def look(session: Session, event_id: UUID) -> Evening:
    """The evening as this transaction sees it."""
    rounds, numbers = rounds_and_tables(session, event_id)
    tables = _tables(session, event_id, rounds, numbers)
    return Evening(
        event_id=event_id,
        rounds=tuple(rounds.values()),
        tables=tables,
        all_tables=frozenset(numbers.values()),
        guests=tuple(_guests(session, event_id, rounds, numbers, tables)),
    )


def _tables(
    session: Session, event_id: UUID, rounds: dict[UUID, int], numbers: dict[UUID, int]
) -> tuple[TableSeen, ...]:
    """The tables at which somebody presents."""
    there = session.execute(
        select(Presentation.id, Presentation.table_id).where(
            Presentation.event_id == event_id, Presentation.table_id.is_not(None)
        )
    )
    held = {table_id: presentation_id for presentation_id, table_id in there if table_id is not None}
    rows = session.execute(
        select(Slot.table_id, Slot.round_id, Slot.closed, Table.seats)
        .join(Table, Table.id == Slot.table_id)
        .where(Slot.event_id == event_id)
    )
    seats: dict[UUID, dict[int, int]] = defaultdict(dict)
    for table_id, round_id, closed, many in rows:
        if not closed:
            seats[table_id][rounds[round_id]] = many
    return tuple(
        TableSeen(
            number=numbers[table_id],
            presentation_id=held[table_id],
            seats=tuple(seats[table_id].get(each, 0) for each in rounds.values()),
            open_in=frozenset(seats[table_id]),
        )
        for table_id in sorted(held, key=numbers.__getitem__)
    )


def _guests(
    session: Session,
    event_id: UUID,
    rounds: dict[UUID, int],
    numbers: dict[UUID, int],
    tables: Iterable[TableSeen],
) -> Iterable[Guest]:
    """Everybody who holds a place, by registration."""
    own = _own_tables(session, event_id, numbers)
    open_in = {table.number: table.open_in for table in tables}
    wishes, held = _wishes(session, event_id), _held(session, rounds, numbers)
    rows = session.execute(
        select(Registration.id, Registration.teacher_id, Registration.role, Teacher.school_id)
        .join(Place, Place.registration_id == Registration.id)
        .join(Teacher, Teacher.id == Registration.teacher_id)
        .where(Place.event_id == event_id)
        .order_by(Registration.id)
    )
    for registration_id, teacher_id, role, school_id in rows:
        mine = own.get(teacher_id, frozenset()) if role == "presenter" else frozenset()
        yield Guest(
            id=registration_id,
            school_id=school_id,
            presents_in=frozenset(number for table in mine for number in open_in[table]),
            own_tables=mine,
            wishes=tuple(wishes.get(registration_id, ())),
            held=tuple(sorted(held.get(registration_id, ()))),
        )


def _own_tables(session: Session, event_id: UUID, numbers: dict[UUID, int]) -> dict[UUID, frozenset[int]]:
    """The tables at which each teacher presents."""
    rows = session.execute(
        select(Presenter.teacher_id, Presentation.table_id)
        .join(Presentation, Presentation.id == Presenter.presentation_id)
        .where(Presenter.event_id == event_id, Presentation.table_id.is_not(None))
    )
    own: dict[UUID, set[int]] = defaultdict(set)
    for teacher_id, table_id in rows:
        if table_id is not None:
            own[teacher_id].add(numbers[table_id])
    return {teacher_id: frozenset(those) for teacher_id, those in own.items()}


def _wishes(session: Session, event_id: UUID) -> dict[UUID, list[UUID]]:
    """Asked by way of the places, so that other events' wishes cost nothing."""
    rows = session.execute(
        select(Preference.registration_id, Preference.presentation_id)
        .join(Place, Place.registration_id == Preference.registration_id)
        .where(Place.event_id == event_id)
        .order_by(Preference.registration_id, Preference.rank)
    )
    wishes: dict[UUID, list[UUID]] = defaultdict(list)
    for registration_id, presentation_id in rows:
        wishes[registration_id].append(presentation_id)
    return wishes


def _held(session: Session, rounds: dict[UUID, int], numbers: dict[UUID, int]) -> dict[UUID, list[tuple[int, int]]]:
    rows = session.execute(
        select(Seat.registration_id, Seat.round_id, Seat.table_id).where(
            Seat.round_id.in_(list(rounds)), Seat.registration_id.is_not(None)
        )
    )
    held: dict[UUID, list[tuple[int, int]]] = defaultdict(list)
    for registration_id, round_id, table_id in rows:
        if registration_id is not None:
            held[registration_id].append((rounds[round_id], numbers[table_id]))
    return held
