"""The order in which plans are better or worse, and why small weights suffice to state it to a flow.

First as many people as possible get at least one of their wishes, then at least two, and so on: the worst-off first
(leximin, after Rawls). Among those plans the best total of ranks; among those the most seats taken.

The weights. In the network of wishes (source to attendee by one arc for each further wish, attendee to wished table,
table to sink) a plan is best exactly if no simple cycle of the residual network improves it. A simple cycle passes the
source once, so it gives at most one attendee a wish more and one a wish less, and passes on the way at most as many
attendees as there are tables. So it is enough that the bonus for the j-th wish exceeds that for the next by more than
the ranks can change along one cycle: `wish_weight`. No powers of the number of people, and nothing that overflows.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """How good a plan is, level by level of the stated order. Also a bound: as good as no plan can exceed."""

    at_least: tuple[int, ...]
    """How many attendees have at least 1, 2, … of their wishes granted, to the number of rounds."""
    ranks: int
    """The total of the ranks of all granted wishes (a first choice is 1)."""
    seats: int
    """How many seats are taken in all, wished for or not."""

    @property
    def key(self) -> tuple[int, ...]:
        """Compares as the plans do: the greater the better."""
        return (*self.at_least, -self.ranks, self.seats)

    @property
    def wishes(self) -> tuple[int, ...]:
        """The part of the key that is about wishes: all but the seats."""
        return self.key[:-1]

    @property
    def levels(self) -> tuple[tuple[str, int], ...]:
        """Each level with its name, in the stated order."""
        counts = tuple((f"at least {number} of their wishes", many) for number, many in enumerate(self.at_least, 1))
        return (*counts, ("total of ranks", self.ranks), ("seats taken", self.seats))


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a plan falls short of what could be proved: the first level of the order at which the bound is better."""

    level: str
    reached: int
    bound: int

    @property
    def share(self) -> float:
        """The shortfall in proportion to the bound."""
        return abs(self.bound - self.reached) / max(1, abs(self.bound))


def gap(reached: Standing, bound: Standing) -> Gap | None:
    """The first level that is not proved to be best; None where all are."""
    for (level, ours), (_, best) in zip(reached.levels, bound.levels, strict=True):
        if ours != best:
            return Gap(level, ours, best)
    return None


def wish_weight(*, people: int, tables: int, worst_rank: int) -> int:
    """How much more a further wish weighs than all that ranks can change along one cycle of the network of wishes."""
    return (min(people, tables) + 2) * max(1, worst_rank) + 1


def bonuses(rounds: int) -> list[int]:
    """What the first, second, … wish of an attendee is worth, in wish weights: each next one is worth less."""
    return list(range(rounds, 0, -1))
