"""The hub's schools brought up to date from the national register. No school is deleted, and none moves by itself:
a school that has closed, or has another number now, is put before a person with what the register says of it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.ids import new_id
from app.mis.reading.gias import GiasRow, GiasSet
from app.mis.syncing.plan import Plan, Row
from app.mis.syncing.telling import close, tell_what_was_read
from app.people.models import School

CLOSED = "Closed"
_FIELDS = {"name": 200, "laestab": 8, "phase": 60, "postcode": 8, "website": 400}


def plan_schools(session: Session, *, hub_id: UUID, register: GiasSet, add: frozenset[str]) -> Plan:
    """What the register changes about the hub's schools. `add` names schools that join, by URN or LAESTAB."""
    plan = Plan()
    schools = session.scalars(select(School).where(School.hub_id == hub_id).order_by(School.name, School.id)).all()
    tell_what_was_read(plan, register.rejected, register.warnings)
    by_urn = {each.urn: each for each in register.rows}
    by_laestab: dict[str, list[GiasRow]] = {}
    for row in register.rows:
        if row.laestab:
            by_laestab.setdefault(row.laestab, []).append(row)
    rejected = {each.source_id for each in register.rejected}
    for school in schools:
        if school.urn in rejected:
            continue
        found = by_urn.get(school.urn)
        if found is None:
            _not_found(plan, school, by_laestab.get(school.laestab or "", ()))
        else:
            _bring_up_to_date(plan, school, found)
            _tell_if_closed(plan, school, found, register, by_urn, by_laestab)
    _join(plan, add, {each.urn for each in schools}, by_urn, by_laestab)
    close(plan)
    return plan


def _bring_up_to_date(plan: Plan, school: School, row: GiasRow) -> None:
    # What the register leaves blank says nothing: what is known stays.
    told = {name: value[:most] for name, most in _FIELDS.items() if (value := getattr(row, name))}
    changed = sorted(name for name, value in told.items() if getattr(school, name) != value)
    if not changed:
        plan.counts["unchanged"] += 1
        return
    plan.counts["updated"] += 1
    now = {name: told.get(name, getattr(school, name)) for name in _FIELDS}
    plan.changed_schools.append({"id": str(school.id), **now, "changed": ",".join(changed)})


def _not_found(plan: Plan, school: School, like: Sequence[GiasRow]) -> None:
    open_now = [each for each in like if each.status != CLOSED]
    plan.counts["skipped"] += 1
    if len(open_now) == 1:
        what = f"{school.name} is not in the register by its URN; by its LAESTAB it has the URN {open_now[0].urn} now."
        to_do = "If that is right, change the school's URN."
        plan.report.append(_row(open_now[0], "another-urn", what, to_do, severity="needs_a_person"))
    else:
        plan.report.append(_row(None, "not-in-register", f"{school.name} is not in the register.", None))


def _tell_if_closed(
    plan: Plan,
    school: School,
    row: GiasRow,
    register: GiasSet,
    by_urn: Mapping[str, GiasRow],
    by_laestab: Mapping[str, Sequence[GiasRow]],
) -> None:
    if row.status != CLOSED:
        return
    following = {each.successor_urn for each in register.successors if each.urn == row.urn}
    following |= {each.urn for each in by_laestab.get(row.laestab or "", ()) if each.status != CLOSED}
    when = f" on {row.close_date:%d/%m/%Y}" if row.close_date else ""
    if not following:
        plan.report.append(
            _row(row, "closed", f"{school.name} closed{when}.", "Its staff stay with it until somebody moves them.")
        )
        return
    names = ", ".join(f"{by_urn[urn].name} ({urn})" if urn in by_urn else urn for urn in sorted(following))
    what = f"{school.name} closed{when}. It is followed by {names}."
    to_do = "If its staff go there, change the school's URN, or add the new school and move them."
    plan.report.append(_row(row, "has-successor", what, to_do, severity="needs_a_person"))


def _join(
    plan: Plan,
    add: frozenset[str],
    ours: set[str],
    by_urn: Mapping[str, GiasRow],
    by_laestab: Mapping[str, Sequence[GiasRow]],
) -> None:
    for key in sorted(add):
        candidates = [by_urn[key]] if key in by_urn else list(by_laestab.get(key, ()))
        candidates = [each for each in candidates if each.status != CLOSED or key in by_urn]
        if len(candidates) != 1:
            plan.counts["skipped"] += 1
            what = f"{key} is not one school of the register, so none was added."
            plan.report.append(_row(None, "not-in-register", what, None, severity="needs_a_person"))
            continue
        row = candidates[0]
        if row.urn in ours:
            continue
        ours.add(row.urn)
        plan.counts["created"] += 1
        told = {name: (getattr(row, name) or "")[:most] or None for name, most in _FIELDS.items()}
        plan.new_schools.append({"id": str(new_id()), "urn": row.urn, **told})


def _row(row: GiasRow | None, code: str, what: str, what_to_do: str | None, *, severity: str = "note") -> Row:
    return {
        "severity": severity,
        "file": row.place.file if row else None,
        "row": row.place.line if row else None,
        "field": None,
        "code": code,
        "source_id": row.urn if row else None,
        "teacher_id": None,
        "what": what,
        "what_to_do": what_to_do,
    }
