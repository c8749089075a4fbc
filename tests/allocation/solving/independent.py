"""An integer programme for small problems, written apart from the solver and by other means: HiGHS, level by level."""

from collections.abc import Sequence
from typing import Any

import highspy

from app.allocation.solving.problem import Attendee, Id, Problem

Model: Any = highspy.Highs
"""Its types do not know what it can do."""
Triple = tuple[int, Id, Id]
"""An attendee's position, a round and a table."""


def best_standing(problem: Problem) -> tuple[int, ...]:
    """The best value of each level in turn: how many get at least 1, 2, … wishes, minus the ranks, seats taken."""
    model = Model()
    model.silent()
    model.setOptionValue("threads", 1)
    meet = {triple: model.addBinary() for triple in _triples(problem)}
    _hard_rules(model, problem, meet)
    goals = [*_wish_goals(model, problem, meet), _rank_goal(problem, meet), list(meet.values())]
    reached: list[int] = []
    for goal in goals:
        if not goal:
            reached.append(0)
            continue
        total = sum(goal[1:], start=goal[0])
        model.maximize(total)
        if model.getModelStatus() == highspy.HighsModelStatus.kSolveError:  # of its presolve, on a few tiny models
            model.clearSolver()
            model.setOptionValue("presolve", "off")
            model.run()
        assert model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        value = round(model.getInfo().objective_function_value)
        reached.append(value)
        model.addConstr(total >= value)
    return tuple(reached)


def _triples(problem: Problem) -> list[Triple]:
    return [
        (person, each, table.id)
        for person, attendee in enumerate(problem.attendees)
        for table in problem.tables
        for each, seats in zip(problem.rounds, table.seats, strict=True)
        if seats and may_sit(attendee, each, table.id)
    ]


def may_sit(attendee: Attendee, each: Id, table: Id) -> bool:
    """Whether the attendee's own rules let them sit there."""
    return each not in attendee.away and table not in attendee.barred and (each, table) not in attendee.forbidden


def _hard_rules(model: Any, problem: Problem, meet: dict[Triple, Any]) -> None:
    def at_most(number: int, chosen: Sequence[Any]) -> None:
        if len(chosen) > number:
            model.addConstr(sum(chosen[1:], start=chosen[0]) <= number)

    for person, attendee in enumerate(problem.attendees):
        own = {triple: each for triple, each in meet.items() if triple[0] == person}
        for name in problem.rounds:
            at_most(1, [each for triple, each in own.items() if triple[1] == name])
        for table in problem.tables:
            at_most(1, [each for triple, each in own.items() if triple[2] == table.id])
        if attendee.wanted is not None:
            at_most(max(attendee.wanted, len(attendee.pinned)), list(own.values()))
        for name, table_id in attendee.pinned:
            model.addConstr(1 * meet[person, name, table_id] >= 1)
    for table in problem.tables:
        for name, seats in zip(problem.rounds, table.seats, strict=True):
            at_most(seats, [each for triple, each in meet.items() if triple[1:] == (name, table.id)])


def _wish_goals(model: Any, problem: Problem, meet: dict[Triple, Any]) -> list[list[Any]]:
    """For each number of wishes one variable for each attendee, which may be 1 if they have so many granted."""
    goals: list[list[Any]] = [[] for _ in problem.rounds]
    for person, attendee in enumerate(problem.attendees):
        granted = [each for triple, each in meet.items() if triple[0] == person and triple[2] in attendee.wishes]
        if not granted:
            continue
        total = sum(granted[1:], start=granted[0])
        for number, goal in enumerate(goals, 1):
            reached = model.addBinary()
            model.addConstr(number * reached <= total)
            goal.append(reached)
    return goals


def _rank_goal(problem: Problem, meet: dict[Triple, Any]) -> list[Any]:
    return [
        -(problem.attendees[person].wishes.index(table) + 1) * each
        for (person, _, table), each in meet.items()
        if table in problem.attendees[person].wishes
    ]
