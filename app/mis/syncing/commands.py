"""What a person does with syncs: start one from a file, apply it, and decide what only people can decide."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import jobs, outbox
from app.kernel.caller import Caller
from app.kernel.commands import command
from app.kernel.problems import Fault, InvalidRequest, Problem, Unavailable
from app.kernel.sealing import seal_of
from app.mis.reading.gias import GiasSet
from app.mis.staff import StaffSet
from app.mis.syncing import incoming, queries, running
from app.mis.syncing.incoming import Staff
from app.mis.syncing.looking import basis_of
from app.mis.syncing.models import LinkProposal, Source, SourceSchool, StaffLink, StaffSync
from app.mis.syncing.register import plan_schools
from app.mis.syncing.rules import must_be_allowed
from app.mis.syncing.schemas import ApplyIn, DecisionsIn, DecisionsOut, SourceSchoolsIn, SourceSchoolsOut, SyncOut
from app.people import queries as people
from app.people.models import Hub, School, Teacher
from app.sheets.commands import Mode, SyncNotPlanned, SyncStale

PLAN = "mis.plan"
"""The job that plans what has come in."""
REGISTER = "gias-csv"


class SyncHeld(Problem):
    """The plan is unusual: it would deactivate many people, or empty a school, as a broken export would.

    Look at `held_because`, and if it is right, apply it with `{"confirm": true}`. If not, send a whole export.
    """

    status, title = 409, "The sync is held until a person confirms it"


@command()
def receive(
    session: Session,
    *,
    caller: Caller,
    now: datetime,
    hub_id: str,
    staff: Staff,
    kind: str,
    name: str,
    mode: Mode,
    columns: dict[str, str] | None = None,
) -> StaffSync:
    """Takes in a staff set that was read from a file: small ones are settled here, large ones by a job.

    `columns` is the map of a sheet, remembered for the next one. Raises `NotFound`, `Forbidden`, `SyncRunning`.
    """
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    must_be_allowed(caller)
    source = running.source_for(session, hub_id=hub.id, kind=kind, name=name, now=now)
    if columns is not None and columns != source.columns:
        source.columns, source.updated_at = columns, now
    sync_id = running.begin(
        session, hub_id=hub.id, source_id=source.id, format=kind, mode=mode, started_by=caller.principal, now=now
    )
    sync = session.get_one(StaffSync, sync_id)
    if staff.count <= running.AT_ONCE:
        running.plan_in_place(session, sync_id=sync_id, staff=incoming.decoded(staff.encoded), now=now)
        return sync
    sync.incoming = seal_of(session).seal(staff.encoded, about=incoming_about(sync))
    sync.step, sync.expected = "Waiting to be planned", staff.count
    session.flush()
    jobs.enqueue(session, PLAN, {"sync_id": sync_id}, now=now)
    return sync


@command()
def receive_register(
    session: Session,
    *,
    caller: Caller,
    now: datetime,
    hub_id: str,
    register: GiasSet,
    name: str,
    mode: Mode,
    add: frozenset[str],
) -> StaffSync:
    """Brings the hub's schools up to date from the national register. Raises `NotFound`, `Forbidden`, `SyncRunning`."""
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    must_be_allowed(caller)
    source = running.source_for(session, hub_id=hub.id, kind=REGISTER, name=name, now=now)
    sync_id = running.begin(
        session, hub_id=hub.id, source_id=source.id, format=REGISTER, mode=mode, started_by=caller.principal, now=now
    )
    sync = session.get_one(StaffSync, sync_id)
    basis = basis_of(session, source_id=source.id, email_keys=(), lock=False)
    plan = plan_schools(session, hub_id=hub.id, register=register, add=add)
    if not running.conclude(session, sync, plan, basis=basis, now=now):
        raise Unavailable("The same schools were changed at the same moment. Nothing was done; try again.")
    return sync


def incoming_about(sync: StaffSync) -> str:
    """What the seal of a set that waits is about."""
    return f"incoming of {sync.id}"


def incoming_of(session: Session, sync_id: UUID) -> bytes | None:
    """The set that waits to be planned, encoded, unless nobody wants it any more."""
    sync = session.get(StaffSync, sync_id)
    if sync is None or sync.status != running.Status.RUNNING or sync.incoming is None:
        return None
    return seal_of(session).open(sync.incoming, about=incoming_about(sync))


@command()
def apply_staff_sync(
    session: Session, *, caller: Caller, now: datetime, sync_id: UUID, body: ApplyIn
) -> StaffSync | None:
    """Carries out a planned or held sync of staff; None when there is none with this id.

    Raises `Forbidden`, `SyncHeld`, `SyncNotPlanned`, `SyncStale`.
    """
    sync = queries.staff_sync(session, caller=caller, sync_id=sync_id)
    if sync is None:
        return None
    if sync.status not in (running.Status.PLANNED, running.Status.HELD):
        raise SyncNotPlanned(f"The sync is {sync.status}.")
    if sync.plan is None or sync.basis is None:
        raise SyncStale("The plan is no longer kept. Begin anew.")
    if body.plan_digest is not None and body.plan_digest != sync.plan_digest:
        raise SyncStale("This is not the plan that waits here. Look at it again.")
    if sync.status == running.Status.HELD and not body.confirm:
        raise SyncHeld(" ".join(sync.held_because))
    plan = running.plan_of(session, sync)
    if not running.carry_out(session, sync, plan, basis=sync.basis, now=now):
        raise SyncStale("What is known here has changed since this plan was made. Begin anew and look at the new plan.")
    return sync


@command()
def set_schools(
    session: Session, *, caller: Caller, now: datetime, source_id: UUID, body: SourceSchoolsIn
) -> SourceSchoolsOut:
    """Says which of the hub's schools a source's schools are. It counts from the next sync on.

    Raises `NotFound`, `Forbidden`, `InvalidRequest`.
    """
    source = queries.source(session, caller=caller, source_id=source_id)
    known = {
        each.org_id: each
        for each in session.scalars(select(SourceSchool).where(SourceSchool.source_id == source.id).with_for_update())
    }
    ours = set(session.scalars(select(School.id).where(School.hub_id == source.hub_id)))
    faults = []
    changed = 0
    for index, wanted in enumerate(body.schools):
        row = known.get(wanted.org_id)
        if row is None:
            faults.append(Fault("is not a school of this source", pointer=f"/schools/{index}/org_id"))
        elif wanted.school_id is not None and wanted.school_id not in ours:
            faults.append(Fault("is not a school of this hub", pointer=f"/schools/{index}/school_id"))
        elif wanted.school_id is not None and wanted.left_aside:
            faults.append(Fault("a school is one of the hub's or left aside", pointer=f"/schools/{index}/left_aside"))
        else:
            decided = (wanted.school_id, wanted.school_id is not None, wanted.left_aside)
            changed += decided != (row.school_id, row.confirmed, row.left_aside)
            row.school_id, row.confirmed, row.left_aside = decided
    if faults:
        raise InvalidRequest("Some schools cannot be used.", errors=faults)
    if changed:
        source.revision += 1
        source.updated_at = now
        outbox.record(
            session, "source.schools_set", hub_id=source.hub_id, now=now, source_id=source.id, schools=changed
        )
    session.flush()
    return queries.schools_of(session, source.id)


@command()
def decide(session: Session, *, caller: Caller, now: datetime, hub_id: str, body: DecisionsIn) -> DecisionsOut:
    """Carries out what a person says of records that might be somebody known: each comes in, as them or as somebody
    new.

    Raises `NotFound`, `Forbidden`, `SyncRunning`, and `InvalidRequest` for proposals that are not there any more.
    """
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    must_be_allowed(caller)
    found = _proposals(session, hub, body)
    by_source: dict[UUID, list[LinkProposal]] = defaultdict(list)
    for each in found.values():
        by_source[each.source_id].append(each)
    same = frozenset(body.same_person)
    return DecisionsOut(
        syncs=[
            SyncOut.model_validate(_decide(session, source_id, those, same, caller=caller, now=now))
            for source_id, those in sorted(by_source.items())
        ]
    )


def _proposals(session: Session, hub: Hub, body: DecisionsIn) -> dict[UUID, LinkProposal]:
    asked = [*body.same_person, *body.somebody_else]
    found = {
        each.id: each
        for each in session.scalars(
            select(LinkProposal)
            .where(LinkProposal.hub_id == hub.id, LinkProposal.id.in_(asked))
            .order_by(LinkProposal.id)
            .with_for_update()
        )
    }
    both = set(body.same_person) & set(body.somebody_else)
    faults = [
        Fault(
            "is not a proposal that waits" if each not in found else "cannot be both",
            pointer=f"/{name}/{index}",
        )
        for name in ("same_person", "somebody_else")
        for index, each in enumerate(getattr(body, name))
        if each not in found or each in both
    ]
    if faults:
        raise InvalidRequest("Some proposals cannot be decided.", errors=faults[:50])
    return found


def _decide(
    session: Session,
    source_id: UUID,
    those: Sequence[LinkProposal],
    same: frozenset[UUID],
    *,
    caller: Caller,
    now: datetime,
) -> StaffSync:
    source = session.get_one(Source, source_id)
    sync_id = running.begin(
        session,
        hub_id=source.hub_id,
        source_id=source.id,
        format=source.kind,
        mode=Mode.APPLY,
        started_by=caller.principal,
        now=now,
    )
    staff = StaffSet(records=tuple(incoming.record_from(each.told) for each in those), orgs=(), complete=False)
    distinct = frozenset(each.record_id for each in those if each.id not in same)
    for each in those:
        if each.id in same:
            _link(session, each, now=now)
    session.flush()
    running.plan_in_place(session, sync_id=sync_id, staff=staff, now=now, distinct=distinct, unasked=True)
    return session.get_one(StaffSync, sync_id)


def _link(session: Session, proposal: LinkProposal, *, now: datetime) -> None:
    teacher = session.get_one(Teacher, proposal.teacher_id)
    session.add(
        StaffLink(
            source_id=proposal.source_id,
            record_id=proposal.record_id,
            hub_id=proposal.hub_id,
            teacher_id=teacher.id,
            given_name=teacher.given_name,
            family_name=teacher.family_name,
            email=None,
            job_title=None,
            second_ids=[],
            active=False,
            told_at=None,
            linked_at=now,
            changed_at=now,
        )
    )
    outbox.record(
        session,
        "teacher.linked",
        hub_id=proposal.hub_id,
        now=now,
        teacher_id=teacher.id,
        source_id=proposal.source_id,
    )
