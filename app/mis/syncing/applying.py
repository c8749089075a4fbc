"""Writes a plan, in a few statements for thousands of people, inside the transaction of whoever calls."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.database import Base
from app.kernel.ids import new_id
from app.mis.syncing import leaving
from app.mis.syncing.models import LinkProposal, Source, SourceSchool, StaffEmployment, StaffLink
from app.mis.syncing.plan import Plan, Row
from app.people.models import School, Teacher

BLOCK = 1_000
"""Rows that one statement writes."""
_IDS = frozenset({"id", "school_id", "teacher_id"})
_TIMES = frozenset({"told_at"})
_TOLD = ("changed", "former_school_id")
"""What a row of a plan says beside its columns, for the fact that tells of it."""


def write_plan(session: Session, plan: Plan, *, source: Source, sync_id: UUID, now: datetime) -> None:
    """Carries a plan out. Raises `IntegrityError` when what it rests on has changed after all."""
    if not plan.writes:
        return
    source.revision += 1
    source.updated_at = now
    session.flush()
    hub = {"hub_id": source.hub_id}
    here = {"source_id": source.id, **hub}
    # Addresses that move from one person to another are nobody's for a moment.
    moving = [{"key_id": UUID(row["id"])} for row in plan.changed_people if "email" in row["changed"].split(",")]
    _execute(
        session, update(Teacher).where(Teacher.id == bindparam("key_id")).values(email=None, email_key=None), moving
    )
    _schools(session, plan, hub, now)
    _insert(session, SourceSchool, plan.new_orgs, here)
    _update(session, SourceSchool, plan.changed_orgs, keys=("org_id",), within=SourceSchool.source_id == source.id)
    times = {"created_at": now, "updated_at": now}
    _insert(session, Teacher, plan.new_people, {**hub, **times, "subjects": [], "key_stages": [], "roles": []})
    _update(
        session,
        Teacher,
        [{name: value for name, value in row.items() if name not in _TOLD} for row in plan.changed_people],
        keys=("id",),
        given={"updated_at": now},
    )
    _insert(session, StaffLink, plan.new_links, {**here, "linked_at": now, "changed_at": now})
    _update(
        session,
        StaffLink,
        plan.changed_links,
        keys=("record_id",),
        given={"changed_at": now},
        within=StaffLink.source_id == source.id,
    )
    _employments(session, plan, here, now)
    _proposals(session, plan, here, now)
    leaving.note(session, plan, source=source, now=now)
    outbox.record_all(session, _facts(plan, source, sync_id, now))


def _schools(session: Session, plan: Plan, hub: Mapping[str, Any], now: datetime) -> None:
    _insert(session, School, plan.new_schools, {**hub, "created_at": now, "updated_at": now})
    rows = [{name: value for name, value in row.items() if name != "changed"} for row in plan.changed_schools]
    _update(session, School, rows, keys=("id",), given={"updated_at": now})


def _employments(session: Session, plan: Plan, here: Mapping[str, Any], now: datetime) -> None:
    new = [{**row, "until": None if row["active"] else now} for row in plan.new_employments]
    _insert(session, StaffEmployment, new, {**here, "since": now})
    changed = [{**row, "until": None if row["active"] else now} for row in plan.changed_employments]
    within = StaffEmployment.source_id == here["source_id"]
    _update(session, StaffEmployment, changed, keys=("record_id", "school_id"), within=within)


def _proposals(session: Session, plan: Plan, here: Mapping[str, Any], now: datetime) -> None:
    if plan.gone_proposals:
        gone = delete(LinkProposal).where(
            LinkProposal.source_id == here["source_id"], LinkProposal.record_id == bindparam("gone")
        )
        _execute(session, gone, [{"gone": each} for each in set(plan.gone_proposals)])
    rows = [{"id": str(new_id()), **row} for row in plan.new_proposals]
    _insert(session, LinkProposal, rows, {**here, "created_at": now})


def _facts(plan: Plan, source: Source, sync_id: UUID, now: datetime) -> Iterable[outbox.Row]:
    def fact(kind: str, **subject: Any) -> outbox.Row:
        return outbox.fact(kind, hub_id=source.hub_id, now=now, **subject)

    for row in plan.new_schools:
        yield fact("school.created", school_id=row["id"], sync_id=sync_id)
    for row in plan.changed_schools:
        yield fact("school.updated", school_id=row["id"], changed=row["changed"], sync_id=sync_id)
    for row in plan.new_people:
        yield fact("teacher.created", teacher_id=row["id"], sync_id=sync_id)
    for row in plan.changed_people:
        told = {name: row[name] for name in _TOLD if name in row}
        yield fact("teacher.updated", teacher_id=row["id"], sync_id=sync_id, **told)
    yield fact(
        "sync.applied",
        sync_id=sync_id,
        source_id=source.id,
        **{name: count for name, count in plan.counts.items() if count and name != "unchanged"},
    )


def _typed(row: Row) -> dict[str, Any]:
    typed = {name: UUID(value) if name in _IDS and value is not None else value for name, value in row.items()}
    for name in _TIMES & row.keys():
        typed[name] = datetime.fromisoformat(row[name]) if row[name] else None
    return typed


def _insert(session: Session, model: type[Base], rows: Sequence[Row], given: Mapping[str, Any]) -> None:
    _execute(session, insert(model), ({**given, **_typed(row)} for row in rows))


def _update(
    session: Session,
    model: type[Base],
    rows: Sequence[Row],
    *,
    keys: Sequence[str],
    given: Mapping[str, Any] | None = None,
    within: Any = None,
) -> None:
    if not rows:
        return
    table = model.__table__
    names = [name for name in rows[0] if name not in keys]
    statement = update(model).values({name: bindparam(f"new_{name}") for name in names} | dict(given or {}))
    statement = statement.where(*(table.c[key] == bindparam(f"key_{key}") for key in keys))
    if within is not None:
        statement = statement.where(within)
    bound = (
        {(f"key_{name}" if name in keys else f"new_{name}"): value for name, value in _typed(row).items()}
        for row in rows
    )
    _execute(session, statement, bound)


def _execute(session: Session, statement: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """Over the connection, past the objects of the session, and in blocks: few rows are in memory twice."""
    rest = iter(rows)
    while block := list(islice(rest, BLOCK)):
        session.connection().execute(statement, block)
