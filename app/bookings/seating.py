"""Taking and leaving seats, many at a time. One call is the same as a group of one, so there is one set of rules.

The other hot path of the evening. On a refusal the old seat is still held; a whole itinerary is all or nothing. All of
it happens under the turns of the events concerned, with those of people and tables beneath it.
"""

import copy
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.bookings.queries import itineraries
from app.bookings.room import Guest, Room, SlotAt, look_up, write
from app.bookings.schemas import ItineraryIn, ItineraryOut, SeatIn
from app.events import queries as events
from app.events.rules import UNDER_WAY, EventStatus
from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.commands import Arguments, alone, command
from app.kernel.problems import Fault, InvalidRequest, Members, NotFound, Problem
from app.marketplace.commands import EventOver
from app.people.reach import reaches
from app.registrations.queries import events_of_registrations


class TableFull(Problem):
    """Every seat at this table is taken in this round. `capacity` and `taken` say how many.

    Choose another table or another round; the marketplace shows what is free now.
    """

    status, title = 409, "Every seat at this table is taken"
    example: ClassVar[Members] = {"capacity": 6, "taken": 6}


class TableAlreadyVisited(Problem):
    """The attendee is at this table in another round; `round` says in which.

    Choose another table, or give up the seat in that round first.
    """

    status, title = 409, "The attendee visits this table in another round"
    example: ClassVar[Members] = {"round": 2}


class TableClosed(Problem):
    """Nobody can sit at this table in this round: it is closed then, or holds no presentation.

    Choose another table, or another round.
    """

    status, title = 409, "The table is closed in this round"


class RegistrationNotConfirmed(Problem):
    """Only confirmed registrations have an itinerary; this one is on the waitlist, or cancelled.

    A waitlisted one gets a place by itself when one is free. Wishes can be told already.
    """

    status, title = 409, "The registration is not confirmed"


class EventNotPublished(Problem):
    """The event is a draft, in which nobody takes seats yet.

    Publish it first.
    """

    status, title = 409, "The event is not published yet"


class PresentingInRound(Problem):
    """The presenter is at their own table in this round.

    Choose a round in which they do not present: their table's `closed_rounds`.
    """

    status, title = 409, "Presenting in this round"
    example: ClassVar[Members] = {"round": 2}


Wanted = tuple[int, int | None]
"""A round's number and the table's; None to leave."""


def seat_together(session: Session, calls: Sequence[Arguments]) -> list[ItineraryOut | Problem]:
    """Moves each in turn. The outcome of each is the itinerary, or the `Problem` that it meets."""
    return [outcome for part in _each_once(calls) for outcome in _seat(session, part)]


def _each_once(calls: Sequence[Arguments]) -> Iterator[Sequence[Arguments]]:
    """The calls in parts in which nobody comes twice: what each is told is how things stand after that very call."""
    part: dict[UUID, Arguments] = {}
    for call in calls:
        if call["registration_id"] in part:
            yield list(part.values())
            part = {}
        part[call["registration_id"]] = call
    yield list(part.values())


def _seat(session: Session, calls: Sequence[Arguments]) -> list[ItineraryOut | Problem]:
    wanted = {call["registration_id"]: _asked(call) for call in calls}
    callers = {call["registration_id"]: call["caller"] for call in calls}
    room = look_up(session, wanted, reached=lambda row: _reaches(callers[row.id], row))
    verdicts: list[Guest | Problem] = []
    for call in calls:
        try:
            verdicts.append(_decide(room, **call))
        except Problem as problem:
            verdicts.append(problem)
    write(session, room)
    _tell(session, room, calls)
    seated = [verdict for verdict in verdicts if isinstance(verdict, Guest)]
    shown = itineraries(session, {guest.id: guest.event_id for guest in seated})
    return [verdict if isinstance(verdict, Problem) else shown[verdict.id] for verdict in verdicts]


@command(turns=events_of_registrations, together=seat_together)
def take_seat(
    session: Session, *, caller: Caller, now: datetime, registration_id: UUID, round_number: int, body: SeatIn
) -> ItineraryOut:
    """Sits down at a table in one round, leaving the seat held there before.

    Raises `NotFound`, `EventNotPublished`, `EventOver`, `RegistrationNotConfirmed`, `PresentingInRound`,
    `TableClosed`, `TableAlreadyVisited`, `TableFull`.
    """
    return _alone(
        session, caller=caller, now=now, registration_id=registration_id, round_number=round_number, body=body
    )


@command(turns=events_of_registrations, together=seat_together)
def leave_seat(
    session: Session, *, caller: Caller, now: datetime, registration_id: UUID, round_number: int
) -> ItineraryOut:
    """Leaves the seat held in one round; leaving twice is once.

    Raises `NotFound`, `EventNotPublished`, `EventOver`.
    """
    return _alone(session, caller=caller, now=now, registration_id=registration_id, round_number=round_number)


@command(turns=events_of_registrations, together=seat_together)
def set_itinerary(
    session: Session, *, caller: Caller, now: datetime, registration_id: UUID, itinerary: ItineraryIn
) -> ItineraryOut:
    """Replaces a whole itinerary, all or nothing. Raises what `take_seat` raises, and `InvalidRequest`."""
    return _alone(session, caller=caller, now=now, registration_id=registration_id, itinerary=itinerary)


def _alone(session: Session, **arguments: Any) -> ItineraryOut:
    seated: ItineraryOut = alone(seat_together, session, **arguments)
    return seated


def _asked(call: Arguments) -> list[Wanted]:
    if "itinerary" in call:
        return [(each.round, each.table_number) for each in call["itinerary"].bookings]
    return [(call["round_number"], call["body"].table_number if "body" in call else None)]


def _reaches(caller: Caller, guest: Any) -> bool:
    return reaches(
        caller,
        "registrations:write",
        hub_id=guest.hub_id,
        school_id=guest.school_id,
        teacher_id=guest.teacher_id,
    )


def _decide(
    room: Room,
    *,
    caller: Caller,
    now: datetime,
    registration_id: UUID,
    round_number: int | None = None,
    body: SeatIn | None = None,
    itinerary: ItineraryIn | None = None,
) -> Guest:
    """One verdict, carried out in the room. Raises the `Problem` that refuses it, and then nobody has moved."""
    guest = room.guests.get(registration_id)
    if guest is None or not _reaches(caller, guest):
        raise NotFound
    if guest.event_status == EventStatus.DRAFT:
        raise EventNotPublished("Seats are taken once the event is published.")
    if guest.event_status not in UNDER_WAY:
        raise EventOver(f"The event is {guest.event_status}.")
    if itinerary is not None:
        _rearrange(room, guest, itinerary)
        return guest
    assert round_number is not None
    if (guest.event_id, round_number) not in room.rounds:
        raise NotFound(f"The event has no round {round_number}.")
    if body is None:
        room.leave(guest, round_number)
    else:
        _move(room, guest, round_number, body.table_number)
    return guest


def _rearrange(room: Room, guest: Guest, itinerary: ItineraryIn) -> None:
    wanted = {each.round: each.table_number for each in itinerary.bookings}
    _check(room, guest, itinerary)
    snapshot = copy.deepcopy((room.held.get(guest.id, {}), room.free, room.before, room.now, room.moves))
    try:
        held = room.held.get(guest.id, {})
        kept = {number for number, holding in held.items() if wanted.get(number) == holding.table_number}
        for number in list(held):
            if number not in kept:
                room.leave(guest, number)
        for number, table_number in wanted.items():
            if number not in kept:
                _move(room, guest, number, table_number)
    except Problem:
        room.held[guest.id], room.free, room.before, room.now, room.moves = snapshot
        raise


def _check(room: Room, guest: Guest, itinerary: ItineraryIn) -> None:
    faults = []
    rounds = [each.round for each in itinerary.bookings]
    for index, each in enumerate(itinerary.bookings):
        if (guest.event_id, each.round) not in room.rounds:
            faults.append(Fault("the event has no such round", pointer=f"/bookings/{index}/round"))
        elif each.round in rounds[:index]:
            faults.append(Fault("comes twice", pointer=f"/bookings/{index}/round"))
        elif (guest.event_id, each.round, each.table_number) not in room.slots:
            faults.append(Fault("the event has no such table", pointer=f"/bookings/{index}/table_number"))
    if faults:
        raise InvalidRequest("The itinerary cannot be used.", errors=faults)


def _move(room: Room, guest: Guest, round_number: int, table_number: int) -> None:
    """From one seat to another in one step: everything is checked before the old seat is left."""
    if not guest.confirmed:
        raise RegistrationNotConfirmed("Only confirmed registrations take seats.")
    if round_number in guest.presents_in:
        raise PresentingInRound(f"In round {round_number} the presenter is at their own table.", round=round_number)
    slot = room.slots.get((guest.event_id, round_number, table_number))
    if slot is None:
        fault = Fault("the event has no such table", pointer="/table_number")
        raise InvalidRequest("There is no such table.", errors=[fault])
    held = room.held.get(guest.id, {})
    if round_number in held and held[round_number].table_id == slot.table_id:
        return
    _must_be_possible(slot, round_number, room)
    for number, holding in held.items():
        if number != round_number and holding.table_id == slot.table_id:
            raise TableAlreadyVisited(f"Table {table_number} is in round {number} of this itinerary.", round=number)
    if not room.free[slot.id]:
        raise TableFull(
            f"Table {table_number} has no free seat in round {round_number}.", capacity=slot.seats, taken=slot.seats
        )
    room.leave(guest, round_number)
    room.sit(guest, round_number, slot)


def _must_be_possible(slot: SlotAt, round_number: int, room: Room) -> None:
    if slot.closed:
        raise TableClosed(f"Table {slot.table_number} is closed in round {round_number}.")
    if not slot.has_presentation:
        raise TableClosed(f"Nobody presents at table {slot.table_number}.")


def _tell(session: Session, room: Room, calls: Sequence[Arguments]) -> None:
    if not room.moves:
        return
    for event_id in {room.guests[each].event_id for each in room.moves}:
        events.note_change(session, event_id)
    by = {call["registration_id"]: call for call in calls}
    moves = [(by[each], number) for each, numbers in room.moves.items() for number in sorted(numbers)]
    outbox.record_all(session, [_fact(room, call, number) for call, number in moves])


def _fact(room: Room, call: Arguments, round_number: int) -> outbox.Row:
    registration_id = call["registration_id"]
    guest, holding = room.guests[registration_id], room.held.get(registration_id, {}).get(round_number)
    return outbox.fact(
        "booking.made" if holding else "booking.released",
        hub_id=guest.hub_id,
        now=call["now"],
        actor=call["caller"].principal,
        event_id=guest.event_id,
        registration_id=registration_id,
        round=round_number,
        table_number=holding.table_number if holding else None,
    )
