"""Which tables somebody visits: a min-cost flow, exact and polynomial.

Source to attendee by one arc for each further wish, each worth less than the one before; attendee to wished table at
the cost of its rank; table to sink with its seats of the whole evening. For sums of concave worths on such a network (a
polymatroid) one plan is best for all levels at once, which is why fairness costs no wish in total.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.allocation.solving.arena import Arena, Edges, Flags, Ints
from app.allocation.solving.fairness import bonuses, wish_weight


@dataclass(slots=True)
class Network:
    """Arcs gathered column by column, then solved once at least cost. What is not worth its way goes round it."""

    nodes: int
    tails: list[Ints]
    heads: list[Ints]
    capacities: list[Ints]
    costs: list[Ints]

    @classmethod
    def of(cls, nodes: int) -> "Network":
        """An empty network; its first node is the source, its last the sink."""
        return cls(nodes, [], [], [], [])

    def add(self, tails: npt.ArrayLike, heads: npt.ArrayLike, capacities: npt.ArrayLike, costs: npt.ArrayLike) -> slice:
        """Adds arcs and says which they are. A single number stands for a whole column."""
        columns = np.broadcast_arrays(*(np.asarray(each, dtype=np.int64) for each in (tails, heads, capacities, costs)))
        start = sum(len(each) for each in self.tails)
        for kept, column in zip((self.tails, self.heads, self.capacities, self.costs), columns, strict=True):
            kept.append(np.atleast_1d(column))
        return slice(start, start + len(self.tails[-1]))

    def solve(self, supply: int) -> Ints:
        """The flow on each arc when as much as is worth its way goes from the source to the sink."""
        from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415  # slow to import, so only where it is used

        self.add(0, self.nodes - 1, supply, 0)
        flow = SimpleMinCostFlow()
        tails, heads = (np.concatenate(each).astype(np.int32) for each in (self.tails, self.heads))
        flow.add_arcs_with_capacity_and_unit_cost(
            tails, heads, np.concatenate(self.capacities), np.concatenate(self.costs)
        )
        flow.set_node_supply(0, supply)
        flow.set_node_supply(self.nodes - 1, -supply)
        status = flow.solve()
        if status != SimpleMinCostFlow.OPTIMAL:
            raise ArithmeticError(f"the flow was not solved: {status}")
        return np.asarray(flow.flows(np.arange(len(tails), dtype=np.int32)), dtype=np.int64)


def further_wishes(need: Ints, granted: Ints, rounds: int) -> tuple[Ints, Ints]:
    """For each wish that each attendee may still be granted: who, and its worth in wish weights."""
    worth = np.array([*bonuses(rounds), *([0] * rounds)], dtype=np.int64)
    people = np.repeat(np.arange(len(need)), need)
    nth = np.arange(len(people)) - np.repeat(np.cumsum(need) - need, need)
    return people, worth[granted[people] + nth]


def choose_wishes(arena: Arena, seats: Ints) -> Flags:
    """Which of the arena's wishes to grant, when a table seats so many in the whole evening. Best by the stated order
    of all plans that respect needs and those seats: exact in König's case, a bound in every other."""
    people, tables, rounds = arena.size
    edges = arena.wishes
    if not len(edges):
        return np.zeros(0, dtype=np.bool_)
    weight = wish_weight(people=people, tables=tables, worst_rank=arena.worst_rank)
    network = Network.of(people + tables + 2)
    asking, worth = further_wishes(arena.need, arena.granted, rounds)
    network.add(0, asking + 1, 1, -weight * worth)
    granting = network.add(edges.people + 1, edges.tables + people + 1, 1, edges.ranks)
    network.add(np.arange(tables) + people + 1, people + tables + 1, seats, 0)
    return np.asarray(network.solve(int(arena.need.sum()))[granting] > 0, dtype=np.bool_)


def choose_wishes_by_slot(arena: Arena) -> Flags:
    """As `choose_wishes`, with each wish in a round in which it can be granted and each slot's own seats: a tighter
    bound and a better choice where rounds differ. Only that somebody may then be at two tables at once is left out."""
    people, tables, rounds = arena.size
    edges, edge = arena.wishes, np.arange(len(arena.wishes)) + people + 1
    rows, number = np.nonzero(arena.possible(edges.people, edges.tables))
    slots, sink = people + len(edges) + 1, people + len(edges) + tables * rounds + 1
    weight = wish_weight(people=people, tables=tables * rounds, worst_rank=arena.worst_rank)
    network = Network.of(sink + 1)
    asking, worth = further_wishes(arena.need, arena.granted, rounds)
    network.add(0, asking + 1, 1, -weight * worth)
    granting = network.add(edges.people + 1, edge, 1, edges.ranks)
    network.add(edge[rows], slots + edges.tables[rows] * rounds + number, 1, 0)
    network.add(np.arange(tables * rounds) + slots, sink, arena.seats.reshape(-1), 0)
    return np.asarray(network.solve(int(arena.need.sum()))[granting] > 0, dtype=np.bool_)


def choose_all(arena: Arena, seats: Ints, others: Edges) -> tuple[Flags, Flags]:
    """Wishes as in `choose_wishes` and, of all such plans, one with the most fill-ups: which wishes, which others.

    A fill-up weighs 1, a wish more than all fill-ups together: so the wishes of the best flow are themselves best."""
    people, tables, rounds = arena.size
    edges, fills = arena.wishes, int(arena.need.sum()) + 1
    weight = wish_weight(people=people, tables=tables, worst_rank=arena.worst_rank)
    network = Network.of(2 * people + tables + 2)
    asking, worth = further_wishes(arena.need, arena.granted, rounds)
    table = np.arange(tables) + 2 * people + 1
    network.add(0, np.arange(people) + 1, arena.need, 0)
    network.add(asking + 1, asking + people + 1, 1, -weight * worth * fills)
    granting = network.add(edges.people + people + 1, table[edges.tables], 1, edges.ranks * fills)
    filling = network.add(others.people + 1, table[others.tables], 1, -1)
    network.add(table, 2 * people + tables + 1, seats, 0)
    flow = network.solve(int(arena.need.sum()))
    return flow[granting] > 0, flow[filling] > 0
