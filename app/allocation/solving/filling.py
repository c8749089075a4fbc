"""Fill-ups: seats for those who have fewer wishes granted than rounds to fill. Never at the cost of a wish."""

import numpy as np

from app.allocation.solving.arena import NOWHERE, Arena, Edges, Flags, Ints, left, visited
from app.allocation.solving.flow import Network

MOST_ARCS = 400_000
"""Beyond so many pairs, what the quick way leaves is not tried again by a flow."""


def hand_out(need: Ints, seats: Ints, welcome: Flags) -> Edges:
    """Hands out the seats of one table after another to those who still need the most: the rule of Gale and Ryser,
    which is best where everybody is welcome everywhere. `welcome` is n × t; nobody gets a table twice."""
    need, people, tables = need.copy(), [], []
    for table in np.argsort(-seats, kind="stable").tolist():
        guests = np.flatnonzero(welcome[:, table] & (need > 0))
        if len(guests) > seats[table]:
            guests = guests[np.argsort(-need[guests], kind="stable")[: seats[table]]]
        need[guests] -= 1
        people.append(guests)
        tables.append(np.full(len(guests), table, dtype=np.int64))
    seated = np.concatenate([np.zeros(0, dtype=np.int64), *people])
    return Edges(seated, np.concatenate([np.zeros(0, dtype=np.int64), *tables]), np.zeros_like(seated))


def fill_idle(arena: Arena, at: Ints) -> Ints:
    """Fills idle rounds one after another, each with as many people as its free seats can take: afterwards nobody is
    idle in a round, and wants a seat, while one is free that they could take."""
    at = at.copy()
    for number in range(arena.size[2]):
        _fill_round(arena, at, number)
    return at


def still_needed(arena: Arena, at: Ints) -> Ints:
    """To how many more seats each attendee may be sent."""
    return np.asarray(arena.need - ((at != NOWHERE) & (arena.pinned == NOWHERE)).sum(axis=1), dtype=np.int64)


def _fill_round(arena: Arena, at: Ints, number: int) -> None:
    idle = np.flatnonzero((at[:, number] == NOWHERE) & arena.free[:, number] & (still_needed(arena, at) > 0))
    spare = left(arena, at)[:, number]
    if not len(idle) or not spare.any():
        return
    welcome = ~arena.barred[idle] & ~visited(arena, at)[idle] & (arena.seats[:, number] > 0)
    if len(arena.bans):
        codes = arena.code(idle[:, None], np.arange(arena.size[1])[None, :], number)
        welcome &= ~np.isin(codes, arena.bans)
    given = hand_out(np.ones(len(idle), dtype=np.int64), spare, welcome)
    if len(given) < min(len(idle), int(spare.sum())) and welcome[:, spare > 0].sum() <= MOST_ARCS:
        given = _most(spare, welcome)
    at[idle[given.people], number] = given.tables


def _most(spare: Ints, welcome: Flags) -> Edges:
    """As many of these people as possible on these seats."""
    people, tables = (each.astype(np.int64) for each in np.nonzero(welcome & (spare > 0)))
    many, count = welcome.shape
    network = Network.of(many + count + 2)
    network.add(0, np.arange(many) + 1, 1, 0)
    seating = network.add(people + 1, tables + many + 1, 1, -1)
    network.add(np.arange(count) + many + 1, many + count + 1, spare, 0)
    chosen = network.solve(many)[seating] > 0
    return Edges(people[chosen], tables[chosen], np.zeros(int(chosen.sum()), dtype=np.int64))
