"""Pure decisions about allocations: what one can ask for, what becomes of one, how long it is kept."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

KEPT = 20
"""So many allocations of an event are kept, the newest; those that were applied are kept for good."""
MOST_NAMED = 5_000
"""How many seats an organiser may pin, and forbid, in one allocation."""
MOST_SHOWN = 2_000
"""Up to so many people an allocation shows its itineraries itself; those of larger ones are read by the page."""


class Mode(StrEnum):
    """What an allocation does with the bookings that there are."""

    FULL = "full"
    REPAIR = "repair"
    ADD_ONLY = "add_only"


class Status(StrEnum):
    """What has become of an allocation."""

    RUNNING = "running"
    READY = "ready"
    APPLIED = "applied"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Beside(StrEnum):
    """What a plan can be shown beside."""

    FIRST_COME = "first-come-first-served"


@dataclass(frozen=True, slots=True)
class NamedSeat:
    """A table for one attendee in one round; without a round, in all of them."""

    registration_id: UUID
    table_number: int
    round: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything that an organiser asks of an allocation."""

    mode: Mode = Mode.FULL
    keep_bookings: bool = True
    spread_schools: bool = False
    even_groups: bool = False
    minimum_group: int = 0
    seed: int = 0
    most_moved: int | None = None
    based_on: UUID | None = None
    pinned: tuple[NamedSeat, ...] = ()
    forbidden: tuple[NamedSeat, ...] = ()
    limits: tuple[tuple[UUID, int], ...] = ()
    """In how many rounds somebody wants a seat at most."""
