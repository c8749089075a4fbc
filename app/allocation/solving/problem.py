"""What is known before an allocation: who comes with which wishes, which tables there are, what must be respected."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

Id = Hashable
"""Whatever the caller names things by: a UUID, a string, a number. Its `str` must tell it from others of its type."""

Itineraries = Mapping[Any, Mapping[Any, Any]]
"""Of each attendee: the table in each round in which they have one. Keys of any type that names things (`Id`)."""


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody to be seated. A wish for what is no table of the problem cannot be granted, but keeps its rank."""

    id: Id
    wishes: tuple[Id, ...] = ()
    """Tables, the dearest first. A table named twice counts where it stands first."""
    wanted: int | None = None
    """In how many rounds they want a seat, pinned ones included; None for as many as they can."""
    away: frozenset[Id] = frozenset()
    """Rounds in which they cannot sit anywhere, such as those in which they present."""
    barred: frozenset[Id] = frozenset()
    """Tables to which they are never sent: their own, or one that the organiser forbids."""
    forbidden: frozenset[tuple[Id, Id]] = frozenset()
    """Single seats to which they are not sent: a round and a table."""
    pinned: tuple[tuple[Id, Id], ...] = ()
    """Seats that they keep whatever else: a round and a table."""
    school: Id | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its seats in each round, in the order of the problem's rounds; 0 where it is closed."""

    id: Id
    seats: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked beyond fairness. None of it ever costs anybody a wish, a better rank or a seat."""

    seed: int = 0
    """Decides between plans that are equally good, and nothing else."""
    spread_schools: bool = False
    """People of one school are to meet as seldom as possible at the same table in the same round."""
    even_groups: bool = False
    """A table's groups are to be of the same size, give or take one, in all the rounds in which it is open."""
    minimum: int = 0
    """How many people make a group worth running: a slot with fewer is emptied where its people lose nothing by it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything that an allocation rests on."""

    attendees: tuple[Attendee, ...]
    tables: tuple[Table, ...]
    rounds: tuple[Id, ...]
    options: Options = field(default_factory=Options)

    @property
    def even(self) -> bool:
        """Whether every table has the same seats in all rounds, and everybody may sit anywhere in all of them."""
        bound = any(each.away or each.forbidden or each.pinned for each in self.attendees)
        return not bound and all(len(set(table.seats)) < 2 for table in self.tables)


class InconsistentProblem(ValueError):
    """The problem contradicts itself, as when more people are pinned to a slot than it seats. The text says where."""


def check(problem: Problem) -> None:
    """Refuses what no plan can respect: ids that are not distinct, seats that do not fit the rounds, pins in vain."""
    _distinct("attendees", [each.id for each in problem.attendees])
    _distinct("tables", [each.id for each in problem.tables])
    _distinct("rounds", list(problem.rounds))
    seats = {}
    for table in problem.tables:
        if len(table.seats) != len(problem.rounds) or any(number < 0 for number in table.seats):
            raise InconsistentProblem(f"table {table.id}: one number of seats, not below 0, for each round")
        seats.update({(each, table.id): number for each, number in zip(problem.rounds, table.seats, strict=True)})
    for attendee in problem.attendees:
        _check_pins(attendee, seats)
    over = [slot for slot, left in seats.items() if left < 0]
    if over:
        raise InconsistentProblem(f"more people are pinned to table {over[0][1]} in round {over[0][0]} than it seats")


def _check_pins(attendee: Attendee, seats: dict[tuple[Id, Id], int]) -> None:
    if len({each for each, _ in attendee.pinned}) < len(attendee.pinned):
        raise InconsistentProblem(f"attendee {attendee.id} is pinned to two tables in one round")
    if len({table for _, table in attendee.pinned}) < len(attendee.pinned):
        raise InconsistentProblem(f"attendee {attendee.id} is pinned to one table twice")
    for pin in attendee.pinned:
        if pin not in seats:
            raise InconsistentProblem(f"attendee {attendee.id} is pinned to what does not exist: {pin}")
        if pin[0] in attendee.away or pin[1] in attendee.barred or pin in attendee.forbidden:
            raise InconsistentProblem(f"attendee {attendee.id} is pinned where they must not sit: {pin}")
        seats[pin] -= 1


def _distinct(what: str, ids: list[Id]) -> None:
    if len(set(ids)) < len(ids):
        raise InconsistentProblem(f"two {what} have the same id")
