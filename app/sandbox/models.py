"""What a sandbox keeps besides the hubs in it."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Integer
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base


class SandboxClock(Base):
    """How this sandbox's clock goes: so far ahead of the machine's (or behind), or stopped at an instant.

    There is one row, or none. It is also the mark by which a sandbox knows its own database.
    """

    __tablename__ = "sandbox_clock"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    ahead_microseconds: Mapped[int] = mapped_column(BigInteger)
    stopped_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
