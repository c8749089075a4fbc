"""Imports as a table: what was sent, what was planned or done, and what it had to tell."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.events.models import Event
from app.kernel.database import Base
from app.people.models import Hub


class Sync(Base):
    """One import. `content` is the file, sealed, kept only while the plan waits to be applied."""

    __tablename__ = "syncs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID] = mapped_column(ForeignKey(Hub.id))
    event_id: Mapped[UUID | None]
    format: Mapped[str] = mapped_column(String(30))
    status: Mapped[str] = mapped_column(String(20))
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    summary: Mapped[list[str]] = mapped_column(JSON)
    report: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    fingerprint: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["event_id", "hub_id"], [Event.id, Event.hub_id], ondelete="CASCADE"),
        Index(None, "hub_id", "id"),
        Index(None, "event_id"),
        CheckConstraint("status IN ('planned', 'applied', 'failed')", name="status"),
        CheckConstraint("content IS NULL OR status = 'planned'", name="kept_while_planned"),
    )
