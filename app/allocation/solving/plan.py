"""What comes out of an allocation: who sits where and when, how good that is, and what was proved about it."""

from dataclasses import dataclass
from enum import StrEnum

from app.allocation.solving.fairness import Gap, Standing, gap
from app.allocation.solving.problem import Id, Itineraries


class Method(StrEnum):
    FLOW_AND_COLOURING = "flow-and-colouring"
    FLOW_AND_ROUNDS = "flow-and-rounds"
    INTEGER_PROGRAMME = "integer-programme"
    REPAIR = "repair"
    ADD_ONLY = "add-only"


SENTENCES = {
    Method.FLOW_AND_COLOURING: "Tables were chosen by a flow of least cost and timed by colouring",
    Method.FLOW_AND_ROUNDS: "Tables were chosen by a flow of least cost and timed round by round",
    Method.INTEGER_PROGRAMME: "What a flow left open was decided by an integer programme",
    Method.REPAIR: "The plan was bettered round by round, with as few changes as possible",
    Method.ADD_ONLY: "Free seats were given out and nobody was moved",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """How the plan was found, and how good any plan could be at most.

    The levels of `bound` hold in their order: each for plans that equal it on all levels before it."""

    method: Method
    reached: Standing
    bound: Standing

    @property
    def gap(self) -> Gap | None:
        """The first level of the stated order at which a better plan was not ruled out."""
        return gap(self.reached, self.bound)

    @property
    def optimal(self) -> bool:
        """Whether no plan is better by the stated order: proved, not believed."""
        return self.gap is None

    @property
    def sentence(self) -> str:
        """The proof for people."""
        short = self.gap
        if short is None:
            return f"{SENTENCES[self.method]}: no plan is better by the stated order."
        return (
            f"{SENTENCES[self.method]}: on the level “{short.level}” it reaches {short.reached}, and no plan can do"
            f" better than {short.bound} (a gap of {short.share:.2%}); on all levels before, it is best."
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Everybody's itinerary, those without a seat included."""

    itineraries: Itineraries
    proof: Proof

    @property
    def standing(self) -> Standing:
        """How good it is, by the stated order."""
        return self.proof.reached


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two plans, for those who are in both."""

    moved: tuple[Id, ...]
    """Who keeps a seat in a round, but at another table, or loses one: those who are disturbed."""
    gained: tuple[Id, ...]
    """Who only gets seats in rounds in which they had none."""
    left: tuple[Id, ...]
    """Who is in the plan before only."""
    joined: tuple[Id, ...]
    """Who is in the plan after only."""


def changes(before: Itineraries, after: Itineraries) -> Changes:
    """Who is disturbed by going from one plan to the other."""
    moved: list[Id] = []
    gained: list[Id] = []
    for attendee, now in after.items():
        then = before.get(attendee)
        if then is None or then == now:
            continue
        (gained if all(now.get(each) == table for each, table in then.items()) else moved).append(attendee)
    return Changes(
        tuple(moved),
        tuple(gained),
        tuple(each for each in before if each not in after),
        tuple(each for each in after if each not in before),
    )
