"""What clients send and see of hubs, schools and teachers."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool, StringConstraints, WithJsonSchema

from app.kernel.fields import Body, Email, Instant, Line, Shown
from app.kernel.merge import left_alone
from app.people.rules import KeyStage, Role, laestab


def _not_an_id(value: str) -> str:
    try:
        UUID(value)
    except ValueError:
        return value
    raise ValueError("must not look like an id, for which it could be taken")


Slug = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=2, max_length=60),
    AfterValidator(_not_an_id),
]
Urn = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{6}$")]
Tags = Annotated[list[Annotated[str, Line(60)]], Field(max_length=30)]


def _laestab(value: str) -> str:
    known = laestab(value)
    if known is None:
        raise ValueError("must be an LA code and an establishment number, such as 202/2901")
    return known


Laestab = Annotated[
    str,
    StringConstraints(strict=True, max_length=12),
    AfterValidator(_laestab),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{3}[/ -]?[0-9]{4}$"}),
]

Website = Annotated[
    str,
    StringConstraints(
        strict=True, max_length=400, pattern=r"^([hH][tT]{2}[pP][sS]?://)?[^\s:/?#]+(:[0-9]+)?([/?#]\S*)?$"
    ),
]
"""An address on the web; people write it with or without its scheme. No other scheme: it becomes a link on a page."""


class HubIn(Body):
    """A new hub."""

    name: Annotated[str, Line(200)] = Field(examples=["North London Learning Hub"])
    slug: Slug = Field(description="Stands for the id in paths.", examples=["north-london"])


class HubChange(Body):
    """What changes about a hub."""

    name: Annotated[str, Line(200)] = left_alone()
    slug: Slug = left_alone()


class HubOut(Shown):
    """A hub: a group of schools, the tenant."""

    id: UUID
    slug: str
    name: str
    created_at: Instant
    updated_at: Instant


class SchoolIn(Body):
    """A new school of the hub."""

    name: Annotated[str, Line(200)] = Field(examples=["Larkspur Primary School"])
    urn: Urn = Field(description="The school's national Unique Reference Number.", examples=["990001"])
    laestab: Laestab | None = Field(None, examples=["202/2901"])
    phase: Annotated[str, Line(60)] | None = Field(None, examples=["Primary"])
    postcode: Annotated[str, Line(8)] | None = Field(None, examples=["NW3 3BY"])
    website: Website | None = Field(None, examples=["https://www.larkspur.example"])


class SchoolChange(Body):
    """What changes about a school (RFC 7396: null removes)."""

    name: Annotated[str, Line(200)] = left_alone()
    urn: Urn = left_alone()
    laestab: Laestab | None = None
    phase: Annotated[str, Line(60)] | None = None
    postcode: Annotated[str, Line(8)] | None = None
    website: Website | None = None


class SchoolOut(Shown):
    """A school of the hub."""

    id: UUID
    hub_id: UUID
    name: str
    urn: str
    laestab: str | None
    phase: str | None
    postcode: str | None
    website: str | None
    created_at: Instant
    updated_at: Instant


class TeacherIn(Body):
    """A new teacher."""

    given_name: Annotated[str, Line(100)] = Field(examples=["Siân"])
    family_name: Annotated[str, Line(100, least=0)] = Field("", description="Empty for those who have one name only.")
    email: Email | None = Field(None, description="The teacher's own address; unique in the hub.")
    school_id: UUID
    job_title: Annotated[str, Line(200)] | None = None
    subjects: Tags = Field(default_factory=list, examples=[["English"]])
    key_stages: Annotated[list[KeyStage], Field(max_length=6)] = Field(default_factory=list)
    roles: Annotated[list[Role], Field(max_length=5)] = Field(default_factory=list)


class TeacherChange(Body):
    """What changes about a teacher (RFC 7396: null removes)."""

    given_name: Annotated[str, Line(100)] = left_alone()
    family_name: Annotated[str, Line(100, least=0)] = left_alone()
    email: Email | None = None
    school_id: UUID = left_alone()
    job_title: Annotated[str, Line(200)] | None = None
    subjects: Tags = left_alone()
    key_stages: Annotated[list[KeyStage], Field(max_length=6)] = left_alone()
    roles: Annotated[list[Role], Field(max_length=5)] = left_alone()
    active: StrictBool = left_alone()


class TeacherOut(Shown):
    """A person at a school."""

    id: UUID
    hub_id: UUID
    school_id: UUID
    given_name: str
    family_name: str
    email: str | None
    shared_email: str | None = Field(description="An inbox that several people read; it signs nobody in.")
    job_title: str | None
    subjects: list[str]
    key_stages: list[str]
    roles: list[str]
    active: bool
    created_at: Instant
    updated_at: Instant
