"""Who may do what, written down for people to read, and the rules that turn it into the status of each cell.

None of it is taken from the service: it is what the contract says, and the service is held to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.access.matrix_rows import TABLE

OK = 200
"""Allowed: whatever comes of it, it is no 401, 403 or 404."""

SCOPES = frozenset(
    {
        *("events:read", "events:write", "people:read", "people:write", "registrations:read", "registrations:write"),
        *(
            "allocations:run",
            "attendance:write",
            "cpd:read",
            "mis:sync",
            "webhooks:manage",
            "keys:manage",
            "needs:read",
        ),
    }
)
LEADS = frozenset({"people:read", "people:write", "registrations:read", "registrations:write", "cpd:read"})
EVENTS = frozenset({"events:read", "events:write"})


@dataclass(frozen=True, slots=True)
class Row:
    """One operation's line of the table."""

    operation: str
    thing: str
    scope: str | None
    needs_more: bool
    who: frozenset[str]
    if_seen: bool
    """Those who may not get their 403 only for what they see."""


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody who calls, with the widest that they reach."""

    name: str
    kind: str
    reach: str = ""

    @property
    def signed_in(self) -> bool:
        return self.kind == "teacher"

    def scopes(self, row: Row) -> frozenset[str]:
        """What they hold. Integration keys are made for each scope."""
        wanted = frozenset({row.scope or "webhooks:manage"})
        by_name = {
            "operator": SCOPES,
            "organiser": SCOPES,
            "organiser signed in": SCOPES,
            "school lead": LEADS,
            "school's key": wanted,
            "key with the scope": wanted,
            "key with all others": SCOPES - wanted,
        }
        return by_name.get(self.name, frozenset())


ROLES = (
    Role("operator", "operator", "everything"),
    Role("organiser", "key", "hub"),
    Role("organiser signed in", "teacher", "hub"),
    Role("school lead", "teacher", "school"),
    Role("school's key", "key", "school"),
    Role("teacher", "teacher", "self"),
    Role("key with the scope", "key", "hub"),
    Role("key with all others", "key", "hub"),
    Role("nobody", "nobody"),
    Role("bad token", "bad"),
)

_ABOUT_PEOPLE = ("own", "colleague", "other school", "other hub", "missing")
_ABOUT_THE_HUB = ("own", "other hub", "missing")
TARGETS = {
    "nothing": ("own",),
    "hub": _ABOUT_THE_HUB,
    "school": ("own", "other school", "other hub", "missing"),
    "person": _ABOUT_PEOPLE,
    "registration": _ABOUT_PEOPLE,
    "session": _ABOUT_PEOPLE,
    "identity": _ABOUT_PEOPLE,
    "event": ("published", "draft", "other hub", "other hub's draft", "missing"),
    "evening": _ABOUT_THE_HUB,
    "presentation": ("accepted", "offered", "own", "other hub", "other hub's offer", "missing"),
    "allocation": _ABOUT_THE_HUB,
    "key": _ABOUT_THE_HUB,
    "webhook": _ABOUT_THE_HUB,
    "delivery": _ABOUT_THE_HUB,
    "sync": _ABOUT_THE_HUB,
    "connection": _ABOUT_THE_HUB,
    "source": _ABOUT_THE_HUB,
    "feed": _ABOUT_PEOPLE,
}
"""Whose object it may be. What is one's own is, for a key, that of a teacher of the school that it may be bound to."""

_REACH = {
    "hub": {"hub": {"own"}, "school": {"own"}, "self": {"own"}},
    "school": {"hub": {"own", "other school"}, "school": {"own"}, "self": {"own"}},
    "person": {"hub": {"own", "colleague", "other school"}, "school": {"own", "colleague"}, "self": {"own"}},
    "session": {"hub": {"own", "colleague", "other school"}, "self": {"own"}},
    "event": {"hub": {"published", "draft"}, "school": {"published", "draft"}, "self": {"published"}},
    "evening": {"hub": {"own"}, "school": {"own"}, "self": {"own"}},
    "presentation": {"hub": {"accepted", "offered", "own"}, "self": {"own"}},
    "allocation": {"hub": {"own"}},
    "key": {"hub": {"own"}},
    "webhook": {"hub": {"own"}},
    "delivery": {"hub": {"own"}},
    "sync": {"hub": {"own"}, "school": {"own"}},
    "connection": {"hub": {"own"}, "school": {"own"}},
    "source": {"hub": {"own"}, "school": {"own"}},
    "nothing": {"hub": {"own"}, "school": {"own"}, "self": {"own"}},
}
_REACH["registration"] = _REACH["person"]
_REACH["feed"] = _REACH["session"]
_PUBLISHED = {
    "event": {"published", "other hub"},
    "presentation": {"accepted", "other hub"},
    "hub": {"own", "other hub"},
}


def rows() -> dict[str, Row]:
    """The table, by operation."""
    lines = [line for line in TABLE.strip().splitlines()[1:] if line.strip()]
    found = {}
    for line in lines:
        plain, _, note = line.partition("(")
        operation, thing, scope, *who = plain.split()
        assert note in ("", "403 for what is seen)"), line
        assert operation not in found, f"{operation} has two rows"
        named = None if scope == "-" else scope.rstrip("+")
        found[operation] = Row(operation, thing, named, scope.endswith("+"), frozenset(who), bool(note))
    return found


def targets(row: Row, role: Role) -> list[str]:
    """Whose objects this role is tried with."""
    personal = role.signed_in or row.thing not in (
        "person",
        "registration",
        "session",
        "identity",
        "feed",
        "presentation",
    )
    beside = "own" if row.thing == "presentation" else "colleague"
    return [each for each in TARGETS[row.thing] if personal or each != beside]


def role(name: str) -> Role:
    """A role by its name."""
    return next(each for each in ROLES if each.name == name)


_OTHERS = (
    *(("organiser", "other hub"), ("organiser", "other hub's draft"), ("school lead", "other hub")),
    *(("school lead", "other school"), ("school lead", "draft"), ("school's key", "other school")),
    *(("teacher", "colleague"), ("teacher", "offered"), ("nobody", "draft"), ("nobody", "offered")),
)


def refused_for_others() -> Iterator[tuple[Row, Role, str]]:
    """Cells that are about something of others, which does not exist for this role."""
    for row in rows().values():
        for name, target in _OTHERS:
            who = role(name)
            if target in targets(row, who) and expected(row, who, target) == 404:
                yield row, who, target


def expected(row: Row, role: Role, target: str) -> int:
    """What the contract says of one cell."""
    if "open" in row.who:
        return OK
    if role.kind == "bad":
        return 401
    if "anyone" in row.who:
        return 404 if target == "missing" else OK
    if role.kind == "nobody":
        public = target in _PUBLISHED.get(row.thing, ())
        return 401 if "public" not in row.who else OK if public else 404
    if "operator" in row.who:
        return OK if role.kind == "operator" else 403
    if "signed-in" in row.who:
        return 403 if not role.signed_in else OK if target == "own" else 404
    if row.who & {"public", "known"}:
        return OK if _sees(row, role, role.reach, target) else 404
    return _by_reach(row, role, target)


def _by_reach(row: Row, role: Role, target: str) -> int:
    holds = role.kind == "operator" or row.scope in role.scopes(row)
    if not holds and not (role.signed_in and "self" in row.who):
        return 403
    reach = role.reach if holds else "self"
    ways = {reach} | ({"self"} if role.signed_in else set())
    lacking = row.needs_more and role.name == "key with the scope"
    if not lacking and any(_may(row, role, way, target) for way in ways):
        return OK
    if row.if_seen:
        return 403 if _sees(row, role, reach, target) else 404
    return 404 if ways & (row.who | {"everything"}) else 403


def _may(row: Row, role: Role, reach: str, target: str) -> bool:
    if reach == "everything":
        return target != "missing"
    return reach in row.who and target in _REACH[row.thing].get(reach, ()) and _is_there(row, role, target)


def _sees(row: Row, role: Role, reach: str, target: str) -> bool:
    """Whether the thing is there for them, whatever they may do with it."""
    if reach == "everything":
        return target != "missing"
    there = _REACH[row.thing].get(reach, set())
    if row.thing == "event":
        there = {"published", "draft"}
    if row.thing == "presentation":
        there = {"accepted", *there, *({"own"} if role.signed_in else ())}
    return target in there and _is_there(row, role, target)


def _is_there(row: Row, role: Role, target: str) -> bool:
    """What is not published yet is there for those who set evenings up; keys reach what their own scope is for."""
    sets_up = bool(role.scopes(row) & EVENTS)
    if target == "draft":
        return sets_up or role.kind == "key"
    if target == "offered":
        return sets_up and role.reach == "hub"
    return True
