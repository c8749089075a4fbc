"""When connections are asked: the job that waits for the next time, and the one that does a sync."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel import jobs, outbox
from app.kernel.commands import command
from app.kernel.jobs import Claimed
from app.mis.connections.models import MisConnection
from app.mis.connections.rules import STALE, next_due
from app.mis.connections.schemas import Schedule
from app.mis.syncing import running
from app.sheets.commands import Mode

SYNC = "mis.sync"
DUE = "mis.due"


def begin_sync(
    session: Session, connection: MisConnection, *, mode: Mode, full: bool, started_by: str | None, now: datetime
) -> UUID:
    """Notes a sync that runs, and the job that does it. Raises `SyncRunning`."""
    sync_id = running.begin(
        session,
        hub_id=connection.hub_id,
        source_id=connection.source_id,
        format=connection.kind,
        mode=mode,
        started_by=started_by,
        now=now,
    )
    whole = full or _must_be_full(connection, now)
    payload: dict[str, UUID | int] = {"connection_id": connection.id, "sync_id": sync_id, "full": int(whole)}
    jobs.enqueue(session, SYNC, payload, now=now)
    return sync_id


def _must_be_full(connection: MisConnection, now: datetime) -> bool:
    return connection.read_up_to is None or now - connection.read_up_to > STALE


def set_schedule(session: Session, connection: MisConnection, schedule: Schedule | None, *, now: datetime) -> None:
    """Keeps a schedule, and the job that waits for its next time."""
    stop_schedule(session, connection)
    connection.schedule = None if schedule is None else schedule.model_dump(mode="json")
    if schedule is None or connection.paused:
        return
    due = next_due(schedule.plan(), connection.id, after=now)
    connection.next_sync_at = due.at
    # Not by the name `connection_id`, under which those jobs are found that do a sync.
    jobs.enqueue(session, DUE, {"waits_for": connection.id, "full": int(due.full)}, now=now, due_at=due.at)


def stop_schedule(session: Session, connection: MisConnection) -> None:
    """Nothing begins by itself any more."""
    connection.next_sync_at = None
    jobs.drop(session, waits_for=connection.id)


@command()
def come_due(session: Session, *, job: Claimed, now: datetime) -> None:
    """It is time: a sync begins, unless one runs already, and the next time is waited for. Raises `JobLostError`."""
    jobs.complete(session, job)
    connection = session.get(MisConnection, UUID(str(job.payload["waits_for"])))
    if connection is None or connection.paused or connection.schedule is None:
        return
    try:
        with session.begin_nested():
            sync_id = begin_sync(
                session, connection, mode=Mode.APPLY, full=bool(job.payload["full"]), started_by=None, now=now
            )
            subject = {"connection_id": connection.id, "sync_id": sync_id}
            outbox.record(session, "mis_connection.sync_started", hub_id=connection.hub_id, now=now, **subject)
    except running.SyncRunning:
        pass  # what runs tells as much
    set_schedule(session, connection, Schedule.model_validate(connection.schedule), now=now)
