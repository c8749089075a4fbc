"""How a plan came out, for the hub: satisfaction, the worst-off, seats left, and who could not be placed and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.allocation.solving.plan import Plan
from app.allocation.solving.problem import Attendee, Id, Itineraries, Problem


class Idle(StrEnum):
    NO_SEAT_FREE = "no-seat-free"
    SEEN_ALL_THAT_IS_FREE = "seen-all-that-is-free"
    BARRED = "barred"


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Somebody who wants a seat in more rounds than they have one in, with the reason for each round that is empty:
    no seat is free in it, or only at tables that they visit in other rounds, or only where they must not sit."""

    attendee: Id
    missing: int
    reasons: Mapping[Id, Idle]


@dataclass(frozen=True, slots=True)
class Slot:
    """One table in one round."""

    table: Id
    round: Id
    seats: int
    taken: int

    @property
    def left(self) -> int:
        """Seats that nobody has."""
        return self.seats - self.taken

    @property
    def fill(self) -> float | None:
        """Which share of the seats is taken; None where the table is closed."""
        return self.taken / self.seats if self.seats else None


@dataclass(frozen=True, slots=True)
class Figures:
    """What the hub reads about a plan."""

    attendees: int
    with_wishes: int
    """How many ranked anything at all: those whom the figures about wishes are about."""
    first_choice: int
    top_three: int
    """How many got at least one of their first three; `top_five` and `any_wish` alike."""
    top_five: int
    any_wish: int
    wishes: tuple[int, ...]
    """How many of those with wishes have 0, 1, 2, … of them granted."""
    worst_off: int
    """The fewest wishes granted to anybody who ranked any."""
    worst_off_attendees: tuple[Id, ...]
    total_of_ranks: int
    seats_taken: int
    fill_ups: int
    curve: tuple[tuple[float, float], ...]
    """Points like Lorenz's: the share of people with wishes, the least satisfied first, and the share of all granted
    wishes that is theirs. The nearer to the diagonal, the more alike all are served."""
    slots: tuple[Slot, ...]
    """Table by table and round by round: the heat map."""
    small_groups: int
    """Slots with somebody, but with fewer people than the minimum that was asked for."""
    school_pairs: int
    """Pairs of one school that sit at one table in one round."""
    unplaced: tuple[Unplaced, ...]

    @property
    def seats_left(self) -> int:
        """Seats that nobody has, over all open slots."""
        return sum(slot.left for slot in self.slots)


def figures(problem: Problem, plan: Plan | Itineraries) -> Figures:
    """The figures of a plan, wherever it comes from."""
    seats = plan.itineraries if isinstance(plan, Plan) else plan
    wishing = [each for each in problem.attendees if each.wishes]
    ranks = {each.id: granted_ranks(each, seats) for each in problem.attendees}
    counts = [len(ranks[each.id]) for each in wishing]
    slots = _slots(problem, seats)
    worst, taken = min(counts, default=0), sum(slot.taken for slot in slots)
    return Figures(
        attendees=len(problem.attendees),
        with_wishes=len(wishing),
        first_choice=_with_rank_up_to(ranks, 1),
        top_three=_with_rank_up_to(ranks, 3),
        top_five=_with_rank_up_to(ranks, 5),
        any_wish=sum(number > 0 for number in counts),
        wishes=tuple(counts.count(number) for number in range(len(problem.rounds) + 1)),
        worst_off=worst,
        worst_off_attendees=tuple(each.id for each, number in zip(wishing, counts, strict=True) if number == worst),
        total_of_ranks=sum(sum(own) for own in ranks.values()),
        seats_taken=taken,
        fill_ups=taken - sum(counts),
        curve=_curve(counts),
        slots=slots,
        small_groups=sum(0 < slot.taken < problem.options.minimum for slot in slots),
        school_pairs=_school_pairs(problem, seats),
        unplaced=_unplaced(problem, seats, slots),
    )


def granted_ranks(attendee: Attendee, seats: Itineraries) -> list[int]:
    """The ranks of the wishes that somebody has granted, the dearest first."""
    own = set(seats.get(attendee.id, {}).values())
    return [rank for rank, table in ranked(attendee) if table in own]


def ranked(attendee: Attendee) -> list[tuple[int, Id]]:
    """The wishes with their ranks; a table named twice counts where it stands first."""
    first: dict[Id, int] = {}
    for rank, table in enumerate(attendee.wishes, 1):
        first.setdefault(table, rank)
    return [(rank, table) for table, rank in first.items()]


def _with_rank_up_to(ranks: Mapping[Id, list[int]], limit: int) -> int:
    return sum(bool(own) and own[0] <= limit for own in ranks.values())


def _curve(counts: list[int]) -> tuple[tuple[float, float], ...]:
    total, points, so_far = max(1, sum(counts)), [(0.0, 0.0)], 0
    for place, number in enumerate(sorted(counts), 1):
        so_far += number
        points.append((place / len(counts), so_far / total))
    return tuple(points)


def _slots(problem: Problem, seats: Itineraries) -> tuple[Slot, ...]:
    taken: dict[tuple[Id, Id], int] = {}
    for own in seats.values():
        for name, table in own.items():
            taken[name, table] = taken.get((name, table), 0) + 1
    return tuple(
        Slot(table.id, name, number, taken.get((name, table.id), 0))
        for table in problem.tables
        for name, number in zip(problem.rounds, table.seats, strict=True)
    )


def _school_pairs(problem: Problem, seats: Itineraries) -> int:
    together: dict[tuple[Id, Id, Id], int] = {}
    for attendee in problem.attendees:
        if attendee.school is not None:
            for name, table in seats.get(attendee.id, {}).items():
                key = (attendee.school, name, table)
                together[key] = together.get(key, 0) + 1
    return sum(many * (many - 1) // 2 for many in together.values())


def _unplaced(problem: Problem, seats: Itineraries, slots: tuple[Slot, ...]) -> tuple[Unplaced, ...]:
    free: dict[Id, list[Id]] = {}
    for slot in slots:
        if slot.left > 0:
            free.setdefault(slot.round, []).append(slot.table)
    found = []
    for attendee in problem.attendees:
        own = seats.get(attendee.id, {})
        idle = [each for each in problem.rounds if each not in own and each not in attendee.away]
        wanted = len(idle) if attendee.wanted is None else min(len(idle), attendee.wanted - len(own))
        if wanted > 0:
            reasons = {each: _why_idle(attendee, own, each, free.get(each, [])) for each in idle}
            found.append(Unplaced(attendee.id, wanted, reasons))
    return tuple(found)


def _why_idle(attendee: Attendee, own: Mapping[Id, Id], name: Id, free: list[Id]) -> Idle:
    if not free:
        return Idle.NO_SEAT_FREE
    return Idle.SEEN_ALL_THAT_IS_FREE if any(table in own.values() for table in free) else Idle.BARRED
