"""What one can ask about syncs and sources."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.caller import Caller
from app.kernel.pagination import Page, PageRequest, paginate
from app.kernel.problems import NotFound
from app.mis.syncing import leaving
from app.mis.syncing.models import LinkProposal, Source, SourceSchool, StaffEmployment, StaffLink, StaffSync
from app.mis.syncing.rules import must_be_allowed
from app.mis.syncing.schemas import (
    EmploymentOut,
    LeavingPresenterOut,
    LeavingPresentersOut,
    LinkProposalOut,
    SourceSchoolOut,
    SourceSchoolsOut,
    TeacherSourceOut,
    TeacherSourcesOut,
)
from app.people import queries as people
from app.people.models import Teacher
from app.people.reach import of_own_hub


def staff_sync(session: Session, *, caller: Caller, sync_id: UUID) -> StaffSync | None:
    """A sync of staff within reach, if there is one with this id. Raises `Forbidden`."""
    found = session.scalar(select(StaffSync).where(StaffSync.id == sync_id, of_own_hub(caller, StaffSync.hub_id)))
    if found is not None:
        must_be_allowed(caller)
    return found


def sources(session: Session, *, caller: Caller, hub_id: str, page: PageRequest) -> Page:
    """A hub's sources, oldest first. Raises `NotFound`, `Forbidden`."""
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    must_be_allowed(caller)
    return paginate(session, select(Source).where(Source.hub_id == hub.id), order=[Source.id], page=page)


def source(session: Session, *, caller: Caller, source_id: UUID) -> Source:
    """One source. Raises `NotFound`, `Forbidden`."""
    found = session.scalar(select(Source).where(Source.id == source_id, of_own_hub(caller, Source.hub_id)))
    if found is None:
        raise NotFound
    must_be_allowed(caller)
    return found


def schools(session: Session, *, caller: Caller, source_id: UUID) -> SourceSchoolsOut:
    """A source's schools, those first that nobody knows. Raises `NotFound`, `Forbidden`."""
    found = source(session, caller=caller, source_id=source_id)
    return schools_of(session, found.id)


def schools_of(session: Session, source_id: UUID) -> SourceSchoolsOut:
    """A source's schools, for those who may see them."""
    rows = session.scalars(
        select(SourceSchool)
        .where(SourceSchool.source_id == source_id)
        .order_by(SourceSchool.school_id.is_not(None), SourceSchool.left_aside, SourceSchool.name, SourceSchool.org_id)
    )
    return SourceSchoolsOut(schools=[SourceSchoolOut.model_validate(each) for each in rows])


def proposals(session: Session, *, caller: Caller, hub_id: str, page: PageRequest) -> Page:
    """Records that might be somebody known, oldest first. Raises `NotFound`, `Forbidden`."""
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    must_be_allowed(caller)
    found = paginate(
        session, select(LinkProposal).where(LinkProposal.hub_id == hub.id), order=[LinkProposal.id], page=page
    )
    return Page([_proposal(each) for each in found.items], found.next_cursor)


def _proposal(each: LinkProposal) -> LinkProposalOut:
    return LinkProposalOut(
        id=each.id,
        source_id=each.source_id,
        record_id=each.record_id,
        teacher_id=each.teacher_id,
        why=each.why,
        given_name=each.told["given_name"],
        family_name=each.told["family_name"],
        email=each.told["email"],
        created_at=each.created_at,
    )


def leaving_presenters(session: Session, *, caller: Caller, hub_id: str) -> LeavingPresentersOut:
    """Those who have left and still present at an evening ahead. Raises `NotFound`, `Forbidden`."""
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    must_be_allowed(caller)
    rows = session.execute(leaving.still_presenting(hub.id))
    return LeavingPresentersOut(items=[LeavingPresenterOut.model_validate(each) for each in rows])


def teacher_sources(session: Session, *, caller: Caller, teacher_id: UUID) -> TeacherSourcesOut:
    """Where what is known of a person comes from. Raises `NotFound`."""
    return sources_of(session, people.teacher(session, caller=caller, teacher_id=teacher_id))


def sources_of(session: Session, teacher: Teacher) -> TeacherSourcesOut:
    """The same, for those who may see it."""
    rows = session.execute(
        select(StaffLink, Source)
        .join(Source, Source.id == StaffLink.source_id)
        .where(StaffLink.teacher_id == teacher.id)
        .order_by(StaffLink.active.desc(), StaffLink.linked_at, StaffLink.source_id, StaffLink.record_id)
    )
    links = list(rows)
    working: dict[tuple[UUID, str], list[EmploymentOut]] = defaultdict(list)
    theirs = select(StaffEmployment).join(
        StaffLink,
        (StaffLink.source_id == StaffEmployment.source_id) & (StaffLink.record_id == StaffEmployment.record_id),
    )
    for each in session.scalars(theirs.where(StaffLink.teacher_id == teacher.id).order_by(StaffEmployment.since)):
        working[each.source_id, each.record_id].append(EmploymentOut.model_validate(each))
    return TeacherSourcesOut(
        teacher_id=teacher.id,
        sources=[
            TeacherSourceOut(
                source_id=source.id,
                kind=source.kind,
                name=source.name,
                record_id=link.record_id,
                given_name=link.given_name,
                family_name=link.family_name,
                email=link.email,
                job_title=link.job_title,
                active=link.active,
                told_at=link.told_at,
                linked_at=link.linked_at,
                changed_at=link.changed_at,
                employments=working[link.source_id, link.record_id],
            )
            for link, source in links
        ],
        facts=_facts(teacher, [link for link, _ in links], working),
    )


def _facts(
    teacher: Teacher, links: Sequence[StaffLink], working: dict[tuple[UUID, str], list[EmploymentOut]]
) -> dict[str, UUID | None]:
    def teller(name: str, value: object) -> UUID | None:
        return next((link.source_id for link in links if value is not None and getattr(link, name) == value), None)

    school = next(
        (
            link.source_id
            for link in links
            for each in working[link.source_id, link.record_id]
            if each.active and each.school_id == teacher.school_id
        ),
        None,
    )
    return {
        "given_name": teller("given_name", teacher.given_name),
        "family_name": teller("family_name", teacher.family_name),
        "email": teller("email", teacher.email or teacher.shared_email),
        "job_title": teller("job_title", teacher.job_title),
        "school_id": school,
        "active": teller("active", teacher.active),
    }
