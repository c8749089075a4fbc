"""Exact ascent round by round: one round is planned anew, best by the stated order while the others stand, then the
next, until none can be bettered. Each is a flow of attendees to tables.

Where a plan is to be kept, a change weighs more than any rank and less than any wish.
"""

from dataclasses import dataclass

import numpy as np

from app.allocation.solving.arena import NOWHERE, Arena, Edges, Ints, granted, lot, standing, visited
from app.allocation.solving.fairness import Standing, bonuses
from app.allocation.solving.filling import still_needed
from app.allocation.solving.flow import Network

MOST_LAPS = 12
MOST_ARCS = 200_000
"""How many wishes are looked at in all while shaking, each time they are."""
TIES = 8


@dataclass(frozen=True, slots=True)
class Keeping:
    """A plan (n × r tables, nowhere where somebody was free) that is to change as little as possible."""

    before: Ints
    protected: bool = False
    """Whether nobody may lose a wish that they had granted for the good of somebody else."""
    price: int | None = None
    """What it costs to send somebody elsewhere, in twelfths of what lies between the worths of two wishes (the first is
    worth as many of them as there are rounds, the last one). None: less than any wish, more than any rank."""

    def change(self, *, wish: int, ranks: int) -> int:
        """What a change weighs where a step from wish to wish weighs so much and ranks so much at most."""
        return ranks if self.price is None else max(ranks, wish * self.price // 12)


def without_fills(arena: Arena, at: Ints) -> Ints:
    """The plan with pins and granted wishes only."""
    rows = np.arange(len(at))[:, None]
    keep = (arena.rank[rows, at] > 0) | (arena.pinned != NOWHERE)
    return np.where(keep & (at != NOWHERE), at, NOWHERE)


def climb(arena: Arena, at: Ints, target: Standing, keeping: Keeping | None = None) -> Ints:
    """A plan at least as good, and better where one round planned anew can better it."""
    best, before = at, standing(arena, at)
    for lap in range(MOST_LAPS):
        for number in _order(arena, lap):
            best = plan_round(arena, best, number, keeping)
        now = standing(arena, best)
        if now.wishes == target.wishes or (now.wishes == before.wishes and lap):
            break
        before = now
    return best


def shake(arena: Arena, at: Ints, target: Standing, laps: int | None = None) -> Ints:
    """Climbs on through plans that are equally good: each round is planned anew with other ties, so that what one round
    could not better alone may become free for it. How often is fixed by the size, and the ties by the seed."""
    if laps is None:
        laps = max(4, min(60, MOST_ARCS // max(1, len(arena.wishes))))
    dice = np.random.Generator(np.random.PCG64(int.from_bytes(lot(arena.problem.options.seed, "ties", ""), "big")))
    for lap in range(laps):
        if standing(arena, at).wishes == target.wishes:
            break
        for number in _order(arena, lap):
            at = plan_round(arena, at, number, dice=dice)
    return at


def _order(arena: Arena, lap: int) -> list[int]:
    rounds = list(range(arena.size[2]))
    return rounds if lap % 2 == 0 else rounds[::-1]


def plan_round(
    arena: Arena, at: Ints, number: int, keeping: Keeping | None = None, dice: np.random.Generator | None = None
) -> Ints:
    """The plan with the wishes of one round given out anew, best by the stated order while the other rounds stand.

    Fill-ups of that round are given up, unless a plan is to be kept and has them."""
    people, tables, rounds = arena.size
    others = at.copy()
    others[arena.free[:, number], number] = NOWHERE
    pairs = _may_meet(arena, others, number, keeping)
    change = (min(people, tables) + 2) * arena.worst_rank + 1
    wish = people * (change + arena.worst_rank) * 2 + 1
    worth = np.array([*bonuses(rounds), 0], dtype=np.int64)[granted(arena, others)]
    costs = pairs.ranks - wish * worth[pairs.people] * (pairs.ranks > 0)
    if keeping is not None:
        costs = _keeping_costs(arena, number, keeping, pairs, costs, keeping.change(wish=wish, ranks=change))
    if dice is not None:
        costs = costs * TIES * (min(people, tables) + 2) + dice.integers(0, TIES, len(costs))
    network = Network.of(people + tables + 2)
    network.add(0, np.arange(people) + 1, 1, 0)
    seating = network.add(pairs.people + 1, pairs.tables + people + 1, 1, costs)
    network.add(np.arange(tables) + people + 1, people + tables + 1, arena.seats[:, number], 0)
    chosen = network.solve(people)[seating] > 0
    others[pairs.people[chosen], number] = pairs.tables[chosen]
    return others


def _may_meet(arena: Arena, others: Ints, number: int, keeping: Keeping | None) -> Edges:
    """Who may sit where in this round while the others stand: where they wish to, or where the plan to be kept has
    them."""
    asking = arena.free[:, number] & (still_needed(arena, others) > 0)
    welcome = arena.rank > 0
    if keeping is not None:
        there = np.flatnonzero(keeping.before[:, number] != NOWHERE)
        welcome[there, keeping.before[there, number]] = True
    may = welcome & asking[:, None] & ~visited(arena, others) & ~arena.barred & (arena.seats[:, number] > 0)
    people, tables = np.nonzero(may)
    edges = Edges(people, tables, arena.rank[people, tables])
    return edges.where(~np.isin(arena.code(people, tables, number), arena.bans)) if len(arena.bans) else edges


def _keeping_costs(arena: Arena, number: int, keeping: Keeping, pairs: Edges, costs: Ints, change: int) -> Ints:
    """What the plan to be kept has costs less by what a change weighs, and a protected wish by more than all else."""
    here = keeping.before[pairs.people, number] == pairs.tables
    costs = costs - change * here
    if keeping.protected:
        before = keeping.before[:, number]
        had = (before != NOWHERE) & (arena.rank[np.arange(len(before)), before] > 0)
        costs = costs - _more_than_all(costs, arena) * (had[pairs.people] & (pairs.ranks > 0))
    return costs


def _more_than_all(costs: Ints, arena: Arena) -> int:
    """A weight that no cycle of the network can outweigh by what these arcs cost."""
    people, tables, _ = arena.size
    return 2 * (min(people, tables) + 2) * int(np.abs(costs).max(initial=1))
