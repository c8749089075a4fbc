"""Erasure: a person's data goes everywhere (UK GDPR, art. 17); counts and an anonymous history stay."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.access.signing_in.commands import forget_teacher
from app.attendance.models import Reflection
from app.calendars.models import CalendarFeed
from app.events.models import Event
from app.events.rules import OPEN_TO_CHANGE
from app.kernel import outbox
from app.kernel.caller import HERE, Caller
from app.kernel.commands import Arguments, command
from app.marketplace.models import Presentation, Presenter
from app.marketplace.queries import presented_by
from app.marketplace.rules import CAN_BE_WITHDRAWN
from app.marketplace.schemas import PresentationChange
from app.mis.syncing import privacy as syncing
from app.people.commands import must_manage_access, refresh_keys
from app.people.models import Teacher
from app.privacy import traces
from app.privacy.personal_data import subject
from app.privacy.schemas import ErasureOut
from app.registrations import commands as registrations
from app.registrations import presenting
from app.registrations.models import Needs, Registration
from app.sandbox.mail import forget_mail_to


def _events_of_teachers(session: Session, calls: Sequence[Arguments]) -> Iterable[UUID]:
    """Whose turn it takes: every event that the person comes to or presents at."""
    ids = {call["teacher_id"] for call in calls}
    coming = session.scalars(select(Registration.event_id).where(Registration.teacher_id.in_(ids)))
    presenting_at = session.scalars(select(Presenter.event_id).where(Presenter.teacher_id.in_(ids)))
    return {*coming, *presenting_at}


@command(turns=_events_of_teachers)
def erase(session: Session, *, caller: Caller, now: datetime, teacher_id: UUID) -> ErasureOut:
    """Erases a person. Their places and seats at evenings that are still ahead are free again, by the ordinary ways.

    Raises `NotFound`, `Forbidden`.
    """
    teacher = subject(session, caller=caller, teacher_id=teacher_id, scope="people:write")
    if teacher.roles and caller.teacher_id != teacher.id:
        must_manage_access(caller)
    about = traces.person(session, teacher)
    erased = _delete_needs(session, teacher)
    withdrawn = _withdraw(session, teacher, now=now)
    cancelled = _cancel(session, teacher, now=now)
    forget_teacher(session, teacher_id=teacher.id)
    session.execute(delete(CalendarFeed).where(CalendarFeed.teacher_id == teacher.id))
    if teacher.email is not None:
        forget_mail_to(session, address=teacher.email)
    erased += _erase_traces(session, teacher, about)
    erased += syncing.forget(session, teacher)
    _erase_from_presentations(session, teacher, about)
    _erase_from_reflections(session, teacher, about)
    _leave_a_nobody(teacher, now=now)
    outbox.record(session, "teacher.erased", hub_id=teacher.hub_id, now=now, teacher_id=teacher.id)
    return ErasureOut(
        teacher_id=teacher.id,
        erased_at=now,
        registrations_cancelled=cancelled,
        presentations_withdrawn=withdrawn,
        records_erased=erased,
    )


def _delete_needs(session: Session, teacher: Teacher) -> int:
    theirs = select(Registration.id).where(Registration.teacher_id == teacher.id)
    return session.connection().execute(delete(Needs).where(Needs.registration_id.in_(theirs))).rowcount


def _withdraw(session: Session, teacher: Teacher, *, now: datetime) -> int:
    """Ends what they offer at evenings that are ahead; where others present too, these go on without them."""
    statement = (
        select(Presentation)
        .join(Event, Event.id == Presentation.event_id)
        .where(presented_by(teacher.id), Event.status.in_(OPEN_TO_CHANGE), Presentation.status.in_(CAN_BE_WITHDRAWN))
    )
    withdrawn = 0
    for each in session.scalars(statement).all():
        others = [other for other in presenting.presenter_ids(session, each.id) if other != teacher.id]
        if others:
            body = PresentationChange(presenter_ids=others)
            presenting.change_presentation(session, caller=HERE, now=now, presentation_id=each.id, body=body)
        else:
            presenting.withdraw(session, caller=HERE, now=now, presentation_id=each.id)
            withdrawn += 1
    return withdrawn


def _cancel(session: Session, teacher: Teacher, *, now: datetime) -> int:
    live = session.scalars(
        select(Registration.id)
        .join(Event, Event.id == Registration.live_event_id)
        .where(
            Registration.teacher_id == teacher.id,
            Registration.checked_in_at.is_(None),  # who has come, has come
            Event.status.in_(OPEN_TO_CHANGE),
        )
    ).all()
    for registration_id in live:
        registrations.cancel(session, caller=HERE, now=now, registration_id=registration_id)
    return len(live)


def _erase_traces(session: Session, teacher: Teacher, about: traces.Person) -> int:
    erased = 0
    for each, _ in list(traces.kept_answers(session, about)):
        session.delete(each)
        erased += 1
    for sync in list(traces.waiting_files(session, teacher, about)):
        sync.content = None
        erased += 1
    for sync, _ in list(traces.imports(session, teacher, about)):
        erased += traces.scrub(sync, about)
    return erased


def _erase_from_presentations(session: Session, teacher: Teacher, about: traces.Person) -> None:
    """What they offered stays as work of the evening; their name does not stand in it."""
    for each in session.scalars(select(Presentation).where(presented_by(teacher.id))):
        each.title, each.summary = about.without(each.title), about.without(each.summary)


def _erase_from_reflections(session: Session, teacher: Teacher, about: traces.Person) -> None:
    """What they wrote, and what was written about them, stays for those whom it helps; their name does not."""
    evenings = select(Registration.event_id).where(Registration.teacher_id == teacher.id)
    for each in session.scalars(select(Reflection).where(Reflection.event_id.in_(evenings))):
        each.what_went_well = about.without(each.what_went_well)
        each.even_better_if = about.without(each.even_better_if)


def _leave_a_nobody(teacher: Teacher, *, now: datetime) -> None:
    teacher.given_name, teacher.family_name = traces.ERASED, ""
    teacher.email = teacher.email_key = teacher.shared_email = teacher.job_title = None
    teacher.subjects, teacher.key_stages, teacher.roles = [], [], []
    teacher.active, teacher.erased_at, teacher.updated_at = False, now, now
    refresh_keys(teacher)
