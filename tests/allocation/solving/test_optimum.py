"""On every small problem the solver reaches, level by level, what an independent integer programme reaches."""

import pytest

from app.allocation.solving import Method, solve
from tests.allocation.solving.checking import breaches, idle_beside_a_seat
from tests.allocation.solving.independent import best_standing
from tests.allocation.solving.instances import EVERYTHING, HOSTS, PINS, UNIFORM, Kind, small
from tests.support.forms import form

BLOCK = 20
KINDS = {"all tables open": UNIFORM, "hosts and closed tables": HOSTS, "pins": PINS, "everything at once": EVERYTHING}


@pytest.mark.parametrize("block", range(form(short=4, full=40)))
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_each_level_is_what_an_independent_solver_reaches(kind: Kind, block: int) -> None:
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        problem = small(seed, kind)
        plan = solve(problem)
        assert plan.standing.key == best_standing(problem), (seed, kind)
        assert plan.proof.optimal, (seed, kind)
        assert breaches(problem, plan.itineraries) == []
        assert idle_beside_a_seat(problem, plan.itineraries) == []


def test_every_way_of_solving_is_among_them() -> None:
    ways = {solve(small(seed, kind)).proof.method for kind in KINDS.values() for seed in range(12)}
    assert ways == {Method.FLOW_AND_COLOURING, Method.FLOW_AND_ROUNDS, Method.INTEGER_PROGRAMME}
