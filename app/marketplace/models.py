"""Presentations, tables and slots as tables of the database. One table holds one presentation; it has the last word."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.events.models import Event, Round
from app.kernel.database import Base
from app.people.models import Teacher


class Table(Base):
    """A numbered place in the room, with seats in every round."""

    __tablename__ = "tables"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey(Event.id, ondelete="CASCADE"))
    number: Mapped[int]
    seats: Mapped[int]
    zone: Mapped[str | None] = mapped_column(String(60))
    x: Mapped[float | None] = mapped_column(Float)
    y: Mapped[float | None] = mapped_column(Float)

    __table_args__ = (
        UniqueConstraint("event_id", "number"),
        UniqueConstraint("id", "event_id"),
        CheckConstraint("number BETWEEN 1 AND 1000", name="number"),
        CheckConstraint("seats BETWEEN 0 AND 100", name="seats"),
    )


class Slot(Base):
    """One table in one round; closed when nobody can sit there then."""

    __tablename__ = "slots"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    round_id: Mapped[UUID]
    table_id: Mapped[UUID]
    closed: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (
        UniqueConstraint("round_id", "table_id"),
        UniqueConstraint("id", "round_id", "table_id", "event_id"),
        ForeignKeyConstraint(["round_id", "event_id"], [Round.id, Round.event_id], ondelete="CASCADE"),
        ForeignKeyConstraint(["table_id", "event_id"], [Table.id, Table.event_id], ondelete="CASCADE"),
        # As wide as the foreign keys: SQLite then finds what a round or a table takes along, and not all of the event.
        Index(None, "event_id", "round_id"),
        Index(None, "table_id", "event_id"),
    )


class Presentation(Base):
    """What a presenter offers. Accepted means: at a table."""

    __tablename__ = "presentations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey(Event.id, ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(2000))
    subjects: Mapped[list[str]] = mapped_column(JSON)
    key_stages: Mapped[list[str]] = mapped_column(JSON)
    needs: Mapped[list[str]] = mapped_column(JSON)
    table_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("table_id"),
        UniqueConstraint("id", "event_id"),
        ForeignKeyConstraint(["table_id", "event_id"], [Table.id, Table.event_id]),
        CheckConstraint("(status = 'accepted') = (table_id IS NOT NULL)", name="accepted_means_at_a_table"),
        Index(None, "event_id", "id"),
    )


class Presenter(Base):
    """Who gives a presentation; `position` keeps the order in which they were named."""

    __tablename__ = "presenters"

    presentation_id: Mapped[UUID] = mapped_column(primary_key=True)
    teacher_id: Mapped[UUID] = mapped_column(ForeignKey(Teacher.id), primary_key=True)
    event_id: Mapped[UUID]
    position: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(
            ["presentation_id", "event_id"], [Presentation.id, Presentation.event_id], ondelete="CASCADE"
        ),
        Index(None, "event_id", "teacher_id"),
        Index(None, "teacher_id"),
    )


class Seat(Base):
    """One seat at one table in one round, there from the start, held by at most one registration.

    Holding it takes a place at the same event; giving up the place empties it.
    """

    __tablename__ = "seats"

    slot_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    event_id: Mapped[UUID]
    round_id: Mapped[UUID]
    table_id: Mapped[UUID]
    registration_id: Mapped[UUID | None]
    held_event_id: Mapped[UUID | None]

    __table_args__ = (
        UniqueConstraint("round_id", "registration_id"),
        UniqueConstraint("table_id", "registration_id"),
        Index(
            "ix_seats_holder",
            "registration_id",
            sqlite_where=text("registration_id IS NOT NULL"),
            postgresql_where=text("registration_id IS NOT NULL"),
        ),
        ForeignKeyConstraint(
            ["slot_id", "round_id", "table_id", "event_id"],
            [Slot.id, Slot.round_id, Slot.table_id, Slot.event_id],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["registration_id", "held_event_id"],
            ["places.registration_id", "places.held_event_id"],
            onupdate="SET NULL",
            ondelete="SET NULL",
        ),
        CheckConstraint(
            "(registration_id IS NULL AND held_event_id IS NULL)"
            " OR (registration_id IS NOT NULL AND held_event_id IS NOT NULL AND held_event_id = event_id)",
            name="held_at_its_own_event",
        ),
    )
