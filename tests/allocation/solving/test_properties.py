"""What holds for every problem that Hypothesis can think of."""

import json
import os
import random
import subprocess
import sys
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.allocation.solving import Attendee, Itineraries, Options, Problem, Table, figures, solve
from app.allocation.solving.arena import arrange
from tests.allocation.solving.checking import breaches, idle_beside_a_seat
from tests.allocation.solving.instances import EVERYTHING, evening, problems
from tests.support.forms import form
from tests.support.server import ROOT

EXAMPLES = form(short=40, full=1_000)


@settings(max_examples=EXAMPLES)
@given(problems(), st.builds(Options, st.integers(0, 9), st.booleans(), st.booleans(), st.integers(0, 3)))
def test_every_plan_keeps_the_hard_rules_and_leaves_nobody_idle_beside_a_seat(
    problem: Problem, options: Options
) -> None:
    plan = solve(replace(problem, options=options))
    assert breaches(problem, plan.itineraries) == []
    assert idle_beside_a_seat(problem, plan.itineraries) == []


@settings(max_examples=EXAMPLES)
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_in_which_people_and_tables_are_listed_changes_nothing(problem: Problem, dice: random.Random) -> None:
    shuffled = replace(
        problem,
        attendees=tuple(dice.sample(problem.attendees, len(problem.attendees))),
        tables=tuple(dice.sample(problem.tables, len(problem.tables))),
    )
    assert solve(shuffled).itineraries == solve(problem).itineraries


@settings(max_examples=EXAMPLES)
@given(problems(), st.integers(4, 9))
def test_neither_the_seed_nor_anybodys_id_changes_how_well_people_are_served(problem: Problem, seed: int) -> None:
    plan, other = solve(problem), solve(replace(renamed(problem), options=Options(seed=seed)))
    assert plan.proof.optimal
    assert other.standing == plan.standing
    assert figures(renamed(problem), other).wishes == figures(problem, plan).wishes


def renamed(problem: Problem) -> Problem:
    """The same people and tables under other ids."""
    tables = {table.id: f"another {number}" for number, table in enumerate(problem.tables)}
    return replace(
        problem,
        attendees=tuple(
            replace(
                each,
                id=f"somebody {number}",
                wishes=tuple(tables[table] for table in each.wishes),
                barred=frozenset(tables[table] for table in each.barred),
                forbidden=frozenset((name, tables[table]) for name, table in each.forbidden),
            )
            for number, each in enumerate(problem.attendees)
        ),
        tables=tuple(replace(table, id=tables[table.id]) for table in problem.tables),
    )


@settings(max_examples=EXAMPLES)
@given(problems().filter(lambda problem: problem.tables), st.data())
def test_more_seats_never_make_the_worst_off_worse(problem: Problem, data: st.DataObject) -> None:
    table = data.draw(st.integers(0, len(problem.tables) - 1))
    more = tuple(seats + data.draw(st.integers(0, 2)) for seats in problem.tables[table].seats)
    tables = list(problem.tables)
    tables[table] = Table(tables[table].id, more)
    roomier = replace(problem, tables=tuple(tables))
    before, after = solve(problem), solve(roomier)
    assert after.standing.at_least >= before.standing.at_least
    assert figures(roomier, after).worst_off >= figures(problem, before).worst_off


@settings(max_examples=EXAMPLES)
@given(problems(uniform=True))
def test_where_all_tables_are_open_the_groups_of_a_table_are_even(problem: Problem) -> None:
    plan = solve(problem)
    sizes: dict[object, list[int]] = {}
    for slot in figures(problem, plan).slots:
        sizes.setdefault(slot.table, []).append(slot.taken)
    assert all(max(each) - min(each) <= 1 for each in sizes.values())


@settings(max_examples=EXAMPLES)
@given(st.one_of(problems(), problems(uniform=True)))
def test_what_looks_even_beforehand_is_solved_exactly(problem: Problem) -> None:
    assert arrange(problem).uniform or not problem.even


def test_an_even_evening_is_told_from_one_with_somebody_away() -> None:
    even = evening(20, 4, 3, 5)
    first, *others = even.attendees
    assert even.even
    assert not replace(even, attendees=(replace(first, away=frozenset(even.rounds[:1])), *others)).even


def test_another_process_finds_the_same_plan() -> None:
    problem = evening(60, 12, 4, 5, kind=EVERYTHING)
    asked = (
        "import json; from app.allocation.solving import solve;"
        "from tests.allocation.solving.instances import EVERYTHING, evening;"
        "print(json.dumps(solve(evening(60, 12, 4, 5, kind=EVERYTHING)).itineraries, sort_keys=True))"
    )
    for seed in ("0", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", asked],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        assert json.loads(done.stdout) == _plain(solve(problem).itineraries)


def _plain(plan: Itineraries) -> dict[str, dict[str, str]]:
    return {each: dict(own) for each, own in plan.items()}


def test_only_the_seed_decides_between_equals() -> None:
    two = (Attendee("ada", wishes=("phonics",)), Attendee("bea", wishes=("phonics",)))
    problem = Problem(two, (Table("phonics", (1,)),), ("1",))
    winners = {
        next(each for each, own in solve(replace(problem, options=Options(seed=seed))).itineraries.items() if own)
        for seed in range(20)
    }
    assert winners == {"ada", "bea"}
