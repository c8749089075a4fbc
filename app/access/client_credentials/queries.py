"""What one can ask about bought tokens: who is behind one."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from app.access.client_credentials.models import AccessToken
from app.access.models import ApiKey
from app.kernel.caller import Caller, Digest, Kind, Reach

_LIVE_TOKENS = (
    select(AccessToken.digest, AccessToken.scopes, ApiKey.id, ApiKey.hub_id, ApiKey.school_id, ApiKey.name)
    .join(ApiKey, ApiKey.id == AccessToken.api_key_id)
    .where(
        AccessToken.digest.in_(bindparam("digests", expanding=True)),
        AccessToken.ends_at > bindparam("now", type_=AccessToken.ends_at.type),
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > bindparam("now", type_=AccessToken.ends_at.type)),
    )
)


def token_callers(session: Session, digests: AbstractSet[Digest], now: datetime) -> Mapping[Digest, Caller]:
    """The callers whose tokens, and the keys that bought them, are valid now."""
    rows = session.connection().execute(_LIVE_TOKENS, {"digests": list(digests), "now": now})
    return {
        row.digest: Caller(
            kind=Kind.KEY,
            principal=f"key:{row.id}",
            scopes=frozenset(row.scopes),
            reach=Reach.HUB if row.school_id is None else Reach.SCHOOL,
            hub_id=row.hub_id,
            school_id=row.school_id,
            name=row.name,
        )
        for row in rows
    }
