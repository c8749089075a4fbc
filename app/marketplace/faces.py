"""Changing people and schools that the public pages show: those who present, and where they teach."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.events import queries as events
from app.kernel.caller import Caller
from app.kernel.commands import command
from app.marketplace.models import Presentation, Presenter
from app.people import commands as people
from app.people.models import School, Teacher
from app.people.schemas import SchoolChange, TeacherChange


@command()
def change_teacher(
    session: Session, *, caller: Caller, now: datetime, teacher_id: UUID, body: TeacherChange
) -> Teacher:
    """Changes a teacher, also where they are shown. Raises `NotFound`, `EmailTaken`, `Forbidden`, `InvalidRequest`."""
    teacher = people.change_teacher(session, caller=caller, now=now, teacher_id=teacher_id, body=body)
    _note_change(session, Teacher.id == teacher.id)
    return teacher


@command()
def change_school(session: Session, *, caller: Caller, now: datetime, school_id: UUID, body: SchoolChange) -> School:
    """Changes a school, also where it is shown. Raises `NotFound`, `UrnTaken`, `Forbidden`."""
    school = people.change_school(session, caller=caller, now=now, school_id=school_id, body=body)
    _note_change(session, Teacher.school_id == school.id)
    return school


def _note_change(session: Session, those: ColumnElement[bool]) -> None:
    """Marks the pages of the events at which they present as changed, in one order everywhere."""
    session.flush()
    shown = (
        select(Presentation.event_id)
        .join(Presenter, Presenter.presentation_id == Presentation.id)
        .join(Teacher, Teacher.id == Presenter.teacher_id)
        .where(those, Presentation.table_id.is_not(None))
        .distinct()
        .order_by(Presentation.event_id)
    )
    for event_id in session.scalars(shown).all():
        events.note_change(session, event_id)
