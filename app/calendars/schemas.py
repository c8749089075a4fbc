"""What clients send and see of calendar feeds."""

from uuid import UUID

from pydantic import Field

from app.calendars.rules import FeedKind
from app.kernel.fields import Body, Instant, Shown


class CalendarFeedIn(Body):
    """Whose calendar it is to be."""

    kind: FeedKind
    teacher_id: UUID | None = Field(None, description="Of a person's: whose; when left out, your own.")
    school_id: UUID | None = Field(None, description="Of a school's: which; when left out, your own.")


class CalendarFeedOut(Shown):
    """A calendar at an address of its own, without that address."""

    id: UUID
    hub_id: UUID
    kind: FeedKind
    teacher_id: UUID | None
    school_id: UUID | None
    prefix: str = Field(description="How its address goes on after `/v1/calendars/`: tells feeds apart.")
    created_at: Instant


class NewCalendarFeedOut(CalendarFeedOut):
    """A new feed, with its address."""

    url: str = Field(
        description="Told in this answer and never again. Whoever has it can read the calendar: it is a secret.",
        examples=["https://teachmeet.example/v1/calendars/cal_8Jb0…qXg.ics"],
    )
