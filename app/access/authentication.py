"""Who is behind a credential, whatever its kind. The one place that is asked."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from app.access.queries import callers
from app.access.signing_in.queries import session_callers
from app.kernel.caller import Caller, Digest

_NONE: Mapping[Digest, datetime] = MappingProxyType({})


def authenticate(
    session: Session, digests: AbstractSet[Digest], now: datetime, used: Mapping[Digest, datetime] = _NONE
) -> Mapping[Digest, Caller]:
    """The callers whose keys or sessions are valid now. Only what is nobody's key is looked for among the sessions.

    `used` tells when sessions were last used, where that has not been written down yet.
    """
    found = callers(session, digests, now)
    rest = digests - found.keys()
    return {**found, **session_callers(session, rest, now, used)} if rest else found
