"""The same question asked of a general solver: HiGHS with one variable for each attendee, wish and round.

It decides the wishes, by the same weights as the flow; fill-ups, which add much to its size, are spared it."""

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from app.allocation.solving.arena import Arena, Ints
from app.allocation.solving.fairness import bonuses, wish_weight


@dataclass(frozen=True, slots=True)
class Answer:
    """What HiGHS found within its time: the worth of the plan and the bound on it, and how large the model was."""

    worth: int
    bound: float
    variables: int


def ask_highs(arena: Arena, *, seconds: float) -> Answer:
    """Solves it on one thread."""
    highs: Any = highspy.Highs
    model = highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("time_limit", seconds)
    programme = _model(arena)
    model.passModel(programme)
    model.run()
    found = model.getInfo()
    return Answer(round(-found.objective_function_value), -found.mip_dual_bound, programme.num_col_)


def worth_of(arena: Arena, at_least: tuple[int, ...], ranks: int) -> int:
    """The worth of a plan by the same weights."""
    weight = _weight(arena)
    return sum(weight * worth * many for worth, many in zip(bonuses(arena.size[2]), at_least, strict=True)) - ranks


def _weight(arena: Arena) -> int:
    people, tables, _ = arena.size
    return wish_weight(people=people, tables=tables, worst_rank=arena.worst_rank)


def _model(arena: Arena) -> Any:
    """Columns: who meets whom when, then who is granted a first, second, … wish. Rows: one seat a round, one visit a
    table, the seats of a slot, no more wishes counted than granted, no more granted than rounds wanted."""
    people, tables, rounds = arena.size
    edges = arena.wishes
    rows, number = np.nonzero(arena.possible(edges.people, edges.tables))
    person, table = edges.people[rows], edges.tables[rows]
    asking = np.repeat(np.arange(people), rounds)
    step = np.tile(np.array(bonuses(rounds)), people)
    meetings, steps = len(rows), len(asking)
    per_round, per_edge, per_slot = people * rounds, len(edges), tables * rounds
    starts = np.cumsum([0, per_round, per_edge, per_slot, people])
    columns = np.arange(meetings)
    entries = [
        (starts[0] + person * rounds + number, columns, 1.0),
        (starts[1] + rows, columns, 1.0),
        (starts[2] + table * rounds + number, columns, 1.0),
        (starts[3] + person, columns, -1.0),
        (starts[4] + person, columns, 1.0),
        (starts[3] + asking, meetings + np.arange(steps), 1.0),
    ]
    upper = np.concatenate(
        [
            np.ones(per_round),
            np.ones(per_edge),
            arena.seats.reshape(-1).astype(float),
            np.zeros(people),
            arena.need.astype(float),
        ]
    )
    costs = np.concatenate([edges.ranks[rows], -_weight(arena) * step]).astype(float)
    return _programme(costs, upper, entries)


def _programme(costs: Any, upper: Any, entries: list[tuple[Ints, Ints, float]]) -> Any:
    """All variables binary, all rows at most their upper side."""
    row = np.concatenate([each[0] for each in entries])
    column = np.concatenate([each[1] for each in entries])
    value = np.concatenate([np.full(len(each[0]), each[2]) for each in entries])
    order = np.lexsort((row, column))
    programme: Any = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = len(costs), len(upper)
    programme.col_cost_, programme.col_lower_ = costs, np.zeros(len(costs))
    programme.col_upper_ = np.ones(len(costs))
    programme.row_lower_, programme.row_upper_ = np.full(len(upper), -highspy.kHighsInf), upper
    matrix = programme.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.start_ = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=len(costs)))]).astype(np.int32)
    matrix.index_, matrix.value_ = row[order].astype(np.int32), value[order]
    programme.integrality_ = [highspy.HighsVarType.kInteger] * len(costs)
    return programme
