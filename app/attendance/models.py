"""Reflections as a table. A check-in stands in the registration itself; see `registrations`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base
from app.marketplace.models import Presentation
from app.registrations.models import Registration


class Reflection(Base):
    """What somebody who was there made of a presentation or, without one, of the evening. One for each subject."""

    __tablename__ = "reflections"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    registration_id: Mapped[UUID]
    presentation_id: Mapped[UUID | None]
    what_went_well: Mapped[str] = mapped_column(String(2000))
    even_better_if: Mapped[str] = mapped_column(String(2000))
    rating: Mapped[int | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["registration_id", "event_id"], [Registration.id, Registration.event_id]),
        ForeignKeyConstraint(["presentation_id", "event_id"], [Presentation.id, Presentation.event_id]),
        UniqueConstraint("registration_id", "presentation_id"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        Index(None, "event_id", "id"),
        Index(None, "presentation_id"),
        Index(
            "uq_reflections_of_the_event",
            "registration_id",
            unique=True,
            sqlite_where=text("presentation_id IS NULL"),
            postgresql_where=text("presentation_id IS NULL"),
        ),
    )
