"""What clients send and see of the sandbox itself."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool

from app.kernel.fields import Body, Instant, Shown

FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
"""As far as history is kept: beyond it, it would be deleted in one year what happened in another."""


def _within_the_story(value: datetime) -> datetime:
    if not FIRST <= value < LAST:
        raise ValueError(f"must be in {FIRST.year} or {LAST.year - 1}")
    return value


class ClockIn(Body):
    """Where to set the sandbox's clock."""

    now: Annotated[Instant, AfterValidator(_within_the_story)] | None = Field(
        None,
        description="The time that it shall be, in 2026 or 2027; it goes on from there. As it is, when left out.",
        examples=["2026-12-03T16:45:00+00:00"],
    )
    frozen: StrictBool = Field(False, description="Stop the clock there, until it is set again.")


class ClockOut(Shown):
    """The sandbox's time, which everything in it goes by."""

    now: Instant
    frozen: bool = Field(description="Whether it stands still.")


class CredentialOut(Shown):
    """A way to be somebody in the sandbox: sent as `Authorization: Bearer …`."""

    role: str = Field(examples=["organiser"])
    secret: str = Field(examples=["tm_sandbox_organiser"])
    may: str = Field(description="What it may do.", examples=["Everything in the Demo Learning Hub."])
    use: str = Field(description="What to try with it.")


class KnownEventOut(Shown):
    """An evening of the known hub, and the state that it is there to show."""

    state: str = Field(
        description="`main`, the whole evening of 120, or `draft`, `open`, `nearly full`, `full` (with a waitlist), "
        "`on the day`, `completed`, `cancelled`.",
        examples=["nearly full"],
    )
    id: UUID
    name: str = Field(examples=["Maths Market"])
    starts_at: Instant


class KnownHubOut(Shown):
    """The known hub: the same ids each time, in every sandbox."""

    hub_id: UUID
    hub_slug: str = Field(examples=["demo"])
    now: Instant = Field(description="The sandbox's time after a reset.")
    events: list[KnownEventOut]
