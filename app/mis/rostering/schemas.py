"""What the binding's answers look like, for the document. The names are OneRoster's."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

_ID = "01990000-0000-7000-8000-000000000001"


class Described(BaseModel):
    """Written as the binding writes it."""

    model_config = ConfigDict(alias_generator=to_camel)


class Reference(Described):
    """Points at another thing."""

    href: str = Field(examples=[f"https://teachmeet.example/ims/oneroster/rostering/v1p2/schools/{_ID}"])
    sourced_id: str
    type: Literal["org", "user"]


class RosterRole(Described):
    """What somebody is, and where."""

    role_type: Literal["primary", "secondary"]
    role: Literal["teacher"]
    org: Reference


class Org(Described):
    """An organisation: the hub (`local`) or one of its schools."""

    sourced_id: str | None = None
    status: Literal["active", "tobedeleted"] | None = None
    date_last_modified: str | None = Field(None, examples=["2026-11-23T09:00:00.000Z"])
    name: str | None = None
    type: Literal["school", "local"] | None = None
    identifier: str | None = Field(None, description="A school's URN; the hub's slug.")
    parent: Reference | None = None
    children: list[Reference] | None = None


class User(Described):
    """A member of staff. Fields that were not chosen, or that somebody does not have, are left out."""

    sourced_id: str | None = None
    status: Literal["active", "tobedeleted"] | None = None
    date_last_modified: str | None = Field(None, examples=["2026-11-23T09:00:00.000Z"])
    enabled_user: Literal["true", "false"] | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    username: str | None = None
    roles: list[RosterRole] | None = None
    primary_org: Reference | None = None


class OrgDoc(BaseModel):
    """One organisation."""

    org: Org


class OrgsDoc(BaseModel):
    """Organisations."""

    orgs: list[Org]


class UserDoc(BaseModel):
    """One member of staff."""

    user: User


class UsersDoc(BaseModel):
    """Members of staff."""

    users: list[User]


class MinorCode(BaseModel):
    """What exactly is wrong, in a word of the binding."""

    name: str = Field(alias="imsx_codeMinorFieldName", examples=["TargetEndSystem"])
    value: str = Field(alias="imsx_codeMinorFieldValue", examples=["unknownobject"])


class MinorCodes(BaseModel):
    """The words that say what is wrong."""

    fields: list[MinorCode] = Field(alias="imsx_codeMinorField")


class StatusInfo(BaseModel):
    """A refusal, as the binding's `imsx_StatusInfo` has it."""

    code_major: Literal["failure"] = Field(alias="imsx_codeMajor")
    severity: Literal["error"] = Field(alias="imsx_severity")
    description: str = Field(alias="imsx_description", description="What happened, in words for people.")
    code_minor: MinorCodes = Field(alias="imsx_CodeMinor")
