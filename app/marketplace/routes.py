"""Setting up events, presentations and tables over HTTP, and the public pages."""

import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Path, Response

from app.events.commands import IllegalTransition
from app.events.queries import event
from app.events.routes import Offer, WriteEvents
from app.events.schemas import EventCopyIn, EventIn, EventOut
from app.kernel.csv_answers import CsvWanted, answers_csv
from app.kernel.event_stream import EventStream
from app.kernel.openapi import answers, described
from app.kernel.operations import Reading, reads, showing
from app.kernel.pagination import PageWanted
from app.kernel.problems import Forbidden, InvalidRequest, NotFound, Unavailable
from app.kernel.routing import router
from app.marketplace import commands, evenings, queries
from app.marketplace.pages import answer, marketplace, programme
from app.marketplace.rules import PresentationStatus
from app.marketplace.schemas import MarketplaceOut, PresentationIn, PresentationOut, ProgrammeOut, TableOut
from app.marketplace.stream import Streams
from app.people.routes import HubRef

routes = router("Presentations and tables")
ReadPublic = Annotated[Reading, reads("events:read", public=True)]
STREAM: dict[str, Any] = {
    "description": "Messages, for as long as one listens.",
    "content": {
        "text/event-stream": {
            "schema": {
                "type": "object",
                "description": "One message.",
                "properties": {
                    "id": {"type": "string", "description": "Send the last one as `Last-Event-ID` to go on from it."},
                    "event": {"type": "string", "enum": ["marketplace", "changes"]},
                    "data": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "description": "`marketplace`: as `GET` of the marketplace; `changes`: the slots that changed.",
                    },
                },
                "required": ["id", "event", "data"],
            },
            "example": {"id": "41", "event": "changes", "data": '{"event_id":"…","places_left":8,"slots":[…]}'},
        }
    },
}
Number = Annotated[int, Path(ge=1, le=1_000, description="The table's number.")]


@routes.post("/v1/hubs/{hub_id}/events", tags=["Events"], **answers(EventOut, NotFound, InvalidRequest, status=201))
async def create_event(write: WriteEvents, hub_id: HubRef, body: EventIn) -> Response:
    """Set up an evening, as a draft: its places, tables and seats are made with it."""
    return await write(
        evenings.create_event, to=EventOut, status=201, location="/v1/events/{id}", hub_id=hub_id, body=body
    )


@routes.post("/v1/events/{event_id}/copy", tags=["Events"], **answers(EventOut, NotFound, InvalidRequest, status=201))
async def copy_event(write: WriteEvents, event_id: UUID, body: EventCopyIn) -> Response:
    """Make next year's draft from this year's event, everything moved by the same local time."""
    return await write(
        evenings.copy_event, to=EventOut, status=201, location="/v1/events/{id}", event_id=event_id, body=body
    )


@routes.delete("/v1/events/{event_id}", tags=["Events"], **answers(None, NotFound, IllegalTransition, conditional=True))
async def delete_event(write: WriteEvents, event_id: UUID) -> Response:
    """Delete a draft for which nobody has offered a presentation."""
    return await write(evenings.delete_event, unchanged=showing(EventOut, event, event_id=event_id), event_id=event_id)


@routes.get("/v1/events/{event_id}/programme", **answers(ProgrammeOut, NotFound))
async def get_programme(read: ReadPublic, event_id: UUID) -> Response:
    """All that a public page needs, in one call: the event and who presents what at which table."""
    return await answer(programme, read, event_id)


@routes.get("/v1/events/{event_id}/marketplace", **answers(MarketplaceOut, NotFound))
async def get_marketplace(read: ReadPublic, event_id: UUID) -> Response:
    """Rounds × tables, with seats and seats taken. Cheap to poll; send the ETag back in `If-None-Match`."""
    return await answer(marketplace, read, event_id)


@routes.get(
    "/v1/events/{event_id}/marketplace/stream",
    status_code=200,
    responses={**described([NotFound, Unavailable]), 200: STREAM},
    response_class=EventStream,
)
async def follow_marketplace(
    read: ReadPublic,
    event_id: UUID,
    last_event_id: Annotated[
        str | None, Header(max_length=40, description="The id of the last message that was received.", examples=["41"])
    ] = None,
) -> Response:
    """The marketplace, live, as server-sent events: `marketplace` with the whole of it first, then `changes`.

    A message of `changes` has the slots whose figures are others now, as they are now. A client that comes back with
    `Last-Event-ID`, as browsers do by themselves, is told what it has missed. A comment every 15 seconds shows that the
    line is alive.
    """
    last = int(last_event_id) if last_event_id and re.fullmatch(r"[0-9]{1,18}", last_event_id) else None
    streams: Streams = read.state.streams
    return await streams.open(read, event_id, last)


@routes.post(
    "/v1/events/{event_id}/presentations",
    **answers(PresentationOut, NotFound, InvalidRequest, commands.EventOver, Forbidden, status=201),
)
async def propose_presentation(write: Offer, event_id: UUID, body: PresentationIn) -> Response:
    """Offer a presentation. Those who are signed in offer their own."""
    return await write(
        commands.propose,
        to=PresentationOut,
        status=201,
        location="/v1/presentations/{id}",
        event_id=event_id,
        body=body,
    )


@routes.get("/v1/events/{event_id}/presentations", **answers_csv(PresentationOut, NotFound))
async def list_presentations(
    read: ReadPublic, event_id: UUID, page: PageWanted, csv: CsvWanted, status: PresentationStatus | None = None
) -> Response:
    """The event's presentations. Offers that are not accepted are for those who run the hub."""
    asked: dict[str, Any] = {"event_id": event_id, "status": status}
    return await csv.page(read, queries.presentations, to=PresentationOut, page=page, name="presentations", **asked)


@routes.get("/v1/presentations/{presentation_id}", **answers(PresentationOut, NotFound))
async def get_presentation(read: ReadPublic, presentation_id: UUID) -> Response:
    """One presentation."""
    return await read(queries.presentation, to=PresentationOut, presentation_id=presentation_id)


@routes.get("/v1/events/{event_id}/tables", **answers(TableOut, NotFound, many=True))
async def list_tables(read: ReadPublic, event_id: UUID, page: PageWanted) -> Response:
    """The event's tables by number, with what is at each and how full it is in each round."""
    return await read.page(queries.tables, to=TableOut, event_id=event_id, page=page)


@routes.get("/v1/events/{event_id}/tables/{number}", **answers(TableOut, NotFound))
async def get_table(read: ReadPublic, event_id: UUID, number: Number) -> Response:
    """One table."""
    return await read(queries.table, to=TableOut, event_id=event_id, number=number)
