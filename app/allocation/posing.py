"""Poses the solver's problem: from the evening as it is and what an organiser asks. All that knows both sides is here.

To the solver people are their registrations, tables and rounds their numbers; a wish for what is at no table is the
presentation's id as text.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from app.allocation.rules import Mode, NamedSeat, Wanted
from app.allocation.snapshot import Evening, Guest
from app.allocation.solving.problem import Attendee, Options, Problem, Table
from app.kernel.problems import Fault

Plan = Mapping[UUID, Mapping[int, int]]
"""Of each registration: the table's number in each round's."""
BEYOND = 4
"""How many times as long it takes, about, to spread schools, to even groups or to mind who is away (measured)."""
Slot = tuple[int, int]
"""A round's number and a table's."""


@dataclass(frozen=True, slots=True)
class Posed:
    """A problem, and what is needed to speak about it: which presentation is at which table."""

    problem: Problem
    presentations: Mapping[int, UUID]


@dataclass(frozen=True, slots=True)
class Ask:
    """All that working out an allocation takes; can be handed to another process."""

    posed: Posed
    mode: Mode
    bookings: Plan
    fingerprint: str
    base: Plan | None = None
    """The plan that is to change as little as possible."""
    most_moved: int | None = None

    @property
    def size(self) -> int:
        """What its time grows with: attendees times tables, more on an uneven evening and for more than fairness."""
        problem = self.posed.problem
        options = problem.options
        beyond = options.spread_schools or options.even_groups or options.minimum > 1 or not problem.even
        return len(problem.attendees) * len(problem.tables) * (BEYOND if beyond else 1)


@dataclass(frozen=True, slots=True)
class _Named:
    """What an organiser asks for single people, in the form in which it is looked up."""

    pinned: dict[UUID, dict[int, int]] = field(default_factory=dict)
    forbidden: dict[UUID, set[Slot]] = field(default_factory=dict)
    barred: dict[UUID, frozenset[int]] = field(default_factory=dict)
    limits: dict[UUID, int] = field(default_factory=dict)


def pose(evening: Evening, wanted: Wanted, *, base: Plan | None) -> Ask:
    """The question to the solver; `faults_of` must have found nothing."""
    named = _named(wanted)
    keeps = wanted.mode is Mode.FULL and wanted.keep_bookings
    rounds = set(evening.rounds)
    attendees = tuple(
        _attendee(evening, guest, wanted, named, keeps=keeps)
        for guest in evening.guests
        if not rounds <= guest.presents_in
    )
    tables = tuple(Table(table.number, table.seats) for table in evening.tables)
    options = Options(
        seed=wanted.seed,
        spread_schools=wanted.spread_schools,
        even_groups=wanted.even_groups,
        minimum=wanted.minimum_group,
    )
    bookings = {guest.id: dict(guest.held) for guest in evening.guests}
    return Ask(
        posed=Posed(
            Problem(attendees, tables, evening.rounds, options),
            {table.number: table.presentation_id for table in evening.tables},
        ),
        mode=wanted.mode,
        bookings=bookings,
        fingerprint=evening.fingerprint(schools=wanted.spread_schools),
        base=base if base is not None else None if wanted.mode is Mode.FULL else bookings,
        most_moved=wanted.most_moved,
    )


def _attendee(evening: Evening, guest: Guest, wanted: Wanted, named: _Named, *, keeps: bool) -> Attendee:
    kept = _kept(guest, named) if keeps else ()
    return Attendee(
        id=guest.id,
        wishes=tuple(evening.table_of.get(wish, str(wish)) for wish in guest.wishes),
        wanted=named.limits.get(guest.id),
        away=guest.presents_in,
        barred=named.barred.get(guest.id, frozenset()) | guest.own_tables,
        forbidden=frozenset(named.forbidden.get(guest.id, ())),
        pinned=(*named.pinned.get(guest.id, {}).items(), *kept),
        school=guest.school_id.hex if wanted.spread_schools else None,
    )


def _kept(guest: Guest, named: _Named) -> Iterator[Slot]:
    """The bookings that are kept: those that neither a pin nor a ban contradicts."""
    pinned, forbidden = named.pinned.get(guest.id, {}), named.forbidden.get(guest.id, set())
    barred = named.barred.get(guest.id, frozenset()) | guest.own_tables
    for slot in guest.held:
        if slot[0] not in pinned and slot[1] not in pinned.values() and slot[1] not in barred and slot not in forbidden:
            yield slot


def _named(wanted: Wanted) -> _Named:
    named = _Named(limits=dict(wanted.limits))
    for each in wanted.pinned:
        assert each.round is not None
        named.pinned.setdefault(each.registration_id, {})[each.round] = each.table_number
    for each in wanted.forbidden:
        if each.round is None:
            named.barred[each.registration_id] = named.barred.get(each.registration_id, frozenset()) | {
                each.table_number
            }
        else:
            named.forbidden.setdefault(each.registration_id, set()).add((each.round, each.table_number))
    return named


def faults_of(evening: Evening, wanted: Wanted) -> list[Fault]:
    """What no plan could respect, place by place."""
    return [
        *(fault for place, seat in enumerate(wanted.pinned) for fault in _unknown(evening, seat, f"/pinned/{place}")),
        *(
            fault
            for place, seat in enumerate(wanted.forbidden)
            for fault in _unknown(evening, seat, f"/forbidden/{place}")
        ),
        *(
            Fault("is not a confirmed registration of this event", pointer=f"/limits/{place}/registration_id")
            for place, (registration_id, _) in enumerate(wanted.limits)
            if registration_id not in evening.by_id
        ),
    ] or list(_impossible(evening, wanted))


def _unknown(evening: Evening, seat: NamedSeat, at: str) -> Iterator[Fault]:
    if seat.registration_id not in evening.by_id:
        yield Fault("is not a confirmed registration of this event", pointer=f"{at}/registration_id")
    if seat.round is not None and seat.round not in evening.rounds:
        yield Fault("the event has no such round", pointer=f"{at}/round")
    if seat.table_number not in evening.all_tables:
        yield Fault("the event has no such table", pointer=f"{at}/table_number")


def _impossible(evening: Evening, wanted: Wanted) -> Iterator[Fault]:
    """Pins that contradict the evening, a ban, or each other."""
    seats = {
        (number, table.number): many
        for table in evening.tables
        for number, many in zip(evening.rounds, table.seats, strict=True)
    }
    named, keeps = _named(wanted), wanted.mode is Mode.FULL and wanted.keep_bookings
    kept = Counter(slot for guest in evening.guests for slot in (_kept(guest, named) if keeps else ()))
    seen: dict[UUID, list[Slot]] = {}
    banned = {(each.registration_id, each.round, each.table_number) for each in wanted.forbidden}
    for place, each in enumerate(wanted.pinned):
        at, guest = f"/pinned/{place}", evening.by_id[each.registration_id]
        assert each.round is not None
        slot, before = (each.round, each.table_number), seen.setdefault(guest.id, [])
        if not seats.get(slot):
            yield Fault("nobody can sit at this table in this round", pointer=f"{at}/table_number")
        elif each.round in guest.presents_in:
            yield Fault("the presenter is at their own table in this round", pointer=f"{at}/round")
        elif each.table_number in guest.own_tables:
            yield Fault("is the presenter's own table", pointer=f"{at}/table_number")
        elif {(guest.id, slot[0], slot[1]), (guest.id, None, slot[1])} & banned:
            yield Fault("is forbidden as well", pointer=at)
        elif any(slot[0] == number or slot[1] == table for number, table in before):
            yield Fault("is pinned in this round, or to this table, already", pointer=at)
        elif kept[slot] >= seats[slot]:
            yield Fault("every seat there is pinned, or kept by somebody who booked it", pointer=f"{at}/table_number")
        before.append(slot)
        kept[slot] += 1
