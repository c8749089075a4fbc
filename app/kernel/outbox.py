"""Facts for the outside world, written in the same transaction as what they tell of; they leave later."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, Integer, String, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.database import Base


class Fact(Base):
    """One thing that happened. `subject` holds ids and numbers only, never a person's data."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    hub_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(60))
    subject: Mapped[dict[str, str | int | None]] = mapped_column(JSON)
    happened_at: Mapped[datetime]

    __table_args__ = (Index(None, "hub_id", "id"),)


def record(session: Session, kind: str, *, hub_id: UUID, now: datetime, **subject: UUID | str | int | None) -> None:
    """Notes one fact, as `record(session, "registration.confirmed", hub_id=…, registration_id=…)`."""
    record_all(session, [fact(kind, hub_id=hub_id, now=now, **subject)])


def fact(kind: str, *, hub_id: UUID, now: datetime, **subject: UUID | str | int | None) -> dict[str, object]:
    """A fact as a row, for `record_all`."""
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in subject.items()}
    return {"hub_id": hub_id, "kind": kind, "subject": plain, "happened_at": now}


def record_all(session: Session, facts: Iterable[dict[str, object]]) -> None:
    """Notes many facts in one statement, in order."""
    rows = list(facts)
    if rows:
        session.connection().execute(insert(Fact), rows)
