"""What a client needs to know in order to fetch, and what it gives back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.mis.staff import StaffSet

Progress = Callable[[int, str], Awaitable[None]]
"""Is told how many records have come so far, and what is being read. What it raises ends the fetch."""


async def no_progress(_records: int, _step: str) -> None:
    """For those who do not wait long."""


class Kind(StrEnum):
    """The systems that can be asked."""

    ONEROSTER = "oneroster"
    WONDE = "wonde"


class Version(StrEnum):
    """The versions of OneRoster."""

    V1_1 = "1.1"
    V1_2 = "1.2"


class SignatureMethod(StrEnum):
    """How OAuth 1.0a requests are signed; servers differ in which one they take (RFC 5849, section 3.4)."""

    HMAC_SHA1 = "HMAC-SHA1"
    HMAC_SHA256 = "HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """OAuth 2 client credentials (RFC 6749, section 4.4), exchanged for a token at `token_url`."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    token_url: str
    scopes: tuple[str, ...] | None = None
    """None: those that the version names for reading the roster."""


@dataclass(frozen=True, slots=True)
class SignedRequests:
    """OAuth 1.0a without a user: every request is signed with a shared secret (RFC 5849)."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    method: SignatureMethod = SignatureMethod.HMAC_SHA256


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token (RFC 6750) that was handed over."""

    token: str = field(repr=False)


Credentials = ClientCredentials | SignedRequests | Token


@dataclass(frozen=True, slots=True)
class ConnectionDetails:
    """A system to ask, how to sign in to it, and what to leave out.

    `school_ids` narrows it to some of the source's schools (empty: all). `staff_roles` are roles of the form `ext:…`
    that are staff here. `leave_out` are patterns of family names, as `*ACCOUNT*`, for accounts that are nobody.
    """

    kind: Kind
    base_url: str
    credentials: Credentials
    version: Version = Version.V1_2
    school_ids: frozenset[str] = frozenset()
    staff_roles: frozenset[str] = frozenset()
    leave_out: tuple[str, ...] = ()
    page_size: int = 500


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came. `cursor` is where the next list of changes begins: the moment before the first request."""

    staff_set: StaffSet
    cursor: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """A first look at a system: what a person wants to know before believing in the connection."""

    schools: tuple[str, ...]
    staff_on_first_page: int
    others_on_first_page: int = 0
