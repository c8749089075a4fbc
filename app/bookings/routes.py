"""Seats, itineraries, and tables that people sit at, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Response

from app.bookings import queries, seating, tables
from app.bookings.schemas import ItineraryIn, ItineraryOut, PresentationGuestsOut, SeatIn
from app.events.commands import CapacityBelowTaken, IllegalTransition
from app.events.routes import WriteEvents
from app.events.rules import MOST_ROUNDS
from app.kernel.openapi import answers
from app.kernel.operations import showing
from app.kernel.problems import Forbidden, InvalidRequest, NotFound
from app.kernel.routing import router
from app.marketplace.commands import EventOver, TableTaken
from app.marketplace.queries import table
from app.marketplace.routes import Number
from app.marketplace.schemas import PlacementIn, TableChange, TableOut
from app.registrations.routes import ReadRegistrations, WriteRegistrations

routes = router("Itineraries")
RoundNumber = Annotated[int, Path(alias="round", ge=1, le=MOST_ROUNDS, description="The round's number.")]
_SEATING = (
    NotFound,
    InvalidRequest,
    EventOver,
    seating.EventNotPublished,
    seating.TableFull,
    seating.TableAlreadyVisited,
    seating.TableClosed,
    seating.RegistrationNotConfirmed,
    seating.PresentingInRound,
)


@routes.get("/v1/registrations/{registration_id}/itinerary", **answers(ItineraryOut, NotFound))
async def get_itinerary(read: ReadRegistrations, registration_id: UUID) -> Response:
    """A registration's seats, by round."""
    return await read(queries.itinerary, to=ItineraryOut, registration_id=registration_id)


@routes.put("/v1/registrations/{registration_id}/itinerary", **answers(ItineraryOut, *_SEATING, conditional=True))
async def set_itinerary(write: WriteRegistrations, registration_id: UUID, body: ItineraryIn) -> Response:
    """Replace a whole itinerary, all or nothing."""
    return await write(
        seating.set_itinerary,
        to=ItineraryOut,
        unchanged=showing(ItineraryOut, queries.itinerary, registration_id=registration_id),
        registration_id=registration_id,
        itinerary=body,
    )


@routes.put(
    "/v1/registrations/{registration_id}/itinerary/{round}", **answers(ItineraryOut, *_SEATING, conditional=True)
)
async def take_seat(
    write: WriteRegistrations, registration_id: UUID, round_number: RoundNumber, body: SeatIn
) -> Response:
    """Sit down at a table in one round. It is one step: on a refusal the old seat is still held."""
    return await write(
        seating.take_seat,
        to=ItineraryOut,
        unchanged=showing(ItineraryOut, queries.itinerary, registration_id=registration_id),
        registration_id=registration_id,
        round_number=round_number,
        body=body,
    )


@routes.delete(
    "/v1/registrations/{registration_id}/itinerary/{round}",
    **answers(ItineraryOut, NotFound, EventOver, seating.EventNotPublished, conditional=True),
)
async def leave_seat(write: WriteRegistrations, registration_id: UUID, round_number: RoundNumber) -> Response:
    """Leave the seat held in one round; the answer is what is left of the itinerary."""
    return await write(
        seating.leave_seat,
        to=ItineraryOut,
        unchanged=showing(ItineraryOut, queries.itinerary, registration_id=registration_id),
        registration_id=registration_id,
        round_number=round_number,
    )


@routes.get(
    "/v1/presentations/{presentation_id}/guests",
    tags=["Presentations and tables"],
    **answers(PresentationGuestsOut, NotFound, Forbidden),
)
async def list_guests(read: ReadRegistrations, presentation_id: UUID) -> Response:
    """Who comes to the presenter's table in which round: first names and schools."""
    return await read(queries.guests, to=PresentationGuestsOut, presentation_id=presentation_id)


@routes.patch(
    "/v1/events/{event_id}/tables/{number}",
    tags=["Presentations and tables"],
    **answers(
        TableOut, NotFound, InvalidRequest, CapacityBelowTaken, seating.PresentingInRound, EventOver, conditional=True
    ),
)
async def change_table(write: WriteEvents, event_id: UUID, number: Number, body: TableChange) -> Response:
    """Change a table: its seats, its place in the room, the rounds in which it is closed."""
    unchanged = showing(TableOut, table, event_id=event_id, number=number)
    return await write(
        tables.change_table, to=TableOut, unchanged=unchanged, event_id=event_id, number=number, body=body
    )


@routes.put(
    "/v1/events/{event_id}/tables/{number}/presentation",
    tags=["Presentations and tables"],
    **answers(
        TableOut,
        NotFound,
        InvalidRequest,
        TableTaken,
        CapacityBelowTaken,
        IllegalTransition,
        EventOver,
        conditional=True,
    ),
)
async def place_presentation(write: WriteEvents, event_id: UUID, number: Number, body: PlacementIn) -> Response:
    """Put a presentation at this table. If it was at another one, all who have seats with it move along."""
    unchanged = showing(TableOut, table, event_id=event_id, number=number)
    return await write(
        tables.place_presentation, to=TableOut, unchanged=unchanged, event_id=event_id, number=number, body=body
    )


@routes.delete(
    "/v1/events/{event_id}/tables/{number}/presentation",
    tags=["Presentations and tables"],
    **answers(None, NotFound, EventOver, conditional=True),
)
async def free_table(write: WriteEvents, event_id: UUID, number: Number) -> Response:
    """Take the presentation away from this table; it is an offer again, and the seats there are free."""
    unchanged = showing(TableOut, table, event_id=event_id, number=number)
    return await write(tables.free_table, unchanged=unchanged, event_id=event_id, number=number)
