"""The door, the attendance list and reflections over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from app.attendance import commands, queries, reflecting
from app.attendance.schemas import (
    AttendanceItemOut,
    AttendanceOut,
    CheckInBatchIn,
    CheckInBatchOut,
    CheckInIn,
    CheckInOut,
    ReflectionIn,
    ReflectionOut,
)
from app.bookings.seating import RegistrationNotConfirmed
from app.kernel.csv_answers import CsvWanted, also_csv, answers_csv, columns_of, varying
from app.kernel.openapi import answers
from app.kernel.operations import Writing, showing, writes
from app.kernel.pagination import PageWanted, link_to_next
from app.kernel.problems import InvalidRequest, NotFound
from app.kernel.rendering import Rendered, render_item
from app.kernel.routing import router
from app.registrations.registering import AlreadyRegistered, EventFull
from app.registrations.routes import ReadRegistrations, WriteRegistrations
from app.registrations.schemas import RegistrationIn, RegistrationOut, RegistrationRole

routes = router("Attendance")
AtTheDoor = Annotated[Writing, writes("attendance:write")]


@routes.post(
    "/v1/events/{event_id}/check-ins",
    **answers(CheckInOut, NotFound, InvalidRequest, commands.CheckInNotOpen, RegistrationNotConfirmed),
)
async def check_in(write: AtTheDoor, event_id: UUID, body: CheckInIn) -> Response:
    """Check somebody in, by their registration or by the code that they show. Doing it twice is doing it once: of
    several times the earliest counts."""
    return await write(commands.check_in, to=CheckInOut, event_id=event_id, body=body)


@routes.post(
    "/v1/events/{event_id}/check-ins/batch",
    **answers(CheckInBatchOut, NotFound, InvalidRequest, commands.CheckInNotOpen),
)
async def check_in_batch(write: AtTheDoor, request: Request, event_id: UUID, body: CheckInBatchIn) -> Response:
    """Check in up to 200 people whom a device collected while it had no network, with its own times; the answer has, in
    order, what each would have got alone. Sending the same batch again changes nothing."""
    return await write(
        commands.check_in_batch,
        to=CheckInBatchOut,
        event_id=event_id,
        body=body,
        instance=f"/v1/events/{event_id}/check-ins",
        request_id=request.state.request_id,
    )


@routes.get("/v1/registrations/{registration_id}/check-in", **answers(CheckInOut, NotFound))
async def get_check_in(read: ReadRegistrations, registration_id: UUID) -> Response:
    """When somebody came; 404 until they have been checked in."""
    return await read(queries.check_in, to=CheckInOut, registration_id=registration_id)


@routes.delete(
    "/v1/registrations/{registration_id}/check-in",
    **answers(None, NotFound, commands.CheckInNotOpen, conditional=True),
)
async def undo_check_in(write: AtTheDoor, registration_id: UUID) -> Response:
    """Take a check-in back, as long as check-ins are taken."""
    unchanged = showing(CheckInOut, queries.check_in, registration_id=registration_id)
    return await write(commands.undo_check_in, unchanged=unchanged, registration_id=registration_id)


@routes.post(
    "/v1/events/{event_id}/walk-ins",
    **answers(
        RegistrationOut,
        NotFound,
        InvalidRequest,
        commands.CheckInNotOpen,
        AlreadyRegistered,
        EventFull,
        status=201,
    ),
)
async def walk_in(write: AtTheDoor, event_id: UUID, body: RegistrationIn) -> Response:
    """Register somebody who stands at the door, and check them in, in one step: if a place is free, even when
    registration is closed; nobody is put on the waitlist here."""
    return await write(
        commands.walk_in,
        to=RegistrationOut,
        status=201,
        location="/v1/registrations/{id}",
        event_id=event_id,
        body=body,
    )


@routes.get("/v1/events/{event_id}/attendance", **also_csv(answers(AttendanceOut, NotFound)))
async def get_attendance(
    read: ReadRegistrations,
    event_id: UUID,
    page: PageWanted,
    csv: CsvWanted,
    checked_in: Annotated[
        bool | None, Query(description="Only those who have come, or only those who have not.")
    ] = None,
    role: RegistrationRole | None = None,
    school_id: UUID | None = None,
    q: Annotated[str | None, Query(max_length=100, description="Part of a name or an address; accents aside.")] = None,
) -> Response:
    """Who is expected and who has come: figures, and a page of names in the order in which they registered. Both are of
    those whom you reach."""

    def render(found: queries.Attendance) -> Rendered:
        shown = render_item(AttendanceOut)(found)
        return shown.with_headers(*link_to_next(read.request, found.next_cursor))

    asked: dict[str, Any] = {
        "event_id": event_id,
        "checked_in": checked_in,
        "role": role,
        "school_id": school_id,
        "q": q,
    }
    if csv.wanted:
        columns = columns_of(AttendanceItemOut)
        answer = await csv.sheet(
            read, queries.attendance, to=AttendanceItemOut, page=page, name="attendance", columns=columns, **asked
        )
    else:
        answer = await read.rendered(queries.attendance, render, page=page, **asked)
    return varying(answer, read)


_WRITTEN = answers(ReflectionOut, NotFound, InvalidRequest, reflecting.ReflectionNotOpen, status=201)
_WRITTEN["responses"] = {**_WRITTEN["responses"], 200: {"model": ReflectionOut, "description": "Changed."}}


@routes.post("/v1/events/{event_id}/reflections", **_WRITTEN)
async def reflect(write: WriteRegistrations, event_id: UUID, body: ReflectionIn) -> Response:
    """Say what went well, and what would make it even better, of a presentation or of the evening: 201. Said again, it
    takes the place of what was said before: 200."""
    return await write.rendered(reflecting.reflect, reflecting.render_written, event_id=event_id, body=body)


@routes.get("/v1/events/{event_id}/reflections", **answers_csv(ReflectionOut, NotFound))
async def list_reflections(
    read: ReadRegistrations, event_id: UUID, page: PageWanted, csv: CsvWanted, presentation_id: UUID | None = None
) -> Response:
    """What people made of it: all of it for those who run the hub; your own, and what was said of presentations that
    you give, without names."""
    asked: dict[str, Any] = {"event_id": event_id, "presentation_id": presentation_id}
    return await csv.page(read, reflecting.reflections, to=ReflectionOut, page=page, name="reflections", **asked)
