"""What clients send and see of API keys."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.access.rules import Scope
from app.kernel.fields import Body, Instant, Line, Shown


class ApiKeyIn(Body):
    """A new key."""

    name: Annotated[str, Line(200)] = Field(examples=["Staff directory"])
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20)] = Field(examples=[["people:read"]])
    school_id: UUID | None = Field(None, description="Binds the key to one school of the hub.")
    expires_at: Instant | None = None


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


class NewApiKeyOut(ApiKeyOut):
    """A new key with its secret, which is told this once."""

    secret: str


class CallerOut(Shown):
    """Who you are and what you may do."""

    kind: str
    name: str
    hub_id: UUID | None
    school_id: UUID | None
    scopes: list[str]
