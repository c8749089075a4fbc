"""Changes in the order in which they became visible, webhooks, and what is delivered to them, as tables."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base
from app.kernel.outbox import Fact
from app.people.models import Hub


class Change(Base):
    """A fact's place among all facts. The database writes these rows by itself, in the transaction of the fact.

    `position` grows in the order of the commits, so whoever has read up to one has missed nothing before it. `id` is
    what the outside world sees: unlike a position it tells nothing about other hubs.
    """

    __tablename__ = "changes"

    fact_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey(Fact.id, ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    position: Mapped[int] = mapped_column(BigInteger)
    hub_id: Mapped[UUID]
    id: Mapped[UUID]

    __table_args__ = (UniqueConstraint("hub_id", "position"), UniqueConstraint("id"))


class Webhook(Base):
    """An address to which a hub's changes are pushed.

    `position` is how far changes have become deliveries; `sealed` holds the secrets. Whoever delivers holds the
    `lease`; after `setbacks` in a row the address is left in peace until `rests_until`.
    """

    __tablename__ = "webhooks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID] = mapped_column(ForeignKey(Hub.id))
    url: Mapped[str] = mapped_column(String(2_000))
    description: Mapped[str | None] = mapped_column(String(200))
    types: Mapped[list[str]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(20))
    disabled_reason: Mapped[str | None] = mapped_column(String(40))
    disabled_at: Mapped[datetime | None]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_by: Mapped[str] = mapped_column(String(100))
    position: Mapped[int] = mapped_column(BigInteger)
    setbacks: Mapped[int]
    rests_until: Mapped[datetime | None]
    lease: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        Index(None, "hub_id", "id"),
        CheckConstraint("status IN ('enabled', 'disabled')", name="status"),
        CheckConstraint(
            "(status = 'disabled') = (disabled_at IS NOT NULL AND disabled_reason IS NOT NULL)",
            name="disabled_says_why",
        ),
    )


class Delivery(Base):
    """One message to one webhook. `body` is what is signed and sent, byte for byte, at every attempt.

    `message_id` is the change's id, the same at every attempt and for every webhook. `tries` counts towards the
    schedule; `attempts` tells of each that was made, oldest first.
    """

    __tablename__ = "deliveries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey(Webhook.id, ondelete="CASCADE"))
    message_id: Mapped[UUID]
    type: Mapped[str] = mapped_column(String(60))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(20))
    tries: Mapped[int]
    attempts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    next_attempt_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("webhook_id", "message_id"),
        Index(None, "webhook_id", "next_attempt_at"),
        Index(None, "webhook_id", "id"),
        CheckConstraint("status IN ('pending', 'delivered', 'failed', 'cancelled')", name="status"),
        CheckConstraint(
            "(status = 'pending') = (next_attempt_at IS NOT NULL) AND (status = 'pending') = (finished_at IS NULL)",
            name="pending_has_its_time",
        ),
    )
