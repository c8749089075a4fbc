"""What sources have told of a person: shown to them, and taken away when they are erased."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.mis.syncing import queries, running
from app.mis.syncing.models import Leaving, LinkProposal, StaffEmployment, StaffLink, StaffSync
from app.mis.syncing.schemas import TeacherSourceOut
from app.people.models import Teacher
from app.people.rules import email_key


def held(session: Session, teacher: Teacher) -> list[TeacherSourceOut]:
    """All that sources have told of a person."""
    return queries.sources_of(session, teacher).sources


def forget(session: Session, teacher: Teacher) -> int:
    """Takes away what sources have told of a person; answers with the number of records.

    The source's own id of them stays, and that is what keeps them from coming back with the next list. Plans that wait
    and have to do with them go, so that nothing of them is written later.
    """
    erased = 0
    links = session.scalars(select(StaffLink).where(StaffLink.teacher_id == teacher.id)).all()
    for link in links:
        session.execute(
            delete(StaffEmployment).where(
                StaffEmployment.source_id == link.source_id, StaffEmployment.record_id == link.record_id
            )
        )
        link.given_name = link.family_name = ""
        link.email = link.job_title = None
        link.second_ids, link.active = [], False
        erased += 1
    for proposal in session.scalars(select(LinkProposal).where(LinkProposal.hub_id == teacher.hub_id)).all():
        if proposal.teacher_id == teacher.id:
            session.delete(proposal)
            erased += 1
    session.execute(delete(Leaving).where(Leaving.teacher_id == teacher.id))
    return erased + _drop_plans(session, teacher, {link.record_id for link in links})


def _drop_plans(session: Session, teacher: Teacher, record_ids: set[str]) -> int:
    """Plans that name them, by an id or by an address."""
    address = email_key(teacher.email or teacher.shared_email or "")
    dropped = 0
    waiting = select(StaffSync).where(StaffSync.hub_id == teacher.hub_id, StaffSync.plan.is_not(None))
    for sync in session.scalars(waiting).all():
        plan = running.plan_of(session, sync)
        named = {row["id"] for row in plan.changed_people} | {row["teacher_id"] for row in plan.new_links}
        records = {row["record_id"] for row in (*plan.new_links, *plan.changed_links, *plan.new_proposals)}
        if str(teacher.id) in named or records & record_ids or (address and address in plan.email_keys):
            sync.plan = None
            dropped += 1
    return dropped
