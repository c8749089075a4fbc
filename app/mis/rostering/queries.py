"""What the hub's other tools can ask about its schools and staff, beginning with what their caller may see."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from app.access.client_credentials.rules import ROSTER, ROSTER_CORE
from app.kernel.caller import Caller
from app.kernel.problems import NotFound
from app.mis.rostering import resources
from app.mis.rostering.refusing import InvalidFilterField, InvalidSelectionField
from app.mis.rostering.resources import SCHOOLS, USERS, Field, Hrefs, Json, Show
from app.mis.rostering.rules import Term, UnreadableFilterError, filter_in
from app.people import queries as people
from app.people.models import Hub, School, Teacher
from app.people.reach import of_own_hub

SCOPES = ("people:read", ROSTER_CORE, ROSTER)
_COMPARE: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the things, in which order."""

    limit: int
    offset: int
    filter: str | None = None
    sort: str | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A part of a list, and how many there are in all."""

    items: list[Json]
    total: int


def users(session: Session, *, caller: Caller, wanted: Wanted, hrefs: Hrefs) -> Found:
    """The hub's staff."""
    return _users(session, people.visible_teachers(caller, *SCOPES), wanted, hrefs)


def users_of_school(session: Session, *, caller: Caller, wanted: Wanted, hrefs: Hrefs, school_id: str) -> Found:
    """One school's staff. Raises `NotFound`."""
    here = _school(session, caller, _id(school_id))
    statement = people.visible_teachers(caller, *SCOPES).where(Teacher.school_id == here.id)
    return _users(session, statement, wanted, hrefs)


def _users(session: Session, statement: Select[Any], wanted: Wanted, hrefs: Hrefs) -> Found:
    return _found(session, statement, USERS, wanted, Teacher.id, resources.user, hrefs)


def user(session: Session, *, caller: Caller, sourced_id: str, hrefs: Hrefs) -> Json:
    """One member of staff. Raises `NotFound`."""
    visible = people.visible_teachers(caller, *SCOPES)
    found = session.scalar(visible.where(Teacher.id == _id(sourced_id)))
    if found is None:
        raise NotFound
    return resources.user(found, hrefs)


def schools(session: Session, *, caller: Caller, wanted: Wanted, hrefs: Hrefs) -> Found:
    """The hub's schools."""
    statement = people.visible_schools(caller, *SCOPES)
    return _found(session, statement, SCHOOLS, wanted, School.id, resources.school, hrefs)


def school(session: Session, *, caller: Caller, sourced_id: str, hrefs: Hrefs) -> Json:
    """One school. Raises `NotFound`."""
    return resources.school(_school(session, caller, _id(sourced_id)), hrefs)


def orgs(session: Session, *, caller: Caller, wanted: Wanted, hrefs: Hrefs) -> Found:
    """The hub, then its schools. A filter is one of schools: the hub is shown when nothing is asked for."""
    if wanted.filter is not None or wanted.sort is not None:
        return schools(session, caller=caller, wanted=wanted, hrefs=hrefs)
    above = session.scalars(_visible_hubs(caller).order_by(Hub.id)).all()
    first = [_hub(session, caller, each, hrefs) for each in above[wanted.offset : wanted.offset + wanted.limit]]
    after = Wanted(wanted.limit - len(first), max(wanted.offset - len(above), 0))
    found = schools(session, caller=caller, wanted=after, hrefs=hrefs)
    return Found(first + found.items, found.total + len(above))


def org(session: Session, *, caller: Caller, sourced_id: str, hrefs: Hrefs) -> Json:
    """The hub or one of its schools. Raises `NotFound`."""
    above = session.scalar(_visible_hubs(caller).where(Hub.id == _id(sourced_id)))
    if above is not None:
        return _hub(session, caller, above, hrefs)
    return school(session, caller=caller, sourced_id=sourced_id, hrefs=hrefs)


def _visible_hubs(caller: Caller) -> Select[Hub]:
    return select(Hub).where(of_own_hub(caller, Hub.id))


def _hub(session: Session, caller: Caller, found: Hub, hrefs: Hrefs) -> Json:
    visible = people.visible_schools(caller, *SCOPES).where(School.hub_id == found.id).order_by(School.id)
    children = [hrefs.to("school", each.id) for each in session.scalars(visible)]
    return resources.hub(found, hrefs, children)


def _school(session: Session, caller: Caller, school_id: UUID) -> School:
    found = session.scalar(people.visible_schools(caller, *SCOPES).where(School.id == school_id))
    if found is None:
        raise NotFound
    return found


def _id(sourced_id: str) -> UUID:
    try:
        return UUID(sourced_id)
    except ValueError:
        raise NotFound from None


def _found(
    session: Session,
    statement: Select[Any],
    fields: Mapping[str, Field],
    wanted: Wanted,
    key: Any,
    show: Show,
    hrefs: Hrefs,
) -> Found:
    if wanted.filter is not None:
        statement = statement.where(_condition(wanted.filter, fields))
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    if wanted.sort is not None:
        if wanted.sort not in fields:
            raise InvalidSelectionField(f"There is nothing called {wanted.sort[:60]} to sort by.")
        column = fields[wanted.sort].column
        statement = statement.order_by(column.desc() if wanted.descending else column)
    page = statement.order_by(key).limit(wanted.limit).offset(wanted.offset)
    return Found([show(each, hrefs) for each in session.scalars(page)], total)


def _condition(text: str, fields: Mapping[str, Field]) -> ColumnElement[bool]:
    try:
        read = filter_in(text)
    except UnreadableFilterError as error:
        raise InvalidFilterField(f"The filter cannot be read: {error}.") from None
    terms = [_comparison(term, fields) for term in read.terms]
    return and_(*terms) if read.joint == "AND" else or_(*terms)


def _comparison(term: Term, fields: Mapping[str, Field]) -> ColumnElement[bool]:
    field = fields.get(term.field)
    if field is None:
        raise InvalidFilterField(f"There is nothing called {term.field[:60]} to filter by.")
    if field.kind == "id":
        return _of_id(field, term)
    if field.kind == "moment":
        return _COMPARE[_ordered(term)](field.column, _moment(term.value))
    if term.operator == "~":
        return func.lower(field.column).contains(term.value.lower(), autoescape=True)
    return _COMPARE[term.operator](field.column, term.value)


def _of_id(field: Field, term: Term) -> ColumnElement[bool]:
    if term.operator not in ("=", "!="):
        raise InvalidFilterField(f"{term.field} can be compared by = and != only.")
    try:
        return _COMPARE[term.operator](field.column, UUID(term.value))
    except ValueError:  # an id that is none of ours is nobody's
        return false() if term.operator == "=" else true()


def _ordered(term: Term) -> str:
    if term.operator == "~":
        raise InvalidFilterField(f"{term.field} is a moment, and has no parts to look for.")
    return term.operator


def _moment(value: str) -> datetime:
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise InvalidFilterField("A moment is written as 2026-12-03T16:30:00.000Z.") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
