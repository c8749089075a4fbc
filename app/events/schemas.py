"""What clients send and see of events."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt

from app.events.rules import MOST_ROUNDS, EventKind, EventStatus
from app.kernel.fields import Body, Instant, Line, Shown, Timezone
from app.kernel.merge import left_alone

Capacity = Annotated[StrictInt, Field(ge=0, le=100_000)]
TableCount = Annotated[StrictInt, Field(ge=0, le=1_000)]
SeatsPerTable = Annotated[StrictInt, Field(ge=1, le=100)]


class Venue(Body):
    """Where the evening is."""

    name: Annotated[str, Line(200)] | None = Field(None, examples=["Larkspur Primary School"])
    address: Annotated[str, Line(500)] | None = None
    postcode: Annotated[str, Line(8)] | None = Field(None, examples=["NW3 3BY"])


class RoundIn(Body):
    """A numbered time slot."""

    number: Annotated[StrictInt, Field(ge=1, le=MOST_ROUNDS)] = Field(examples=[1])
    starts_at: Instant = Field(examples=["2026-12-03T17:00:00+00:00"])
    ends_at: Instant = Field(examples=["2026-12-03T17:15:00+00:00"])


class EventIn(Body):
    """A new evening, as a draft."""

    name: Annotated[str, Line(200)] = Field(examples=["Winter Teach Meet 2026"])
    kind: EventKind = EventKind.TEACHMEET
    venue: Venue = Field(default_factory=Venue)
    starts_at: Instant = Field(examples=["2026-12-03T16:30:00+00:00"])
    ends_at: Instant = Field(examples=["2026-12-03T18:30:00+00:00"])
    timezone: Timezone = "Europe/London"
    attendee_capacity: Capacity = Field(120, description="How many attendees there is room for.")
    table_count: TableCount = Field(24, description="Makes tables 1…N. 0 for an evening without tables.")
    seats_per_table: SeatsPerTable = Field(6, description="Seats at each table in each round.")
    rounds: Annotated[list[RoundIn], Field(max_length=MOST_ROUNDS)] = Field(default_factory=list)
    registration_opens_at: Instant | None = None
    registration_closes_at: Instant | None = None
    waitlist_enabled: StrictBool = True


class VenueChange(Venue):
    """What changes about the venue."""


class EventChange(Body):
    """What changes about an event (RFC 7396: null removes; `rounds` is replaced as a whole)."""

    name: Annotated[str, Line(200)] = left_alone()
    kind: EventKind = left_alone()
    venue: VenueChange | None = None
    starts_at: Instant = left_alone()
    ends_at: Instant = left_alone()
    timezone: Timezone = left_alone()
    attendee_capacity: Capacity = left_alone()
    table_count: TableCount = left_alone()
    seats_per_table: SeatsPerTable = left_alone()
    rounds: Annotated[list[RoundIn], Field(max_length=MOST_ROUNDS)] = left_alone()
    registration_opens_at: Instant | None = None
    registration_closes_at: Instant | None = None
    waitlist_enabled: StrictBool = left_alone()


class EventCopyIn(Body):
    """Next year's draft from this year's event."""

    starts_at: Instant = Field(description="Everything moves by the same local time.")
    name: Annotated[str, Line(200)] | None = Field(None, description="The old name, when left out.")


class VenueOut(Shown):
    """Where the evening is."""

    name: str | None
    address: str | None
    postcode: str | None


class RoundOut(Shown):
    """A numbered time slot."""

    number: int
    starts_at: Instant
    ends_at: Instant


class EventOut(Shown):
    """An evening, with how full it is."""

    id: UUID
    hub_id: UUID
    name: str
    kind: EventKind
    status: EventStatus
    venue: VenueOut
    starts_at: Instant
    ends_at: Instant
    timezone: str
    attendee_capacity: int
    table_count: int
    seats_per_table: int
    rounds: list[RoundOut]
    registration_opens_at: Instant | None
    registration_closes_at: Instant | None
    waitlist_enabled: bool
    confirmed_count: int
    waitlisted_count: int
    places_left: int
    created_at: Instant
    updated_at: Instant
