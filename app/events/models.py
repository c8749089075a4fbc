"""Events, their rounds and their places as tables. The constraints have the last word on capacity."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base
from app.people.models import Hub


class Event(Base):
    """One evening."""

    __tablename__ = "events"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID] = mapped_column(ForeignKey(Hub.id))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    venue_name: Mapped[str | None] = mapped_column(String(200))
    venue_address: Mapped[str | None] = mapped_column(String(500))
    venue_postcode: Mapped[str | None] = mapped_column(String(8))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    timezone: Mapped[str] = mapped_column(String(64))
    attendee_capacity: Mapped[int]
    table_count: Mapped[int]
    seats_per_table: Mapped[int]
    registration_opens_at: Mapped[datetime | None]
    registration_closes_at: Mapped[datetime | None]
    waitlist_enabled: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("id", "hub_id"),
        Index(None, "hub_id", "starts_at", "id"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("attendee_capacity BETWEEN 0 AND 100000", name="attendee_capacity"),
        CheckConstraint("table_count BETWEEN 0 AND 1000", name="table_count"),
    )


class Figures(Base):
    """An event's figures, kept beside it so that showing them costs the same at any size.

    They are for showing only: what is decided is decided by rows. `version` grows with every change that the event's
    public pages show; `next_queue_number` is what the next person on the waitlist gets.
    """

    __tablename__ = "event_figures"

    event_id: Mapped[UUID] = mapped_column(ForeignKey(Event.id, ondelete="CASCADE"), primary_key=True)
    confirmed_count: Mapped[int]
    waitlisted_count: Mapped[int]
    next_queue_number: Mapped[int]
    version: Mapped[int]

    __table_args__ = (CheckConstraint("confirmed_count >= 0 AND waitlisted_count >= 0", name="not_negative"),)


class Round(Base):
    """A numbered time slot of an event."""

    __tablename__ = "rounds"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey(Event.id, ondelete="CASCADE"))
    number: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("event_id", "number"),
        UniqueConstraint("id", "event_id"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    )


class Place(Base):
    """Room for one person at an event, held by at most one live registration.

    The row exists from the start: attendees' places are as many as the capacity, and each presenter brings one more.
    """

    __tablename__ = "places"

    event_id: Mapped[UUID] = mapped_column(ForeignKey(Event.id, ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(10), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    registration_id: Mapped[UUID | None]
    held_event_id: Mapped[UUID | None]
    held_role: Mapped[str | None] = mapped_column(String(10))

    __table_args__ = (
        # The event first: were it the registration, SQLite would look for free places there, among all that are free.
        UniqueConstraint("held_event_id", "registration_id"),
        ForeignKeyConstraint(
            ["registration_id", "held_event_id", "held_role"],
            ["registrations.id", "registrations.live_event_id", "registrations.role"],
            onupdate="SET NULL",
        ),
        CheckConstraint("role IN ('attendee', 'presenter')", name="role"),
        CheckConstraint(
            "(registration_id IS NULL AND held_event_id IS NULL AND held_role IS NULL)"
            " OR (registration_id IS NOT NULL AND held_event_id = event_id AND held_role = role"
            " AND held_event_id IS NOT NULL AND held_role IS NOT NULL)",
            name="held_at_its_own_event_in_its_own_role",
        ),
        Index(
            "uq_places_registration",
            "registration_id",
            unique=True,
            sqlite_where=text("registration_id IS NOT NULL"),
            postgresql_where=text("registration_id IS NOT NULL"),
        ),
        Index(
            "ix_places_free",
            "event_id",
            "role",
            "number",
            sqlite_where=text("registration_id IS NULL"),
            postgresql_where=text("registration_id IS NULL"),
        ),
    )
