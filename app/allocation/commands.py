"""What one can do with an allocation: keep a preview, let a large one be worked out, cancel it, apply it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.allocation import queries
from app.allocation.looking import look
from app.allocation.models import Allocation
from app.allocation.queries import AllocationNotReady
from app.allocation.rules import KEPT, Status
from app.allocation.schemas import AllocationIn, AllocationOut
from app.allocation.working import Worked
from app.bookings.at_once import seat_everybody
from app.events import queries as events
from app.events.models import Event
from app.kernel import jobs, outbox
from app.kernel.caller import Caller
from app.kernel.commands import Arguments, by, command
from app.kernel.ids import new_id
from app.kernel.jobs import Claimed
from app.kernel.problems import Problem

WORK_OUT = "allocation"
"""The kind of the jobs that work out large allocations."""


class AllocationStale(Problem):
    """What the allocation rests on has changed since it was worked out: registrations, preferences, tables or bookings.

    Ask for a new one (with `based_on` it changes as little as possible) and look at it again.
    """

    status, title = 409, "The allocation is no longer up to date"


class AllocationNotRunning(Problem):
    """Only an allocation that is still being worked out can be cancelled; this one has come to its end.

    There is nothing to do: a plan that is not applied changes nothing.
    """

    status, title = 409, "The allocation is not running"


def _events_of_allocations(session: Session, calls: Sequence[Arguments]) -> Iterable[UUID]:
    ids = {call["allocation_id"] for call in calls}
    return session.scalars(select(Allocation.event_id).where(Allocation.id.in_(ids))).all()


@command(turns=by("event_id"))
def keep(
    session: Session, *, caller: Caller, now: datetime, event_id: UUID, body: AllocationIn, worked: Worked | Problem
) -> AllocationOut:
    """Keeps what was worked out before as a preview; raises the `Problem` that was met instead."""
    if isinstance(worked, Problem):
        raise worked
    made = _new(session, caller=caller, now=now, event_id=event_id, body=body)
    _complete(made, worked, now=now)
    session.add(made)
    _prune(session, event_id)
    return queries.shown(made, stale=False, whole=True)


@command(turns=by("event_id"))
def begin(session: Session, *, caller: Caller, now: datetime, event_id: UUID, body: AllocationIn) -> AllocationOut:
    """Lets an allocation be worked out by whoever is free. Raises `NotFound`, `Forbidden`, `EventNotPublished`,
    `EventOver`."""
    made = _new(session, caller=caller, now=now, event_id=event_id, body=body)
    session.add(made)
    jobs.enqueue(session, WORK_OUT, {"allocation_id": made.id}, now=now)
    _prune(session, event_id)
    return queries.shown(made, stale=None, whole=False)


def _new(session: Session, *, caller: Caller, now: datetime, event_id: UUID, body: AllocationIn) -> Allocation:
    caller.must_run_the_hub()
    event = events.own_event(session, caller=caller, event_id=event_id)
    queries.must_be_under_way(event)
    made = Allocation(
        id=new_id(),
        hub_id=event.hub_id,
        event_id=event.id,
        status=str(Status.RUNNING),
        options=body.model_dump(mode="json"),
        progress=0,
        created_at=now,
    )
    _tell(session, made, "made", now=now)
    return made


def _complete(made: Allocation, worked: Worked, *, now: datetime) -> None:
    made.status, made.progress, made.step, made.finished_at = str(Status.READY), 100, None, now
    made.problem, made.plan, made.outcome = worked.problem, worked.plan, worked.outcome
    made.fingerprint = worked.fingerprint


def _prune(session: Session, event_id: UUID) -> None:
    """Forgets the oldest previews."""
    session.flush()
    kept = (
        select(Allocation.id)
        .where(Allocation.event_id == event_id)
        .order_by(Allocation.id.desc())
        .limit(KEPT)
        .subquery()
    )
    session.execute(
        delete(Allocation)
        .where(
            Allocation.event_id == event_id,
            Allocation.status.not_in([Status.APPLIED, Status.RUNNING]),
            Allocation.id.not_in(select(kept.c.id)),
        )
        .execution_options(synchronize_session=False)
    )


@command()
def note_progress(session: Session, *, allocation_id: UUID, percent: int, step: str) -> bool:
    """Notes how far an allocation is. Whether it is still wanted."""
    statement = (
        update(Allocation)
        .where(Allocation.id == allocation_id, Allocation.status == Status.RUNNING)
        .values(progress=percent, step=step[:100])
        .returning(Allocation.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


@command(turns=_events_of_allocations)
def finish(session: Session, *, job: Claimed, now: datetime, allocation_id: UUID, worked: Worked) -> None:
    """What was asked of a job has been worked out. Raises `JobLostError` when nobody wants it any more."""
    jobs.complete(session, job)
    made = session.get_one(Allocation, allocation_id)
    _complete(made, worked, now=now)
    session.flush()
    _prune(session, made.event_id)


@command()
def fail(session: Session, *, now: datetime, allocation_id: UUID, reason: str) -> None:
    """Notes that an allocation could not be worked out, and why."""
    session.execute(
        update(Allocation)
        .where(Allocation.id == allocation_id, Allocation.status == Status.RUNNING)
        .values(status=str(Status.FAILED), failure=reason[:500], finished_at=now)
        .execution_options(synchronize_session=False)
    )


@command(turns=_events_of_allocations)
def cancel(session: Session, *, caller: Caller, now: datetime, allocation_id: UUID) -> AllocationOut:
    """Stops working it out. Again changes nothing. Raises `NotFound`, `Forbidden`, `AllocationNotRunning`."""
    found = queries.allocation_row(session, caller=caller, allocation_id=allocation_id)
    if found.status == Status.RUNNING:
        found.status, found.finished_at = str(Status.CANCELLED), now
        jobs.drop(session, allocation_id=found.id)
        _tell(session, found, "cancelled", now=now)
    elif found.status != Status.CANCELLED:
        raise AllocationNotRunning(f"The allocation is {found.status}.")
    return queries.shown(found, stale=None, whole=False)


@command(turns=_events_of_allocations)
def apply(session: Session, *, caller: Caller, now: datetime, allocation_id: UUID) -> AllocationOut:
    """Makes all bookings of an allocation, or none. Again changes nothing.

    Raises `NotFound`, `Forbidden`, `AllocationNotReady`, `AllocationStale`, `EventOver`.
    """
    found = queries.allocation_row(session, caller=caller, allocation_id=allocation_id)
    if found.status == Status.APPLIED:
        return queries.shown(found, stale=None, whole=True)
    if found.status != Status.READY:
        raise AllocationNotReady(f"The allocation is {found.status}.")
    event = session.get_one(Event, found.event_id)
    queries.must_be_under_way(event)
    schools = AllocationIn.model_validate(found.options).spread_schools
    if look(session, event.id).fingerprint(schools=schools) != found.fingerprint:
        raise AllocationStale("Registrations, preferences, tables or bookings have changed. Nothing was booked.")
    changed = seat_everybody(session, event=event, plan=queries.plan_of(found), now=now)
    found.status, found.applied_at = str(Status.APPLIED), now
    _tell(session, found, "applied", now=now, bookings_changed=changed)
    return queries.shown(found, stale=None, whole=True)


def _tell(session: Session, found: Allocation, what: str, *, now: datetime, **more: int) -> None:
    ids = {"event_id": found.event_id, "allocation_id": found.id}
    outbox.record(session, f"allocation.{what}", hub_id=found.hub_id, now=now, **ids, **more)
