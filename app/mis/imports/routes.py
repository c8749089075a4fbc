"""Imports over HTTP: sheets of an evening, staff lists, the register of schools; and what waits to be applied."""

import asyncio
import hashlib
import json
import re
from typing import Annotated, Any, BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import File, Form, Response, UploadFile

from app.kernel.openapi import answers
from app.kernel.operations import Reading, Writing, reads, writes
from app.kernel.problems import Forbidden, InvalidRequest, NotFound
from app.kernel.routing import router, streamed
from app.mis.imports import commands, queries
from app.mis.imports.files import FileUnusable, read_register, read_staff, suggested_columns
from app.mis.imports.form import check_names, wanted_of
from app.mis.imports.formats import ImportFormat, Wanted
from app.mis.imports.known import look_up
from app.mis.imports.schemas import SuggestedColumnsOut
from app.mis.syncing.commands import SyncHeld, receive, receive_register
from app.mis.syncing.running import SyncRunning
from app.mis.syncing.schemas import ApplyIn, SyncOut
from app.people.routes import HubRef
from app.registrations.registering import RegistrationNotOpen
from app.sheets import commands as sheets
from app.sheets.commands import Mode, SyncNotPlanned, SyncStale
from app.sheets.reading import LARGEST_FILE, SheetRefused

routes = router("Imports")
UPLOADS = re.compile(r"/v1/hubs/[^/]+/imports(/columns)?")
"""Where large files may come in."""
ZONE = ZoneInfo("Europe/London")
"""Where the schools are: a role that begins today begins by their day."""
WriteSync = Annotated[Writing, writes("mis:sync")]
ReadSync = Annotated[Reading, reads("mis:sync")]


@routes.post(
    "/v1/hubs/{hub_id}/imports",
    **answers(SyncOut, NotFound, Forbidden, InvalidRequest, SheetRefused, FileUnusable, SyncRunning, status=202),
)
@streamed
async def start_import(
    write: WriteSync,
    hub_id: HubRef,
    file: Annotated[UploadFile, File(description="The file: a CSV, or for OneRoster its ZIP.")],
    format: Annotated[ImportFormat, Form(description="What the file is.")],  # noqa: A002  # the field's name in the contract
    mode: Annotated[Mode, Form(description="`preview` only plans; `apply` carries the plan out at once.")],
    event_id: Annotated[UUID | None, Form(description="The event of presenters and sign-ups.")] = None,
    school_id: Annotated[
        UUID | None, Form(description="With `staff-csv`: the school that all of the list is of.")
    ] = None,
    complete: Annotated[
        bool,
        Form(description="With `staff-csv`: the list has all staff of its schools, so whoever is missing has left."),
    ] = False,
    columns: Annotated[
        str | None,
        Form(
            max_length=10_000,
            description='With `staff-csv`: our fields and the list\'s headings, as JSON: `{"staff_id": "Staff Code"}`.'
            " Remembered for the next list of this source.",
        ),
    ] = None,
    strict: Annotated[bool, Form(description="With `oneroster-csv`: by the letter of the binding.")] = False,
    source: Annotated[
        str | None,
        Form(
            max_length=200,
            description="A name for where the file is from; ids count within it. Needed only with"
            " several systems of one kind.",
        ),
    ] = None,
    staff_roles: Annotated[
        str | None,
        Form(
            max_length=2_000,
            description="With `oneroster-csv`: roles of the supplier's own that are staff, as"
            " `ext:cover-supervisor`, with commas between them.",
        ),
    ] = None,
    leave_out_service_accounts: Annotated[
        bool,
        Form(description="Leaves out accounts without a forename, with `ACCOUNT` in the surname or a NULL address."),
    ] = False,
    add: Annotated[
        str | None,
        Form(max_length=10_000, description="With `gias-csv`: URNs or LAESTABs of schools that join the hub."),
    ] = None,
    links: Annotated[UploadFile | None, File(description="With `gias-csv`: the register's file of links.")] = None,
) -> Response:
    """Import a file: an evening's spreadsheet, a staff list, or the national register of schools.

    Nothing is guessed silently: `report` says how things were read, and which rows need a person. Importing the same
    file again changes nothing. A large staff list is worked out after the answer: ask for the sync until it has ended.
    A list that would make unusually many people leavers is held until somebody confirms it.
    """
    form = await write.request.form()
    check_names([name for name, _ in form.multi_items()], format)
    wanted = wanted_of(
        format,
        school_id=school_id,
        complete=complete,
        columns=columns,
        strict=strict,
        source=source,
        staff_roles=staff_roles,
        leave_out_service_accounts=leave_out_service_accounts,
        add=add,
    )
    write.body = await _fingerprint(form.multi_items())
    if format.sheet is not None:
        return await write(
            sheets.start_sync,
            to=SyncOut,
            status=202,
            location="/v1/syncs/{id}",
            hub_id=hub_id,
            event_id=event_id,
            format_=format.sheet,
            mode=mode,
            content=await file.read(LARGEST_FILE + 1),
        )
    return await _import(write, hub_id, wanted, mode, file.file, links.file if links else None)


async def _import(
    write: Writing, hub_id: str, wanted: Wanted, mode: Mode, file: BinaryIO, links: BinaryIO | None
) -> Response:
    known = await write.state.reader.run(
        lambda session: look_up(session, caller=write.caller(session), hub_id=hub_id, wanted=wanted)
    )
    given: dict[str, Any] = {"to": SyncOut, "status": 202, "location": "/v1/syncs/{id}", "hub_id": hub_id}
    given |= {"mode": mode, "name": known.name}
    if wanted.format is ImportFormat.GIAS_CSV:
        register = await asyncio.to_thread(read_register, file, links=links, known=known, wanted=wanted)
        return await write(receive_register, register=register, add=wanted.add, **given)
    today = write.state.clock().astimezone(ZONE).date()
    staff = await asyncio.to_thread(read_staff, file, wanted=wanted, known=known, today=today)
    return await write(receive, staff=staff, kind=str(wanted.format), columns=wanted.columns, **given)


@routes.post(
    "/v1/hubs/{hub_id}/imports/columns",
    **answers(SuggestedColumnsOut, NotFound, Forbidden, InvalidRequest, FileUnusable),
)
@streamed
async def suggest_columns(
    read: Annotated[Reading, reads("mis:sync")],
    hub_id: HubRef,
    file: Annotated[UploadFile, File(description="A staff list, or its first lines.")],
) -> Response:
    """Look at a staff list's headings: what each would be taken for. Nothing is kept of the file."""
    suggested = await asyncio.to_thread(suggested_columns, file.file)
    return await read(queries.columns, to=SuggestedColumnsOut, hub_id=hub_id, suggested=suggested)


@routes.get("/v1/syncs/{sync_id}", **answers(SyncOut, NotFound, Forbidden))
async def get_sync(read: ReadSync, sync_id: UUID) -> Response:
    """One import or sync: how far it is, what it would do or has done, and all that it has to tell."""
    return await read(queries.sync, to=SyncOut, sync_id=sync_id)


@routes.post(
    "/v1/syncs/{sync_id}/apply",
    **answers(SyncOut, NotFound, Forbidden, SyncStale, SyncNotPlanned, SyncHeld, RegistrationNotOpen),
)
async def apply_sync(write: WriteSync, sync_id: UUID, body: ApplyIn | None = None) -> Response:
    """Carry out a planned import or sync: all of it, or nothing. One that is held needs `{"confirm": true}`."""
    return await write(commands.apply_sync, to=SyncOut, sync_id=sync_id, body=body)


async def _fingerprint(fields: list[tuple[str, Any]]) -> bytes:
    """The form as it is compared between tries with one Idempotency-Key, without holding a large file in memory."""

    def digest() -> bytes:
        told = []
        for name, value in fields:
            if isinstance(value, str):
                told.append((name, value))
            else:
                told.append((name, hashlib.file_digest(value.file, "sha256").hexdigest()))
                value.file.seek(0)
        return json.dumps(sorted(told)).encode()

    return await asyncio.to_thread(digest)
