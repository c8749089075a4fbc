"""The options, last in the order: small exchanges that leave every level of it as it is.

Somebody comes to two of their tables in the other order, alone or in exchange with somebody who does the reverse; or a
fill-up is at another table. An exchange is made where it lessens, in this order, how many people sit in groups that are
too small, how many pairs of one school sit together, and how uneven a table's groups are. A local search: it stops
where no single exchange helps, and claims no more than that.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from app.allocation.solving.arena import NOWHERE, Arena, Ints, left
from app.allocation.solving.uniform import schools

MOST_PASSES = 4
MOST_TRIES = 60_000
"""So many exchanges are tried in all: the work is bounded, by a count that is the same on every machine."""
Seat = tuple[int, int]
"""A table and a round."""
Move = tuple[int, Seat, Seat]
"""Somebody, from where and to where."""


def polish(arena: Arena, at: Ints) -> Ints:
    """The plan with the options seen to as far as exchanges can."""
    options = arena.problem.options
    timed_evenly = arena.uniform and options.minimum < 2
    if not (options.spread_schools or options.minimum > 1 or (options.even_groups and not timed_evenly)):
        return at
    floor = _Floor(arena, at.copy())
    for _ in range(MOST_PASSES):
        before = floor.made
        thin = any(0 < len(guests) < options.minimum for guests in floor.guests.values())
        for person in range(arena.size[0]):
            if (thin or floor.troubled(person)) and floor.tried < MOST_TRIES:
                _reorder(floor, person)
                _refill(floor, person)
        if floor.made == before:
            break
    return floor.at


@dataclass
class _Floor:
    """Who sits where, group by group, and what an exchange would do to the groups."""

    arena: Arena
    at: Ints
    school: list[int] = field(init=False)
    spare: Ints = field(init=False)
    guests: dict[Seat, set[int]] = field(init=False)
    free: list[list[bool]] = field(init=False)
    open: list[list[bool]] = field(init=False)
    bans: set[int] = field(init=False)
    made: int = 0
    tried: int = 0

    def __post_init__(self) -> None:
        self.free, self.open = self.arena.free.tolist(), (self.arena.seats > 0).tolist()
        self.bans = set(self.arena.bans.tolist())
        self.school = schools(self.arena).tolist()
        self.spare = left(self.arena, self.at)
        self.guests = defaultdict(set)
        for person, number in zip(*np.nonzero(self.at != NOWHERE), strict=True):
            self.guests[int(self.at[person, number]), int(number)].add(int(person))

    def movable(self, person: int, number: int) -> bool:
        """Whether the seat, if there is one, is not pinned."""
        return self.free[person][number] and bool(self.at[person, number] != NOWHERE)

    def may(self, person: int, seat: Seat) -> bool:
        """Whether the person may sit there, if there is room."""
        if not (self.free[person][seat[1]] and self.open[seat[0]][seat[1]]):
            return False
        return not self.bans or self.arena.triple(person, *seat) not in self.bans

    def troubled(self, person: int) -> bool:
        """Whether something is wrong with a group that the person is in: only then are exchanges looked for."""
        options, school = self.arena.problem.options, self.school[person]
        for number, table in enumerate(self.at[person].tolist()):
            guests = self.guests[table, number] if table != NOWHERE else set()
            if options.spread_schools and any(self.school[each] == school and each != person for each in guests):
                return True
            if options.even_groups and table != NOWHERE and len(guests) - self._smallest(table) > 1:
                return True
        return False

    def _smallest(self, table: int) -> int:
        return min(len(self.guests[table, number]) for number, seats in enumerate(self.open[table]) if seats)

    def cost(self, guests: set[int]) -> tuple[int, int, int]:
        """What is wrong with a group: too small, of one school, and (summed over a table's groups) uneven."""
        options, size = self.arena.problem.options, len(guests)
        thin = size if 0 < size < options.minimum else 0
        pairs = 0
        if options.spread_schools:
            pairs = sum(many * (many - 1) // 2 for many in Counter(self.school[each] for each in guests).values())
        return thin, pairs, size * size if options.even_groups else 0

    def try_moves(self, *moves: Move) -> bool:
        """Makes the moves together if the groups they touch are better for it. Room must have been seen to."""
        self.tried += 1
        after: dict[Seat, set[int]] = {}
        for person, out, into in moves:
            for seat in (out, into):
                after.setdefault(seat, set(self.guests[seat]))
            after[out].discard(person)
            after[into].add(person)
        was = [self.cost(self.guests[seat]) for seat in after]
        will = [self.cost(guests) for guests in after.values()]
        if tuple(map(sum, zip(*will, strict=True))) >= tuple(map(sum, zip(*was, strict=True))):
            return False
        for person, out, _ in moves:
            self.at[person, out[1]] = NOWHERE
        for person, out, into in moves:
            self.at[person, into[1]] = into[0]
            self.spare[out] += 1
            self.spare[into] -= 1
        self.guests.update(after)
        self.made += 1
        return True


def _reorder(floor: _Floor, person: int) -> None:
    """Lets the person come to two tables in the other order, or to one in a round in which they are idle."""
    rounds = range(floor.arena.size[2])
    for one, other in combinations(rounds, 2):
        for here, there in ((one, other), (other, one)):
            if floor.movable(person, here) and floor.at[person, there] == NOWHERE:
                _come_later(floor, person, here, there)
        if floor.movable(person, one) and floor.movable(person, other):
            _swap_order(floor, person, one, other)


def _come_later(floor: _Floor, person: int, here: int, there: int) -> None:
    table = int(floor.at[person, here])
    if floor.spare[table, there] > 0 and floor.may(person, (table, there)):
        floor.try_moves((person, (table, here), (table, there)))


def _swap_order(floor: _Floor, person: int, one: int, other: int) -> None:
    first, second = int(floor.at[person, one]), int(floor.at[person, other])
    if not (floor.may(person, (first, other)) and floor.may(person, (second, one))):
        return
    ours = ((person, (first, one), (first, other)), (person, (second, other), (second, one)))
    if floor.spare[first, other] > 0 and floor.spare[second, one] > 0 and floor.try_moves(*ours):
        return
    for partner in sorted(floor.guests[second, one] & floor.guests[first, other]):
        if not (floor.movable(partner, one) and floor.movable(partner, other)):
            continue
        if floor.may(partner, (first, one)) and floor.may(partner, (second, other)):
            theirs = ((partner, (second, one), (second, other)), (partner, (first, other), (first, one)))
            if floor.try_moves(*ours, *theirs):
                return


def _refill(floor: _Floor, person: int) -> None:
    """Lets the person's fill-ups be at other tables."""
    arena = floor.arena
    for number in range(arena.size[2]):
        table = int(floor.at[person, number])
        if not floor.movable(person, number) or arena.rank[person, table] > 0:
            continue
        for to in np.flatnonzero((floor.spare[:, number] > 0) & ~arena.barred[person]).tolist():
            fresh = to not in floor.at[person] and arena.rank[person, to] == 0
            move = (person, (table, number), (to, number))
            if fresh and floor.may(person, move[2]) and floor.try_moves(move):
                break
