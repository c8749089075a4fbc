"""Work for later, in a table: enqueued in the transaction of its cause, claimed by any process, tried until it is done.

A process claims a job with a lease and renews it as long as it works. One that is killed loses it when the lease ends,
and another takes the job over; so a handler may run twice, and says by `complete` in its own transaction what must not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from sqlalchemy import JSON, ColumnElement, Index, LargeBinary, Select, String, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.commands import command
from app.kernel.database import Base
from app.kernel.ids import new_id
from app.kernel.sealing import CannotOpenError, seal_of

LEASE = timedelta(seconds=30)
ENQUEUED = "jobs enqueued"
"""Noted on a database connection when something was enqueued over it, for `wake_after_commits`."""
_log = structlog.get_logger(__name__)


class Job(Base):
    """One piece of work. `payload` holds ids and numbers; what is personal is in `sealed`."""

    __tablename__ = "jobs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, str | int | None]] = mapped_column(JSON)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    lease: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]

    __table_args__ = (Index(None, "due_at", "id"),)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this process has claimed; `private` is what was sealed."""

    id: UUID
    kind: str
    payload: Mapping[str, str | int | None]
    private: bytes | None
    attempts: int
    lease: UUID
    due_at: datetime
    created_at: datetime


class JobLostError(Exception):
    """The lease has ended and another process may have the job: whoever still works on it must stop."""


def enqueue(
    session: Session,
    kind: str,
    payload: Mapping[str, UUID | str | int | None],
    *,
    now: datetime,
    due_at: datetime | None = None,
    private: bytes | None = None,
) -> UUID:
    """Notes a job, due at once unless told otherwise; it begins after the commit. Personal data goes into `private`."""
    job_id = new_id()
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in payload.items()}
    sealed = None if private is None else seal_of(session).seal(private, about=about(job_id))
    session.add(
        Job(id=job_id, kind=kind, payload=plain, sealed=sealed, due_at=due_at or now, attempts=0, created_at=now)
    )
    session.connection().info[ENQUEUED] = True
    return job_id


def complete(session: Session, job: Claimed) -> None:
    """The job is done with this transaction. Raises `JobLostError`, so that its work is done once."""
    if session.scalar(delete(Job).where(*_held(job)).returning(Job.id)) is None:
        raise JobLostError


def drop(session: Session, **ids: UUID) -> None:
    """Takes back all jobs whose payload names all these ids, as `drop(session, teacher_id=…)`; also those under way."""
    named = [Job.payload[name].as_string() == str(value) for name, value in ids.items()]
    session.execute(delete(Job).where(*named))


def is_due(session: Session, *, kinds: Sequence[str], now: datetime, wall: datetime) -> bool:
    """Whether there is anything to claim. `now` is the service's time, `wall` that of the machine, for leases."""
    return session.scalar(_claimable(kinds, now, wall).limit(1)) is not None


@command()
def claim(session: Session, *, kinds: Sequence[str], at_most: int, now: datetime, wall: datetime) -> list[Claimed]:
    """Takes jobs that are due, oldest first; nobody else gets them until the lease ends."""
    chosen = (
        _claimable(kinds, now, wall)
        .order_by(Job.due_at, Job.id)
        .limit(at_most)
        .with_for_update(skip_locked=True)  # SQLite has one writer, and leaves it out
        .cte("chosen")
    )
    lease = uuid4()
    rows = session.scalars(
        update(Job)
        .where(Job.id.in_(select(chosen.c.id)))
        .values(lease=lease, leased_until=wall + LEASE, attempts=Job.attempts + 1)
        .returning(Job)
        .execution_options(synchronize_session=False)
    ).all()
    return [opened for row in sorted(rows, key=lambda row: (row.due_at, row.id)) if (opened := _opened(session, row))]


@command()
def renew(session: Session, *, job: Claimed, wall: datetime) -> None:
    """Keeps a job for another lease. Raises `JobLostError`."""
    statement = update(Job).where(*_held(job)).values(leased_until=wall + LEASE).returning(Job.id)
    if session.scalar(statement) is None:
        raise JobLostError


@command()
def finish(session: Session, *, job: Claimed) -> None:
    """The job is done, or given up; also when its handler has said so already."""
    session.execute(delete(Job).where(*_held(job)))


@command()
def put_off(session: Session, *, job: Claimed, due_at: datetime, attempts: int) -> None:
    """Gives a job back, to be tried again by anybody at `due_at`."""
    session.execute(
        update(Job).where(*_held(job)).values(due_at=due_at, attempts=attempts, lease=None, leased_until=None)
    )


def _claimable(kinds: Sequence[str], now: datetime, wall: datetime) -> Select[UUID]:
    free = or_(Job.leased_until.is_(None), Job.leased_until <= wall)
    # What was due at once stays due when a clock that can be moved is put back just as it is enqueued.
    due = or_(Job.due_at <= now, Job.due_at == Job.created_at)
    return select(Job.id).where(Job.kind.in_(kinds), due, free)


def _held(job: Claimed) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Job.id == job.id, Job.lease == job.lease


def about(job_id: UUID) -> str:
    """What a job's sealed part is about."""
    return f"job {job_id}"


def _opened(session: Session, row: Job) -> Claimed | None:
    try:
        private = None if row.sealed is None else seal_of(session).open(row.sealed, about=about(row.id))
    except CannotOpenError:
        _log.error("a job was sealed with a key that is gone, and is dropped", job=str(row.id), kind=row.kind)
        session.execute(delete(Job).where(Job.id == row.id))
        return None
    assert row.lease is not None
    return Claimed(row.id, row.kind, row.payload, private, row.attempts, row.lease, row.due_at, row.created_at)
