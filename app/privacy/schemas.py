"""What clients see of what is held about people."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from app.attendance.schemas import ReflectionOut
from app.bookings.schemas import BookingOut
from app.kernel.fields import Instant, Shown
from app.marketplace.schemas import PresentationOut
from app.mis.syncing.schemas import TeacherSourceOut
from app.people.schemas import SchoolOut, TeacherOut
from app.registrations.schemas import RegistrationOut


class ActorOut(Shown):
    """Through whom something happened."""

    kind: Literal["operator", "key", "teacher", "anyone", "service"]
    id: UUID | None = Field(description="The key's or the teacher's.")
    name: str | None = Field(description="As it is now.")


class AuditEntryOut(Shown):
    """One thing that happened in the hub."""

    id: str
    happened_at: Instant
    actor: ActorOut
    what: str = Field(examples=["registration.confirmed"])
    subject: dict[str, str | int | None] = Field(
        description="Which things it was about, by id; `changed` names fields, never their contents."
    )


class HeldRegistrationOut(Shown):
    """A registration of the person, with what they need and where they sit."""

    event_name: str
    registration: RegistrationOut
    itinerary: list[BookingOut]


class FormerSchoolOut(Shown):
    """Where the person worked before."""

    school_id: UUID | None = Field(description="Null when the school has been deleted.")
    until: Instant


class HeldCalendarOut(Shown):
    """A calendar of the person's, at an address of its own."""

    prefix: str
    created_at: Instant


class HeldSessionOut(Shown):
    """A place where the person is signed in."""

    created_at: Instant
    last_used_at: Instant
    expires_at: Instant


class HeldLinkOut(Shown):
    """A sign-in link that was sent to the person."""

    asked_at: Instant
    expires_at: Instant
    used_at: Instant | None


class HeldIdentityOut(Shown):
    """How the person is known to an OpenID Connect issuer."""

    issuer: str
    subject: str
    created_at: Instant


class HeldImportOut(Shown):
    """What an import of a sheet had to tell of the person."""

    import_id: UUID
    created_at: Instant
    row: int | None
    what: str


class HeldAnswerOut(Shown):
    """An answer that is kept for a day because its request had an Idempotency-Key, and that names the person."""

    kept_until: Instant
    body: str


class PersonalDataOut(Shown):
    """Everything that is held about one person."""

    teacher: TeacherOut
    school: SchoolOut
    former_schools: list[FormerSchoolOut]
    registrations: list[HeldRegistrationOut]
    reflections: list[ReflectionOut]
    presentations: list[PresentationOut]
    calendar_feeds: list[HeldCalendarOut]
    sessions: list[HeldSessionOut]
    sign_in_links: list[HeldLinkOut]
    identities: list[HeldIdentityOut]
    imports: list[HeldImportOut]
    sources: list[TeacherSourceOut]
    kept_answers: list[HeldAnswerOut]
    history: list[AuditEntryOut] = Field(description="What the person did, and what was done about them, oldest first.")


class ErasureOut(Shown):
    """What an erasure came to."""

    teacher_id: UUID
    erased_at: Instant
    registrations_cancelled: int
    presentations_withdrawn: int
    records_erased: int = Field(description="Needs, kept answers, files and lines of imports.")
