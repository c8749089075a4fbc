"""What the hub has, in the binding's terms: which field is which column, and what each thing looks like."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, case, func, literal

from app.people.models import Hub, School, Teacher

Kind = Literal["text", "id", "moment"]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """What a field is compared and sorted by."""

    column: ColumnElement[Any]
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Hrefs:
    """Where things are found: the addresses that references carry."""

    root: str

    def to(self, kind: Literal["org", "school", "user"], sourced_id: object) -> Json:
        """A reference. A school is referred to as the organisation that it is."""
        reference = "org" if kind == "school" else kind
        return {"href": f"{self.root}/{kind}s/{sourced_id}", "sourcedId": str(sourced_id), "type": reference}


def _text(column: Any) -> Field:
    return Field(func.coalesce(column, ""))


_STATUS: ColumnElement[str] = case((Teacher.active, "active"), else_="tobedeleted")
_ENABLED: ColumnElement[str] = case((Teacher.active, "true"), else_="false")

USERS: Mapping[str, Field] = {
    "sourcedId": Field(Teacher.id.expression, "id"),
    "status": Field(_STATUS),
    "dateLastModified": Field(Teacher.updated_at.expression, "moment"),
    "enabledUser": Field(_ENABLED),
    "givenName": _text(Teacher.given_name),
    "familyName": _text(Teacher.family_name),
    "email": _text(Teacher.email),
    "username": _text(Teacher.email),
    "role": Field(literal("teacher")),
    "roles.role": Field(literal("teacher")),
    "roles.org.sourcedId": Field(Teacher.school_id.expression, "id"),
    "primaryOrg.sourcedId": Field(Teacher.school_id.expression, "id"),
}
SCHOOLS: Mapping[str, Field] = {
    "sourcedId": Field(School.id.expression, "id"),
    "status": Field(literal("active")),
    "dateLastModified": Field(School.updated_at.expression, "moment"),
    "name": _text(School.name),
    "type": Field(literal("school")),
    "identifier": _text(School.urn),
    "parent.sourcedId": Field(School.hub_id.expression, "id"),
}
USER_FIELDS = (
    "sourcedId",
    "status",
    "dateLastModified",
    "enabledUser",
    "givenName",
    "familyName",
    "email",
    "username",
    "roles",
    "primaryOrg",
)
ORG_FIELDS = ("sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parent", "children")


def user(teacher: Teacher, hrefs: Hrefs) -> Json:
    """A member of staff. What they may do in this service is nobody else's business: to others all are teachers."""
    school = hrefs.to("school", teacher.school_id)
    shown: Json = {
        "sourcedId": str(teacher.id),
        "status": "active" if teacher.active else "tobedeleted",
        "dateLastModified": moment(teacher.updated_at),
        "enabledUser": "true" if teacher.active else "false",
        "givenName": teacher.given_name,
        "familyName": teacher.family_name or teacher.given_name,
        "roles": [{"roleType": "primary", "role": "teacher", "org": school}],
        "primaryOrg": school,
    }
    return {**shown, "email": teacher.email, "username": teacher.email} if teacher.email else shown


def school(found: School, hrefs: Hrefs) -> Json:
    """A school of the hub, with its URN as identifier."""
    return {
        "sourcedId": str(found.id),
        "status": "active",
        "dateLastModified": moment(found.updated_at),
        "name": found.name,
        "type": "school",
        "identifier": found.urn,
        "parent": hrefs.to("org", found.hub_id),
    }


def hub(found: Hub, hrefs: Hrefs, children: list[Json]) -> Json:
    """The hub itself, as the organisation above its schools."""
    return {
        "sourcedId": str(found.id),
        "status": "active",
        "dateLastModified": moment(found.updated_at),
        "name": found.name,
        "type": "local",
        "identifier": found.slug,
        "children": children,
    }


def moment(instant: datetime) -> str:
    """As the binding writes it: UTC, with milliseconds and a Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Show = Callable[[Any, Hrefs], Json]
