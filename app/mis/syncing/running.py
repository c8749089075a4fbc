"""A sync from its begin to its end, for whoever has the staff: a connection, an upload, the command line.

    source = source_for(session, hub_id=…, kind="wonde", name="Larkspur", now=now)
    sync_id = begin(session, hub_id=…, source_id=source.id, format="wonde", mode=Mode.APPLY, started_by=…, now=now)
    …fetch, telling `progress` now and then…
    settled = plan_and_store(writer, reader, sync_id=sync_id, staff=staff, now=now)     # or `fail`

`source_for`, `begin`, `progress` and `fail` are commands of a session: call them inside a command of one's own, or as
`await writer.run(begin, hub_id=…)`. `plan_and_store` works outside of any transaction, on a thread: it looks through
the reader, plans, and writes in one short transaction at the end; so: `await asyncio.to_thread(plan_and_store, …)`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kernel.commands import command
from app.kernel.ids import new_id
from app.kernel.problems import Problem, Unavailable
from app.kernel.reader import Reader
from app.kernel.sealing import seal_of
from app.kernel.writer import Writer
from app.mis.staff import Finding, StaffSet
from app.mis.syncing import incoming
from app.mis.syncing.applying import write_plan
from app.mis.syncing.looking import basis_of, look
from app.mis.syncing.models import Source, StaffSync
from app.mis.syncing.plan import Plan, decoded
from app.mis.syncing.plan_apart import plan_apart
from app.mis.syncing.planning import make_plan
from app.mis.syncing.prose import in_words
from app.mis.syncing.telling import told
from app.people.rules import email_key
from app.sheets.commands import Mode

_TRIES = 3
AT_ONCE = 500
"""So many people are planned where they are written; it takes about a tenth of a second."""
LOST_AFTER = timedelta(minutes=15)
"""A running sync of which nothing was heard for so long has lost its process; the next one takes its place."""
NO_COUNTS = dict.fromkeys(
    ("created", "updated", "unchanged", "reactivated", "deactivated", "skipped", "rejected", "needs_attention"), 0
)


class SyncRunning(Problem):
    """A sync of this source is under way, and there is one at a time.

    Wait until it has ended (`GET /v1/syncs/{id}` with the id in `sync_id`), then ask again.
    """

    status, title = 409, "A sync of this source is under way"
    example: ClassVar = {"sync_id": "01980000-0000-7000-8000-000000000000"}


class SyncLostError(Exception):
    """The sync is no longer running: another has taken its place, or it was ended. Whoever works on it must stop."""


class Status(StrEnum):
    """How a sync stands."""

    RUNNING = "running"
    PLANNED = "planned"
    HELD = "held"
    APPLIED = "applied"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Settled:
    """How a sync has ended: `status`, its figures, and the plan or what was done in plain English."""

    status: Status
    counts: dict[str, int]
    summary: Sequence[str]


@command()
def source_for(session: Session, *, hub_id: UUID, kind: str, name: str, now: datetime) -> Source:
    """The hub's source of this kind and name; made when there is none. `kind`: `wonde`, `oneroster`, `staff-csv`, …"""
    wanted = select(Source).where(Source.hub_id == hub_id, Source.kind == kind, Source.name == name)
    if (found := session.scalar(wanted)) is not None:
        return found
    try:
        with session.begin_nested():
            made = Source(id=new_id(), hub_id=hub_id, kind=kind, name=name, revision=0, created_at=now, updated_at=now)
            session.add(made)
    except IntegrityError:  # another process has just made it
        return session.scalars(wanted).one()
    return made


@command()
def begin(
    session: Session,
    *,
    hub_id: UUID,
    source_id: UUID,
    format: str,  # noqa: A002  # the field's name in the contract
    mode: Mode,
    started_by: str | None,
    now: datetime,
) -> UUID:
    """Notes that a sync runs, and gives its id. Raises `SyncRunning` when the source has one running already.

    `started_by` is the caller's principal; None for what runs by itself.
    """
    _end_the_lost(session, source_id, now)
    sync_id = new_id()
    try:
        with session.begin_nested():
            session.add(
                StaffSync(
                    id=sync_id,
                    hub_id=hub_id,
                    source_id=source_id,
                    format=format,
                    mode=str(mode),
                    status=Status.RUNNING,
                    started_by=started_by,
                    done=0,
                    counts=NO_COUNTS,
                    summary=[],
                    held_because=[],
                    report=[],
                    created_at=now,
                    touched_at=now,
                )
            )
    except IntegrityError:
        running = session.scalar(_running(source_id))
        raise SyncRunning(
            "A sync of this source is under way.", sync_id=str(running) if running is not None else None
        ) from None
    return sync_id


@command()
def progress(
    session: Session, *, sync_id: UUID, step: str, done: int = 0, expected: int | None = None, now: datetime
) -> None:
    """Tells how far a running sync is: `step` for people, without personal data ("Reading staff, page 3").

    Tell it at least every few minutes, or the sync counts as lost. Raises `SyncLostError` when it no longer runs.
    """
    noted = session.scalar(
        update(StaffSync)
        .where(StaffSync.id == sync_id, StaffSync.status == Status.RUNNING)
        .values(step=step[:200], done=done, expected=expected, touched_at=now)
        .returning(StaffSync.id)
    )
    if noted is None:
        raise SyncLostError


@command()
def fail(session: Session, *, sync_id: UUID, reason: str, findings: Sequence[Finding] = (), now: datetime) -> None:
    """The sync has failed and nothing was changed. `reason` is a sentence for people. No harm when it has ended."""
    session.execute(
        update(StaffSync)
        .where(StaffSync.id == sync_id, StaffSync.status == Status.RUNNING)
        .values(
            status=Status.FAILED,
            step=None,
            incoming=None,
            summary=[f"Nothing was changed: {reason}"],
            report=[told(each, "rejected") for each in findings],
            finished_at=now,
            touched_at=now,
        )
    )


def plan_and_store(writer: Writer, reader: Reader, *, sync_id: UUID, staff: StaffSet | bytes, now: datetime) -> Settled:
    """Plans a running sync and settles it: `planned` (preview), `applied` (mode apply, and safe) or `held`.

    `staff` may be as `incoming` keeps it. Safe to do again after a process was killed: a sync that is no longer running
    stays as it is, and its outcome is given. Blocks for up to some seconds with many people, so it belongs on a thread;
    these are planned in a process of their own.
    """
    for _ in range(_TRIES):
        ended = reader.run_and_wait(partial(_ended, sync_id=sync_id))
        if ended is not None:
            return ended
        if isinstance(staff, StaffSet) and len(staff.records) <= AT_ONCE:
            break
        kept = incoming.encoded(staff) if isinstance(staff, StaffSet) else staff
        planned = plan_apart(reader.engine, sync_id=sync_id, staff=kept)
        settled: Settled | None = writer.run_and_wait(
            settle, sync_id=sync_id, plan=decoded(planned.plan), basis=planned.basis, now=now
        )
        if settled is not None:
            return settled
    # Few people, or others who change the same ones all the time: nobody does while this is written.
    told = staff if isinstance(staff, StaffSet) else incoming.decoded(staff)
    last: Settled = writer.run_and_wait(plan_in_place, sync_id=sync_id, staff=told, now=now)
    return last


def _ended(session: Session, *, sync_id: UUID) -> Settled | None:
    sync = session.get(StaffSync, sync_id)
    if sync is None:
        raise SyncLostError
    return None if sync.status == Status.RUNNING else settled_as(sync)


@command()
def settle(session: Session, *, sync_id: UUID, plan: Plan, basis: str, now: datetime) -> Settled | None:
    """Ends a running sync with this plan; None when what the plan rests on has changed and nothing was written.

    One that has ended already stays as it is.
    """
    sync = _locked(session, sync_id)
    if sync.status != Status.RUNNING or conclude(session, sync, plan, basis=basis, now=now):
        return settled_as(sync)
    return None


def conclude(session: Session, sync: StaffSync, plan: Plan, *, basis: str, now: datetime) -> bool:
    """Keeps a plan that waits, and carries out one that does not; False when it no longer holds."""
    if sync.mode == Mode.PREVIEW or plan.held_because:
        _keep(session, sync, plan, basis=basis, now=now)
        return True
    return carry_out(session, sync, plan, basis=basis, now=now)


@command()
def plan_in_place(
    session: Session,
    *,
    sync_id: UUID,
    staff: StaffSet,
    now: datetime,
    distinct: frozenset[str] = frozenset(),
    unasked: bool = False,
) -> Settled:
    """Plans and settles a running sync in one transaction: for few people, or when others are too quick.

    `unasked` carries it out although it might be held: for what a person has just decided.
    """
    sync = _locked(session, sync_id)
    if sync.status != Status.RUNNING:
        return settled_as(sync)
    keys = email_keys_of(staff)
    basis = basis_of(session, source_id=sync.source_id, email_keys=keys, lock=True)
    state = look(session, hub_id=sync.hub_id, source_id=sync.source_id, email_keys=keys)
    plan = make_plan(staff, state, new_id=new_id, distinct=distinct)
    if unasked:
        plan.held_because = []
    if not conclude(session, sync, plan, basis=basis, now=now):
        raise Unavailable("The same people were changed at the same moment. Nothing was done; try again.")
    return settled_as(sync)


def carry_out(session: Session, sync: StaffSync, plan: Plan, *, basis: str, now: datetime) -> bool:
    """Writes a plan down and notes the sync as applied; False, with nothing written, when it no longer holds."""
    if basis_of(session, source_id=sync.source_id, email_keys=plan.email_keys, lock=plan.writes) != basis:
        return False
    source = session.get_one(Source, sync.source_id)
    try:
        with session.begin_nested():
            write_plan(session, plan, source=source, sync_id=sync.id, now=now)
            source.applied_at = now
    except IntegrityError:  # an address that somebody else has taken in this very moment
        return False
    _describe(sync, plan, Status.APPLIED, now)
    sync.plan, sync.basis, sync.applied_at = None, None, now
    return True


def settled_as(sync: StaffSync) -> Settled:
    """How a sync stands."""
    return Settled(Status(sync.status), dict(sync.counts), tuple(sync.summary))


def email_keys_of(staff: StaffSet) -> list[str]:
    """The addresses in a staff set, as they are compared."""
    return sorted({email_key(each.email) for each in staff.records if each.email})


def plan_of(session: Session, sync: StaffSync) -> Plan:
    """The plan that a sync keeps."""
    assert sync.plan is not None
    return decoded(seal_of(session).open(sync.plan, about=plan_about(sync)))


def plan_about(sync: StaffSync) -> str:
    """What a kept plan's seal is about."""
    return f"plan of {sync.id}"


def _keep(session: Session, sync: StaffSync, plan: Plan, *, basis: str, now: datetime) -> None:
    encoded = plan.encoded()
    _describe(sync, plan, Status.HELD if plan.held_because else Status.PLANNED, now)
    sync.plan = seal_of(session).seal(encoded, about=plan_about(sync))
    sync.plan_digest, sync.basis = hashlib.sha256(encoded).hexdigest(), basis
    session.flush()


def _describe(sync: StaffSync, plan: Plan, status: Status, now: datetime) -> None:
    sync.status, sync.step, sync.incoming = status, None, None
    sync.counts = plan.counts
    sync.summary = in_words(plan, status=status)
    sync.held_because = plan.held_because
    sync.report = plan.report
    sync.finished_at = sync.touched_at = now


def _locked(session: Session, sync_id: UUID) -> StaffSync:
    return session.scalars(select(StaffSync).where(StaffSync.id == sync_id).with_for_update()).one()


def _running(source_id: UUID) -> Select[UUID]:
    return select(StaffSync.id).where(StaffSync.source_id == source_id, StaffSync.status == Status.RUNNING)


def _end_the_lost(session: Session, source_id: UUID, now: datetime) -> None:
    session.execute(
        update(StaffSync)
        .where(
            StaffSync.source_id == source_id,
            StaffSync.status == Status.RUNNING,
            StaffSync.touched_at < now - LOST_AFTER,
        )
        .values(
            status=Status.FAILED,
            step=None,
            incoming=None,
            finished_at=now,
            summary=["Nothing was changed: the process that ran it has ended before it was done."],
        )
    )
