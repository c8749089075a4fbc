"""König's case: every table has the same seats in all rounds and everybody is free in all. Solved exactly.

Which tables is a flow, when is a colouring, and any choice of tables that the flow can make can be timed. So the flow's
optimum is the plan's.
"""

import numpy as np

from app.allocation.solving.arena import NOWHERE, Arena, Edges, Ints
from app.allocation.solving.colouring import colour
from app.allocation.solving.filling import MOST_ARCS, hand_out
from app.allocation.solving.flow import choose_all, choose_wishes


def tables_for_all(arena: Arena) -> tuple[Edges, int]:
    """Who visits which tables, wished for or filled up, and the most seats that any equally good plan can take."""
    seats = arena.seats.sum(axis=1)
    wishes = arena.wishes.where(choose_wishes(arena, seats))
    need = arena.need - np.bincount(wishes.people, minlength=arena.size[0])
    spare = seats - np.bincount(wishes.tables, minlength=arena.size[1])
    welcome = ~arena.barred
    welcome[wishes.people, wishes.tables] = False
    fills = hand_out(need, spare, welcome)
    most = min(int(need.sum()), int(spare.sum()))
    if len(fills) < most and welcome.sum() <= MOST_ARCS:
        return _by_one_flow(arena, seats)
    return join(wishes, fills), len(wishes) + most


def _by_one_flow(arena: Arena, seats: Ints) -> tuple[Edges, int]:
    people, tables = (each.astype(np.int64) for each in np.nonzero(~arena.barred & (arena.rank == 0)))
    others = Edges(people, tables, np.zeros_like(people))
    granting, filling = choose_all(arena, seats, others)
    edges = join(arena.wishes.where(granting), others.where(filling))
    return edges, len(edges)


def join(some: Edges, others: Edges) -> Edges:
    """Both, one after the other."""
    return Edges(
        np.concatenate([some.people, others.people]),
        np.concatenate([some.tables, others.tables]),
        np.concatenate([some.ranks, others.ranks]),
    )


def timed(arena: Arena, edges: Edges) -> Ints:
    """The plan (n × r tables) of these visits, every table's groups even; schools spread where that is asked."""
    people, tables, rounds = arena.size
    at = np.full((people, rounds), NOWHERE, dtype=np.int64)
    spread = schools(arena) if arena.problem.options.spread_schools else None
    at[edges.people, colour(edges, people=people, tables=tables, rounds=rounds, schools=spread)] = edges.tables
    return at


def schools(arena: Arena) -> Ints:
    """A number for each attendee's school; who has none is alone in theirs."""
    known: dict[object, int] = {}
    names = [("", place) if each.school is None else (each.school,) for place, each in enumerate(arena.attendees)]
    return np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int64)
