"""From a staff set and what is known to a plan. Pure: it reads no database and no clock, and writes nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, replace
from uuid import UUID

from app.mis.staff import Finding, StaffRecord, StaffSet
from app.mis.syncing.matching import Likeness, Matching
from app.mis.syncing.orgs import Orgs
from app.mis.syncing.people import Group, NewId, settle_people
from app.mis.syncing.plan import Plan, Row
from app.mis.syncing.records import Record, lay_over, too_long
from app.mis.syncing.safety import look_out
from app.mis.syncing.state import KnownEmployment, State
from app.mis.syncing.telling import close, skip, tell_what_was_read
from app.people.rules import email_key


def make_plan(staff: StaffSet, state: State, *, new_id: NewId, distinct: frozenset[str] = frozenset()) -> Plan:
    """What a sync would do. The same input against what it has led to gives a plan that writes nothing.

    `distinct` are records of which a person has said that they are nobody who is known.
    """
    plan = Plan(left_out=dict(staff.left_out))
    staff = _without_the_too_long(staff)
    plan.email_keys = sorted({email_key(each.email) for each in staff.records if each.email})
    tell_what_was_read(plan, staff.rejected, staff.warnings)
    orgs = Orgs(staff.orgs, state)
    orgs.enter(plan)
    records, twice = lay_over(staff, state, orgs)
    tell_what_was_read(plan, [_came_twice(each) for each in twice], ())
    records = [each for each in records if not _is_nobody(plan, each, state)]
    groups = _people(plan, records, state, new_id, distinct)
    changed = settle_people(plan, groups, state)
    for group in groups:
        for record in group.records:
            fields = changed.get(group.teacher_id, frozenset())
            _count(plan, record, fields, is_new=group.teacher_id not in state.people)
            _write(plan, record, group.teacher_id)
    if staff.complete:
        there = {*(each.source_id for each in staff.records), *(each.source_id for each in staff.rejected)}
        plan.gone_proposals += [each for each in state.proposed if each not in there]
    look_out(plan, [record for group in groups for record in group.records], state, complete=staff.complete)
    close(plan)
    return plan


def _without_the_too_long(staff: StaffSet) -> StaffSet:
    refused = tuple(
        Finding(
            each.place, "too-long", f"The {field} is longer than there is room for.", source_id=each.source_id[:255]
        )
        for each in staff.records
        if (field := too_long(each))
    )
    if not refused:
        return staff
    kept = tuple(each for each in staff.records if not too_long(each))
    return replace(staff, records=kept, rejected=(*staff.rejected, *refused))


def _came_twice(each: StaffRecord) -> Finding:
    return Finding(each.place, "id-twice", "Another record has the same id, and came before.", source_id=each.source_id)


def _is_nobody(plan: Plan, record: Record, state: State) -> bool:
    """Whether a record is left out: erased, older than what is known, or nobody who works at a school of the hub."""
    if record.before is not None:
        person = state.people.get(record.before.teacher_id)
        if person is None or person.erased:
            if record.told is not None:
                skip(plan, record, "erased")
            return True
        if record.stale:
            skip(plan, record, "older-than-known")
        return False
    if record.active:
        return False
    assert record.told is not None
    if record.told.deleted or not record.told.active:
        code = "left-already"
    elif record.unplaced:
        code = "unknown-school"
    else:
        code = "school-left-aside" if record.left_aside else "no-school"
    skip(plan, record, code)
    return True


def _people(
    plan: Plan, records: Iterable[Record], state: State, new_id: NewId, distinct: frozenset[str]
) -> list[Group]:
    """The records by the person that they are; those that might be somebody known wait outside."""
    matching = Matching(state)
    theirs: dict[UUID, list[Record]] = defaultdict(list)
    for record in records:
        if record.before is not None:
            theirs[record.before.teacher_id].append(record)
            if record.record_id in state.proposed:
                plan.gone_proposals.append(record.record_id)
            continue
        likeness = None if record.record_id in distinct else matching.whom(record)
        if likeness is not None:
            _propose(plan, record, likeness, state)
            continue
        teacher_id = new_id()
        theirs[teacher_id].append(record)
        matching.enter(record, teacher_id)
        if record.record_id in state.proposed:
            plan.gone_proposals.append(record.record_id)
    return [Group(teacher_id, tuple(those)) for teacher_id, those in theirs.items()]


def _propose(plan: Plan, record: Record, likeness: Likeness, state: State) -> None:
    skip(plan, record, "might-be-known", teacher_id=str(likeness.teacher_id))
    if state.proposed.get(record.record_id) == likeness.teacher_id:
        return
    if record.record_id in state.proposed:
        plan.gone_proposals.append(record.record_id)
    assert record.told is not None
    plan.new_proposals.append(
        {
            "record_id": record.record_id,
            "teacher_id": str(likeness.teacher_id),
            "why": likeness.why,
            "told": told_as_json(record.told),
        }
    )


def told_as_json(record: StaffRecord) -> Row:
    """A record as JSON has it."""
    return {**asdict(record), "updated_at": record.updated_at.isoformat() if record.updated_at else None}


def _count(plan: Plan, record: Record, fields: frozenset[str], *, is_new: bool) -> None:
    if record.stale or (record.told is None and not record.is_changed):
        return
    plan.counts[_verdict(record, fields, is_new=is_new)] += 1


def _verdict(record: Record, fields: frozenset[str], *, is_new: bool) -> str:
    if is_new:
        return "created"
    if "active" in fields:
        return "reactivated" if record.active else "deactivated"
    return "updated" if fields or record.is_changed else "unchanged"


def _write(plan: Plan, record: Record, teacher_id: UUID) -> None:
    """The rows of the link and of the employments, where they differ from what is kept."""
    before = record.before
    if before is None or record.is_changed or record.told_at != before.told_at:
        row = {
            "record_id": record.record_id,
            "teacher_id": str(teacher_id),
            "given_name": record.given_name,
            "family_name": record.family_name,
            "email": record.email,
            "job_title": record.job_title,
            "second_ids": list(record.second_ids),
            "active": record.active,
            "told_at": record.told_at.isoformat() if record.told_at else None,
        }
        (plan.new_links if before is None else plan.changed_links).append(row)
    for school_id, employment in record.employments.items():
        known = record.employments_before.get(school_id)
        if known != employment:
            (plan.new_employments if known is None else plan.changed_employments).append(
                _employment_row(record.record_id, employment)
            )


def _employment_row(record_id: str, employment: KnownEmployment) -> Row:
    return {
        "record_id": record_id,
        "school_id": str(employment.school_id),
        "active": employment.active,
        "job_title": employment.job_title,
        "is_primary": employment.is_primary,
    }
