"""What clients send and see of seats and itineraries."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictInt

from app.events.rules import MOST_ROUNDS
from app.kernel.fields import Body, Instant, Shown
from app.marketplace.schemas import TableNumber, TablePresentationOut


class SeatIn(Body):
    """Where to sit."""

    table_number: TableNumber = Field(examples=[7])


class BookingIn(Body):
    """Where to sit in one round."""

    round: Annotated[StrictInt, Field(ge=1, le=MOST_ROUNDS)] = Field(examples=[1])
    table_number: TableNumber = Field(examples=[7])


class ItineraryIn(Body):
    """A whole itinerary: rounds that are not in it are left free."""

    bookings: Annotated[list[BookingIn], Field(max_length=MOST_ROUNDS)]


class BookingOut(Shown):
    """A seat at one table in one round."""

    round: int
    starts_at: Instant
    ends_at: Instant
    table_number: int
    presentation: TablePresentationOut | None


class GuestOut(Shown):
    """Somebody who comes to a table, as its presenter knows them."""

    given_name: str
    school_name: str


class GuestsOut(Shown):
    """Who comes to a presentation's table in one round."""

    round: int
    starts_at: Instant
    ends_at: Instant
    guests: list[GuestOut]


class PresentationGuestsOut(Shown):
    """Who comes to a presentation's table, by round."""

    presentation_id: UUID
    rounds: list[GuestsOut]


class ItineraryOut(Shown):
    """A registration's bookings, by round."""

    registration_id: UUID
    event_id: UUID
    bookings: list[BookingOut]
