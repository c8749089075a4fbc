"""Reads what is known before a sync, and tells by a digest whether it is still the same."""

import hashlib
from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from app.mis.syncing.models import LinkProposal, Source, SourceSchool, StaffEmployment, StaffLink
from app.mis.syncing.state import KnownEmployment, KnownLink, KnownOrg, KnownPerson, KnownSchool, State
from app.people.models import School, Teacher

_PERSON = (
    Teacher.id,
    Teacher.school_id,
    Teacher.given_name,
    Teacher.family_name,
    Teacher.email,
    Teacher.email_key,
    Teacher.shared_email,
    Teacher.job_title,
    Teacher.roles,
    Teacher.active,
    Teacher.erased_at,
)

_AT_ONCE = 1_000
_SCHOOL = (School.id, School.name, School.urn, School.laestab, School.phase, School.postcode, School.website)


def look(session: Session, *, hub_id: UUID, source_id: UUID, email_keys: Collection[str]) -> State:
    """What is known of a source, and of everybody who has one of these addresses."""
    schools = session.execute(select(School.id, School.name, School.urn, School.laestab).where(School.hub_id == hub_id))
    links = _links(session, source_id)
    return State(
        schools=tuple(KnownSchool(*row) for row in schools),
        orgs={row.org_id: row for row in _orgs(session, source_id)},
        links=links,
        employments=_employments(session, source_id),
        people={row.id: _person(row) for row in _people(session, hub_id, source_id, email_keys)},
        proposed=dict(
            session.execute(
                select(LinkProposal.record_id, LinkProposal.teacher_id).where(LinkProposal.source_id == source_id)
            ).all()
        ),
        held_elsewhere=_held_elsewhere(session, source_id),
        owned_elsewhere=_owned_elsewhere(session, source_id),
    )


def basis_of(session: Session, *, source_id: UUID, email_keys: Collection[str], lock: bool = False) -> str:
    """A digest of everything that a plan rests on. `lock` keeps others from changing these people meanwhile."""
    source = session.get_one(Source, source_id)
    told: list[Any] = [source.revision]
    # The revisions of others that speak of the same people: what they say decides whether somebody stays.
    told += _rows(session.execute(_others_revisions(source_id)))
    schools = select(*_SCHOOL).where(School.hub_id == source.hub_id)
    told += _rows(session.execute(schools.order_by(School.id)))
    people = _people(session, source.hub_id, source_id, email_keys, lock=lock)
    told += sorted(_rows(people))
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _rows(found: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in found]


def _others_revisions(source_id: UUID) -> Any:
    mine, theirs = aliased(StaffLink), aliased(StaffLink)
    shared = (
        select(theirs.source_id)
        .join(mine, mine.teacher_id == theirs.teacher_id)
        .where(mine.source_id == source_id, theirs.source_id != source_id)
    )
    return select(Source.id, Source.revision).where(Source.id.in_(shared)).order_by(Source.id)


def _links(session: Session, source_id: UUID) -> dict[str, KnownLink]:
    rows = session.execute(
        select(
            StaffLink.record_id,
            StaffLink.teacher_id,
            StaffLink.given_name,
            StaffLink.family_name,
            StaffLink.email,
            StaffLink.job_title,
            StaffLink.second_ids,
            StaffLink.active,
            StaffLink.told_at,
        ).where(StaffLink.source_id == source_id)
    )
    return {row.record_id: KnownLink(*row[:6], tuple(row.second_ids), row.active, row.told_at) for row in rows}


def _orgs(session: Session, source_id: UUID) -> list[KnownOrg]:
    rows = session.execute(
        select(
            SourceSchool.org_id,
            SourceSchool.name,
            SourceSchool.urn,
            SourceSchool.laestab,
            SourceSchool.school_id,
            SourceSchool.confirmed,
            SourceSchool.left_aside,
        ).where(SourceSchool.source_id == source_id)
    )
    return [KnownOrg(*row) for row in rows]


def _employments(session: Session, source_id: UUID) -> dict[str, tuple[KnownEmployment, ...]]:
    found: dict[str, list[KnownEmployment]] = defaultdict(list)
    rows = session.execute(
        select(
            StaffEmployment.record_id,
            StaffEmployment.school_id,
            StaffEmployment.active,
            StaffEmployment.is_primary,
            StaffEmployment.job_title,
        ).where(StaffEmployment.source_id == source_id)
    )
    for record_id, school_id, active, is_primary, job_title in rows:
        found[record_id].append(KnownEmployment(school_id, active, is_primary, job_title))
    return {record_id: tuple(those) for record_id, those in found.items()}


def _people(
    session: Session, hub_id: UUID, source_id: UUID, email_keys: Collection[str], *, lock: bool = False
) -> list[Any]:
    """Those who are linked, and those who have one of the addresses; each once, in one order everywhere."""
    linked = select(StaffLink.teacher_id).where(StaffLink.source_id == source_id)
    keys = sorted(email_keys)
    wanted = [Teacher.id.in_(linked)]
    wanted += [Teacher.email_key.in_(keys[start : start + _AT_ONCE]) for start in range(0, len(keys), _AT_ONCE)]
    found: dict[UUID, Any] = {}
    for condition in wanted:
        statement = select(*_PERSON).where(Teacher.hub_id == hub_id, condition).order_by(Teacher.id)
        if lock:
            statement = statement.with_for_update(key_share=True)
        found |= {row.id: row for row in session.execute(statement)}
    return list(found.values())


def _person(row: Any) -> KnownPerson:
    return KnownPerson(
        id=row.id,
        school_id=row.school_id,
        given_name=row.given_name,
        family_name=row.family_name,
        email=row.email,
        email_key=row.email_key,
        shared_email=row.shared_email,
        job_title=row.job_title,
        has_roles=bool(row.roles),
        active=row.active,
        erased=row.erased_at is not None,
    )


def _held_elsewhere(session: Session, source_id: UUID) -> frozenset[UUID]:
    mine, theirs = aliased(StaffLink), aliased(StaffLink)
    here = exists().where(mine.teacher_id == theirs.teacher_id, mine.source_id == source_id)
    found = select(theirs.teacher_id).where(theirs.source_id != source_id, theirs.active, here)
    return frozenset(session.scalars(found))


def _owned_elsewhere(session: Session, source_id: UUID) -> frozenset[UUID]:
    """Those who were linked by another source before, and are at work by its word."""
    mine, theirs = aliased(StaffLink), aliased(StaffLink)
    since = select(func.min(mine.linked_at)).where(mine.teacher_id == theirs.teacher_id, mine.source_id == source_id)
    found = select(theirs.teacher_id).where(
        theirs.source_id != source_id, theirs.active, theirs.linked_at < since.scalar_subquery()
    )
    return frozenset(session.scalars(found))
