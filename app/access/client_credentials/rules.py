"""Pure decisions about tokens that are bought with a key."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

from app.access.rules import Scope

TOKEN_LASTS = timedelta(hours=1)
ROSTER_CORE = "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly"
ROSTER = "https://purl.imsglobal.org/spec/or/v1p2/scope/roster.readonly"
NEEDED: Mapping[str, Scope] = MappingProxyType({ROSTER_CORE: Scope.PEOPLE_READ, ROSTER: Scope.PEOPLE_READ})
"""The scopes that a token may have, OneRoster 1.2's, and what a key needs to buy one with them."""


def granted(asked: str, *, by: frozenset[str]) -> Sequence[str]:
    """Which of the scopes that were asked for, separated by spaces, a key may give away; all it may, if none was."""
    wanted = asked.split() or list(NEEDED)
    return [scope for scope in dict.fromkeys(wanted) if NEEDED.get(scope) in by]
