"""`roles.csv` of 1.2, read before the users: it says who of them is staff, and where."""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto

from app.mis.reading.compact import CompactIds
from app.mis.reading.dates import read_date
from app.mis.reading.oneroster_csv.columns import LEFT_OUT_AS, OTHERS, STAFF_ROLES
from app.mis.reading.oneroster_csv.context import Context
from app.mis.reading.oneroster_csv.orgs import Orgs
from app.mis.reading.oneroster_csv.standing import read_id, read_standing
from app.mis.reading.oneroster_csv.tables import Line, Table
from app.mis.reading.oneroster_csv.words import EXTENSION, SOURCED_ID, spoken
from app.mis.staff import Employment, Place

KINDS = ("", "pupils", "parents", "contacts", OTHERS)
"""What a user without a staff role is, by the tag of the id among `Roles.others`."""

SEEN = 8
"""The bit of a tag that says that the user has a row in users.csv."""


class Term(Enum):
    """Where today stands to a role's dates."""

    TO_COME = auto()
    RUNNING = auto()
    ENDED = auto()


@dataclass(slots=True)
class PersonRoles:
    """Somebody's staff roles. `spoiled` says that one of them was rejected, so that what is here may not be all."""

    place: Place
    roles: list[tuple[Employment, str]] = field(default_factory=list)
    spoiled: bool = False


@dataclass(slots=True)
class Roles:
    """The roles of a package. `others` are those who are nobody's business here, with what they are as a tag."""

    bulk: bool = False
    staff: dict[str, PersonRoles] = field(default_factory=dict)
    others: CompactIds = field(default_factory=CompactIds)


def read_roles(table: Table | None, orgs: Orgs, context: Context) -> Roles:
    """All roles of staff; of others only who they are is noted."""
    roles = Roles(bulk=table is not None and table.is_bulk)
    if table is None:
        return roles
    reading = _RoleReading(table, orgs, roles, context)
    for number, cells in table.rows():
        reading.take(number, cells)
    return roles


class _RoleReading:
    def __init__(self, table: Table, orgs: Orgs, roles: Roles, context: Context) -> None:
        self._table, self._orgs, self._roles, self._context = table, orgs, roles, context
        self._ids: set[str] = set()
        positions = table.header.positions
        self._role_at, self._user_at = positions["role"], positions["userSourcedId"]

    def take(self, number: int, cells: list[str]) -> None:
        role = cells[self._role_at].strip()
        kind = self._kind(role)
        if kind is None:
            self._take_staff(self._table.line(number, cells), role)
        elif kind:
            self._roles.others.put(cells[self._user_at], KINDS.index(kind))
        else:
            line = self._table.line(number, cells)
            user = line.raw("userSourcedId")
            known = user if SOURCED_ID.fullmatch(user) else None
            code = "bad-value" if role else "missing-value"
            reason = f"role is not one of OneRoster {self._context.version}."
            self._context.found.reject(line.place, code, reason, field="role", source_id=known, hides=known is None)
            if known:
                self._of(known, line.place).spoiled = True

    def _kind(self, role: str) -> str | None:
        """None for a role of staff, else what those are who have it; empty for no role at all."""
        if role in STAFF_ROLES["1.2"] or role in self._context.options.staff_roles:
            return None
        if role in LEFT_OUT_AS:
            return LEFT_OUT_AS[role]
        if not EXTENSION.fullmatch(role):
            return ""
        reason = "The role is the supplier's own and is not set to mean staff; those who have only it were left out."
        self._context.found.warn(Place(self._table.file), "unknown-extension", reason, field="role")
        return OTHERS

    def _of(self, user: str, place: Place) -> PersonRoles:
        return self._roles.staff.setdefault(user, PersonRoles(place))

    def _take_staff(self, line: Line, role: str) -> None:
        user = read_id(line, "userSourcedId", self._context, hides=True)
        if user is None:
            return
        term = self._term(line, user)
        employment = None if term is None else self._employment(line, user, role, term)
        person = self._of(user, line.place)
        if employment is None or term is None:
            person.spoiled = True
        elif self._table.is_bulk or self._says_something(employment, term, line["roleType"]):
            person.roles.append((employment, line["roleType"]))

    @staticmethod
    def _says_something(employment: Employment, term: Term, role_type: str) -> bool:
        """Whether a changed role tells of the employment.

        Everybody has one primary role at an organisation where they have any, so its end is the end there. That a
        secondary one ended, or that one is still to begin, leaves open what else they do there.
        """
        return employment.active or (role_type == "primary" and term is not Term.TO_COME)

    def _employment(self, line: Line, user: str, role: str, term: Term) -> Employment | None:
        context = self._context
        if (role_id := read_id(line, "sourcedId", context, of=user)) is None:
            return None
        if role_id in self._ids:
            reason = "The sourcedId is there twice in roles.csv; the first row was used."
            context.found.reject(line.place, "duplicate-id", reason, field="sourcedId", source_id=user)
            return None
        self._ids.add(role_id)
        standing = read_standing(line, context, bulk=self._table.is_bulk, of=user)
        if standing is None or not self._has_role_type(line, user):
            return None
        if (org_id := read_id(line, "orgSourcedId", context, of=user)) is None:
            return None
        if (why := self._orgs.why_not(org_id)) is not None:
            code, what = why
            context.found.reject(line.place, code, f"orgSourcedId {what}", field="orgSourcedId", source_id=user)
            return None
        ended = standing.deleted or org_id in self._orgs.ended
        return Employment(org_id, active=term is Term.RUNNING and not ended, job_title=spoken(role))

    def _has_role_type(self, line: Line, user: str) -> bool:
        if line["roleType"] in ("primary", "secondary"):
            return True
        code = "bad-value" if line["roleType"] else "missing-value"
        reason = "roleType must be primary or secondary."
        self._context.found.reject(line.place, code, reason, field="roleType", source_id=user)
        return False

    def _term(self, line: Line, user: str) -> Term | None:
        """Whether the role runs today: its first day counts, its end no longer does. None when a date is no date."""
        days: dict[str, date | None] = {}
        for column in ("beginDate", "endDate"):
            days[column] = read_date(line[column])
            if line[column] and days[column] is None:
                reason = f"{column} is not a date as YYYY-MM-DD."
                self._context.found.reject(line.place, "bad-date", reason, field=column, source_id=user)
                return None
        begin, end, today = days["beginDate"], days["endDate"], self._context.today
        if begin is not None and begin > today:
            reason = "The role has not begun, and counts from its first day on."
            self._context.found.warn(line.place, "not-begun", reason, field="beginDate", source_id=user)
            return Term.TO_COME
        return Term.RUNNING if end is None or today < end else Term.ENDED
