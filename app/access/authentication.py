"""Who is behind a credential, whatever its kind. The one place that is asked."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from app.access.client_credentials.queries import token_callers
from app.access.queries import callers
from app.access.signing_in.queries import session_callers
from app.kernel.caller import Caller, Digest

_NONE: Mapping[Digest, datetime] = MappingProxyType({})


def authenticate(
    session: Session, digests: AbstractSet[Digest], now: datetime, used: Mapping[Digest, datetime] = _NONE
) -> Mapping[Digest, Caller]:
    """The callers whose keys, sessions or tokens are valid now. Only what is nobody's key is looked for further.

    `used` tells when sessions were last used, where that has not been written down yet.
    """
    found = dict(callers(session, digests, now))
    if rest := digests - found.keys():
        found.update(session_callers(session, rest, now, used))
    if rest := digests - found.keys():
        found.update(token_callers(session, rest, now))
    return found
