"""Registrations, the waitlist and wishes over HTTP, and what else gives or takes places."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Query, Request, Response

from app.events import queries as events
from app.events.commands import CapacityBelowTaken, IllegalTransition
from app.events.routes import Offer, WriteEvents
from app.events.schemas import EventChange, EventOut
from app.kernel.csv_answers import CsvWanted, answers_csv
from app.kernel.openapi import answers
from app.kernel.operations import Reading, Writing, reads, showing, writes
from app.kernel.pagination import PageWanted
from app.kernel.problems import Forbidden, InvalidRequest, NotFound
from app.kernel.routing import router
from app.marketplace import queries as marketplace
from app.marketplace.commands import EventOver, TablesFull, TableTaken
from app.marketplace.schemas import AcceptIn, PresentationChange, PresentationOut
from app.registrations import catering, commands, presenting, queries, registering, resizing
from app.registrations.schemas import (
    BatchIn,
    BatchOut,
    CateringOut,
    PreferencesIn,
    PreferencesOut,
    RegistrationChange,
    RegistrationIn,
    RegistrationOut,
    RegistrationRole,
    RegistrationStatus,
)

routes = router("Registrations")
ReadRegistrations = Annotated[Reading, reads("registrations:read", own=True)]
WriteRegistrations = Annotated[Writing, writes("registrations:write", own=True)]


@routes.patch(
    "/v1/events/{event_id}",
    tags=["Events"],
    **answers(EventOut, NotFound, InvalidRequest, CapacityBelowTaken, EventOver, conditional=True),
)
async def change_event(write: WriteEvents, event_id: UUID, body: EventChange) -> Response:
    """Change an event. A higher capacity promotes the waitlist; nothing goes below what is taken."""
    unchanged = showing(EventOut, events.event, event_id=event_id)
    return await write(resizing.change_event, to=EventOut, unchanged=unchanged, event_id=event_id, body=body)


@routes.patch(
    "/v1/presentations/{presentation_id}",
    tags=["Presentations and tables"],
    **answers(PresentationOut, NotFound, Forbidden, InvalidRequest, EventOver, conditional=True),
)
async def change_presentation(write: Offer, presentation_id: UUID, body: PresentationChange) -> Response:
    """Change a presentation."""
    return await write(
        presenting.change_presentation,
        to=PresentationOut,
        unchanged=showing(PresentationOut, marketplace.presentation, presentation_id=presentation_id),
        presentation_id=presentation_id,
        body=body,
    )


@routes.post(
    "/v1/presentations/{presentation_id}/accept",
    tags=["Presentations and tables"],
    **answers(PresentationOut, NotFound, InvalidRequest, IllegalTransition, TablesFull, TableTaken, EventOver),
)
async def accept_presentation(
    write: WriteEvents, presentation_id: UUID, body: Annotated[AcceptIn | None, Body()] = None
) -> Response:
    """Accept a presentation: it gets a table, and each presenter a registration outside the attendees' capacity."""
    return await write(presenting.accept, to=PresentationOut, presentation_id=presentation_id, body=body or AcceptIn())


_ENDED = answers(PresentationOut, NotFound, IllegalTransition, EventOver)


@routes.post("/v1/presentations/{presentation_id}/decline", tags=["Presentations and tables"], **_ENDED)
async def decline_presentation(write: WriteEvents, presentation_id: UUID) -> Response:
    """Decline a presentation. If it had a table, the table and the seats there are free again."""
    return await write(presenting.decline, to=PresentationOut, presentation_id=presentation_id)


@routes.post("/v1/presentations/{presentation_id}/withdraw", tags=["Presentations and tables"], **_ENDED)
async def withdraw_presentation(write: Offer, presentation_id: UUID) -> Response:
    """Withdraw a presentation for its presenter."""
    return await write(presenting.withdraw, to=PresentationOut, presentation_id=presentation_id)


@routes.post(
    "/v1/events/{event_id}/registrations",
    **answers(
        RegistrationOut,
        NotFound,
        InvalidRequest,
        registering.EventFull,
        registering.AlreadyRegistered,
        registering.RegistrationNotOpen,
        status=201,
    ),
)
async def register(write: WriteRegistrations, event_id: UUID, body: RegistrationIn) -> Response:
    """Register a teacher: confirmed while there are places, waitlisted after that. Those who are signed in register
    themselves."""
    return await write(
        registering.register,
        to=RegistrationOut,
        status=201,
        location="/v1/registrations/{id}",
        event_id=event_id,
        body=body,
    )


@routes.post("/v1/events/{event_id}/registrations/batch", **answers(BatchOut, NotFound, InvalidRequest))
async def register_batch(write: WriteRegistrations, request: Request, event_id: UUID, body: BatchIn) -> Response:
    """Register up to 200 teachers; the answer has, in order, what each would have got alone."""
    return await write(
        commands.register_batch,
        to=BatchOut,
        event_id=event_id,
        body=body,
        instance=f"/v1/events/{event_id}/registrations",
        request_id=request.state.request_id,
    )


@routes.get("/v1/events/{event_id}/registrations", **answers_csv(RegistrationOut, NotFound))
async def list_registrations(
    read: ReadRegistrations,
    event_id: UUID,
    page: PageWanted,
    csv: CsvWanted,
    status: RegistrationStatus | None = None,
    role: RegistrationRole | None = None,
    school_id: UUID | None = None,
    q: Annotated[str | None, Query(max_length=100, description="Part of a name or an address; accents aside.")] = None,
) -> Response:
    """The event's registrations that you reach, in the order in which they came in."""
    filters: dict[str, Any] = {"status": status, "role": role, "school_id": school_id, "q": q}
    return await csv.page(
        read,
        queries.registrations,
        to=RegistrationOut,
        page=page,
        name="registrations",
        event_id=event_id,
        **filters,
    )


@routes.get("/v1/events/{event_id}/catering", **answers(CateringOut, NotFound, Forbidden))
async def get_catering(read: Annotated[Reading, reads("events:read")], event_id: UUID) -> Response:
    """How many of those who come need which diet and which access: counts, no names."""
    return await read(catering.catering, to=CateringOut, event_id=event_id)


@routes.get("/v1/registrations/{registration_id}", **answers(RegistrationOut, NotFound))
async def get_registration(read: ReadRegistrations, registration_id: UUID) -> Response:
    """One registration."""
    return await read(queries.registration, to=RegistrationOut, registration_id=registration_id)


@routes.patch(
    "/v1/registrations/{registration_id}",
    **answers(RegistrationOut, NotFound, commands.RegistrationCancelled, EventOver, conditional=True),
)
async def change_registration(write: WriteRegistrations, registration_id: UUID, body: RegistrationChange) -> Response:
    """Change what somebody needs on the evening."""
    unchanged = showing(RegistrationOut, queries.registration, registration_id=registration_id)
    return await write(
        commands.change, to=RegistrationOut, unchanged=unchanged, registration_id=registration_id, body=body
    )


@routes.post(
    "/v1/registrations/{registration_id}/cancel",
    **answers(RegistrationOut, NotFound, commands.CheckedIn, commands.StillPresenting, EventOver),
)
async def cancel_registration(write: WriteRegistrations, registration_id: UUID) -> Response:
    """Cancel a registration. Its place goes at once to whoever waits longest, and its seats are free."""
    return await write(commands.cancel, to=RegistrationOut, registration_id=registration_id)


@routes.get("/v1/registrations/{registration_id}/preferences", **answers(PreferencesOut, NotFound))
async def get_preferences(read: ReadRegistrations, registration_id: UUID) -> Response:
    """A registration's ranked wishes."""
    return await read(queries.preferences, to=PreferencesOut, registration_id=registration_id)


@routes.put(
    "/v1/registrations/{registration_id}/preferences",
    **answers(PreferencesOut, NotFound, InvalidRequest, commands.RegistrationCancelled, EventOver, conditional=True),
)
async def set_preferences(write: WriteRegistrations, registration_id: UUID, body: PreferencesIn) -> Response:
    """Replace a registration's ranked wishes, best first."""
    unchanged = showing(PreferencesOut, queries.preferences, registration_id=registration_id)
    return await write(
        commands.set_preferences, to=PreferencesOut, unchanged=unchanged, registration_id=registration_id, body=body
    )
