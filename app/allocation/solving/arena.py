"""The problem in numbers: people, tables and rounds by position, in an order that no one can influence.

The positions follow a hash of the seed and the id, so it makes no difference in which order people registered, tables
were listed or dictionaries were filled: the same problem in another order is the same arena.
"""

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from app.allocation.solving.fairness import Standing
from app.allocation.solving.problem import Attendee, Id, Itineraries, Problem, Table, check

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NOWHERE = -1
"""Stands for no table."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs of an attendee and a table, as columns of equal length; the rank of the wish, or 0 for a fill-up."""

    people: Ints
    tables: Ints
    ranks: Ints

    def where(self, chosen: npt.NDArray[np.generic]) -> "Edges":
        """Those that a mask or an index chooses."""
        return Edges(self.people[chosen], self.tables[chosen], self.ranks[chosen])

    def __len__(self) -> int:
        return len(self.people)


@dataclass(frozen=True)
class Arena:
    """The problem as arrays. n people, t tables, r rounds. Seats, needs and free rounds are what the pins leave."""

    problem: Problem
    attendees: tuple[Attendee, ...]
    tables: tuple[Table, ...]
    rank: Ints
    """n × t: the rank of the wish, 0 where there is none."""
    barred: Flags
    """n × t: never to be sent there, or pinned there already."""
    seats: Ints
    """t × r."""
    free: Flags
    """n × r: may be given a seat."""
    need: Ints
    """n: to how many seats they may be sent."""
    pinned: Ints
    """n × r: the table to which they are pinned, or nowhere."""
    bans: Ints
    """Sorted codes of forbidden triples of attendee, table and round; see `code`."""

    @property
    def size(self) -> tuple[int, int, int]:
        """The numbers of people, tables and rounds."""
        return len(self.attendees), len(self.tables), len(self.problem.rounds)

    @cached_property
    def granted(self) -> Ints:
        """n: wishes that the pins grant."""
        return granted(self, self.pinned)

    @cached_property
    def worst_rank(self) -> int:
        """The longest list of wishes."""
        return int(self.rank.max(initial=1))

    @cached_property
    def uniform(self) -> bool:
        """Whether every table has the same seats in all rounds and everybody is free in all: König's case."""
        level = not self.seats.size or bool((self.seats == self.seats[:, :1]).all())
        return level and bool(self.free.all()) and not len(self.bans)

    def code(self, people: Ints, tables: Ints, number: int) -> Ints:
        """One number for each triple."""
        _, many, rounds = self.size
        return (people * many + tables) * rounds + number

    def triple(self, person: int, table: int, number: int) -> int:
        """The code of one."""
        return (person * self.size[1] + table) * self.size[2] + number

    def possible(self, people: Ints, tables: Ints) -> Flags:
        """For each pair, the rounds in which the one may sit at the other."""
        return np.stack(
            [self.allowed(people, tables, number) for number in range(self.size[2])], axis=1, dtype=np.bool_
        )

    def allowed(self, people: Ints, tables: Ints, number: int) -> Flags:
        """Whether each pair may meet in this round."""
        fits = self.free[people, number] & (self.seats[tables, number] > 0)
        if len(self.bans):
            fits &= ~np.isin(self.code(people, tables, number), self.bans)
        return np.asarray(fits, dtype=np.bool_)

    @cached_property
    def wishes(self) -> Edges:
        """Every wish that may be granted in some round, besides those that pins grant."""
        people, tables = np.nonzero((self.rank > 0) & ~self.barred)
        edges = Edges(people.astype(np.int64), tables.astype(np.int64), self.rank[people, tables])
        return edges.where(np.flatnonzero(self.possible(edges.people, edges.tables).any(axis=1)))


def arrange(problem: Problem) -> Arena:
    """The arena of a problem, which is checked first."""
    check(problem)
    seed = problem.options.seed
    attendees = tuple(sorted(problem.attendees, key=lambda each: lot(seed, "attendee", each.id)))
    tables = tuple(sorted(problem.tables, key=lambda each: lot(seed, "table", each.id)))
    columns = {table.id: number for number, table in enumerate(tables)}
    rounds = {each: number for number, each in enumerate(problem.rounds)}
    rank, barred = _rank(attendees, columns), _barred(attendees, columns)
    seats = np.array([table.seats for table in tables], dtype=np.int64).reshape(len(tables), len(rounds))
    free, pinned = _rounds_of(attendees, rounds), np.full((len(attendees), len(rounds)), NOWHERE, dtype=np.int64)
    for person, attendee in enumerate(attendees):
        for each, table_id in attendee.pinned:
            pinned[person, rounds[each]] = columns[table_id]
            seats[columns[table_id], rounds[each]] -= 1
            free[person, rounds[each]] = False
            barred[person, columns[table_id]] = True
    wanted = np.array([_wanted(each, len(rounds)) for each in attendees], dtype=np.int64)
    need = np.clip(wanted - (pinned != NOWHERE).sum(axis=1), 0, free.sum(axis=1))
    bans = _bans(attendees, columns, rounds)
    return Arena(problem, attendees, tables, rank, barred, seats, free, need, pinned, bans)


def lot(seed: int, kind: str, name: Id) -> bytes:
    """What decides between equals: fixed by the seed and the id, alike on every machine and in every process."""
    return blake2b(f"{seed}|{kind}|{type(name).__name__}|{name}".encode(), digest_size=16).digest()


def _wanted(attendee: Attendee, rounds: int) -> int:
    return rounds if attendee.wanted is None else max(0, attendee.wanted)


def _rank(attendees: tuple[Attendee, ...], columns: dict[Id, int]) -> Ints:
    rank = np.zeros((len(attendees), len(columns)), dtype=np.int64)
    for person, attendee in enumerate(attendees):
        for place, table_id in enumerate(attendee.wishes, 1):
            column = columns.get(table_id, NOWHERE)
            if column != NOWHERE and not rank[person, column]:
                rank[person, column] = place
    return rank


def _barred(attendees: tuple[Attendee, ...], columns: dict[Id, int]) -> Flags:
    barred = np.zeros((len(attendees), len(columns)), dtype=np.bool_)
    for person, attendee in enumerate(attendees):
        for table_id in attendee.barred:
            if table_id in columns:
                barred[person, columns[table_id]] = True
    return barred


def _rounds_of(attendees: tuple[Attendee, ...], rounds: dict[Id, int]) -> Flags:
    free = np.ones((len(attendees), len(rounds)), dtype=np.bool_)
    for person, attendee in enumerate(attendees):
        for each in attendee.away:
            if each in rounds:
                free[person, rounds[each]] = False
    return free


def _bans(attendees: tuple[Attendee, ...], columns: dict[Id, int], rounds: dict[Id, int]) -> Ints:
    codes = [
        (person * len(columns) + columns[table_id]) * len(rounds) + rounds[each]
        for person, attendee in enumerate(attendees)
        for each, table_id in attendee.forbidden
        if table_id in columns and each in rounds
    ]
    return np.array(sorted(codes), dtype=np.int64)


def granted(arena: Arena, at: Ints) -> Ints:
    """How many wishes each attendee has in a plan (n × r tables)."""
    return np.asarray(((at != NOWHERE) & (_ranks(arena, at) > 0)).sum(axis=1), dtype=np.int64)


def _ranks(arena: Arena, at: Ints) -> Ints:
    if not arena.rank.size:
        return np.zeros(at.shape, dtype=np.int64)
    rows = np.arange(len(at))[:, None]
    return np.asarray(np.where(at == NOWHERE, 0, arena.rank[rows, at]), dtype=np.int64)


def standing(arena: Arena, at: Ints) -> Standing:
    """How good a plan is."""
    counts = granted(arena, at)
    at_least = tuple(int((counts >= number).sum()) for number in range(1, arena.size[2] + 1))
    return Standing(at_least, int(_ranks(arena, at).sum()), int((at != NOWHERE).sum()))


def visited(arena: Arena, at: Ints) -> Flags:
    """n × t: who is at which table in some round."""
    people, rounds = np.nonzero(at != NOWHERE)
    seen = np.zeros(arena.rank.shape, dtype=np.bool_)
    seen[people, at[people, rounds]] = True
    return seen


def left(arena: Arena, at: Ints) -> Ints:
    """t × r: seats that a plan, in which the pins are, leaves."""
    spare = arena.seats.copy()
    people, rounds = np.nonzero((at != NOWHERE) & (arena.pinned == NOWHERE))
    np.subtract.at(spare, (at[people, rounds], rounds), 1)
    return spare


def itineraries(arena: Arena, at: Ints) -> Itineraries:
    """The plan by ids, people in the arena's order and rounds in the evening's."""
    names = [table.id for table in arena.tables]
    return {
        attendee.id: {
            each: names[table] for each, table in zip(arena.problem.rounds, row, strict=True) if table != NOWHERE
        }
        for attendee, row in zip(arena.attendees, at.tolist(), strict=True)
    }
