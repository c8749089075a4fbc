"""What happened, and through whom, written in the same transaction as what it tells of.

It leaves later for the outside world, and stays as the audit trail: rows are added and never changed, which triggers
hold (see the migrations).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, Integer, String, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.clock import wall_clock
from app.kernel.database import Base

Subject = UUID | str | int | None
Row = Mapping[str, Any]
ACTOR = "actor"
"""Where a session keeps the principal of the caller that it works for."""
NOW = "now"
"""Where it keeps that caller's time."""
NOTED = "noted"
"""Where a session that may not write keeps what it notes."""
BLOCK = 1_000
"""Facts that one statement notes."""


class Fact(Base):
    """One thing that happened. `subject` holds ids, numbers and names of fields, never a person's data."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    hub_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(60))
    subject: Mapped[dict[str, str | int | None]] = mapped_column(JSON)
    actor: Mapped[str | None] = mapped_column(String(100))
    happened_at: Mapped[datetime]

    __table_args__ = (Index(None, "hub_id", "id"),)


def record(session: Session, kind: str, *, hub_id: UUID, now: datetime, **subject: Subject) -> None:
    """Notes one fact, as `record(session, "registration.confirmed", hub_id=…, registration_id=…)`."""
    record_all(session, [fact(kind, hub_id=hub_id, now=now, actor=None, **subject)])


def fact(kind: str, *, hub_id: UUID, now: datetime, actor: str | None = None, **subject: Subject) -> Row:
    """A fact as a row, for `record_all`. Without an actor it is the session's own that did it."""
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in subject.items()}
    return {"hub_id": hub_id, "kind": kind, "subject": plain, "actor": actor, "happened_at": now}


def record_all(session: Session, facts: Iterable[Row]) -> None:
    """Notes many facts in few statements, in order. A session that only reads keeps them for later, see `reading`."""
    actor = session.info.get(ACTOR)
    rows = ({**row, "actor": row["actor"] or actor} for row in facts)
    if NOTED in session.info:
        session.info[NOTED] += rows
        return
    while block := list(islice(rows, BLOCK)):
        session.connection().execute(insert(Fact), block)


def now_of(session: Session) -> datetime:
    """The time of the request that a session works for; the machine's own outside of any."""
    now: datetime | None = session.info.get(NOW)
    return now or wall_clock()


def reading(session: Session) -> list[Row]:
    """Makes a session that only reads keep what it notes, in the list that this gives."""
    noted: list[Row] = session.info.setdefault(NOTED, [])
    return noted
