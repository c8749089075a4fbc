"""Links, sessions and identities as tables. No token is in any of them, only digests."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base


def _of_a_teacher() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["teacher_id", "hub_id"], ["teachers.id", "teachers.hub_id"], ondelete="CASCADE")


class SignInLink(Base):
    """A link that was sent to a teacher. It is good once, for a quarter of an hour."""

    __tablename__ = "sign_in_links"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID]
    teacher_id: Mapped[UUID]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    address_mark: Mapped[bytes] = mapped_column(LargeBinary(32))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (_of_a_teacher(), Index(None, "teacher_id"), Index(None, "asked_at"))


class TeacherSession(Base):
    """A teacher signed in somewhere. Ended sessions are deleted."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID]
    teacher_id: Mapped[UUID]
    prefix: Mapped[str] = mapped_column(String(20))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    __table_args__ = (_of_a_teacher(), Index(None, "teacher_id", "id"), Index(None, "expires_at"))


class TeacherIdentity(Base):
    """Somebody at an OpenID Connect issuer, known by the issuer's own name for them, who is this teacher."""

    __tablename__ = "teacher_identities"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hub_id: Mapped[UUID]
    teacher_id: Mapped[UUID]
    issuer: Mapped[str] = mapped_column(String(400))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]

    __table_args__ = (_of_a_teacher(), UniqueConstraint("hub_id", "issuer", "subject"), Index(None, "teacher_id", "id"))


class UsedIdToken(Base):
    """An id token that has been shown; kept until it expires, so that it is good once."""

    __tablename__ = "used_id_tokens"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime]

    __table_args__ = (Index(None, "expires_at"),)
