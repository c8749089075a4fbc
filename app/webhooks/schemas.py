"""What clients send and see of changes, webhooks and deliveries."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt

from app.kernel.fields import Body, Instant, Line, Shown
from app.kernel.merge import left_alone
from app.kernel.pagination import LONGEST_CURSOR
from app.webhooks.catalogue import Operation
from app.webhooks.rules import DeliveryStatus, Disabled, Status

Types = Annotated[list[Annotated[str, Line(60)]], Field(max_length=100)]
_TYPES = "Types such as `registration.confirmed`, or whole families such as `booking.*`; all when there are none."


class RecordOut(Shown):
    """What a change is about."""

    kind: str = Field(examples=["registration"])
    id: str
    path: str | None = Field(description="Where its present state is read; null when it has been deleted.")


class ChangeOut(Shown):
    """One change. It holds ids and no personal data: read the record to see its present state."""

    id: UUID = Field(description="The same as the `webhook-id` of its deliveries.")
    type: str = Field(examples=["registration.confirmed"])
    happened_at: Instant
    operation: Operation = Field(description="`delete`: the record is no longer there, forget it.")
    record: RecordOut | None
    subject: dict[str, str | int | None] = Field(
        description="All the ids and numbers that the change came with.", examples=[{"round": 2, "table_number": 7}]
    )


class ChangesOut(Shown):
    """Changes in the order in which they became visible, none missing between two pages."""

    items: list[ChangeOut]
    next_cursor: str = Field(description="Always given, also at the end: keep it, and ask with it next time.")
    has_more: bool = Field(description="Whether to ask again at once. A page may be short, or empty, and have more.")


class ChangeTypeOut(Shown):
    """A type of change."""

    name: str = Field(examples=["booking.made"])
    description: str
    record: str = Field(description="The kind of record that it is about.", examples=["itinerary"])
    operation: Operation
    subject: list[str] = Field(description="The names of the ids and numbers that may come with it.")


class ChangeTypesOut(Shown):
    """Every type of change that there is."""

    items: list[ChangeTypeOut]


class WebhookIn(Body):
    """A new webhook."""

    url: Annotated[str, Line(2_000)] = Field(
        description="Where to deliver, by https.", examples=["https://hooks.larkspur.example/teachmeet"]
    )
    types: Types = Field(default_factory=list, description=_TYPES, examples=[["registration.*", "booking.*"]])
    description: Annotated[str, Line(200)] | None = Field(None, examples=["Staff directory"])


class WebhookChange(Body):
    """What may change about a webhook."""

    url: Annotated[str, Line(2_000)] = left_alone()
    types: Types = left_alone()
    description: Annotated[str, Line(200)] | None = None


class SecretRotationIn(Body):
    """How long the old secret goes on signing too."""

    overlap_seconds: Annotated[StrictInt, Field(ge=0, le=604_800)] = Field(
        86_400, description="How long deliveries carry both signatures; 0 ends the old one at once.", examples=[86_400]
    )


class EnableIn(Body):
    """What becomes of the changes that happened while it was disabled."""

    catch_up: StrictBool = Field(True, description="Deliver them now; false leaves them out, and cancels what waits.")


class ReplayIn(Body):
    """From where to deliver again: a time or a cursor of the changes, one of them."""

    since: Instant | None = Field(None, description="Changes that happened from then on.")
    cursor: Annotated[str, Line(LONGEST_CURSOR)] | None = Field(
        None, description="`next_cursor` of the changes: those after it."
    )


class WebhookOut(Shown):
    """A webhook, without its secret."""

    id: UUID
    hub_id: UUID
    url: str
    description: str | None
    types: list[str]
    status: Status
    disabled_reason: Disabled | None = Field(
        description="`gone`: it answered 410. `attempts-exhausted`: a delivery failed for the last time."
    )
    disabled_at: Instant | None
    created_at: Instant
    updated_at: Instant


class NewWebhookOut(WebhookOut):
    """A new webhook with its secret, which is told this once."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class NewSecretOut(Shown):
    """A new secret, which is told this once."""

    webhook_id: UUID
    secret: str
    old_secret_until: Instant | None = Field(description="Until when deliveries carry the old signature too.")


class ReplayOut(Shown):
    """A replay that has begun."""

    webhook_id: UUID
    changes: int = Field(description="How many changes go out again, those of types that it does not take left out.")


class AttemptOut(Shown):
    """One attempt to deliver."""

    at: Instant
    duration_ms: int
    http_status: int | None = Field(description="Null when there was no answer.")
    reason: str | None = Field(description="Why it failed, in words.", examples=["The other side took too long."])


class DeliveryOut(Shown):
    """One message to one webhook, and what became of it."""

    id: UUID
    webhook_id: UUID
    message_id: UUID = Field(description="The `webhook-id` header, the same at every attempt: the change's id.")
    type: str
    status: DeliveryStatus
    attempts: list[AttemptOut]
    next_attempt_at: Instant | None
    payload: dict[str, Any] = Field(description="The body, as it is sent.")
    created_at: Instant
    finished_at: Instant | None


Start = Literal["oldest", "latest"]
"""Where somebody without a cursor begins to read."""
