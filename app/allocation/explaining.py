"""Why somebody has what they have, in the form and the words in which clients see it."""

from typing import Any
from uuid import UUID

from app.allocation.posing import Plan, Posed
from app.allocation.schemas import ExplanationOut, HolderOut, RoundReasonOut, WishOut
from app.allocation.solving.explaining import InRound, Reason, WishOutcome, explain

_WORDS = {
    Reason.NOT_AT_THE_EVENT: "It is at no table of the evening.",
    Reason.BARRED: "It is their own table, or one to which they are not sent.",
    Reason.CLOSED: "The table is closed in every round.",
    Reason.AWAY: "They present themselves in every round.",
    Reason.FORBIDDEN: "They are not sent there in any round.",
    Reason.AT_ANOTHER_WISH: "A seat is free, but in those rounds they are at other tables that they wished for.",
    Reason.PINNED_ELSEWHERE: "They keep other seats in all rounds.",
    Reason.ENOUGH: "A seat is free, but they have seats in as many rounds as they want.",
    Reason.POSSIBLE: "A seat is free: the plan could still be bettered here.",
}


def explanation(posed: Posed, plan: Plan, *, allocation_id: UUID, registration_id: UUID) -> ExplanationOut:
    """The explanation for one attendee. KeyError if the plan is not about them."""
    found = explain(posed.problem, plan, registration_id)
    return ExplanationOut(
        allocation_id=allocation_id,
        registration_id=registration_id,
        wishes_granted=found.wishes_granted,
        wishes=[_wish(posed, each) for each in found.wishes],
    )


def _wish(posed: Posed, wish: WishOutcome) -> WishOut:
    table: Any = wish.table
    at_a_table = isinstance(table, int)
    return WishOut(
        rank=wish.rank,
        presentation_id=posed.presentations.get(table) if at_a_table else UUID(table),
        table_number=table if at_a_table else None,
        granted_in_round=_number(wish.granted_in),
        reason=wish.reason,
        fair=wish.fair,
        told=_told(wish),
        rounds=[_round(number, each) for number, each in wish.rounds.items()],
    )


def _round(number: Any, found: InRound) -> RoundReasonOut:
    return RoundReasonOut(
        round=number,
        reason=found.reason,
        sits_at_table=_number(found.at),
        holders=[
            HolderOut(
                registration_id=_registration(each.attendee),
                wishes_granted=each.wishes_granted,
                rank=each.rank,
                claim=each.claim,
            )
            for each in found.holders
        ],
    )


def _told(wish: WishOutcome) -> str:
    if wish.granted_in is not None:
        return f"Granted in round {wish.granted_in}."
    if wish.reason is Reason.FULL:
        return (
            "Every seat in every round is taken by people whose claim is at least as strong."
            if wish.fair
            else "Every seat in every round is taken; some by people who would have been no worse off without."
        )
    if wish.reason is not None:
        return _WORDS[wish.reason]
    return "In each round something else stood in the way: see the rounds."


def _number(each: Any) -> int | None:
    number: int | None = each
    return number


def _registration(each: Any) -> UUID:
    found: UUID = each
    return found
