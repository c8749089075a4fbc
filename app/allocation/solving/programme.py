"""The integer programme for what flows and rounds leave open: a well-kept solver, level by level of the stated order,
with the bound that it proved for the first level that it could not finish.

One variable for each attendee, table and round that may meet. The solver (HiGHS, as OR-tools carries it) is limited by
the nodes of its search and never by time, and its seed is fixed, so that it gives the same answer on any machine; the
plan that is there already is its start.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from app.allocation.solving.arena import Arena, Flags, Ints, standing
from app.allocation.solving.ascent import without_fills
from app.allocation.solving.fairness import Standing

EFFORT = 1_000_000
"""Nodes of the search for one level, times the variables: the larger the problem, the shorter the search."""


@dataclass(frozen=True, slots=True)
class Meetings:
    """Every attendee, table and round that may meet, as columns of equal length."""

    people: Ints
    tables: Ints
    rounds: Ints
    ranks: Ints

    def __len__(self) -> int:
        return len(self.people)


def _pairs(arena: Arena, *, fills: bool) -> Flags:
    return np.asarray(~arena.barred & ((arena.rank > 0) | fills), dtype=np.bool_)


def meetings(arena: Arena, *, fills: bool) -> Meetings:
    """The wishes that may be granted, with their rounds; with fill-ups, every pair that may meet."""
    people, tables = np.nonzero(_pairs(arena, fills=fills))
    may: Flags = arena.possible(people.astype(np.int64), tables.astype(np.int64))
    rows, rounds = np.nonzero(may)
    people, tables = people[rows], tables[rows]
    return Meetings(people, tables, rounds.astype(np.int64), arena.rank[people, tables])


def improve(arena: Arena, at: Ints, bound: Standing, *, fills: bool, most: int) -> tuple[Ints, Standing] | None:
    """A plan at least as good, and a bound at least as tight. None where it would take more variables than `most`.

    Without fill-ups it leaves the last level, the seats taken, to others."""
    if _pairs(arena, fills=fills).sum() > most:
        return None
    columns = meetings(arena, fills=fills)
    if len(columns) > most:
        return None
    if not len(columns):
        return at, bound if len(meetings(arena, fills=True)) else standing(arena, arena.pinned)
    return _Programme(arena, columns).run(at if fills else without_fills(arena, at), bound, fills=fills)


class _Programme:
    """The model, its levels and what was found so far."""

    def __init__(self, arena: Arena, columns: Meetings) -> None:
        from ortools.math_opt.python import mathopt  # noqa: PLC0415  # slow to import, so only where it is used

        self.arena, self.columns, self.mathopt = arena, columns, mathopt
        self.model = mathopt.Model(name="allocation")
        self.meet = [self.model.add_binary_variable() for _ in range(len(columns))]
        self._at_most(arena.code(columns.people, columns.tables, 0), lambda _: 1)
        self._at_most(columns.people * arena.size[2] + columns.rounds, lambda _: 1)
        self._at_most(columns.people, lambda person: int(arena.need[person]))
        slots = columns.tables * arena.size[2] + columns.rounds
        self._at_most(slots, lambda slot: int(arena.seats.flat[slot]))
        self.further = self._further_wishes()

    def _at_most(self, keys: Ints, limit: Callable[[int], int]) -> None:
        for key, members in _grouped(keys):
            if len(members) > limit(key):
                self.model.add_linear_constraint(self._sum(self.meet[each] for each in members) <= limit(key))

    def _sum(self, variables: Any) -> Any:
        return self.mathopt.LinearSum(variables)

    def _further_wishes(self) -> dict[int, list[Any]]:
        """For each level, a variable for each attendee who may come so far by the wishes that are not pinned."""
        levels: dict[int, list[Any]] = {number: [] for number in range(1, self.arena.size[2] + 1)}
        wished = np.flatnonzero(self.columns.ranks > 0)
        for person, members in _grouped(self.columns.people[wished]):
            kept = int(self.arena.granted[person])
            most = min(int(self.arena.need[person]), len(set(self.columns.tables[wished[members]].tolist())))
            steps = [self.model.add_binary_variable() for _ in range(most)]
            for number, step in enumerate(steps, kept + 1):
                levels[number].append(step)
            self.model.add_linear_constraint(
                self._sum(steps) <= self._sum(self.meet[each] for each in wished[members].tolist())
            )
            for one, other in pairwise(steps):
                self.model.add_linear_constraint(other <= one)
        return levels

    def run(self, at: Ints, bound: Standing, *, fills: bool) -> tuple[Ints, Standing]:
        """Level by level: what a level reaches is demanded of the next, until one cannot be finished in time."""
        kept = standing(self.arena, self.arena.pinned)
        goals = [
            (self._sum(self.further[number]), kept.at_least[number - 1] if number else 0, False)
            for number in range(1, len(kept.at_least) + 1)
        ]
        ranks = self._sum(
            rank * each for rank, each in zip(self.columns.ranks.tolist(), self.meet, strict=True) if rank
        )
        goals.append((ranks, kept.ranks, True))
        if fills:
            goals.append((self._sum(self.meet), kept.seats, False))
        proved: list[int] = []
        for level, (goal, already, least) in enumerate(goals):
            reached, known = (_values(each)[level] for each in (standing(self.arena, at), bound))
            holds = tuple(proved) == _values(bound)[:level]
            if reached == known and holds:
                proof = known
            else:
                found, proof = self._solve(at, goal, already, least=least)
                value = _values(standing(self.arena, found))[level]
                if value <= reached if least else value >= reached:
                    at, reached = found, value
                if holds or (fills and level == len(goals) - 1):
                    proof = max(proof, known) if least else min(proof, known)
            proved.append(proof)
            if reached != proof:
                break
            demand = goal <= reached - already if least else goal >= reached - already
            self.model.add_linear_constraint(demand)
        return at, _with(bound, proved)

    def _solve(self, at: Ints, goal: Any, already: int, *, least: bool) -> tuple[Ints, int]:
        """The plan found and the bound proved for one level, within the effort for it."""
        self.model.set_objective(goal, is_maximize=not least)
        result, dual = self._ask(at), math.inf
        if result is not None and result.has_primal_feasible_solution():
            chosen = np.array(result.variable_values(self.meet)) > 0.5
            found = self.arena.pinned.copy()
            columns = self.columns
            found[columns.people[chosen], columns.rounds[chosen]] = columns.tables[chosen]
            at = found
        if result is not None:
            dual = result.best_objective_bound()
        if not math.isfinite(dual):
            dual = 0 if least else len(self.meet)
        return at, already + (int(np.ceil(dual - 1e-6)) if least else int(np.floor(dual + 1e-6)))

    def _ask(self, at: Ints) -> Any:
        limits = self.mathopt.SolveParameters(node_limit=max(1, min(1_000, EFFORT // len(self.meet))), random_seed=1)
        try:
            return self.mathopt.solve(
                self.model, self.mathopt.SolverType.HIGHS, params=limits, model_params=self._start(at)
            )
        except (ArithmeticError, AttributeError, RuntimeError, ValueError):  # it gave up: then nothing more is proved
            return None

    def _start(self, at: Ints) -> Any:
        columns = self.columns
        sits = at[columns.people, columns.rounds] == columns.tables
        hint = self.mathopt.SolutionHint(
            variable_values={each: float(value) for each, value in zip(self.meet, sits, strict=True)}
        )
        return self.mathopt.ModelSolveParameters(solution_hints=[hint])


def _grouped(keys: Ints) -> list[tuple[int, list[int]]]:
    """The positions of each distinct key."""
    if not len(keys):
        return []
    order = np.argsort(keys, kind="stable")
    distinct, starts = np.unique(keys[order], return_index=True)
    return [(int(key), part.tolist()) for key, part in zip(distinct, np.split(order, starts[1:]), strict=True)]


def _values(reached: Standing) -> tuple[int, ...]:
    return (*reached.at_least, reached.ranks, reached.seats)


def _with(bound: Standing, proved: list[int]) -> Standing:
    """The bound with its first levels replaced by what was proved."""
    values = [*proved, *_values(bound)[len(proved) :]]
    return replace(bound, at_least=tuple(values[: len(bound.at_least)]), ranks=values[-2], seats=values[-1])
