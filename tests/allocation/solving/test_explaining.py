"""What the hub and what one attendee read about a plan."""

import pytest

from app.allocation.solving import (
    Attendee,
    Claim,
    Id,
    Idle,
    Method,
    Options,
    Problem,
    Reason,
    Table,
    changes,
    explain,
    figures,
    first_come,
    solve,
)
from tests.allocation.solving.instances import UNIFORM, evening, small

TABLES = (Table("phonics", (1, 1)), Table("drama", (0, 1)), Table("maths", (2, 2)))
PEOPLE = (
    Attendee("ada", wishes=("phonics", "drama"), school="larkspur"),
    Attendee("bea", wishes=("drama", "gone", "phonics"), away=frozenset(["1"]), school="larkspur"),
    Attendee("cem", wishes=("maths", "phonics", "drama"), barred=frozenset(["maths"]), wanted=1),
    Attendee("dan", forbidden=frozenset([("1", "maths"), ("1", "phonics")])),
)
PROBLEM = Problem(PEOPLE, TABLES, ("1", "2"), Options(minimum=2))
PLAN = {
    "ada": {"1": "phonics", "2": "maths"},
    "bea": {"2": "drama"},
    "cem": {"2": "phonics"},
    "dan": {"2": "maths"},
}


def test_the_figures_of_a_plan() -> None:
    told = figures(PROBLEM, PLAN)
    assert (told.attendees, told.with_wishes, told.first_choice, told.top_three, told.any_wish) == (4, 3, 2, 3, 3)
    assert told.wishes == (0, 3, 0)
    assert (told.worst_off, told.worst_off_attendees) == (1, ("ada", "bea", "cem"))
    assert (told.total_of_ranks, told.seats_taken, told.fill_ups, told.seats_left) == (4, 5, 2, 2)
    assert (told.small_groups, told.school_pairs) == (3, 0)
    assert [share for point in told.curve for share in point] == pytest.approx([0, 0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 1, 1])
    drama = [slot for slot in told.slots if slot.table == "drama"]
    assert [(slot.round, slot.seats, slot.left, slot.fill) for slot in drama] == [("1", 0, 0, None), ("2", 1, 0, 1.0)]


def test_who_could_not_be_placed_and_why() -> None:
    told = {each.attendee: each for each in figures(PROBLEM, PLAN).unplaced}
    assert told.keys() == {"dan"}
    assert (told["dan"].missing, dict(told["dan"].reasons)) == (1, {"1": Idle.SEEN_ALL_THAT_IS_FREE})
    alone = Problem((Attendee("eve", barred=frozenset(["maths"])),), (Table("maths", (1, 0)),), ("1", "2"))
    (eve,) = figures(alone, solve(alone)).unplaced
    assert dict(eve.reasons) == {"1": Idle.BARRED, "2": Idle.NO_SEAT_FREE}


def reasons(attendee: Id, table: Id) -> dict[Id, tuple[Reason, Id | None]]:
    (wish,) = [each for each in explain(PROBLEM, PLAN, attendee).wishes if each.table == table]
    return {name: (each.reason, each.at) for name, each in wish.rounds.items()}


def test_each_wish_is_granted_in_a_round_or_told_why_not() -> None:
    ada = explain(PROBLEM, PLAN, "ada")
    assert [(each.table, each.rank, each.granted_in) for each in ada.wishes] == [
        ("phonics", 1, "1"),
        ("drama", 2, None),
    ]
    assert reasons("ada", "drama") == {"1": (Reason.CLOSED, "phonics"), "2": (Reason.FULL, "maths")}
    assert reasons("bea", "phonics") == {"1": (Reason.AWAY, None), "2": (Reason.FULL, "drama")}
    bea, cem = explain(PROBLEM, PLAN, "bea"), explain(PROBLEM, PLAN, "cem")
    assert [each.reason for each in bea.wishes] == [None, Reason.NOT_AT_THE_EVENT, None]
    assert cem.wishes[0].reason == Reason.BARRED
    with pytest.raises(KeyError):
        explain(PROBLEM, PLAN, "nobody")


def test_who_has_the_seat_instead_is_told_with_the_strength_of_their_claim() -> None:
    full = explain(PROBLEM, PLAN, "ada").wishes[1].rounds["2"]
    (bea,) = full.holders
    assert (bea.attendee, bea.wishes_granted, bea.rank, bea.claim) == ("bea", 1, 1, Claim.WORSE_OFF)
    unfair = {"ada": {"2": "drama"}, "bea": {}, "cem": {"1": "phonics"}, "dan": {"2": "phonics"}}
    asks = {each.table: each for each in explain(PROBLEM, unfair, "bea").wishes}
    assert [each.claim for each in asks["drama"].rounds["2"].holders] == [Claim.EQUAL]
    assert [each.claim for each in asks["phonics"].rounds["2"].holders] == [Claim.FILL_UP]
    assert (asks["drama"].fair, asks["phonics"].fair) == (True, False)


def test_where_all_tables_are_open_nobody_with_a_weaker_claim_has_the_seat() -> None:
    for problem in (evening(120, 24, 5, 6), *(small(seed, UNIFORM) for seed in range(30))):
        plan = solve(problem)
        assert plan.proof.method is Method.FLOW_AND_COLOURING
        for attendee in problem.attendees:
            told = explain(problem, plan.itineraries, attendee.id)
            assert all(wish.fair for wish in told.wishes)
            inside = {each.reason for wish in told.wishes for each in wish.rounds.values()}
            assert inside <= {Reason.FULL, Reason.CLOSED, Reason.AT_ANOTHER_WISH, Reason.ENOUGH}


def test_first_come_first_served_takes_the_best_that_is_left() -> None:
    assert first_come(PROBLEM) == {
        "ada": {"1": "phonics", "2": "drama"},
        "bea": {"2": "phonics"},
        "cem": {},
        "dan": {"2": "maths"},
    }


def test_two_plans_are_compared_person_by_person() -> None:
    before = {"ada": {"1": "a"}, "bea": {"1": "b"}, "cem": {"1": "c"}, "dan": {"1": "d"}, "eve": {}}
    after = {"ada": {"1": "a"}, "bea": {"1": "b", "2": "a"}, "cem": {"1": "b"}, "dan": {}, "fay": {}}
    differing = changes(before, after)
    assert (differing.gained, differing.moved) == (("bea",), ("cem", "dan"))
    assert (differing.left, differing.joined) == (("eve",), ("fay",))
