"""Pure decisions about signing in: how long things last, and how tokens are written."""

import hashlib
import secrets
from datetime import datetime, timedelta

LINK_LASTS = timedelta(minutes=15)
LINKS_AT_MOST = 5
"""To one address in as long as a link lasts."""
IDLE_AT_MOST = timedelta(hours=12)
"""A session that is not used for so long has ended."""
SESSION_LASTS = timedelta(days=7)
"""However much it is used."""
PREFIX = "tms"


def new_link_token() -> str:
    """A token of 256 random bits for a link in a mail."""
    return secrets.token_urlsafe(32)


def new_access_token() -> str:
    """A token of 256 random bits, as `tms_<prefix>_<rest>`; the prefix may be shown, to tell sessions apart."""
    return f"{PREFIX}_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"


def address_mark(token: str, email_key: str) -> bytes:
    """Ties a link to the address it went to, so that it is void once the teacher's address is another.

    It tells nobody the address: the token is its salt.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass") + b"\0" + email_key.encode()).digest()


def expires_at(*, used_at: datetime, ends_at: datetime) -> datetime:
    """When a session ends unless it is used again."""
    return min(used_at + IDLE_AT_MOST, ends_at)
