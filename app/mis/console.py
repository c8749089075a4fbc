"""Staff brought in from the command line: a file, or a connection's own system. Nothing is printed here: it is handed
back to tell."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.kernel.caller import HERE
from app.kernel.clock import Clock
from app.kernel.commands import command
from app.kernel.ids import new_id
from app.kernel.jobs import drop
from app.kernel.outgoing import Outgoing
from app.kernel.problems import Problem
from app.kernel.reader import Reader
from app.kernel.writer import Writer
from app.mis.connections.models import MisConnection
from app.mis.connections.scheduling import begin_sync
from app.mis.connections.work import Syncs
from app.mis.imports.files import Known, read_staff
from app.mis.imports.form import columns_of
from app.mis.imports.formats import ImportFormat, Wanted
from app.mis.imports.known import look_up
from app.mis.syncing import incoming, running
from app.mis.syncing.commands import apply_staff_sync
from app.mis.syncing.looking import look
from app.mis.syncing.models import Source, StaffSync
from app.mis.syncing.planning import make_plan
from app.mis.syncing.prose import in_words
from app.mis.syncing.running import Status
from app.mis.syncing.schemas import ApplyIn
from app.people import queries as people
from app.people.models import School
from app.sheets.commands import Mode
from app.sheets.files import WrongUsage, only_hub

Told = Callable[[str], None]
"""Hears what is done next."""


class Importable(StrEnum):
    """What a file may hold, as it is called on the command line."""

    SCHOOLS = "schools"
    PRESENTERS = "presenters"
    SIGN_UPS = "sign-ups"
    STAFF = "staff"


class StaffFormat(StrEnum):
    """The staff lists, as they are called on the command line."""

    ONEROSTER_CSV = "oneroster-csv"
    STAFF_CSV = "staff-csv"


@dataclass(frozen=True, slots=True)
class StaffOutcome:
    """What came of it, in plain English. `exit_code`: 0 done; 1 refused, held, or done with rows that need a person."""

    lines: Sequence[str]
    exit_code: int


@dataclass(frozen=True, slots=True)
class StaffFile:
    """A file on this machine, and what is said beside it. `hub` is a slug, `school` a URN."""

    path: Path
    format: StaffFormat
    hub: str | None = None
    school: str | None = None
    complete: bool = False
    columns: Path | None = None
    strict: bool = False
    source: str | None = None


def import_staff(
    writer: Writer, reader: Reader, file: StaffFile, *, dry_run: bool, confirm: bool, now: datetime, told: Told
) -> StaffOutcome:
    """Brings a staff list in, or with `dry_run` only plans it. `confirm` applies it also when it is unusual.

    Raises `WrongUsage` when the file, the hub or the school is missing.
    """
    hub_id = file.hub or reader.run_and_wait(only_hub)
    wanted = reader.run_and_wait(partial(_wanted, hub_id=hub_id, file=file))
    try:
        known = reader.run_and_wait(partial(look_up, caller=HERE, hub_id=hub_id, wanted=wanted))
        told(f"Reading {file.path.name}")
        staff = _read(file.path, wanted, known, now)
        told(f"Planning {staff.count} people")
        if dry_run:
            return reader.run_and_wait(partial(_planned, hub_id=hub_id, wanted=wanted, known=known, staff=staff))
        arguments = {"hub_id": hub_id, "format_": str(wanted.format), "name": known.name, "now": now}
        sync_id = writer.run_and_wait(_begin, columns=wanted.columns, **arguments)
        running.plan_and_store(writer, reader, sync_id=sync_id, staff=staff.encoded, now=now)
        return _ended(writer, reader, sync_id, confirm=confirm, now=now)
    except Problem as problem:
        return _refused(problem)


def sync_connection(
    writer: Writer,
    reader: Reader,
    outgoing: Outgoing,
    clock: Clock,
    *,
    name: str,
    full: bool,
    dry_run: bool,
    confirm: bool,
    told: Told,
) -> StaffOutcome:
    """Asks a connection's system for staff and brings them in, or with `dry_run` only keeps the plan.

    `name` is the connection's id or its name. Raises `WrongUsage` when there is none, or several.
    """
    connection_id = reader.run_and_wait(partial(_connection, name=name))
    mode = Mode.PREVIEW if dry_run else Mode.APPLY
    try:
        sync_id, whole = writer.run_and_wait(
            _begin_asking, connection_id=connection_id, mode=mode, full=full, now=clock()
        )
        told("Asking the system for its staff")
        syncs = Syncs(writer, reader, clock, outgoing)
        asyncio.run(syncs.run(connection_id=connection_id, sync_id=sync_id, full=whole))
        return _ended(writer, reader, sync_id, confirm=confirm and not dry_run, now=clock())
    except Problem as problem:
        return _refused(problem)


def _wanted(session: Session, *, hub_id: str, file: StaffFile) -> Wanted:
    school_id = None
    if file.school is not None:
        hub = people.hub(session, caller=HERE, hub_id=hub_id)
        found = session.scalar(select(School.id).where(School.hub_id == hub.id, School.urn == file.school))
        if found is None:
            raise WrongUsage(f"No school of this hub has the URN {file.school}.")
        school_id = found
    if file.format is StaffFormat.ONEROSTER_CSV and (file.school or file.complete or file.columns):
        raise WrongUsage("--school, --complete and --columns are for staff-csv; a OneRoster package says these itself.")
    return Wanted(
        format=ImportFormat(file.format.value),
        school_id=school_id,
        complete=file.complete,
        columns=_columns(file.columns),
        strict=file.strict,
        source=file.source,
    )


def _columns(path: Path | None) -> dict[str, str] | None:
    if path is None:
        return None
    try:
        return columns_of(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise WrongUsage(f"{path} cannot be read.") from None
    except Problem as problem:
        raise WrongUsage(f"{path}: it {problem.errors[0].detail}.") from None


def _read(path: Path, wanted: Wanted, known: Known, now: datetime) -> incoming.Staff:
    try:
        with path.open("rb") as file:
            return read_staff(file, wanted=wanted, known=known, today=now.astimezone().date())
    except OSError as error:
        raise WrongUsage(f"{path} cannot be read: {error.strerror}.") from None


def _planned(session: Session, *, hub_id: str, wanted: Wanted, known: Known, staff: incoming.Staff) -> StaffOutcome:
    """What an import would do. Writes nothing, not even that it was looked at."""
    hub = people.hub(session, caller=HERE, hub_id=hub_id)
    source_id = session.scalar(
        select(Source.id).where(Source.hub_id == hub.id, Source.kind == str(wanted.format), Source.name == known.name)
    )
    told = incoming.decoded(staff.encoded)
    keys = running.email_keys_of(told)
    state = look(session, hub_id=hub.id, source_id=source_id or new_id(), email_keys=keys)
    plan = make_plan(told, state, new_id=new_id)
    status = Status.HELD if plan.held_because else Status.PLANNED
    lines = [*in_words(plan, status=status), *_report(plan.report)]
    return StaffOutcome(lines, 1 if plan.held_because or plan.counts["needs_attention"] else 0)


@command()
def _begin(
    session: Session, *, hub_id: str, format_: str, name: str, columns: dict[str, str] | None, now: datetime
) -> UUID:
    hub = people.hub(session, caller=HERE, hub_id=hub_id)
    source = running.source_for(session, hub_id=hub.id, kind=format_, name=name, now=now)
    if columns is not None and columns != source.columns:
        source.columns, source.updated_at = columns, now
    return running.begin(
        session,
        hub_id=hub.id,
        source_id=source.id,
        format=format_,
        mode=Mode.APPLY,
        started_by=HERE.principal,
        now=now,
    )


@command()
def _begin_asking(session: Session, *, connection_id: UUID, mode: Mode, full: bool, now: datetime) -> tuple[UUID, bool]:
    connection = session.get_one(MisConnection, connection_id)
    sync_id = begin_sync(session, connection, mode=mode, full=full, started_by=HERE.principal, now=now)
    session.flush()
    drop(session, sync_id=sync_id)  # it is done here, and not by a server that runs beside
    return sync_id, full or connection.read_up_to is None


def _connection(session: Session, *, name: str) -> UUID:
    try:
        known = or_(MisConnection.id == UUID(name), MisConnection.name == name)
    except ValueError:
        known = MisConnection.name == name
    found = session.scalars(select(MisConnection.id).where(known).limit(2)).all()
    if len(found) == 1:
        return found[0]
    raise WrongUsage(f"There is no connection {name}." if not found else f"Several hubs have a {name}; give its id.")


def _ended(writer: Writer, reader: Reader, sync_id: UUID, *, confirm: bool, now: datetime) -> StaffOutcome:
    sync = reader.run_and_wait(partial(_sync, sync_id=sync_id))
    if sync["status"] == Status.HELD and confirm:
        body = ApplyIn(confirm=True, plan_digest=sync["plan_digest"])
        writer.run_and_wait(apply_staff_sync, caller=HERE, now=now, sync_id=sync_id, body=body)
        sync = reader.run_and_wait(partial(_sync, sync_id=sync_id))
    lines = [*sync["summary"], *_report(sync["report"])]
    if sync["status"] == Status.HELD:
        lines.append("Give --confirm to apply it all the same.")
    done = sync["status"] in (Status.APPLIED, Status.PLANNED) and not sync["counts"]["needs_attention"]
    return StaffOutcome(lines, 0 if done else 1)


def _sync(session: Session, *, sync_id: UUID) -> dict[str, Any]:
    sync = session.get_one(StaffSync, sync_id)
    names = ("status", "summary", "report", "counts", "plan_digest")
    return {name: getattr(sync, name) for name in names}


def _report(report: Sequence[dict[str, Any]]) -> list[str]:
    """What is more than a note, one line each."""
    lines = []
    for row in report:
        if row["severity"] != "note":
            where = ", ".join(str(part) for part in (row["file"], row["row"] and f"line {row['row']}") if part)
            lines.append(": ".join(part for part in (where, row["what"]) if part))
    return lines


def _refused(problem: Problem) -> StaffOutcome:
    faults = [fault.detail for fault in problem.errors if fault.detail != problem.detail]
    return StaffOutcome(["Nothing was imported.", problem.detail, *faults], 1)
