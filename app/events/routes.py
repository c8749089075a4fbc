"""Events over HTTP, as far as they stand by themselves."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.events import commands, queries
from app.events.rules import EventKind, EventStatus, Transition
from app.events.schemas import EventOut
from app.kernel.openapi import answers
from app.kernel.operations import Reading, Writing, reads, writes
from app.kernel.pagination import PageWanted
from app.kernel.problems import NotFound
from app.kernel.routing import router
from app.people.routes import HubRef

routes = router("Events")
WriteEvents = Annotated[Writing, writes("events:write")]
Offer = Annotated[Writing, writes("events:write", own=True)]
"""For those who run the hub, and for presenters as to what they offer themselves."""


@routes.get("/v1/hubs/{hub_id}/events", **answers(EventOut, NotFound, many=True))
async def list_events(
    read: Annotated[Reading, reads("events:read", public=True)],
    hub_id: HubRef,
    page: PageWanted,
    status: EventStatus | None = None,
    kind: EventKind | None = None,
) -> Response:
    """The hub's events, by when they begin. Without credentials: those that are published."""
    return await read.page(queries.events, to=EventOut, hub_id=hub_id, page=page, status=status, kind=kind)


@routes.get("/v1/events/{event_id}", **answers(EventOut, NotFound))
async def get_event(read: Annotated[Reading, reads("events:read", public=True)], event_id: UUID) -> Response:
    """One event, with how full it is."""
    return await read(queries.event, to=EventOut, event_id=event_id)


async def _move(write: Writing, event_id: UUID, transition: Transition) -> Response:
    return await write(commands.change_status, to=EventOut, event_id=event_id, transition=transition)


_MOVES = answers(EventOut, NotFound, commands.IllegalTransition)


@routes.post("/v1/events/{event_id}/publish", **_MOVES)
async def publish_event(write: WriteEvents, event_id: UUID) -> Response:
    """Publish a draft: anyone may see it, and registration opens."""
    return await _move(write, event_id, Transition.PUBLISH)


@routes.post("/v1/events/{event_id}/close", **_MOVES)
async def close_event(write: WriteEvents, event_id: UUID) -> Response:
    """Close registration. Seats may still be taken and left."""
    return await _move(write, event_id, Transition.CLOSE)


@routes.post("/v1/events/{event_id}/reopen", **_MOVES)
async def reopen_event(write: WriteEvents, event_id: UUID) -> Response:
    """Open registration again."""
    return await _move(write, event_id, Transition.REOPEN)


@routes.post("/v1/events/{event_id}/complete", **_MOVES)
async def complete_event(write: WriteEvents, event_id: UUID) -> Response:
    """Say that the evening has taken place. Nothing about it changes any more."""
    return await _move(write, event_id, Transition.COMPLETE)


@routes.post("/v1/events/{event_id}/cancel", **_MOVES)
async def cancel_event(write: WriteEvents, event_id: UUID) -> Response:
    """Call the evening off. It stays visible as cancelled."""
    return await _move(write, event_id, Transition.CANCEL)


@routes.post("/v1/events/{event_id}/archive", **_MOVES)
async def archive_event(write: WriteEvents, event_id: UUID) -> Response:
    """Put a completed or cancelled event away; the public no longer sees it."""
    return await _move(write, event_id, Transition.ARCHIVE)
