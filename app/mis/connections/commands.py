"""What one can do with connections: make, change, pause, remove them, and begin a sync."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import jobs, outbox
from app.kernel.caller import Caller
from app.kernel.commands import command
from app.kernel.ids import new_id
from app.kernel.merge import merge
from app.kernel.outgoing import OutgoingRefused
from app.kernel.problems import Fault, InvalidRequest, Problem
from app.mis.connections import queries
from app.mis.connections.keeping import put_in
from app.mis.connections.models import MisConnection
from app.mis.connections.rules import origin
from app.mis.connections.scheduling import begin_sync, set_schedule, stop_schedule
from app.mis.connections.schemas import (
    WONDE,
    ConnectionChange,
    ConnectionIn,
    ConnectionTestOut,
    Schedule,
    SyncIn,
)
from app.mis.fetching.details import Kind, Version
from app.mis.syncing import running
from app.mis.syncing.models import Source, StaffSync
from app.people import queries as people

Check = Callable[[str], None]
"""Raises `OutgoingRefused` for an address that is never called."""


class ConnectionNameTaken(Problem):
    """The hub has a connection of this name already.

    Choose another name, or change that connection.
    """

    status, title = 409, "The hub has a connection of this name"


class ConnectionPaused(Problem):
    """The connection is paused, so nobody asks its system for anything.

    Resume it first.
    """

    status, title = 409, "The connection is paused"


@command()
def create_connection(
    session: Session, *, caller: Caller, now: datetime, hub_id: str, body: ConnectionIn, check: Check
) -> MisConnection:
    """Makes a connection. Raises `NotFound`, `Forbidden`, `InvalidRequest`, `ConnectionNameTaken`."""
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    caller.must_run_the_hub()
    base_url = body.base_url or WONDE
    _must_suit(body.kind, body.version, body, check, base_url=base_url)
    _refuse_taken_name(session, hub.id, body.name)
    source = running.source_for(session, hub_id=hub.id, kind=str(body.kind), name=body.name, now=now)
    connection = MisConnection(
        id=new_id(),
        hub_id=hub.id,
        source_id=source.id,
        name=body.name,
        kind=str(body.kind),
        base_url=base_url,
        version=str(body.version) if body.kind is Kind.ONEROSTER else None,
        school_ids=body.school_ids,
        staff_roles=body.staff_roles,
        leave_out=body.leave_out,
        paused=False,
        created_at=now,
        updated_at=now,
    )
    put_in(session, connection, body.credentials.plain())
    session.add(connection)
    session.flush()
    set_schedule(session, connection, body.schedule, now=now)
    _note(session, "mis_connection.created", connection, now=now)
    return connection


@command()
def change_connection(
    session: Session, *, caller: Caller, now: datetime, connection_id: UUID, body: ConnectionChange, check: Check
) -> MisConnection:
    """Changes a connection. Raises `NotFound`, `Forbidden`, `InvalidRequest`, `ConnectionNameTaken`."""
    connection = queries.connection(session, caller=caller, connection_id=connection_id)
    given = body.model_dump(exclude_unset=True, exclude={"credentials", "schedule"}, mode="json")
    if connection.kind == Kind.WONDE:
        given.pop("version", None)
    version = Version(given.get("version") or connection.version or Version.V1_2)
    _must_suit(Kind(connection.kind), version, body, check, base_url=body.base_url, method=connection.sign_in["method"])
    elsewhere = body.base_url is not None and origin(body.base_url) != origin(connection.base_url)
    if elsewhere and "credentials" not in body.model_fields_set:
        fault = Fault("must be given again for another server: they are for the present one", pointer="/credentials")
        raise InvalidRequest("Some values are missing.", errors=[fault])
    if body.name is not None and body.name != connection.name:
        _refuse_taken_name(session, connection.hub_id, body.name)
    changed = list(filter(None, merge(connection, given).split(",")))
    if set(changed) & {"base_url", "version", "school_ids", "staff_roles", "leave_out"}:
        connection.read_up_to = None  # other people may be meant now: all are read next time
    if "name" in changed:
        _rename_source(session, connection, now=now)
    if body.credentials is not None:
        put_in(session, connection, body.credentials.plain())
        changed.append("credentials")
    if "schedule" in body.model_fields_set and _different(connection, body.schedule):
        set_schedule(session, connection, body.schedule, now=now)
        changed.append("schedule")
    if changed:
        connection.updated_at = now
        _note(session, "mis_connection.updated", connection, now=now, changed=",".join(sorted(changed)))
    return connection


@command()
def delete_connection(session: Session, *, caller: Caller, now: datetime, connection_id: UUID) -> None:
    """Removes a connection and its credentials. The people that came through it stay. Raises `NotFound`."""
    connection = queries.connection(session, caller=caller, connection_id=connection_id)
    stop_schedule(session, connection)
    _end_running(session, connection, "the connection was removed.", now=now)
    _note(session, "mis_connection.deleted", connection, now=now)
    session.delete(connection)


@command()
def pause_connection(session: Session, *, caller: Caller, now: datetime, connection_id: UUID) -> MisConnection:
    """Lets a connection rest; what is under way is ended. Raises `NotFound`, `Forbidden`."""
    connection = queries.connection(session, caller=caller, connection_id=connection_id)
    if not connection.paused:
        stop_schedule(session, connection)
        _end_running(session, connection, "the connection was paused.", now=now)
        connection.paused, connection.updated_at = True, now
        _note(session, "mis_connection.paused", connection, now=now)
    return connection


@command()
def resume_connection(session: Session, *, caller: Caller, now: datetime, connection_id: UUID) -> MisConnection:
    """Ends a pause. Raises `NotFound`, `Forbidden`."""
    connection = queries.connection(session, caller=caller, connection_id=connection_id)
    if connection.paused:
        connection.paused, connection.updated_at = False, now
        set_schedule(session, connection, _schedule_of(connection), now=now)
        _note(session, "mis_connection.resumed", connection, now=now)
    return connection


@command()
def start_sync(session: Session, *, caller: Caller, now: datetime, connection_id: UUID, body: SyncIn) -> StaffSync:
    """Begins a sync, for the next free process. Raises `NotFound`, `Forbidden`, `ConnectionPaused`, `SyncRunning`."""
    connection = queries.connection(session, caller=caller, connection_id=connection_id)
    if connection.paused:
        raise ConnectionPaused("The connection is paused. Resume it first.")
    sync_id = begin_sync(session, connection, mode=body.mode, full=body.full, started_by=caller.principal, now=now)
    _note(session, "mis_connection.sync_started", connection, now=now, sync_id=sync_id)
    return session.get_one(StaffSync, sync_id)


@command()
def note_test(
    session: Session, *, caller: Caller, now: datetime, connection_id: UUID, found: ConnectionTestOut
) -> ConnectionTestOut:
    """Notes that somebody had a look at the system, and how that went. Raises `NotFound`, `Forbidden`."""
    connection = queries.connection(session, caller=caller, connection_id=connection_id)
    _note(session, "mis_connection.tested", connection, now=now, outcome=str(found.outcome))
    return found


def _must_suit(
    kind: Kind,
    version: Version,
    body: ConnectionIn | ConnectionChange,
    check: Check,
    *,
    base_url: str | None,
    method: str | None = None,
) -> None:
    """Raises `InvalidRequest` for addresses that are never called, and credentials that the system does not take."""
    addresses: Mapping[str, Any] = {
        "/base_url": base_url,
        "/credentials/token_url": getattr(body.credentials, "token_url", None),
    }
    faults = []
    for pointer, url in addresses.items():
        try:
            if url is not None:
                check(url)
        except OutgoingRefused as error:
            faults.append(Fault(f"is no address that is called: {error}", pointer=pointer))
    method = body.credentials.method if body.credentials is not None else method
    if kind is Kind.WONDE and method != "token":
        faults.append(Fault("Wonde takes a token", pointer="/credentials/method"))
    if kind is Kind.ONEROSTER and version is Version.V1_2 and method == "oauth1":
        faults.append(Fault("signed requests are for OneRoster 1.1 only", pointer="/credentials/method"))
    if faults:
        raise InvalidRequest("Some values cannot be used.", errors=faults)


def _refuse_taken_name(session: Session, hub_id: UUID, name: str) -> None:
    wanted = select(MisConnection.id).where(MisConnection.hub_id == hub_id, MisConnection.name == name)
    if session.scalar(wanted) is not None:
        raise ConnectionNameTaken("The hub has a connection of this name.")


def _rename_source(session: Session, connection: MisConnection, *, now: datetime) -> None:
    """The source goes by the connection's name, unless another source has that already."""
    taken = select(Source.id).where(
        Source.hub_id == connection.hub_id, Source.kind == connection.kind, Source.name == connection.name
    )
    if session.scalar(taken) is None:
        source = session.get_one(Source, connection.source_id)
        source.name, source.updated_at = connection.name, now


def _schedule_of(connection: MisConnection) -> Schedule | None:
    return None if connection.schedule is None else Schedule.model_validate(connection.schedule)


def _different(connection: MisConnection, schedule: Schedule | None) -> bool:
    return _schedule_of(connection) != schedule


def _end_running(session: Session, connection: MisConnection, reason: str, *, now: datetime) -> None:
    jobs.drop(session, connection_id=connection.id)
    under_way = select(StaffSync.id).where(
        StaffSync.source_id == connection.source_id, StaffSync.status == running.Status.RUNNING
    )
    for sync_id in session.scalars(under_way).all():
        running.fail(session, sync_id=sync_id, reason=reason, now=now)


def _note(session: Session, kind: str, connection: MisConnection, *, now: datetime, **more: Any) -> None:
    outbox.record(session, kind, hub_id=connection.hub_id, now=now, connection_id=connection.id, **more)
