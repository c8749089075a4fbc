"""When somebody visits a table, where tables are closed in some rounds, seats differ or people are away.

A list colouring, which need not exist and is hard to find; so round by round by urgency, each round a flow: those first
who have no round to spare, the tables that could not seat their people later, the pairs that meet now or never.
"""

import numpy as np

from app.allocation.solving.arena import NOWHERE, Arena, Edges, Flags, Ints
from app.allocation.solving.flow import Network

PRESSING = np.array([64, 16, 4, 2, 1], dtype=np.int64)
"""How much it weighs to have no round to spare, one, two, …"""


def placed_by_urgency(arena: Arena, edges: Edges) -> Ints:
    """A plan (n × r tables) with as many of these visits as the urgencies bring about; the scarcest round first."""
    people, _, rounds = arena.size
    at = np.full((people, rounds), NOWHERE, dtype=np.int64)
    possible = arena.possible(edges.people, edges.tables)
    waiting = np.arange(len(edges))
    order = np.argsort(arena.seats.sum(axis=0), kind="stable").tolist()
    for place, number in enumerate(order):
        later = order[place + 1 :]
        taken = _one_round(arena, edges.where(waiting), possible[waiting], number, later)
        chosen = waiting[taken]
        at[edges.people[chosen], number] = edges.tables[chosen]
        waiting = waiting[~taken]
    return at


def _one_round(arena: Arena, edges: Edges, possible: Flags, number: int, later: list[int]) -> Flags:
    people, tables, _ = arena.size
    now = np.flatnonzero(possible[:, number])
    here = edges.where(now)
    visits = np.bincount(edges.people, minlength=people)
    to_spare = arena.free[:, [number, *later]].sum(axis=1) - visits
    wish = 8 * (here.ranks > 0)
    chances = possible[now][:, later].sum(axis=1)
    urgency = np.asarray(_pressing(to_spare[here.people]) + _pressing(chances) + wish, dtype=np.int64)
    network = Network.of(people + tables + 2)
    network.add(0, np.arange(people) + 1, 1, 0)
    seating = network.add(here.people + 1, here.tables + people + 1, 1, -urgency)
    coming = np.bincount(edges.tables, minlength=tables)
    seats = arena.seats[:, number]
    must = np.clip(coming - arena.seats[:, later].sum(axis=1), 0, seats)
    share = np.clip(-(-coming // (len(later) + 1)), must, seats)
    table, sink = np.arange(tables) + people + 1, people + tables + 1
    network.add(table, sink, must, -4 * PRESSING[0])
    network.add(table, sink, share - must, -2)
    network.add(table, sink, seats - share, 0)
    taken = np.zeros(len(edges), dtype=np.bool_)
    taken[now[network.solve(people)[seating] > 0]] = True
    return taken


def _pressing(rounds_to_spare: Ints) -> Ints:
    return np.asarray(PRESSING[np.clip(rounds_to_spare, 0, len(PRESSING) - 1)], dtype=np.int64)
