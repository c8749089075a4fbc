"""Imports of sheets over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Response, UploadFile

from app.kernel.openapi import answers
from app.kernel.operations import Reading, Writing, reads, writes
from app.kernel.problems import Fault, Forbidden, InvalidRequest, NotFound
from app.kernel.routing import router
from app.people.routes import HubRef
from app.registrations.registering import RegistrationNotOpen
from app.sheets import commands, queries
from app.sheets.columns import Format
from app.sheets.commands import Mode, SyncNotPlanned, SyncStale
from app.sheets.reading import SheetRefused
from app.sheets.schemas import SyncOut

routes = router("Imports")
_FIELDS = frozenset({"file", "format", "event_id", "mode"})


@routes.post(
    "/v1/hubs/{hub_id}/imports",
    **answers(SyncOut, NotFound, Forbidden, InvalidRequest, SheetRefused, status=202),
)
async def start_import(
    write: Annotated[Writing, writes("mis:sync")],
    hub_id: HubRef,
    file: Annotated[UploadFile, File(description="The sheet, as CSV.")],
    format: Annotated[Format, Form(description="Which sheet it is.")],  # noqa: A002  # the field's name in the contract
    mode: Annotated[Mode, Form(description="`preview` only plans; `apply` carries the plan out at once.")],
    event_id: Annotated[UUID | None, Form(description="The event of presenters and sign-ups.")] = None,
) -> Response:
    """Import a hub's spreadsheet: its schools, an event's presenters, or its sign-ups.

    Nothing is guessed silently: `report` says how things were read, and which rows need a person. Importing the same
    file again changes nothing.
    """
    _refuse_unknown_fields(await write.request.form())
    return await write(
        commands.start_sync,
        to=SyncOut,
        status=202,
        location="/v1/syncs/{id}",
        hub_id=hub_id,
        event_id=event_id,
        format_=format,
        mode=mode,
        content=await file.read(),
    )


@routes.get("/v1/syncs/{sync_id}", **answers(SyncOut, NotFound, Forbidden))
async def get_sync(read: Annotated[Reading, reads("mis:sync")], sync_id: UUID) -> Response:
    """One import: what it would do or has done, and all that it has to tell."""
    return await read(queries.sync, to=SyncOut, sync_id=sync_id)


@routes.post(
    "/v1/syncs/{sync_id}/apply",
    **answers(SyncOut, NotFound, Forbidden, SyncStale, SyncNotPlanned, RegistrationNotOpen),
)
async def apply_sync(write: Annotated[Writing, writes("mis:sync")], sync_id: UUID) -> Response:
    """Carry out a planned import: all of it, or nothing."""
    return await write(commands.apply_sync, to=SyncOut, sync_id=sync_id)


def _refuse_unknown_fields(names: object) -> None:
    given = list(names) if hasattr(names, "__iter__") else []
    faults = [
        Fault("there is no such field here", pointer=f"/{name.encode('utf-8', 'replace').decode()[:100]}")
        for name in given
        if name not in _FIELDS
    ]
    if faults:
        raise InvalidRequest("The form has fields that cannot be used.", errors=faults[:50])
