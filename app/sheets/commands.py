"""What one can do with a sheet: plan its import, apply the plan, or both at once."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events import queries as events
from app.events.models import Event
from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.commands import Arguments, command
from app.kernel.ids import new_id
from app.kernel.problems import Fault, InvalidRequest, NotFound, Problem
from app.kernel.sealing import seal_of
from app.people import queries as people
from app.people.models import Hub
from app.sheets import queries
from app.sheets.applying import Progress, Scene, carry_out, no_progress
from app.sheets.columns import Format
from app.sheets.findings import Finding, Severity
from app.sheets.models import Sync
from app.sheets.plan import Plan
from app.sheets.planning import make_plan
from app.sheets.prose import changes_in_words
from app.sheets.rules import must_be_allowed


class SyncStale(Problem):
    """What the plan rests on has changed since it was shown, or its file is no longer kept.

    Send the file again and look at the new plan.
    """

    status, title = 409, "The plan is no longer the one shown"


class SyncNotPlanned(Problem):
    """Only a planned import can be applied; this one has been applied already, or has failed.

    Read it: its `status` says which. To bring something in again, send the file again.
    """

    status, title = 409, "The import is not waiting to be applied"


class Mode(StrEnum):
    """Whether an import is only planned, or carried out at once."""

    PREVIEW = "preview"
    APPLY = "apply"


def _event_of_the_import(_session: Session, calls: Sequence[Arguments]) -> Iterable[UUID]:
    return {call["event_id"] for call in calls if call["event_id"] is not None}


def _event_of_the_sync(session: Session, calls: Sequence[Arguments]) -> Iterable[UUID]:
    ids = {call["sync_id"] for call in calls}
    return [each for each in session.scalars(select(Sync.event_id).where(Sync.id.in_(ids))) if each is not None]


@command(turns=_event_of_the_import)
def start_sync(
    session: Session,
    *,
    caller: Caller,
    now: datetime,
    hub_id: str,
    event_id: UUID | None,
    format_: Format,
    mode: Mode,
    content: bytes,
) -> Sync:
    """Plans an import and keeps the plan, or carries it out at once.

    Raises `NotFound`, `Forbidden`, `SheetRefused`, and `InvalidRequest` when the event is missing. An import that
    something stands against is kept as failed, with nothing changed.
    """
    hub, event = _whereabouts(session, caller=caller, hub_id=hub_id, event_id=event_id, format_=format_)
    plan = make_plan(format_, content, queries.state(session, hub=hub, event=event, now=now))
    sync = Sync(id=new_id(), hub_id=hub.id, event_id=event.id if event else None, format=str(format_), created_at=now)
    _note(sync, plan, status="planned", content=seal_of(session).seal(content, about=file_of(sync)))
    if mode is Mode.APPLY:
        try:
            with session.begin_nested():
                carry_out(plan, Scene(session, caller, now, hub.id, event.id if event else None))
        except Problem as problem:
            _note_failure(sync, problem)
        else:
            _note_done(session, sync, plan, now=now)
    session.add(sync)
    return sync


@command(turns=_event_of_the_sync)
def apply_sync(session: Session, *, caller: Caller, now: datetime, sync_id: UUID) -> Sync:
    """Carries out a planned import, if its plan is still the one that was shown.

    Raises `NotFound`, `Forbidden`, `SyncNotPlanned`, `SyncStale`, and what stands against the plan.
    """
    sync = queries.sync(session, caller=caller, sync_id=sync_id)
    if sync.status != "planned":
        raise SyncNotPlanned(f"The import is {sync.status}.")
    if sync.content is None:
        raise SyncStale("The file is no longer kept. Send it again.")
    format_ = Format(sync.format)
    hub, event = _whereabouts(session, caller=caller, hub_id=str(sync.hub_id), event_id=sync.event_id, format_=format_)
    plan = make_plan(format_, opened_file(session, sync), queries.state(session, hub=hub, event=event, now=now))
    if plan.fingerprint != sync.fingerprint:
        raise SyncStale("The hub has changed since this plan was made. Send the file again and look at the new plan.")
    carry_out(plan, Scene(session, caller, now, hub.id, sync.event_id))
    _note_done(session, sync, plan, now=now)
    return sync


@command(turns=_event_of_the_import)
def import_at_once(
    session: Session,
    *,
    caller: Caller,
    now: datetime,
    hub_id: str,
    event_id: UUID | None,
    format_: Format,
    content: bytes,
    progress: Progress = no_progress,
) -> Plan:
    """Plans an import and carries it out, for whoever stands at the machine itself; answers with what was done.

    Raises `NotFound`, `SheetRefused`, `InvalidRequest`, and what stands against the plan.
    """
    plan = plan_now(session, caller=caller, now=now, hub_id=hub_id, event_id=event_id, format_=format_, content=content)
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    carry_out(plan, Scene(session, caller, now, hub.id, event_id), progress)
    if plan.steps:
        _tell(session, hub.id, event_id, format_, now=now)
    return plan


def plan_now(
    session: Session,
    *,
    caller: Caller,
    now: datetime,
    hub_id: str,
    event_id: UUID | None,
    format_: Format,
    content: bytes,
) -> Plan:
    """What importing a file would do now. Raises `NotFound`, `SheetRefused`, `InvalidRequest`."""
    hub, event = _whereabouts(session, caller=caller, hub_id=hub_id, event_id=event_id, format_=format_)
    return make_plan(format_, content, queries.state(session, hub=hub, event=event, now=now))


def _whereabouts(
    session: Session, *, caller: Caller, hub_id: str, event_id: UUID | None, format_: Format
) -> tuple[Hub, Event | None]:
    """The hub and the event that a sheet is for; the schools' sheet is for no event."""
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    must_be_allowed(caller, format_)
    if format_ is Format.SCHOOLS:
        if event_id is not None:
            raise _unusable("the schools of a hub belong to no event; leave it out")
        return hub, None
    if event_id is None:
        raise _unusable("say which event this sheet is for")
    try:
        event = events.own_event(session, caller=caller, event_id=event_id)
    except NotFound:
        raise _unusable("is not an event of this hub") from None
    if event.hub_id != hub.id:
        raise _unusable("is not an event of this hub")
    return hub, event


def _unusable(detail: str) -> InvalidRequest:
    return InvalidRequest("The event cannot be used.", errors=[Fault(detail, pointer="/event_id")])


def opened_file(session: Session, sync: Sync) -> bytes:
    """The file of an import that waits to be applied."""
    assert sync.content is not None
    return seal_of(session).open(sync.content, about=file_of(sync))


def file_of(sync: Sync) -> str:
    """What an import's sealed file is about."""
    return f"file of {sync.id}"


def _note(sync: Sync, plan: Plan, *, status: str, content: bytes | None) -> None:
    sync.status, sync.content = status, content
    sync.counts = asdict(plan.counts)
    sync.summary = changes_in_words(plan, done=status == "applied")
    sync.report = [_reported(each) for each in plan.findings]
    sync.fingerprint = plan.fingerprint
    sync.applied_at = None


def _reported(finding: Finding) -> dict[str, str | int | None]:
    return {
        "row": finding.row,
        "severity": str(finding.severity),
        "what": finding.what,
        "what_to_do": finding.what_to_do or None,
    }


def _note_done(session: Session, sync: Sync, plan: Plan, *, now: datetime) -> None:
    _note(sync, plan, status="applied", content=None)
    sync.applied_at = now
    if plan.steps:
        _tell(session, sync.hub_id, sync.event_id, Format(sync.format), now=now, sync_id=sync.id)


def _note_failure(sync: Sync, problem: Problem) -> None:
    """Nothing was written, so nothing is counted as written."""
    sync.status, sync.content = "failed", None
    sync.counts = {**sync.counts, "created": 0, "updated": 0}
    told = f"Nothing was imported: {problem.detail}"
    sync.summary = [told]
    stopped = Finding(None, Severity.NEEDS_A_PERSON, told, "Put that right, and send the file again.")
    sync.report = [_reported(stopped), *sync.report]


def _tell(
    session: Session,
    hub_id: UUID,
    event_id: UUID | None,
    format_: Format,
    *,
    now: datetime,
    sync_id: UUID | None = None,
) -> None:
    ids = {"event_id": event_id, "sync_id": sync_id}
    outbox.record(session, "import.applied", hub_id=hub_id, now=now, format=str(format_), **ids)
