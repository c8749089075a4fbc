"""Subject access: everything that is held about one person (UK GDPR, art. 15)."""

from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.access.signing_in.models import SignInLink, TeacherIdentity, TeacherSession
from app.attendance.models import Reflection
from app.attendance.schemas import ReflectionOut
from app.bookings.queries import itineraries
from app.calendars.models import CalendarFeed
from app.events.models import Event
from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.outbox import Fact
from app.kernel.problems import Forbidden
from app.marketplace import queries as marketplace
from app.marketplace.models import Presentation
from app.marketplace.schemas import PresentationOut
from app.mis.syncing import privacy as syncing
from app.people import queries as people
from app.people.models import FormerSchool, School, Teacher
from app.people.schemas import SchoolOut, TeacherOut
from app.privacy import traces
from app.privacy.audit import entries, speaks_of
from app.privacy.schemas import (
    FormerSchoolOut,
    HeldAnswerOut,
    HeldCalendarOut,
    HeldIdentityOut,
    HeldImportOut,
    HeldLinkOut,
    HeldRegistrationOut,
    HeldSessionOut,
    PersonalDataOut,
)
from app.registrations import queries as registrations
from app.registrations.models import Registration


def subject(session: Session, *, caller: Caller, teacher_id: UUID, scope: str) -> Teacher:
    """The person whom a request is about: it is their own, or made by those who run the hub.

    Raises `NotFound`, `Forbidden`.
    """
    teacher = people.teacher(session, caller=caller, teacher_id=teacher_id)
    if not caller.runs_hub(scope) and caller.teacher_id != teacher.id:
        raise Forbidden("This is for the person themselves, and for those who run the hub.")
    return teacher


def personal_data(session: Session, *, caller: Caller, teacher_id: UUID) -> PersonalDataOut:
    """Everything that is held about one person. Raises `NotFound`, `Forbidden`."""
    teacher = subject(session, caller=caller, teacher_id=teacher_id, scope="people:read")
    now = outbox.now_of(session)
    outbox.record(session, "personal_data.read", hub_id=teacher.hub_id, now=now, teacher_id=teacher.id)
    about = traces.person(session, teacher)
    links = select(SignInLink).where(SignInLink.teacher_id == teacher.id).order_by(SignInLink.asked_at)
    sessions = select(TeacherSession).where(TeacherSession.teacher_id == teacher.id).order_by(TeacherSession.id)
    identities = select(TeacherIdentity).where(TeacherIdentity.teacher_id == teacher.id).order_by(TeacherIdentity.id)
    return PersonalDataOut(
        teacher=TeacherOut.model_validate(teacher),
        school=SchoolOut.model_validate(session.get_one(School, teacher.school_id)),
        former_schools=[FormerSchoolOut.model_validate(each) for each in session.scalars(_former_schools(teacher))],
        registrations=_registrations(session, caller, teacher),
        reflections=[ReflectionOut.model_validate(each) for each in session.scalars(_reflections(teacher))],
        presentations=_presentations(session, teacher),
        calendar_feeds=[HeldCalendarOut.model_validate(each) for each in session.scalars(_feeds(teacher))],
        sessions=[HeldSessionOut.model_validate(each) for each in session.scalars(sessions)],
        sign_in_links=[HeldLinkOut.model_validate(each) for each in session.scalars(links)],
        identities=[HeldIdentityOut.model_validate(each) for each in session.scalars(identities)],
        imports=[
            HeldImportOut(import_id=each.id, created_at=each.created_at, row=line["row"], what=line["what"])
            for each, lines in traces.imports(session, teacher, about)
            for line in lines
        ],
        sources=syncing.held(session, teacher),
        kept_answers=[
            HeldAnswerOut(kept_until=each.kept_until, body=text) for each, text in traces.kept_answers(session, about)
        ],
        history=entries(session, _facts(session, teacher, about)),
    )


def _registrations(session: Session, caller: Caller, teacher: Teacher) -> list[HeldRegistrationOut]:
    found = session.scalars(
        select(Registration).where(Registration.teacher_id == teacher.id).order_by(Registration.id)
    ).all()
    names: dict[UUID, str] = dict(
        session.execute(select(Event.id, Event.name).where(Event.id.in_([each.event_id for each in found]))).all()
    )
    seats = itineraries(session, {each.id: each.event_id for each in found})
    return [
        HeldRegistrationOut(event_name=names[each.event_id], registration=each, itinerary=seats[each.id].bookings)
        for each in registrations.shown(session, found, caller=caller)
    ]


def _feeds(teacher: Teacher) -> Select[CalendarFeed]:
    return select(CalendarFeed).where(CalendarFeed.teacher_id == teacher.id).order_by(CalendarFeed.id)


def _former_schools(teacher: Teacher) -> Select[FormerSchool]:
    return select(FormerSchool).where(FormerSchool.teacher_id == teacher.id).order_by(FormerSchool.until)


def _reflections(teacher: Teacher) -> Select[Reflection]:
    theirs = select(Registration.id).where(Registration.teacher_id == teacher.id)
    return select(Reflection).where(Reflection.registration_id.in_(theirs)).order_by(Reflection.id)


def _presentations(session: Session, teacher: Teacher) -> list[PresentationOut]:
    statement = select(Presentation).where(marketplace.presented_by(teacher.id)).order_by(Presentation.id)
    return marketplace.shown(session, session.scalars(statement).all())


def _facts(session: Session, teacher: Teacher, about: traces.Person) -> list[Fact]:
    ids = [UUID(each) for each in about.ids]
    statement = (
        select(Fact)
        .where(Fact.hub_id == teacher.hub_id, or_(Fact.actor == f"teacher:{teacher.id}", speaks_of(ids)))
        .order_by(Fact.id)
    )
    return list(session.scalars(statement))
