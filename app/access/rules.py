"""Pure decisions about access: the scopes there are, and how a key is written."""

import secrets
from collections.abc import Iterable
from enum import StrEnum

from app.kernel.caller import Reach
from app.people.rules import Role

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
    NEEDS_READ = "needs:read"


ORGANISER = tuple(Scope)
"""What an organiser's key carries: everything in the hub."""
_EVERY_ORDINARY = frozenset(Scope) - {Scope.NEEDS_READ}
_SCHOOL_LEAD = (
    Scope.PEOPLE_READ,
    Scope.PEOPLE_WRITE,
    Scope.REGISTRATIONS_READ,
    Scope.REGISTRATIONS_WRITE,
    Scope.CPD_READ,
)


def scopes_of_key(scopes: Iterable[str], *, bound_to_a_school: bool) -> frozenset[str]:
    """What a key may do. One that carries every ordinary scope of the whole hub is an organiser's, and carries all."""
    given = frozenset(scopes)
    return frozenset(ORGANISER) if given >= _EVERY_ORDINARY and not bound_to_a_school else given


def scopes_of_roles(roles: Iterable[str]) -> frozenset[str]:
    """What a signed-in teacher may do beyond what is their own."""
    if Role.ORGANISER in roles:
        return frozenset(ORGANISER)
    return frozenset(_SCHOOL_LEAD) if Role.SCHOOL_LEAD in roles else frozenset()


def reach_of_roles(roles: Iterable[str]) -> Reach:
    """How far those scopes reach."""
    if Role.ORGANISER in roles:
        return Reach.HUB
    return Reach.SCHOOL if Role.SCHOOL_LEAD in roles else Reach.SELF


def new_secret() -> str:
    """A secret of 256 random bits, as `tm_<prefix>_<rest>`; the prefix may be shown, to tell keys apart."""
    return f"{PREFIX}_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"


def prefix_of(secret: str) -> str:
    return "_".join(secret.split("_")[:2])
