"""Registrations, needs and wishes as tables.

Confirmed means: holds a place. Waitlisted means: live, and has a queue number. Cancelling empties `live_event_id`; by
the foreign keys that gives up the place, and giving up the place gives up the seats. Triggers (see the migrations)
refuse a free place beside somebody who waits for one.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.events.models import Event
from app.kernel.database import Base
from app.marketplace.models import Presentation
from app.people.models import Teacher
from app.registrations.rules import CODE_LENGTH, check_in_code


def _code_of(context: Any) -> str:
    return check_in_code(context.get_current_parameters()["id"])


class Registration(Base):
    """A teacher's registration for an event.

    `live_event_id` is the event as long as the registration is live, and null once it is cancelled: so a teacher has
    one live registration for an event, and any number of cancelled ones. Whoever has come does not cancel.
    """

    __tablename__ = "registrations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey(Event.id))
    live_event_id: Mapped[UUID | None]
    teacher_id: Mapped[UUID] = mapped_column(ForeignKey(Teacher.id))
    role: Mapped[str] = mapped_column(String(10))
    queue_number: Mapped[int | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    check_in_code: Mapped[str] = mapped_column(String(CODE_LENGTH), nullable=True, default=_code_of)

    __table_args__ = (
        UniqueConstraint("live_event_id", "teacher_id"),
        UniqueConstraint("id", "live_event_id", "role"),
        UniqueConstraint("id", "event_id"),
        CheckConstraint("live_event_id IS NULL OR live_event_id = event_id", name="live_at_its_own_event"),
        CheckConstraint("(live_event_id IS NULL) = (cancelled_at IS NOT NULL)", name="live_or_cancelled"),
        CheckConstraint("role IN ('attendee', 'presenter')", name="role"),
        CheckConstraint(
            "queue_number IS NULL OR (live_event_id IS NOT NULL AND role = 'attendee')", name="only_the_live_wait"
        ),
        CheckConstraint(
            "checked_in_at IS NULL OR (live_event_id IS NOT NULL AND queue_number IS NULL)",
            name="checked_in_with_a_place",
        ),
        Index("uq_registrations_check_in_code", "event_id", "check_in_code", unique=True),
        Index(None, "event_id", "id"),
        Index(None, "teacher_id"),
        Index(
            "uq_registrations_queue",
            "event_id",
            "queue_number",
            unique=True,
            sqlite_where=text("queue_number IS NOT NULL"),
            postgresql_where=text("queue_number IS NOT NULL"),
        ),
    )


class Needs(Base):
    """What somebody needs on the evening. Kept apart from everything else, and sealed; see `needs`."""

    __tablename__ = "registration_needs"

    registration_id: Mapped[UUID] = mapped_column(ForeignKey(Registration.id, ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Preference(Base):
    """A registration's wish for a presentation; rank 1 is the best."""

    __tablename__ = "preferences"

    registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(Integer, primary_key=True)
    event_id: Mapped[UUID]
    presentation_id: Mapped[UUID]

    __table_args__ = (
        UniqueConstraint("registration_id", "presentation_id"),
        ForeignKeyConstraint(
            ["registration_id", "event_id"], [Registration.id, Registration.event_id], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["presentation_id", "event_id"], [Presentation.id, Presentation.event_id], ondelete="CASCADE"
        ),
        CheckConstraint("rank >= 1", name="rank"),
        Index(None, "presentation_id"),
    )
