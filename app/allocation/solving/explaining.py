"""Why somebody has what they have: each of their wishes, granted or not, and what stood in its way round by round."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.allocation.solving.figures import granted_ranks, ranked
from app.allocation.solving.problem import Attendee, Id, Itineraries, Problem, Table


class Reason(StrEnum):
    NOT_AT_THE_EVENT = "not-at-the-event"
    """What was wished for has no table."""
    BARRED = "barred"
    """It is their own table, or one to which the organiser does not send them."""
    CLOSED = "closed"
    AWAY = "away"
    """They present themselves, or are not there, in this round."""
    FORBIDDEN = "forbidden"
    """The organiser does not send them there in this round."""
    FULL = "full"
    AT_ANOTHER_WISH = "at-another-wish"
    """A seat is free, but they are at another table that they wished for, in this round."""
    PINNED_ELSEWHERE = "pinned-elsewhere"
    ENOUGH = "enough"
    """A seat is free, but they have seats in as many rounds as they want."""
    POSSIBLE = "possible"
    """A seat is free that they could take: only in plans that are not proved to be best, or not of this problem."""


class Claim(StrEnum):
    PINNED = "pinned"
    """They keep the seat whatever else."""
    WORSE_OFF = "worse-off"
    """Without the seat they would have fewer wishes than the one who asks has now."""
    EQUAL = "equal"
    """Without the seat they would have as many wishes as the one who asks has now: ranks decided, then the lot."""
    BETTER_OFF = "better-off"
    """Even without the seat they would have more wishes: in an optimal plan only where no round fits both."""
    NO_FURTHER_WISH = "no-further-wish"
    """The one who asks has a wish granted in every round in which they can sit and want to: the seat could only take
    the place of another wish of theirs."""
    FILL_UP = "fill-up"
    """They did not ask for it: in an optimal plan only where no round fits the one who asks."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who has a seat that somebody else wished for, and how strong their claim is beside that one's."""

    attendee: Id
    wishes_granted: int
    rank: int | None
    claim: Claim


@dataclass(frozen=True, slots=True)
class InRound:
    """What stood in the way of a wish in one round; `at` is where the attendee sits instead."""

    reason: Reason
    at: Id | None = None
    holders: tuple[Holder, ...] = ()


@dataclass(frozen=True, slots=True)
class WishOutcome:
    """One wish: in which round it is granted, or why in none."""

    table: Id
    rank: int
    granted_in: Id | None
    reason: Reason | None
    """What holds for all rounds at once, if anything does."""
    rounds: Mapping[Id, InRound]

    @property
    def fair(self) -> bool:
        """Whether it is granted, or nobody has a seat at it whose claim is weaker."""
        weaker = (Claim.BETTER_OFF, Claim.FILL_UP)
        return not any(holder.claim in weaker for each in self.rounds.values() for holder in each.holders)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one attendee's wishes."""

    attendee: Id
    wishes_granted: int
    wishes: tuple[WishOutcome, ...]


def explain(problem: Problem, itineraries: Itineraries, attendee_id: Id) -> Explanation:
    """Why this attendee has what they have in this plan. KeyError if they are not in the problem."""
    setting = _Setting(problem, itineraries)
    attendee = setting.attendees[attendee_id]
    outcomes = tuple(setting.outcome(attendee, rank, table) for rank, table in ranked(attendee))
    return Explanation(attendee_id, len(granted_ranks(attendee, itineraries)), outcomes)


class _Setting:
    """The plan seen from its tables."""

    def __init__(self, problem: Problem, itineraries: Itineraries) -> None:
        self.problem, self.itineraries = problem, itineraries
        self.attendees: dict[Id, Attendee] = {each.id: each for each in problem.attendees}
        self.tables: dict[Id, Table] = {each.id: each for each in problem.tables}
        self.guests: dict[tuple[Id, Id], list[Id]] = {}
        for attendee_id, own in itineraries.items():
            for slot in own.items():
                self.guests.setdefault(slot, []).append(attendee_id)

    def outcome(self, attendee: Attendee, rank: int, table: Id) -> WishOutcome:
        own = self.itineraries.get(attendee.id, {})
        granted = next((name for name, at in own.items() if at == table), None)
        if granted is not None:
            return WishOutcome(table, rank, granted, None, {})
        if table not in self.tables:
            return WishOutcome(table, rank, None, Reason.NOT_AT_THE_EVENT, {})
        if table in attendee.barred:
            return WishOutcome(table, rank, None, Reason.BARRED, {})
        seats = zip(self.problem.rounds, self.tables[table].seats, strict=True)
        rounds = {name: self.in_round(attendee, table, name, number) for name, number in seats}
        return WishOutcome(table, rank, None, _common(rounds), rounds)

    def in_round(self, attendee: Attendee, table: Id, name: Id, seats: int) -> InRound:
        own = self.itineraries.get(attendee.id, {})
        here, guests = own.get(name), self.guests.get((name, table), [])
        if not seats:
            return InRound(Reason.CLOSED, here)
        if name in attendee.away:
            return InRound(Reason.AWAY, here)
        if (name, table) in attendee.forbidden:
            return InRound(Reason.FORBIDDEN, here)
        if here is not None and (name, here) in attendee.pinned:
            return InRound(Reason.PINNED_ELSEWHERE, here)
        if len(guests) >= seats:
            return InRound(Reason.FULL, here, tuple(self.holder(attendee, each, (name, table)) for each in guests))
        if here in attendee.wishes:
            return InRound(Reason.AT_ANOTHER_WISH, here)
        if here is None and attendee.wanted is not None and len(own) >= attendee.wanted:
            return InRound(Reason.ENOUGH, here)
        return InRound(Reason.POSSIBLE, here)

    def most_wishes(self, attendee: Attendee) -> int:
        can = sum(name not in attendee.away for name in self.problem.rounds)
        return can if attendee.wanted is None else min(can, attendee.wanted)

    def holder(self, asking: Attendee, attendee_id: Id, slot: tuple[Id, Id]) -> Holder:
        holder = self.attendees[attendee_id]
        theirs = len(granted_ranks(holder, self.itineraries))
        rank = next((rank for rank, table in ranked(holder) if table == slot[1]), None)
        without = theirs - (rank is not None)
        ours = len(granted_ranks(asking, self.itineraries))
        if slot in holder.pinned:
            claim = Claim.PINNED
        elif ours >= self.most_wishes(asking):
            claim = Claim.NO_FURTHER_WISH
        elif rank is None:
            claim = Claim.FILL_UP
        else:
            claim = Claim.WORSE_OFF if without < ours else Claim.EQUAL if without == ours else Claim.BETTER_OFF
        return Holder(attendee_id, theirs, rank, claim)


def _common(rounds: Mapping[Id, InRound]) -> Reason | None:
    """The reason that holds in every round, if there is one."""
    reasons = {each.reason for each in rounds.values()}
    return reasons.pop() if len(reasons) == 1 else None
