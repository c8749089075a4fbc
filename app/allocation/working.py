"""Works out an allocation: the solver is asked, and what it answers is put into the form in which it is kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.allocation.keeping import packed_plan, packed_problem
from app.allocation.posing import Ask, Plan
from app.allocation.rules import Mode
from app.allocation.solving.figures import Figures, figures
from app.allocation.solving.plan import Plan as Solved
from app.allocation.solving.plan import Proof
from app.allocation.solving.repairing import Mode as Repair
from app.allocation.solving.repairing import repair
from app.allocation.solving.solver import solve

MOST_LISTED = 500
"""How many people a figure names; it counts all."""
Progress = Callable[[float, str], None]
_REPAIRS = {Mode.FULL: Repair.FAIR, Mode.REPAIR: Repair.GENTLE, Mode.ADD_ONLY: Repair.ADD_ONLY}


def no_progress(_share: float, _step: str) -> None:
    """For those who do not wait long."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What comes of an allocation, as it is kept."""

    problem: bytes
    plan: bytes
    outcome: dict[str, Any]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What somebody's seats become: the rounds that differ, with the table before and the table after."""

    registration_id: UUID
    rounds: tuple[tuple[int, int | None, int | None], ...]

    @property
    def kind(self) -> str:
        """`moved` when a seat that was held becomes another one, else whether seats are only gained or only lost."""
        before, after = [any(each[side] for each in self.rounds) for side in (1, 2)]
        return "moved" if before and after else "gained" if after else "lost"


def differences(before: Plan, after: Plan) -> Iterator[Difference]:
    """Everybody whose seats differ, by registration."""
    for registration_id in sorted(before.keys() | after.keys()):
        then, now = before.get(registration_id, {}), after.get(registration_id, {})
        if then != now:
            rounds = [number for number in sorted(then.keys() | now.keys()) if then.get(number) != now.get(number)]
            yield Difference(registration_id, tuple((number, then.get(number), now.get(number)) for number in rounds))


def work_out(ask: Ask, progress: Progress = no_progress) -> Worked:
    """Solves it. Raises `InconsistentProblem` for pins that no plan can respect, and what `progress` raises."""
    solved = _solved(ask, progress)
    plan = plan_of(solved)
    changed = [each.kind for each in differences(_of_those_in(ask), plan)]
    outcome = {
        "figures": figures_in_words(figures(ask.posed.problem, solved)),
        "proof": _proof(solved.proof),
        "changes": {kind: changed.count(kind) for kind in ("moved", "gained", "lost")},
    }
    return Worked(packed_problem(ask.posed), packed_plan(plan), outcome, ask.fingerprint)


def _solved(ask: Ask, progress: Progress) -> Solved:
    if ask.base is None:
        return solve(ask.posed.problem, progress)
    return repair(ask.posed.problem, ask.base, mode=_REPAIRS[ask.mode], most_moved=ask.most_moved, progress=progress)


def plan_of(solved: Solved) -> Plan:
    """The solver's itineraries by registration, round and table."""
    return {
        _id(each): {_number(name): _number(table) for name, table in own.items()}
        for each, own in solved.itineraries.items()
    }


def _of_those_in(ask: Ask) -> Plan:
    return {each.id: ask.bookings[each.id] for each in ask.posed.problem.attendees if isinstance(each.id, UUID)}


def _id(each: Any) -> UUID:
    found: UUID = each
    return found


def _number(each: Any) -> int:
    found: int = each
    return found


def _proof(proof: Proof) -> dict[str, Any]:
    levels = zip(proof.reached.levels, proof.bound.levels, strict=True)
    gap = proof.gap
    return {
        "method": str(proof.method),
        "optimal": proof.optimal,
        "told": proof.sentence,
        "levels": [{"level": level, "reached": reached, "bound": bound} for (level, reached), (_, bound) in levels],
        "gap": None
        if gap is None
        else {"level": gap.level, "reached": gap.reached, "bound": gap.bound, "share": gap.share},
    }


def figures_in_words(found: Figures) -> dict[str, Any]:
    """The figures as clients see them."""
    return {
        "attendees": found.attendees,
        "with_wishes": found.with_wishes,
        "first_choice": found.first_choice,
        "top_3": found.top_three,
        "top_5": found.top_five,
        "any_wish": found.any_wish,
        "wishes_granted": list(found.wishes),
        "total_of_ranks": found.total_of_ranks,
        "worst_off": {
            "wishes_granted": found.worst_off,
            "how_many": len(found.worst_off_attendees),
            "registration_ids": [str(each) for each in found.worst_off_attendees[:MOST_LISTED]],
        },
        "seats_taken": found.seats_taken,
        "seats_left": found.seats_left,
        "fill_ups": found.fill_ups,
        "small_groups": found.small_groups,
        "pairs_of_one_school": found.school_pairs,
        "not_placed_count": len(found.unplaced),
        "not_placed": [
            {
                "registration_id": str(each.attendee),
                "rounds_missing": each.missing,
                "reasons": [{"round": name, "reason": str(reason)} for name, reason in each.reasons.items()],
            }
            for each in found.unplaced[:MOST_LISTED]
        ],
    }
