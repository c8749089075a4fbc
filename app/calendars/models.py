"""Feeds, and what was shown of each entry when, as tables."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.calendars.rules import PREFIX_LENGTH
from app.kernel.database import Base
from app.people.models import Hub


class CalendarFeed(Base):
    """A calendar at an address that nobody can guess. The address itself is nowhere; revoking deletes the row."""

    __tablename__ = "calendar_feeds"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID] = mapped_column(ForeignKey(Hub.id))
    kind: Mapped[str] = mapped_column(String(10))
    teacher_id: Mapped[UUID | None]
    school_id: Mapped[UUID | None]
    prefix: Mapped[str] = mapped_column(String(PREFIX_LENGTH))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["teacher_id", "hub_id"], ["teachers.id", "teachers.hub_id"]),
        ForeignKeyConstraint(["school_id", "hub_id"], ["schools.id", "schools.hub_id"], ondelete="CASCADE"),
        CheckConstraint(
            "(kind = 'person') = (teacher_id IS NOT NULL) AND (kind = 'school') = (school_id IS NOT NULL)"
            " AND kind IN ('person', 'school', 'hub')",
            name="whose",
        ),
        Index(None, "hub_id", "id"),
        Index(None, "teacher_id"),
        Index(None, "school_id"),
    )


class CalendarEntry(Base):
    """What was shown last of an entry, so that a change can be told as one: SEQUENCE and LAST-MODIFIED (RFC 5545).

    The times stay, for entries of what is no more: they are shown as cancelled.
    """

    __tablename__ = "calendar_entries"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    sequence: Mapped[int]
    modified_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    timezone: Mapped[str] = mapped_column(String(64))
    is_cancelled: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (Index(None, "ends_at"),)
