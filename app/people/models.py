"""Hubs, schools and teachers as tables."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base


class Hub(Base):
    """A group of schools: the tenant."""

    __tablename__ = "hubs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class School(Base):
    """A member of a hub, known nationally by its URN and its LAESTAB."""

    __tablename__ = "schools"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID] = mapped_column(ForeignKey(Hub.id))
    name: Mapped[str] = mapped_column(String(200))
    urn: Mapped[str] = mapped_column(String(6))
    laestab: Mapped[str | None] = mapped_column(String(8))
    phase: Mapped[str | None] = mapped_column(String(60))
    postcode: Mapped[str | None] = mapped_column(String(8))
    website: Mapped[str | None] = mapped_column(String(400))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("hub_id", "urn"),
        UniqueConstraint("id", "hub_id"),
        Index(None, "hub_id", "name", "id"),
        CheckConstraint("length(urn) = 6", name="urn"),
    )


class Teacher(Base):
    """A person at a school.

    `email` is theirs alone and signs them in. `shared_email` is an inbox that several people read: it is kept so that
    they can be reached, and signs nobody in. `email_key` and `search_key` are folded for comparing.
    """

    __tablename__ = "teachers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID] = mapped_column(ForeignKey(Hub.id))
    school_id: Mapped[UUID]
    given_name: Mapped[str] = mapped_column(String(100))
    family_name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254))
    shared_email: Mapped[str | None] = mapped_column(String(254))
    job_title: Mapped[str | None] = mapped_column(String(200))
    subjects: Mapped[list[str]] = mapped_column(JSON)
    key_stages: Mapped[list[str]] = mapped_column(JSON)
    roles: Mapped[list[str]] = mapped_column(JSON)
    active: Mapped[bool] = mapped_column(Boolean)
    erased_at: Mapped[datetime | None]
    sort_key: Mapped[str] = mapped_column(String(202))
    search_key: Mapped[str] = mapped_column(String(460))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["school_id", "hub_id"], ["schools.id", "schools.hub_id"]),
        UniqueConstraint("hub_id", "email_key"),
        UniqueConstraint("id", "hub_id"),
        Index(None, "hub_id", "sort_key", "id"),
        Index(None, "school_id", "sort_key", "id"),
        CheckConstraint("(email IS NULL) = (email_key IS NULL)", name="email_has_its_key"),
    )


class FormerSchool(Base):
    """Where a teacher worked until a moment. A trigger writes it whenever somebody is moved; see the migrations."""

    __tablename__ = "former_schools"

    teacher_id: Mapped[UUID] = mapped_column(ForeignKey(Teacher.id, ondelete="CASCADE"), primary_key=True)
    until: Mapped[datetime] = mapped_column(primary_key=True)
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey(School.id, ondelete="SET NULL"), index=True)
