"""What clients send and see of registrations and wishes."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from app.kernel.fields import Body, Email, Instant, Line, Prose, Shown

MOST_IN_A_BATCH = 200
MOST_WISHES = 50
Wishes = Annotated[list[UUID], Field(max_length=MOST_WISHES)]
Need = Annotated[str, Prose(1_000)]


class RegistrationStatus(StrEnum):
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    CANCELLED = "cancelled"


class RegistrationRole(StrEnum):
    ATTENDEE = "attendee"
    PRESENTER = "presenter"


class NewTeacher(Body):
    """A teacher to find by the e-mail address, or to make."""

    given_name: Annotated[str, Line(100)] = Field(examples=["Siân"])
    family_name: Annotated[str, Line(100, least=0)] = Field("", examples=["Penhaligon"])
    email: Email = Field(examples=["s.penhaligon@larkspur.example"])
    school_id: UUID


class RegistrationIn(Body):
    """A teacher's registration: by `teacher_id`, or with a `teacher` that is found or made. Those who are signed in
    name nobody to register themselves."""

    teacher_id: UUID | None = None
    teacher: NewTeacher | None = None
    dietary_requirements: Need | None = Field(None, examples=["vegetarian"])
    access_requirements: Need | None = None
    preferences: Wishes = Field(default_factory=list, description="Presentations, best first.")

    @model_validator(mode="after")
    def _one_teacher(self) -> "RegistrationIn":
        if self.teacher_id is not None and self.teacher is not None:
            raise ValueError("name one teacher: by teacher_id, or with teacher")
        return self


class BatchIn(Body):
    """Several registrations at once; each gets its own answer, so each is checked by itself."""

    items: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_IN_A_BATCH)]


class RegistrationChange(Body):
    """What changes about a registration (RFC 7396: null removes)."""

    dietary_requirements: Need | None = None
    access_requirements: Need | None = None


class PreferencesIn(Body):
    """Ranked wishes, best first."""

    presentation_ids: Wishes


class RegisteredTeacher(Shown):
    """Whose registration it is."""

    id: UUID
    given_name: str
    family_name: str
    school_id: UUID


class RegistrationOut(Shown):
    """A teacher's place at an event, or on its waitlist."""

    id: UUID
    event_id: UUID
    teacher_id: UUID
    teacher: RegisteredTeacher
    role: RegistrationRole
    status: RegistrationStatus
    waitlist_position: int | None = Field(description="1 is next; null unless waitlisted.")
    dietary_requirements: str | None = Field(description="Null also when these credentials may not read it.")
    access_requirements: str | None = Field(description="Null also when these credentials may not read it.")
    preferences: list[UUID] = Field(description="Presentations, best first.")
    check_in_code: str | None = Field(
        description="To be shown at the door, as text or as a QR code. Null unless confirmed.", examples=["7K3QX0FM"]
    )
    checked_in_at: Instant | None = Field(description="When they came; null until they have been checked in.")
    created_at: Instant
    updated_at: Instant
    cancelled_at: Instant | None


class BatchItem(Shown):
    """What one registration of the batch would have got alone."""

    status: int
    body: dict[str, Any]


class BatchOut(Shown):
    """The answers to a batch, in the order of its items."""

    items: list[BatchItem]


class KindCount(Shown):
    """How many need one kind of thing."""

    kind: str = Field(examples=["vegetarian"])
    count: int


class CateringOut(Shown):
    """What the kitchen and the room have to be ready for. Somebody who needs two things counts for both."""

    event_id: UUID
    coming: int = Field(description="Confirmed attendees and presenters.")
    with_dietary_requirements: int
    with_access_requirements: int
    dietary: list[KindCount]
    access: list[KindCount]


class PreferencesOut(Shown):
    """Ranked wishes, best first."""

    registration_id: UUID
    presentation_ids: list[UUID]
