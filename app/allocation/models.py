"""Allocations as a table.

A plan is one value, not a row for each seat: it is written once, read whole, thrown away with its row, and never asked
for by seat; a large event's twenty previews would else be more than a million rows. Problem and plan hold ids only.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.events.models import Event
from app.kernel.database import Base


class Allocation(Base):
    """One allocation: what was asked, how far it is, what came out, and on what it rests."""

    __tablename__ = "allocations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID]
    event_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(String(20))
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    progress: Mapped[int]
    """Per cent."""
    step: Mapped[str | None] = mapped_column(String(100))
    failure: Mapped[str | None] = mapped_column(String(500))
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Figures, proof and changes, as clients see them."""
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    problem: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    plan: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["event_id", "hub_id"], [Event.id, Event.hub_id], ondelete="CASCADE"),
        Index(None, "event_id", "id"),
        CheckConstraint("status IN ('running', 'ready', 'applied', 'failed', 'cancelled')", name="status"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint(
            "(status IN ('ready', 'applied')) = (problem IS NOT NULL AND plan IS NOT NULL AND outcome IS NOT NULL"
            " AND fingerprint IS NOT NULL)",
            name="complete_when_ready",
        ),
        CheckConstraint("(status = 'applied') = (applied_at IS NOT NULL)", name="applied_once"),
    )
