"""API keys as a table. The secret itself is nowhere in it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base
from app.people.models import Hub


class ApiKey(Base):
    """A credential: of an operator (no hub), or of a hub, perhaps bound to one of its schools."""

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID | None] = mapped_column(ForeignKey(Hub.id))
    school_id: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(20))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_keys.id"))

    __table_args__ = (
        ForeignKeyConstraint(["school_id", "hub_id"], ["schools.id", "schools.hub_id"]),
        Index(None, "hub_id", "id"),
        CheckConstraint("school_id IS NULL OR hub_id IS NOT NULL", name="school_within_hub"),
    )
