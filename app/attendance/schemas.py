"""What clients send and see of attendance and reflections."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StrictInt, model_validator

from app.kernel.fields import Body, Instant, Line, Prose, Shown
from app.registrations.schemas import RegistrationRole

MOST_IN_A_BATCH = 200
Code = Annotated[str, Line(20)]
Thoughts = Annotated[str, Prose(2_000)]


class CheckInIn(Body):
    """Who has come: by `registration_id`, or by the `code` that they show."""

    registration_id: UUID | None = None
    code: Code | None = Field(
        None,
        description="`check_in_code` of the registration; case, spaces and hyphens aside.",
        examples=["7K3Q-X0FM"],
    )
    checked_in_at: Instant | None = Field(
        None,
        description="When, by the device's own clock; now, when left out. Of several times the earliest counts.",
    )

    @model_validator(mode="after")
    def _one_name(self) -> "CheckInIn":
        if (self.registration_id is None) == (self.code is None):
            raise ValueError("name the registration once: by registration_id, or by code")
        return self


class CheckInBatchIn(Body):
    """What a device collected while it had no network; each item gets its own answer."""

    items: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_IN_A_BATCH)] = Field(
        description="Each as a single check-in, with the device's own `checked_in_at`.",
        examples=[[{"code": "7K3QX0FM", "checked_in_at": "2026-12-03T16:24:10+00:00"}]],
    )


class Attendant(Shown):
    """Who it is."""

    id: UUID
    given_name: str
    family_name: str
    school_id: UUID
    school_name: str


class CheckInOut(Shown):
    """That somebody has come."""

    registration_id: UUID
    event_id: UUID
    role: RegistrationRole
    teacher: Attendant
    checked_in_at: Instant


class CheckInBatchItem(Shown):
    """What one check-in of the batch would have got alone."""

    status: int
    body: dict[str, Any]


class CheckInBatchOut(Shown):
    """The answers to a batch, in the order of its items."""

    items: list[CheckInBatchItem]


class AttendanceItemOut(Shown):
    """Somebody who is expected, and whether they have come."""

    registration_id: UUID
    role: RegistrationRole
    teacher: Attendant
    checked_in_at: Instant | None = Field(description="Null until they have been checked in.")


class AttendanceFiguresOut(Shown):
    """How many of those whom you reach are expected, and have come; presenters among them."""

    expected: int
    checked_in: int
    presenters_expected: int
    presenters_checked_in: int


class AttendanceOut(Shown):
    """Who has come so far."""

    event_id: UUID
    figures: AttendanceFiguresOut
    items: list[AttendanceItemOut]
    next_cursor: str | None


class ReflectionIn(Body):
    """What went well, and what would make it even better."""

    registration_id: UUID | None = Field(
        None, description="Whose it is; when left out, that of the one who is signed in."
    )
    presentation_id: UUID | None = Field(None, description="What it is about; the evening, when left out.")
    what_went_well: Thoughts = Field("", examples=["Three sentence stems that I can use tomorrow."])
    even_better_if: Thoughts = Field("", examples=["A sheet to take home."])
    rating: Annotated[StrictInt, Field(ge=1, le=5)] | None = Field(None, description="5 is best.", examples=[5])

    @model_validator(mode="after")
    def _says_something(self) -> "ReflectionIn":
        if not self.what_went_well and not self.even_better_if and self.rating is None:
            raise ValueError("say what went well, what would make it even better, or give a rating")
        return self


class ReflectionOut(Shown):
    """What somebody who was there made of a presentation, or of the evening."""

    id: UUID
    event_id: UUID
    presentation_id: UUID | None = Field(description="Null when it is about the evening.")
    registration_id: UUID | None = Field(
        description="Whose it is: told to themselves and to those who run the hub, never to presenters."
    )
    what_went_well: str
    even_better_if: str
    rating: int | None
    created_at: Instant
    updated_at: Instant
