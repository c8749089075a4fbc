"""The room as a group of calls sees it: who sits where, which seats are free, what each move comes to.

Looked up in few statements, kept up to date in memory while verdicts are made one after another, written in few.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, tuple_, update
from sqlalchemy.orm import Session

from app.events.models import Event, Place, Round
from app.marketplace.models import Presentation, Presenter, Seat, Slot, Table
from app.people.models import Teacher
from app.registrations.models import Registration

SeatKey = tuple[UUID, int]
"""A seat's slot and number."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A seat that somebody holds."""

    seat: SeatKey
    table_id: UUID
    table_number: int


@dataclass(frozen=True, slots=True)
class SlotAt:
    """One table in one round, as far as seating asks."""

    id: UUID
    table_id: UUID
    table_number: int
    seats: int
    closed: bool
    has_presentation: bool


@dataclass(frozen=True, slots=True)
class Guest:
    """A registration that wants to sit down or leave."""

    id: UUID
    event_id: UUID
    hub_id: UUID
    school_id: UUID
    teacher_id: UUID
    event_status: str
    confirmed: bool
    presents_in: frozenset[int]
    """Rounds in which they are at their own table."""


@dataclass(slots=True)
class Room:
    """Everything that the calls of one group touch."""

    guests: dict[UUID, Guest]
    slots: dict[tuple[UUID, int, int], SlotAt]
    """By event, round number and table number."""
    rounds: set[tuple[UUID, int]]
    held: dict[UUID, dict[int, Holding]]
    """By registration and round number."""
    free: dict[UUID, list[int]]
    """Free seat numbers by slot, the next one last."""
    before: dict[SeatKey, UUID | None] = field(default_factory=dict)
    now: dict[SeatKey, UUID | None] = field(default_factory=dict)
    moves: dict[UUID, set[int]] = field(default_factory=dict)
    """Rounds in which a registration's seat changed, for telling."""

    def leave(self, guest: Guest, round_number: int) -> bool:
        """Gets up in one round. Whether there was a seat to leave."""
        holding = self.held.get(guest.id, {}).pop(round_number, None)
        if holding is None:
            return False
        slot_id, number = holding.seat
        self.free.setdefault(slot_id, []).append(number)
        self._set(holding.seat, None, was=guest.id)
        self.moves.setdefault(guest.id, set()).add(round_number)
        return True

    def sit(self, guest: Guest, round_number: int, slot: SlotAt) -> None:
        """Sits down at a slot that has a free seat."""
        seat = (slot.id, self.free[slot.id].pop())
        self.held.setdefault(guest.id, {})[round_number] = Holding(seat, slot.table_id, slot.table_number)
        self._set(seat, guest.id, was=None)
        self.moves.setdefault(guest.id, set()).add(round_number)

    def _set(self, seat: SeatKey, holder: UUID | None, *, was: UUID | None) -> None:
        self.before.setdefault(seat, was)
        self.now[seat] = holder


def look_up(
    session: Session, wanted: Mapping[UUID, Iterable[tuple[int, int | None]]], *, reached: Callable[[Any], bool]
) -> Room:
    """The room for these registrations, each with the rounds and tables that it asks for.

    Of those that are not `reached` nothing more is asked, or that would take longer than for what does not exist.
    """
    guests = _guests(session, wanted, reached)
    asked = {
        (guests[registration_id].event_id, round_number, table_number)
        for registration_id, seats in wanted.items()
        if registration_id in guests
        for round_number, table_number in seats
    }
    event_ids = {guest.event_id for guest in guests.values()}
    slots = _slots(session, {(event, round_, table) for event, round_, table in asked if table is not None})
    rounds = session.execute(select(Round.event_id, Round.number).where(Round.event_id.in_(event_ids)))
    return Room(
        guests=guests,
        slots=slots,
        rounds={(event_id, number) for event_id, number in rounds},
        held=_held(session, guests),
        free=_free(session, slots.values()),
    )


def _guests(session: Session, ids: Iterable[UUID], reached: Callable[[Any], bool]) -> dict[UUID, Guest]:
    found = session.execute(
        select(
            Registration.id,
            Registration.event_id,
            Registration.teacher_id,
            Registration.role,
            Event.hub_id,
            Event.status,
            Teacher.school_id,
            Place.number,
        )
        .join(Event, Event.id == Registration.event_id)
        .join(Teacher, Teacher.id == Registration.teacher_id)
        .outerjoin(Place, Place.registration_id == Registration.id)
        .where(Registration.id.in_(list(ids)))
    )
    rows = [row for row in found if reached(row)]
    presenting = _presenting(session, {(row.event_id, row.teacher_id) for row in rows if row.role == "presenter"})
    return {
        row.id: Guest(
            id=row.id,
            event_id=row.event_id,
            hub_id=row.hub_id,
            school_id=row.school_id,
            teacher_id=row.teacher_id,
            event_status=row.status,
            confirmed=row.number is not None,
            presents_in=frozenset(presenting.get((row.event_id, row.teacher_id), ())),
        )
        for row in rows
    }


def _presenting(session: Session, those: set[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], set[int]]:
    """The rounds in which each of these teachers has an open table of their own."""
    if not those:
        return {}
    rows = session.execute(
        select(Presenter.event_id, Presenter.teacher_id, Round.number)
        .join(Presentation, Presentation.id == Presenter.presentation_id)
        .join(Slot, Slot.table_id == Presentation.table_id)
        .join(Round, Round.id == Slot.round_id)
        .where(tuple_(Presenter.event_id, Presenter.teacher_id).in_(those), Slot.closed.is_(False))
    )
    presenting: dict[tuple[UUID, UUID], set[int]] = {}
    for event_id, teacher_id, number in rows:
        presenting.setdefault((event_id, teacher_id), set()).add(number)
    return presenting


def _slots(session: Session, asked: set[tuple[UUID, int, int]]) -> dict[tuple[UUID, int, int], SlotAt]:
    if not asked:
        return {}
    rows = session.execute(
        select(
            Slot.id,
            Slot.event_id,
            Slot.table_id,
            Slot.closed,
            Round.number.label("round_number"),
            Table.number.label("table_number"),
            Table.seats,
            Presentation.id.label("presentation_id"),
        )
        .join(Round, Round.id == Slot.round_id)
        .join(Table, Table.id == Slot.table_id)
        .outerjoin(Presentation, Presentation.table_id == Slot.table_id)
        .where(tuple_(Slot.event_id, Round.number, Table.number).in_(asked))
    )
    return {
        (row.event_id, row.round_number, row.table_number): SlotAt(
            id=row.id,
            table_id=row.table_id,
            table_number=row.table_number,
            seats=row.seats,
            closed=row.closed,
            has_presentation=row.presentation_id is not None,
        )
        for row in rows
    }


def _held(session: Session, guests: Iterable[UUID]) -> dict[UUID, dict[int, Holding]]:
    rows = session.execute(
        select(Seat.registration_id, Seat.slot_id, Seat.number, Seat.table_id, Round.number, Table.number)
        .join(Round, Round.id == Seat.round_id)
        .join(Table, Table.id == Seat.table_id)
        .where(Seat.registration_id.in_(list(guests)))
    )
    held: dict[UUID, dict[int, Holding]] = {}
    for registration_id, slot_id, number, table_id, round_number, table_number in rows:
        if registration_id is not None:
            held.setdefault(registration_id, {})[round_number] = Holding((slot_id, number), table_id, table_number)
    return held


def _free(session: Session, slots: Iterable[SlotAt]) -> dict[UUID, list[int]]:
    free: dict[UUID, list[int]] = {slot.id: [] for slot in slots}
    if not free:
        return free
    rows = session.execute(
        select(Seat.slot_id, Seat.number)
        .where(Seat.slot_id.in_(list(free)), Seat.registration_id.is_(None))
        .order_by(Seat.slot_id, Seat.number.desc())
    )
    for slot_id, number in rows:
        free[slot_id].append(number)
    return free


class SeatGone(Exception):
    """A seat is not as it was a moment ago: somebody wrote without taking the event's turn."""


_LEAVE = (
    update(Seat)
    .where(
        Seat.slot_id == bindparam("at_slot"),
        Seat.number == bindparam("at_number"),
        Seat.registration_id == bindparam("was"),
    )
    .values(registration_id=None, held_event_id=None)
)
_SIT = (
    update(Seat)
    .where(
        Seat.slot_id == bindparam("at_slot"),
        Seat.number == bindparam("at_number"),
        Seat.registration_id.is_(None),
    )
    .values(registration_id=bindparam("holder"), held_event_id=Seat.event_id)
)


def write(session: Session, room: Room) -> None:
    """Writes the moves: first everybody gets up, then everybody sits down. Raises `SeatGone`."""
    write_seats(
        session,
        {seat: (room.before[seat], holder) for seat, holder in room.now.items() if room.before[seat] != holder},
    )


def write_seats(session: Session, changed: Mapping[SeatKey, tuple[UUID | None, UUID | None]]) -> None:
    """Writes who holds these seats: for each, who held it before and who does now. Raises `SeatGone`."""
    left = [
        {"at_slot": slot_id, "at_number": number, "was": was}
        for (slot_id, number), (was, _) in changed.items()
        if was is not None
    ]
    taken = [
        {"at_slot": slot_id, "at_number": number, "holder": holder}
        for (slot_id, number), (_, holder) in changed.items()
        if holder is not None
    ]
    for statement, rows in ((_LEAVE, left), (_SIT, taken)):
        _execute(session, statement, rows)


def _execute(session: Session, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows and session.connection().execute(statement, rows).rowcount != len(rows):
        raise SeatGone
