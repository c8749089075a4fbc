"""When somebody visits a table: an edge colouring of the bipartite multigraph of attendees and tables.

König: where nobody has more edges than there are rounds, so many colours suffice. Taken round by round: with k rounds
left, a k-th of every edge is a fractional round that serves everybody with k visits left fully and every table evenly;
flows with whole bounds have whole solutions, so a real round like that exists. What is left then has k - 1 rounds, and
so on. This also keeps a table's groups even (de Werra), and at once those of each school at each table.
"""

import numpy as np
import numpy.typing as npt

from app.allocation.solving.arena import Edges, Flags, Ints

PLENTY = 1 << 40


def colour(edges: Edges, *, people: int, tables: int, rounds: int, schools: Ints | None = None) -> Ints:
    """The round of each edge. Each attendee has at most one edge a round; a table with d edges has d / rounds in each,
    rounded up or down; and where each attendee's school is given, so have the edges of each school at each table."""
    colours = np.full(len(edges), -1, dtype=np.int64)
    waiting = np.arange(len(edges))
    for number in range(rounds - 1):
        rest = edges.where(waiting)
        taken = _one_round(rest, people, tables, rounds - number, schools)
        colours[waiting[taken]] = number
        waiting = waiting[~taken]
    colours[waiting] = rounds - 1
    return colours


def _one_round(edges: Edges, people: int, tables: int, rounds_left: int, schools: Ints | None) -> Flags:
    """The edges of one round, so that the others fit evenly into the rounds that are left after it."""
    from ortools.graph.python.max_flow import SimpleMaxFlow  # noqa: PLC0415  # slow to import, so only where it is used

    groups = _groups(edges, tables, schools)
    start, end, source, sink = range(4)
    person, table, group = 4, 4 + people, 4 + people + tables
    arcs: list[tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]] = []
    visits = np.bincount(edges.people, minlength=people)
    due, may = np.flatnonzero(visits == rounds_left), np.flatnonzero((visits > 0) & (visits < rounds_left))
    arcs.append((start, person + due, 1))
    arcs.append((source, person + may, 1))
    arcs.append((source, end, len(due)))
    first = len(due) + len(may) + 1
    if groups is None:
        arcs.append((person + edges.people, table + edges.tables, 1))
    else:
        of_edge, of_table = groups
        arcs.append((person + edges.people, group + of_edge, 1))
        sizes = np.bincount(of_edge, minlength=len(of_table))
        arcs += _between(group + np.arange(len(of_table)), table + of_table, sizes, rounds_left, start, end)
    sizes = np.bincount(edges.tables, minlength=tables)
    arcs += _between(table + np.arange(tables), np.full(tables, sink), sizes, rounds_left, start, end)
    arcs.append((sink, source, PLENTY))
    columns = [np.broadcast_arrays(*(np.asarray(each, dtype=np.int64) for each in arc)) for arc in arcs]
    tails, heads, capacities = (np.concatenate([np.atleast_1d(c[i]) for c in columns]) for i in range(3))
    flow = SimpleMaxFlow()
    flow.add_arcs_with_capacity(tails.astype(np.int32), heads.astype(np.int32), capacities)
    status = flow.solve(start, end)
    if status != flow.OPTIMAL or flow.optimal_flow() != int(capacities[tails == start].sum()):
        raise ArithmeticError(f"König is refuted, or the edges are not what they should be: {status}")
    numbers = np.arange(first, first + len(edges), dtype=np.int32)
    return np.asarray(flow.flows(numbers) > 0, dtype=np.bool_)


def _between(
    tails: Ints, heads: Ints, sizes: Ints, rounds_left: int, start: int, end: int
) -> list[tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]]:
    """Arcs that carry a round's share of so many edges, rounded down or up: what must flow goes by way of the ends."""
    least = sizes // rounds_left
    return [(tails, heads, (sizes % rounds_left > 0).astype(np.int64)), (tails, end, least), (start, heads, least)]


def _groups(edges: Edges, tables: int, schools: Ints | None) -> tuple[Ints, Ints] | None:
    """For each edge its group of one school at one table, and for each group its table."""
    if schools is None:
        return None
    names, of_edge = np.unique(schools[edges.people] * tables + edges.tables, return_inverse=True)
    return of_edge, names % tables
