"""Late changes: as few people as possible are disturbed, and nobody loses a wish by it."""

import random
from dataclasses import replace

import pytest

from app.allocation.solving import Attendee, Id, Itineraries, Mode, Plan, Problem, changes, repair, solve
from app.allocation.solving.figures import granted_ranks
from tests.allocation.solving.checking import breaches, idle_beside_a_seat
from tests.allocation.solving.instances import EVERYTHING, UNIFORM, Kind, evening
from tests.support.forms import form

SEEDS = range(form(short=6, full=60))


def cancelled(problem: Problem, how_many: int, seed: int) -> Problem:
    """The problem without some of its people."""
    gone = {each.id for each in random.Random(seed).sample(problem.attendees, how_many)}
    return replace(problem, attendees=tuple(each for each in problem.attendees if each.id not in gone))


def wishes_of(problem: Problem, plan: Itineraries) -> dict[Id, int]:
    return {each.id: len(granted_ranks(each, plan)) for each in problem.attendees}


def shares(plan: Plan) -> tuple[int, ...]:
    return plan.standing.at_least


@pytest.mark.parametrize("kind", [UNIFORM, EVERYTHING])
@pytest.mark.parametrize("seed", SEEDS)
def test_five_cancellations_move_at_most_fifteen_people_and_nobody_loses_a_wish(seed: int, kind: Kind) -> None:
    problem = evening(120, 24, 5, 6, seed=seed, kind=kind)
    before = solve(problem).itineraries
    fewer = cancelled(problem, 5, seed)
    plan = repair(fewer, before)
    assert breaches(fewer, plan.itineraries) == []
    assert idle_beside_a_seat(fewer, plan.itineraries) == []
    differing = changes(before, plan.itineraries)
    assert len(differing.moved) <= 15
    assert len(differing.left) == 5
    had, has = wishes_of(fewer, before), wishes_of(fewer, plan.itineraries)
    assert all(has[each] >= had[each] for each in had)
    assert len(changes(before, solve(fewer).itineraries).moved) > 2 * 15, "solving from scratch disturbs many more"


def test_an_add_only_repair_moves_nobody_and_seats_newcomers() -> None:
    problem = evening(120, 24, 5, 6)
    before = solve(problem).itineraries
    fewer = cancelled(problem, 5, 1)
    came = tuple(Attendee(f"newcomer {number}", wishes=("table 3", "table 9", "table 1")) for number in range(3))
    now = replace(fewer, attendees=fewer.attendees + came)
    plan = repair(now, before, mode=Mode.ADD_ONLY)
    assert breaches(now, plan.itineraries) == []
    assert idle_beside_a_seat(now, plan.itineraries) == []
    assert changes(before, plan.itineraries).moved == ()
    assert all(plan.itineraries[each.id] for each in came)
    assert plan.proof.sentence.startswith("Free seats were given out and nobody was moved")


def test_newcomers_and_cancellations_together_move_few() -> None:
    problem = evening(120, 24, 5, 6)
    before = solve(problem).itineraries
    fewer = cancelled(problem, 3, 1)
    now = replace(fewer, attendees=(*fewer.attendees, Attendee("ada", wishes=("table 0", "table 1"))))
    plan = repair(now, before)
    assert breaches(now, plan.itineraries) == []
    assert len(changes(before, plan.itineraries).moved) <= 12
    assert changes(before, plan.itineraries).joined == ("ada",)


@pytest.mark.parametrize("mode", [Mode.FAIR, Mode.GENTLE])
def test_a_pinned_and_a_forbidden_seat_change_little(mode: Mode) -> None:
    problem = evening(120, 24, 5, 6)
    before = solve(problem).itineraries
    wishing = next(each for each in problem.attendees if "table 0" in each.wishes)
    other = next(each for each in problem.attendees[::-1] if before[each.id].get("round 2"))
    other_seat = ("round 2", before[other.id]["round 2"])
    changed = {
        wishing.id: replace(wishing, pinned=(("round 1", "table 0"),)),
        other.id: replace(other, forbidden=frozenset([other_seat])),
    }
    now = replace(problem, attendees=tuple(changed.get(each.id, each) for each in problem.attendees))
    plan = repair(now, before, mode=mode)
    assert breaches(now, plan.itineraries) == []
    assert plan.itineraries[wishing.id]["round 1"] == "table 0"
    assert plan.itineraries[other.id].get("round 2") != other_seat[1]
    assert len(changes(before, plan.itineraries).moved) <= 8


def test_a_fair_repair_goes_further_than_a_gentle_one_and_a_closed_table_is_given_up() -> None:
    problem = evening(120, 24, 5, 6, seed=3)
    before = solve(problem).itineraries
    closed = replace(
        problem,
        tables=tuple(replace(each, seats=(0,) * 5) if each.id == "table 2" else each for each in problem.tables),
    )
    for mode in Mode:
        plan = repair(closed, before, mode=mode)
        assert breaches(closed, plan.itineraries) == []
        assert idle_beside_a_seat(closed, plan.itineraries) == []
    fair, gentle = (repair(closed, before, mode=mode) for mode in (Mode.FAIR, Mode.GENTLE))
    assert shares(fair) >= shares(gentle)


def test_nothing_changed_means_nothing_changes() -> None:
    problem = evening(120, 24, 5, 6, kind=EVERYTHING)
    before = solve(problem).itineraries
    for mode in Mode:
        assert repair(problem, before, mode=mode).itineraries == before
