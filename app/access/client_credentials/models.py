"""Access tokens that keys have bought. The token itself is nowhere in it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.access.models import ApiKey
from app.kernel.database import Base


class AccessToken(Base):
    """What a key may do, narrowed to some scopes and an hour. It ends with its key."""

    __tablename__ = "access_tokens"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    api_key_id: Mapped[UUID] = mapped_column(ForeignKey(ApiKey.id, ondelete="CASCADE"), index=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    ends_at: Mapped[datetime]
