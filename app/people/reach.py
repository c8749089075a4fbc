"""Is this within reach? The one place that turns a caller's reach into a condition on rows."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, true

from app.kernel.caller import Caller, Reach

Column = Any
"""A column of the statement, whatever its type."""


def within_reach(
    caller: Caller, *scopes: str, hub: Column, school: Column | None = None, teacher: Column | None = None
) -> ColumnElement[bool]:
    """The rows that a caller reaches in what one of `scopes` is for.

    `hub`, `school` and `teacher` are the columns that say whose a row is; without `school`, nothing of it is a
    school's own, and without `teacher` nobody's.
    """
    match caller.reach_with(*scopes):
        case Reach.EVERYTHING:
            return true()
        case Reach.HUB:
            return _is(hub, caller.hub_id)
        case Reach.SCHOOL if school is not None:
            return and_(_is(hub, caller.hub_id), _is(school, caller.school_id))
        case Reach.SELF if teacher is not None:
            return and_(_is(hub, caller.hub_id), _is(teacher, caller.teacher_id))
        case _:
            return false()


def of_own_hub(caller: Caller, hub: Column) -> ColumnElement[bool]:
    """The rows of the caller's hub, whatever they may do with them.

    As a condition, and not asked of what was found: so a thing of another hub is looked for as one that does not
    exist, and takes no longer.
    """
    if caller.is_operator:
        return true()
    return false() if caller.hub_id is None else _is(hub, caller.hub_id)


def reaches(caller: Caller, *scopes: str, hub_id: UUID, school_id: UUID, teacher_id: UUID | None) -> bool:
    """The same question about one thing that has been read already."""
    match caller.reach_with(*scopes):
        case Reach.EVERYTHING:
            return True
        case Reach.HUB:
            return hub_id == caller.hub_id
        case Reach.SCHOOL:
            return (hub_id, school_id) == (caller.hub_id, caller.school_id)
        case Reach.SELF:
            return (hub_id, teacher_id) == (caller.hub_id, caller.teacher_id)
        case _:
            return False


def _is(column: Column, value: object) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column == value
    return condition
