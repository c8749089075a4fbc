"""Pure decisions about access: the scopes there are, and how a key is written."""

import secrets
from enum import StrEnum

PREFIX = "tm"


class Scope(StrEnum):
    EVENTS_READ = "events:read"
    EVENTS_WRITE = "events:write"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    REGISTRATIONS_READ = "registrations:read"
    REGISTRATIONS_WRITE = "registrations:write"
    ALLOCATIONS_RUN = "allocations:run"
    ATTENDANCE_WRITE = "attendance:write"
    CPD_READ = "cpd:read"
    MIS_SYNC = "mis:sync"
    WEBHOOKS_MANAGE = "webhooks:manage"
    KEYS_MANAGE = "keys:manage"


ORGANISER = tuple(Scope)
"""What an organiser's key carries: everything in the hub."""


def new_secret() -> str:
    """A secret of 256 random bits, as `tm_<prefix>_<rest>`; the prefix may be shown, to tell keys apart."""
    return f"{PREFIX}_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"


def prefix_of(secret: str) -> str:
    return "_".join(secret.split("_")[:2])
