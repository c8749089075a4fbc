"""What clients send and see of API keys."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StrictInt

from app.access.rules import Scope
from app.kernel.fields import Body, Instant, Line, Shown

CallerKind = Literal["operator", "organiser", "school_lead", "teacher", "integration"]


class ApiKeyIn(Body):
    """A new key."""

    name: Annotated[str, Line(200)] = Field(examples=["Staff directory"])
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20)] = Field(examples=[["people:read"]])
    school_id: UUID | None = Field(None, description="Binds the key to one school of the hub.")
    expires_at: Instant | None = None


class RotationIn(Body):
    """How long the old key goes on working."""

    overlap_seconds: Annotated[StrictInt, Field(ge=0, le=2_592_000)] = Field(
        86_400, description="How long the old key still works; 0 ends it at once.", examples=[86_400]
    )


class ApiKeyOut(Shown):
    """A key, without its secret."""

    id: UUID
    hub_id: UUID | None
    school_id: UUID | None
    name: str
    prefix: str
    scopes: list[str]
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None
    replaces_id: UUID | None = Field(description="The key that this one replaces.")


class NewApiKeyOut(ApiKeyOut):
    """A new key with its secret, which is told this once."""

    secret: str


class CallerOut(Shown):
    """Who you are and what you may do."""

    kind: CallerKind
    name: str
    hub_id: UUID | None
    school_id: UUID | None
    teacher_id: UUID | None = Field(description="Who is signed in; null for keys.")
    scopes: list[str]
