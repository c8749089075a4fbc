"""Allocations over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Response

from app.allocation import commands, pictures, queries
from app.allocation.commands import AllocationNotRunning, AllocationStale
from app.allocation.queries import AllocationNotReady, NothingToAllocate
from app.allocation.rules import Beside
from app.allocation.schemas import (
    AllocationIn,
    AllocationOut,
    ChangesOut,
    ComparisonOut,
    ExplanationOut,
    PlannedItineraryOut,
)
from app.allocation.work import LARGE, asked, worked_out
from app.bookings.seating import EventNotPublished
from app.kernel.conditional import etag_of
from app.kernel.openapi import answers
from app.kernel.operations import Reading, Writing, reads, writes
from app.kernel.pagination import PageWanted
from app.kernel.problems import Forbidden, InvalidRequest, NotFound, Problem
from app.kernel.rendering import Rendered
from app.kernel.routing import router
from app.marketplace.commands import EventOver

routes = router("Allocation")
Look = Annotated[Reading, reads("allocations:run")]
Run = Annotated[Writing, writes("allocations:run")]
_GONE = (NotFound, Forbidden)
_STARTED = answers(AllocationOut, *_GONE, InvalidRequest, EventNotPublished, EventOver, NothingToAllocate, status=201)
_STARTED["responses"][202] = {"description": "It is large, and is worked out now.", "model": AllocationOut}
_PICTURE = answers(None, *_GONE, AllocationNotReady) | {
    "status_code": 200,
    "response_class": Response,
}
_PICTURE["responses"] = {**_PICTURE["responses"], 200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}}}


@routes.post("/v1/events/{event_id}/allocations", **_STARTED)
async def start_allocation(
    read: Look,
    write: Run,
    event_id: UUID,
    body: AllocationIn | None = None,
    prefer: Annotated[
        str | None, Header(max_length=200, description="`respond-async` (RFC 7240): 202 whatever its size.")
    ] = None,
) -> Response:
    """Work out everybody's itinerary, as a preview: nothing is booked before it is applied.

    A large one is answered with 202 and `status: running`: look at it again until it is `ready`.
    """
    body = body or AllocationIn()
    ask = await asked(read, event_id, body.wanted())
    later = "respond-async" in (prefer or "").lower()
    if not isinstance(ask, Problem) and (later or ask.size >= LARGE):
        return await write(
            commands.begin,
            to=AllocationOut,
            status=202,
            location="/v1/allocations/{id}",
            event_id=event_id,
            body=body,
        )
    # A refusal goes the same way as an answer, so that it is kept under the request's key.
    worked = ask if isinstance(ask, Problem) else await worked_out(ask)
    return await write(
        commands.keep,
        to=AllocationOut,
        status=201,
        location="/v1/allocations/{id}",
        event_id=event_id,
        body=body,
        worked=worked,
    )


@routes.get("/v1/events/{event_id}/allocations", **answers(AllocationOut, *_GONE, many=True))
async def list_allocations(read: Look, event_id: UUID, page: PageWanted) -> Response:
    """The event's allocations, the newest first: the last 20, and all that were applied."""
    return await read.page(queries.allocations, to=AllocationOut, event_id=event_id, page=page)


@routes.get("/v1/allocations/{allocation_id}", **answers(AllocationOut, *_GONE))
async def get_allocation(read: Look, allocation_id: UUID) -> Response:
    """One allocation: how far it is, or what came out."""
    return await read(queries.allocation, to=AllocationOut, allocation_id=allocation_id)


@routes.post(
    "/v1/allocations/{allocation_id}/apply",
    **answers(AllocationOut, *_GONE, AllocationStale, AllocationNotReady, EventOver),
)
async def apply_allocation(write: Run, allocation_id: UUID) -> Response:
    """Make all its bookings in one step, or none. Applied again, nothing changes."""
    return await write(commands.apply, to=AllocationOut, allocation_id=allocation_id)


@routes.post("/v1/allocations/{allocation_id}/cancel", **answers(AllocationOut, *_GONE, AllocationNotRunning))
async def cancel_allocation(write: Run, allocation_id: UUID) -> Response:
    """Stop working it out."""
    return await write(commands.cancel, to=AllocationOut, allocation_id=allocation_id)


@routes.get(
    "/v1/allocations/{allocation_id}/itineraries",
    **answers(PlannedItineraryOut, *_GONE, AllocationNotReady, many=True),
)
async def list_planned_itineraries(read: Look, allocation_id: UUID, page: PageWanted) -> Response:
    """The seats that it gives everybody, by registration."""
    return await read.page(queries.itineraries, to=PlannedItineraryOut, allocation_id=allocation_id, page=page)


@routes.get("/v1/allocations/{allocation_id}/changes", **answers(ChangesOut, *_GONE, AllocationNotReady))
async def list_changes(read: Look, allocation_id: UUID, page: PageWanted) -> Response:
    """What applying it would change in the bookings as they are now: who moves, gains or loses a seat."""
    return await read(queries.changes, to=ChangesOut, allocation_id=allocation_id, page=page)


@routes.get(
    "/v1/allocations/{allocation_id}/comparison",
    **answers(ComparisonOut, *_GONE, InvalidRequest, AllocationNotReady),
)
async def compare_allocations(
    read: Look,
    allocation_id: UUID,
    page: PageWanted,
    other: Annotated[
        UUID | None, Query(alias="with", description="Another allocation of this event; without it, the one before.")
    ] = None,
) -> Response:
    """Two allocations side by side: which is better, who is better off, whose seats differ."""
    return await read(queries.comparison, to=ComparisonOut, allocation_id=allocation_id, other_id=other, page=page)


@routes.get(
    "/v1/allocations/{allocation_id}/explanations/{registration_id}",
    **answers(ExplanationOut, *_GONE, AllocationNotReady),
)
async def explain_allocation(read: Look, allocation_id: UUID, registration_id: UUID) -> Response:
    """Why one attendee has what they have: each wish, and what stood in its way, round by round."""
    return await read(
        queries.explanation_of, to=ExplanationOut, allocation_id=allocation_id, registration_id=registration_id
    )


@routes.get("/v1/allocations/{allocation_id}/satisfaction.svg", **_PICTURE)
async def draw_satisfaction(
    read: Look,
    allocation_id: UUID,
    beside: Annotated[Beside | None, Query(description="Another way to give out the seats, drawn beside it.")] = None,
) -> Response:
    """A picture of how alike everybody is served: a curve like Lorenz's, readable in print."""
    return await read.rendered(
        queries.drawn,
        lambda found: _svg(pictures.satisfaction_curve(found.figures, beside=found.beside)),
        allocation_id=allocation_id,
        beside=beside,
    )


@routes.get("/v1/allocations/{allocation_id}/heat-map.svg", **_PICTURE)
async def draw_heat_map(read: Look, allocation_id: UUID) -> Response:
    """A picture of the marketplace: how full each table is in each round."""
    return await read.rendered(
        queries.drawn,
        lambda found: _svg(
            pictures.heat_map(found.figures, tables=found.label, rounds=lambda number: f"Round {number}")
        ),
        allocation_id=allocation_id,
    )


def _svg(picture: str) -> Rendered:
    body = picture.encode()
    return Rendered(200, body, (("ETag", etag_of(body)),), "image/svg+xml")
