"""Finds room for a visit that the rounds had none for: somebody moves another visit to another round, which moves
somebody else's back, and so on until a free seat or a free round ends the chain (Kempe, with lists)."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from app.allocation.solving.arena import NOWHERE, Arena, Edges, Ints, left, visited
from app.allocation.solving.filling import still_needed

LONGEST_SEARCH = 1_000
"""People looked at for one visit in one pair of rounds."""
MOST_SEARCH = 100_000
"""People looked at for all visits together."""


@dataclass(slots=True)
class _Step:
    """Somebody who must give up their visit in `out` and, except for the last, make it in `into` instead."""

    person: int
    out: int
    into: int
    before: "_Step | None"


@dataclass
class Timetable:
    """A plan that changes: who is where, who sits at a slot, how many seats are left."""

    arena: Arena
    at: Ints
    spare: Ints = field(init=False)
    guests: dict[tuple[int, int], set[int]] = field(init=False)
    free: list[list[bool]] = field(init=False)
    open: list[list[bool]] = field(init=False)
    bans: set[int] = field(init=False)
    searched: int = 0

    def __post_init__(self) -> None:
        self.spare = left(self.arena, self.at)
        self.guests = {}
        self.free, self.open = self.arena.free.tolist(), (self.arena.seats > 0).tolist()
        self.bans = set(self.arena.bans.tolist())
        for person, number in zip(*np.nonzero((self.at != NOWHERE) & (self.arena.pinned == NOWHERE)), strict=True):
            self.guests.setdefault((int(self.at[person, number]), int(number)), set()).add(int(person))

    def may(self, person: int, table: int, number: int) -> bool:
        """Whether the arena lets this person sit there then."""
        if not (self.free[person][number] and self.open[table][number]):
            return False
        return not self.bans or self.arena.triple(person, table, number) not in self.bans

    def sit(self, person: int, table: int, number: int) -> None:
        """Takes a seat."""
        self.at[person, number] = table
        self.spare[table, number] -= 1
        self.guests.setdefault((table, number), set()).add(person)

    def leave(self, person: int, number: int) -> int:
        """Gives a seat up and says at which table it was."""
        table = int(self.at[person, number])
        self.at[person, number] = NOWHERE
        self.spare[table, number] += 1
        self.guests[table, number].discard(person)
        return table


def insert_missing(arena: Arena, at: Ints, edges: Edges) -> Ints:
    """The plan with as many of these visits as chains can find room for; those that it has already stay, at their time
    or another."""
    there = visited(arena, at)
    missing = edges.where(~there[edges.people, edges.tables])
    if not len(missing):
        return at
    timetable = Timetable(arena, at.copy())
    for person, table in zip(missing.people.tolist(), missing.tables.tolist(), strict=True):
        _insert(timetable, person, table)
    return timetable.at


def fill_by_chains(arena: Arena, at: Ints) -> Ints:
    """The plan with further fill-ups, for which others come to their tables in other rounds."""
    needed, spare = still_needed(arena, at), left(arena, at).sum(axis=1)
    if not needed.any() or not spare.any():
        return at
    timetable = Timetable(arena, at.copy())
    for person in np.flatnonzero(needed > 0).tolist():
        for table in np.flatnonzero((spare > 0) & ~arena.barred[person]).tolist():
            if needed[person] > 0 and spare[table] > 0 and table not in timetable.at[person]:
                done = _insert(timetable, person, table)
                needed[person] -= done
                spare[table] -= done
    return timetable.at


def _insert(timetable: Timetable, person: int, table: int) -> bool:
    at, rounds = timetable.at, range(timetable.arena.size[2])
    fits = [each for each in rounds if timetable.may(person, table, each)]
    idle = [each for each in rounds if at[person, each] == NOWHERE and timetable.arena.free[person, each]]
    roomy = [each for each in fits if timetable.spare[table, each] > 0]
    for number in fits:
        if number in idle and number in roomy:
            timetable.sit(person, table, number)
            return True
    return any(
        _by_own_chain(timetable, person, table, into, out) for into in roomy for out in idle if into != out
    ) or any(
        _by_guests_chain(timetable, person, table, into, out)
        for into in idle
        if into in fits
        for out in rounds
        if out != into and timetable.spare[table, out] > 0
    )


def _by_own_chain(timetable: Timetable, person: int, table: int, into: int, out: int) -> bool:
    """The table has a seat in a round in which the person is elsewhere: that visit moves to where they are idle."""
    if timetable.arena.pinned[person, into] != NOWHERE:
        return False
    return _follow(timetable, [_Step(person, into, out, None)], person, table, into)


def _by_guests_chain(timetable: Timetable, person: int, table: int, into: int, out: int) -> bool:
    """The person is idle while the table is full: one of its guests comes in another round instead."""
    starts = []
    for guest in sorted(timetable.guests.get((table, into), ())):
        if not timetable.may(guest, table, out):
            continue
        starts.append(_Step(guest, out, into, _Step(guest, into, out, None)))
    return _follow(timetable, starts, person, table, into)


def _follow(timetable: Timetable, starts: list[_Step], person: int, table: int, into: int) -> bool:
    """Looks for the shortest chain from any of these starts and, if there is one, moves everybody along it."""
    seen = {each.person for each in starts} | {person}
    queue = deque(starts)
    while queue and len(seen) < LONGEST_SEARCH and timetable.searched < MOST_SEARCH:
        step = queue.popleft()
        timetable.searched += 1
        elsewhere = int(timetable.at[step.person, step.out])
        if elsewhere == NOWHERE:
            return _move(timetable, step.before, person, table, into)
        if not timetable.may(step.person, elsewhere, step.into):
            continue
        if timetable.spare[elsewhere, step.into] > 0:
            return _move(timetable, step, person, table, into)
        for guest in sorted(timetable.guests.get((elsewhere, step.into), ())):
            if guest not in seen and timetable.may(guest, elsewhere, step.out):
                seen.add(guest)
                queue.append(_Step(guest, step.out, step.into, _Step(guest, step.into, step.out, step)))
    return False


def _move(timetable: Timetable, last: _Step | None, person: int, table: int, into: int) -> bool:
    moves = []
    step = last
    while step is not None:
        moves.append((step.person, step.out, step.into))
        step = step.before
    tables = [timetable.leave(each, out) for each, out, _ in moves if timetable.at[each, out] != NOWHERE]
    for (each, _, to), seat in zip(moves, tables, strict=True):
        timetable.sit(each, seat, to)
    timetable.sit(person, table, into)
    return True
