"""Sources, who they call what, where people work by their word, and each sync as tables."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base
from app.people.models import Hub, School, Teacher


class Source(Base):
    """Where staff come from: a kind of file, or a connection. `name` tells those of one kind apart.

    `revision` counts the times that what is known through it has changed. `columns` is the map that a person has
    confirmed for a sheet of this source. `applied_at` is when it was last brought in whole.
    """

    __tablename__ = "staff_sources"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID] = mapped_column(ForeignKey(Hub.id))
    kind: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(120))
    revision: Mapped[int]
    columns: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("hub_id", "kind", "name"),
        UniqueConstraint("id", "hub_id"),
    )


class SourceSchool(Base):
    """A school of a source: which school of the hub it is, if that is known. `confirmed` when a person has said so.

    `left_aside` when a person has said that it is none of the hub's: its staff are skipped without a word.
    """

    __tablename__ = "staff_source_schools"

    source_id: Mapped[UUID] = mapped_column(ForeignKey(Source.id, ondelete="CASCADE"), primary_key=True)
    org_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    hub_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(200))
    urn: Mapped[str | None] = mapped_column(String(6))
    laestab: Mapped[str | None] = mapped_column(String(8))
    school_id: Mapped[UUID | None]
    confirmed: Mapped[bool] = mapped_column(Boolean)
    left_aside: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (
        ForeignKeyConstraint(["school_id", "hub_id"], [School.id, School.hub_id], ondelete="CASCADE"),
        Index(None, "school_id"),
        CheckConstraint("NOT (left_aside AND school_id IS NOT NULL)", name="aside_or_known"),
    )


class StaffLink(Base):
    """That a source's record is a person: the identity, many records to one person.

    The values are those that the source told last: by them an older word is known as older, and a change as a change.
    `active` is the source's word on the person. `given_name` to `job_title` are personal.
    """

    __tablename__ = "staff_links"

    source_id: Mapped[UUID] = mapped_column(ForeignKey(Source.id, ondelete="CASCADE"), primary_key=True)
    record_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    hub_id: Mapped[UUID]
    teacher_id: Mapped[UUID]
    given_name: Mapped[str] = mapped_column(String(100))
    family_name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str | None] = mapped_column(String(254))
    job_title: Mapped[str | None] = mapped_column(String(200))
    second_ids: Mapped[list[str]] = mapped_column(JSON)
    active: Mapped[bool] = mapped_column(Boolean)
    told_at: Mapped[datetime | None]
    """When the source itself says that it last changed the record."""
    linked_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["teacher_id", "hub_id"], [Teacher.id, Teacher.hub_id], ondelete="CASCADE"),
        Index(None, "teacher_id"),
    )


class StaffEmployment(Base):
    """That a person works at a school, by the word of a source."""

    __tablename__ = "staff_employments"

    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    school_id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID]
    active: Mapped[bool] = mapped_column(Boolean)
    job_title: Mapped[str | None] = mapped_column(String(200))
    is_primary: Mapped[bool] = mapped_column(Boolean)
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["source_id", "record_id"], [StaffLink.source_id, StaffLink.record_id], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["school_id", "hub_id"], [School.id, School.hub_id], ondelete="CASCADE"),
        Index(None, "school_id"),
        CheckConstraint("active = (until IS NULL)", name="ended_or_not"),
    )


class LinkProposal(Base):
    """That a source's record might be somebody who is known already. It waits for a person's yes or no.

    `told` is the record as the source told it: with the answer it comes in, as that person or as a new one.
    """

    __tablename__ = "staff_link_proposals"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID]
    source_id: Mapped[UUID] = mapped_column(ForeignKey(Source.id, ondelete="CASCADE"))
    record_id: Mapped[str] = mapped_column(String(255))
    teacher_id: Mapped[UUID]
    why: Mapped[str] = mapped_column(String(40))
    told: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["teacher_id", "hub_id"], [Teacher.id, Teacher.hub_id], ondelete="CASCADE"),
        UniqueConstraint("source_id", "record_id"),
        Index(None, "teacher_id"),
        Index(None, "hub_id", "id"),
    )


class Leaving(Base):
    """That somebody has left by the word of the MIS: their places are given back after `release_at`."""

    __tablename__ = "staff_leavings"

    teacher_id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID]
    source_id: Mapped[UUID] = mapped_column(ForeignKey(Source.id, ondelete="CASCADE"))
    left_at: Mapped[datetime]
    release_at: Mapped[datetime]
    released_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["teacher_id", "hub_id"], [Teacher.id, Teacher.hub_id], ondelete="CASCADE"),
        Index(None, "hub_id"),
        Index(None, "release_at"),
    )


class StaffSync(Base):
    """One sync of a source: running, planned, held, applied or failed.

    `plan` is what will be done, sealed, kept while it waits; `basis` is the digest of what it rests on, and
    `plan_digest` that of the plan itself. `incoming` is the staff set of a large import, sealed, until it is planned.
    """

    __tablename__ = "staff_syncs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID]
    source_id: Mapped[UUID]
    format: Mapped[str] = mapped_column(String(30))
    mode: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(20))
    started_by: Mapped[str | None] = mapped_column(String(100))
    step: Mapped[str | None] = mapped_column(String(200))
    done: Mapped[int]
    expected: Mapped[int | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    summary: Mapped[list[str]] = mapped_column(JSON)
    held_because: Mapped[list[str]] = mapped_column(JSON)
    report: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    basis: Mapped[str | None] = mapped_column(String(64))
    plan_digest: Mapped[str | None] = mapped_column(String(64))
    plan: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    incoming: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["source_id", "hub_id"], [Source.id, Source.hub_id], ondelete="CASCADE"),
        Index(
            "uq_staff_syncs_running",
            "source_id",
            unique=True,
            postgresql_where=text("status = 'running'"),
            sqlite_where=text("status = 'running'"),
        ),
        Index(None, "source_id", "id"),
        Index(None, "hub_id", "id"),
        CheckConstraint("status IN ('running', 'planned', 'held', 'applied', 'failed')", name="status"),
        CheckConstraint("plan IS NULL OR status IN ('planned', 'held')", name="plan_while_it_waits"),
        CheckConstraint("incoming IS NULL OR status = 'running'", name="incoming_while_it_runs"),
    )

    @property
    def progress(self) -> dict[str, Any] | None:
        """How far it is, while it runs."""
        if self.status != "running":
            return None
        return {"step": self.step, "done": self.done, "expected": self.expected}
