"""Cases that one can check by hand, evenings of real size, and problems that contradict themselves."""

from dataclasses import replace

import pytest

from app.allocation.solving import (
    Attendee,
    InconsistentProblem,
    Method,
    Options,
    Problem,
    Table,
    figures,
    first_come,
    solve,
)
from tests.allocation.solving.checking import breaches, idle_beside_a_seat
from tests.allocation.solving.instances import EVERYTHING, HOSTS, UNIFORM, Kind, evening


def test_the_worst_off_come_first() -> None:
    """Ada could have both of her wishes; but then Bea, who has only one, would have none."""
    ada, bea = Attendee("ada", wishes=("phonics", "drama")), Attendee("bea", wishes=("phonics",), wanted=1)
    problem = Problem((ada, bea), (Table("phonics", (1, 0)), Table("drama", (1, 1))), ("1", "2"))
    plan = solve(problem)
    assert set(plan.itineraries["bea"].values()) == {"phonics"}
    assert set(plan.itineraries["ada"].values()) == {"drama"}
    assert plan.standing.at_least == (2, 0)


def test_ranks_decide_where_numbers_do_not() -> None:
    ada, bea = Attendee("ada", wishes=("phonics", "drama")), Attendee("bea", wishes=("drama", "phonics"))
    plan = solve(Problem((ada, bea), (Table("phonics", (1,)), Table("drama", (1,))), ("1",)))
    assert plan.itineraries == {"ada": {"1": "phonics"}, "bea": {"1": "drama"}}
    assert plan.standing.ranks == 2


def test_a_fill_up_never_costs_a_wish_and_a_wish_that_does_not_exist_keeps_its_rank() -> None:
    ada, bea = Attendee("ada"), Attendee("bea", wishes=("withdrawn", "phonics"))
    problem = Problem((ada, bea), (Table("phonics", (1, 0)), Table("drama", (1, 1))), ("1", "2"))
    plan = solve(problem)
    assert plan.itineraries["bea"]["1"] == "phonics"
    assert plan.standing.ranks == 2
    assert plan.standing.seats == 3


@pytest.mark.parametrize("kind", [UNIFORM, HOSTS, EVERYTHING])
def test_an_evening_is_solved_to_the_optimum_or_to_a_small_gap_and_is_fairer_than_first_come(kind: Kind) -> None:
    problem = evening(120, 24, 5, 6, kind=kind)
    plan = solve(problem)
    gap = plan.proof.gap
    assert gap is None or gap.share < 0.005
    assert plan.proof.sentence.endswith("." if gap is None else "it is best.")
    assert breaches(problem, plan.itineraries) == []
    assert idle_beside_a_seat(problem, plan.itineraries) == []
    naive = first_come(problem)
    assert breaches(problem, naive) == []
    assert figures(problem, plan).any_wish >= figures(problem, naive).any_wish
    assert figures(problem, plan).worst_off >= figures(problem, naive).worst_off


def test_a_large_event_is_proved_optimal_by_flow_and_colouring() -> None:
    problem = evening(1_000, 60, 6, 18)
    plan = solve(problem)
    assert (plan.proof.method, plan.proof.optimal) == (Method.FLOW_AND_COLOURING, True)
    assert breaches(problem, plan.itineraries) == []


def test_progress_is_told_and_may_end_the_work() -> None:
    told: list[float] = []
    solve(evening(30, 6, 3, 5, kind=EVERYTHING), lambda share, step: told.append(share) if step else None)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)

    def cancelled(share: float, step: str) -> None:
        if step == "timing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve(evening(30, 6, 3, 5), cancelled)


@pytest.mark.parametrize("kind", [UNIFORM, EVERYTHING])
def test_options_cost_nobody_anything(kind: Kind) -> None:
    problem = evening(60, 20, 4, 6, kind=kind)
    plain = solve(problem)
    for options in (Options(spread_schools=True), Options(even_groups=True), Options(minimum=3)):
        asked = replace(problem, options=options)
        plan = solve(asked)
        assert plan.standing == plain.standing
        assert breaches(asked, plan.itineraries) == []
        ours, theirs = figures(asked, plan), figures(asked, plain)
        if options.spread_schools:
            assert ours.school_pairs < theirs.school_pairs
        if options.minimum:
            assert ours.small_groups < theirs.small_groups


ADA, PHONICS = Attendee("ada"), Table("phonics", (1,))


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (Problem((ADA, ADA), (PHONICS,), ("1",)), "two attendees have the same id"),
        (Problem((ADA,), (PHONICS, PHONICS), ("1",)), "two tables have the same id"),
        (Problem((ADA,), (PHONICS,), ("1", "1")), "two rounds have the same id"),
        (Problem((ADA,), (PHONICS,), ("1", "2")), "one number of seats"),
        (Problem((replace(ADA, pinned=(("2", "phonics"),)),), (PHONICS,), ("1",)), "does not exist"),
        (
            Problem(tuple(Attendee(name, pinned=(("1", "phonics"),)) for name in "ab"), (PHONICS,), ("1",)),
            "more people are pinned",
        ),
        (
            Problem((replace(ADA, pinned=(("1", "phonics"),), away=frozenset("1")),), (PHONICS,), ("1",)),
            "must not sit",
        ),
        (
            Problem((replace(ADA, pinned=(("1", "phonics"), ("1", "b"))),), (PHONICS, Table("b", (1,))), ("1",)),
            "two tables in one round",
        ),
        (
            Problem((replace(ADA, pinned=(("1", "b"), ("2", "b"))),), (Table("b", (1, 1)),), ("1", "2")),
            "one table twice",
        ),
    ],
)
def test_a_problem_that_contradicts_itself_is_refused_with_the_place(problem: Problem, told: str) -> None:
    with pytest.raises(InconsistentProblem, match=told):
        solve(problem)
