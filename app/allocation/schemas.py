"""What clients send and see of allocations."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt

from app.allocation.rules import MOST_NAMED, Mode, NamedSeat, Status, Wanted
from app.allocation.solving.explaining import Claim, Reason
from app.allocation.solving.figures import Idle
from app.allocation.solving.plan import Method
from app.events.rules import MOST_ROUNDS
from app.kernel.fields import Body, Instant, Shown
from app.marketplace.schemas import TableNumber

RoundNumber = Annotated[StrictInt, Field(ge=1, le=MOST_ROUNDS)]


class PinnedIn(Body):
    """A seat that somebody is to have."""

    registration_id: UUID
    round: RoundNumber
    table_number: TableNumber


class ForbiddenIn(Body):
    """A table where somebody is not to sit: in one round, or without one in any."""

    registration_id: UUID
    round: RoundNumber | None = None
    table_number: TableNumber


class LimitIn(Body):
    """In how many rounds somebody wants a seat at most; the others stay free."""

    registration_id: UUID
    rounds: Annotated[StrictInt, Field(ge=0, le=MOST_ROUNDS)]


class AllocationIn(Body):
    """What is asked of an allocation. Nothing of it is needed."""

    mode: Mode = Field(
        Mode.FULL,
        description="`full` plans everybody. `repair` fits cancellations and newcomers into the present bookings: "
        "nobody is moved without need, nobody loses a wish. `add_only` moves nobody and gives out what is free.",
    )
    keep_bookings: StrictBool = Field(True, description="In mode `full`: seats that are booked stay as they are.")
    spread_schools: StrictBool = Field(False, description="Keep people of one school apart where that costs nobody.")
    even_groups: StrictBool = Field(False, description="A table's groups of one size in all its rounds.")
    minimum_group: Annotated[StrictInt, Field(ge=0, le=100)] = Field(
        0, description="How many people make a group worth running; smaller ones are emptied where that costs nobody."
    )
    seed: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)] = Field(0, description="Decides between equals only.")
    most_moved: Annotated[StrictInt, Field(ge=0, le=100_000)] | None = Field(
        None,
        description="In mode `repair`: how many people may be moved. Three for each who left or came, if not said.",
    )
    based_on: UUID | None = Field(
        None, description="An allocation of this event: solve again with as few changes to it as possible."
    )
    pinned: Annotated[tuple[PinnedIn, ...], Field(max_length=MOST_NAMED)] = ()
    forbidden: Annotated[tuple[ForbiddenIn, ...], Field(max_length=MOST_NAMED)] = ()
    limits: Annotated[tuple[LimitIn, ...], Field(max_length=MOST_NAMED)] = ()

    def wanted(self) -> Wanted:
        """The same, for those who work it out."""
        return Wanted(
            mode=self.mode,
            keep_bookings=self.keep_bookings,
            spread_schools=self.spread_schools,
            even_groups=self.even_groups,
            minimum_group=self.minimum_group,
            seed=self.seed,
            most_moved=self.most_moved,
            based_on=self.based_on,
            pinned=tuple(NamedSeat(each.registration_id, each.table_number, each.round) for each in self.pinned),
            forbidden=tuple(NamedSeat(each.registration_id, each.table_number, each.round) for each in self.forbidden),
            limits=tuple((each.registration_id, each.rounds) for each in self.limits),
        )


class LevelOut(Shown):
    """One level of the stated order: what the plan reaches, and what no plan can exceed."""

    level: str
    reached: int
    bound: int


class GapOut(LevelOut):
    """The first level at which a better plan was not ruled out."""

    share: float


class ProofOut(Shown):
    """How a plan was found and what was proved about it."""

    method: Method
    optimal: bool
    told: str = Field(description="The same in words.")
    levels: list[LevelOut]
    gap: GapOut | None


class WorstOffOut(Shown):
    """Those with the fewest wishes granted, among those who ranked any."""

    wishes_granted: int
    how_many: int
    registration_ids: list[UUID] = Field(description="The first 500.")


class IdleOut(Shown):
    """Why somebody has no seat in one round."""

    round: int
    reason: Idle


class NotPlacedOut(Shown):
    """Somebody who wants more seats than there were for them."""

    registration_id: UUID
    rounds_missing: int
    reasons: list[IdleOut]


class AllocationFiguresOut(Shown):
    """What a hub wants to know of a plan."""

    attendees: int
    with_wishes: int
    first_choice: int
    top_3: int = Field(description="How many got at least one of their first three wishes.")
    top_5: int
    any_wish: int
    wishes_granted: list[int] = Field(description="How many of those with wishes got 0, 1, 2, … of them.")
    total_of_ranks: int
    worst_off: WorstOffOut
    seats_taken: int
    seats_left: int
    fill_ups: int = Field(description="Seats that their holders did not wish for.")
    small_groups: int
    pairs_of_one_school: int
    not_placed_count: int
    not_placed: list[NotPlacedOut] = Field(description="The first 500.")


class ChangeCountsOut(Shown):
    """How many people's seats differ: those who go to another table, who only gain seats, who only lose some."""

    moved: int
    gained: int
    lost: int


class SeatOut(Shown):
    """One table in one round."""

    round: int
    table_number: int


class PlannedItineraryOut(Shown):
    """The seats that an allocation gives somebody."""

    registration_id: UUID
    bookings: list[SeatOut]


class AllocationOut(Shown):
    """An allocation: a preview until it is applied."""

    id: UUID
    event_id: UUID
    status: Status
    progress: int = Field(description="Per cent.")
    step: str | None = Field(description="What is being done, while it is running.")
    failure: str | None = Field(description="Why it failed, if it did.")
    stale: bool | None = Field(
        description="Whether what it rests on has changed, so that it cannot be applied. "
        "Null in lists, and unless it is ready."
    )
    options: dict[str, Any]
    figures: AllocationFiguresOut | None
    proof: ProofOut | None
    changes: ChangeCountsOut | None = Field(description="Against the bookings when it was worked out.")
    itineraries: list[PlannedItineraryOut] | None = Field(
        description="Null in lists and for more than 2,000 people; they are also at `/itineraries`, by the page."
    )
    created_at: Instant
    finished_at: Instant | None
    applied_at: Instant | None


class RoundChangeOut(Shown):
    """One round in which somebody's table differs."""

    round: int
    from_table: int | None
    to_table: int | None


class ChangeOut(Shown):
    """Whose seats differ, and how."""

    registration_id: UUID
    change: Literal["moved", "gained", "lost"]
    rounds: list[RoundChangeOut]


class ChangesOut(ChangeCountsOut):
    """The differences, by the page; the figures are of all of them."""

    items: list[ChangeOut]
    next_cursor: str | None


class ComparedLevelOut(Shown):
    """One level of the stated order, in both plans."""

    level: str
    this: int
    other: int


class ComparisonOut(ChangesOut):
    """Two allocations side by side: from the other one to this one."""

    allocation_id: UUID
    other_id: UUID
    better: Literal["this", "other", "neither"] = Field(description="Which is better by the stated order.")
    levels: list[ComparedLevelOut]
    better_off: int = Field(description="Who has more wishes, or dearer ones, in this one.")
    worse_off: int
    figures: AllocationFiguresOut
    other_figures: AllocationFiguresOut


class HolderOut(Shown):
    """Somebody who has a seat that another one wished for, and how strong the claim to it is beside that one's."""

    registration_id: UUID
    wishes_granted: int
    rank: int | None
    claim: Claim


class RoundReasonOut(Shown):
    """What stood in the way in one round."""

    round: int
    reason: Reason
    sits_at_table: int | None
    holders: list[HolderOut]


class WishOut(Shown):
    """One wish: granted in a round, or why not."""

    rank: int
    presentation_id: UUID | None
    table_number: int | None
    granted_in_round: int | None
    reason: Reason | None = Field(description="What holds for all rounds at once, if anything does.")
    fair: bool = Field(description="Granted, or nobody with a weaker claim has a seat there.")
    told: str = Field(description="The same in words.")
    rounds: list[RoundReasonOut]


class ExplanationOut(Shown):
    """Why somebody has what they have."""

    allocation_id: UUID
    registration_id: UUID
    wishes_granted: int
    wishes: list[WishOut]
