"""Connections as a table. The credentials are sealed, and nothing shows them again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base
from app.mis.syncing.models import Source


class MisConnection(Base):
    """A system of a hub's that is asked for staff.

    `sign_in` says how, without secrets: the method, which credentials are set, addresses. `credentials` holds the
    secrets. `read_up_to` is where the next list of changes begins; empty until all staff were taken over once.
    """

    __tablename__ = "mis_connections"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID]
    source_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    base_url: Mapped[str] = mapped_column(String(400))
    version: Mapped[str | None] = mapped_column(String(10))
    sign_in: Mapped[dict[str, Any]] = mapped_column(JSON)
    credentials: Mapped[bytes] = mapped_column(LargeBinary)
    school_ids: Mapped[list[str]] = mapped_column(JSON)
    staff_roles: Mapped[list[str]] = mapped_column(JSON)
    leave_out: Mapped[list[str]] = mapped_column(JSON)
    schedule: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    paused: Mapped[bool] = mapped_column(Boolean)
    next_sync_at: Mapped[datetime | None]
    read_up_to: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["source_id", "hub_id"], [Source.id, Source.hub_id]),
        UniqueConstraint("hub_id", "name"),
        UniqueConstraint("source_id"),
        Index(None, "hub_id", "id"),
        CheckConstraint("kind IN ('oneroster', 'wonde')", name="kind"),
        CheckConstraint("next_sync_at IS NULL OR NOT paused", name="rests_while_paused"),
    )


def about(connection_id: UUID) -> str:
    """What the sealed credentials of a connection are about."""
    return f"MIS connection {connection_id}"
