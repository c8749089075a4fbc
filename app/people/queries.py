"""What one can ask about hubs, schools and teachers. Every question begins with what its caller may see."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import Session

from app.kernel.caller import Caller
from app.kernel.pagination import Page, PageRequest, paginate
from app.kernel.problems import NotFound
from app.people.models import Hub, School, Teacher
from app.people.reach import of_own_hub, within_reach
from app.people.rules import folded

PEOPLE = ("people:read", "people:write")


def hub(session: Session, *, caller: Caller, hub_id: str) -> Hub:
    """A hub by its id or its slug. Raises `NotFound`."""
    found = session.scalar(select(Hub).where(_named(hub_id), of_own_hub(caller, Hub.id)))
    if found is None:
        raise NotFound
    return found


def public_hub(session: Session, *, hub_id: str) -> Hub:
    """A hub whose published events anyone may see. Raises `NotFound`."""
    found = session.scalar(select(Hub).where(_named(hub_id)))
    if found is None:
        raise NotFound
    return found


def hubs(session: Session, *, caller: Caller, page: PageRequest) -> Page:
    statement = select(Hub)
    if not caller.is_operator:
        statement = statement.where(Hub.id == caller.hub_id)
    return paginate(session, statement, order=[Hub.slug], page=page)


def visible_schools(caller: Caller, *scopes: str) -> Select[School]:
    """Those within reach; for those who are signed in without a role, their own."""
    own = School.id == caller.school_id if caller.teacher_id else false()
    reached = within_reach(caller, *(scopes or PEOPLE), hub=School.hub_id, school=School.id)
    return select(School).where(or_(reached, own))


def school(session: Session, *, caller: Caller, school_id: UUID) -> School:
    """Raises `NotFound`."""
    found = session.scalar(visible_schools(caller).where(School.id == school_id))
    if found is None:
        raise NotFound
    return found


def schools(session: Session, *, caller: Caller, hub_id: str, page: PageRequest) -> Page:
    here = hub(session, caller=caller, hub_id=hub_id)
    return paginate(
        session, visible_schools(caller).where(School.hub_id == here.id), order=[School.name, School.id], page=page
    )


def visible_teachers(caller: Caller, *scopes: str) -> Select[Teacher]:
    """Those within reach with one of these scopes. Whoever has been erased is nobody any more."""
    reached = within_reach(
        caller, *(scopes or PEOPLE), hub=Teacher.hub_id, school=Teacher.school_id, teacher=Teacher.id
    )
    return select(Teacher).where(reached, Teacher.erased_at.is_(None))


def teacher(session: Session, *, caller: Caller, teacher_id: UUID) -> Teacher:
    """Raises `NotFound`."""
    found = session.scalar(visible_teachers(caller).where(Teacher.id == teacher_id))
    if found is None:
        raise NotFound
    return found


def teachers(
    session: Session,
    *,
    caller: Caller,
    hub_id: str,
    page: PageRequest,
    school_id: UUID | None = None,
    q: str | None = None,
) -> Page:
    """A hub's teachers by family name; `q` finds parts of names and addresses, accents and case aside."""
    here = hub(session, caller=caller, hub_id=hub_id)
    statement = visible_teachers(caller).where(Teacher.hub_id == here.id)
    if school_id is not None:
        statement = statement.where(Teacher.school_id == school_id)
    if q is not None:
        statement = statement.where(Teacher.search_key.contains(folded(q), autoescape=True))
    return paginate(session, statement, order=[Teacher.sort_key, Teacher.id], page=page)


def _named(hub_id: str) -> ColumnElement[bool]:
    try:
        return or_(Hub.id == UUID(hub_id), Hub.slug == hub_id)
    except ValueError:
        return Hub.slug == hub_id
