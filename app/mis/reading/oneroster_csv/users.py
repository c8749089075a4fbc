"""`users.csv` of both versions: a row of staff becomes a record, every other row a number."""

from collections import Counter
from dataclasses import dataclass, replace

from app.mis.reading.compact import CompactIds
from app.mis.reading.oneroster_csv.columns import LEFT_OUT_AS, OTHERS, STAFF_ROLES
from app.mis.reading.oneroster_csv.context import Context
from app.mis.reading.oneroster_csv.employments import merged
from app.mis.reading.oneroster_csv.orgs import Orgs
from app.mis.reading.oneroster_csv.roles import KINDS, SEEN, Roles
from app.mis.reading.oneroster_csv.standing import read_id
from app.mis.reading.oneroster_csv.tables import Line, Table
from app.mis.reading.oneroster_csv.user_rows import PersonRow, read_person, reference_holds
from app.mis.reading.oneroster_csv.words import SOURCED_ID, items, spoken
from app.mis.reading.persons import EXCLUDED
from app.mis.staff import Employment, Place, StaffRecord

_NOT_STAFF, _STAFF = 1, 2


@dataclass(frozen=True, slots=True)
class Staff:
    """What a package says about staff, and how many others it had, by what they are."""

    records: tuple[StaffRecord, ...]
    left_out: dict[str, int]


class _Reading:
    """What reading the users of both versions has in common. `one` is told of each row, and gives what it is."""

    def __init__(self, table: Table, orgs: Orgs, context: Context) -> None:
        self.table, self.orgs, self.context = table, orgs, context
        self.records: dict[str, StaffRecord] = {}
        self.left_out: Counter[str] = Counter()
        self._id_at = table.header.positions["sourcedId"]
        self._password_at = table.header.positions.get("password")

    def person(self, line: Line, source_id: str) -> PersonRow | None:
        """A member of staff's own cells; None when the row is rejected, or excluded by the school's rules."""
        self._tell_of_passwords(line)
        if self.context.options.exclusions.exclude(
            source_id=source_id,
            given_name=line["givenName"],
            family_name=line["familyName"],
            email=line["email"],
        ):
            self.left_out[EXCLUDED] += 1
            return None
        return read_person(line, source_id, self.context, bulk=self.table.is_bulk)

    def twice(self, line: Line, source_id: str) -> None:
        reason = "The sourcedId is there twice in users.csv; the first row was used."
        self.context.found.reject(line.place, "duplicate-id", reason, field="sourcedId", source_id=source_id)

    def also_not_staff(self, line: Line, source_id: str) -> bool:
        """Whether somebody may stay who is staff and, by another row, a parent or the like."""
        reason = "The sourcedId is there twice in users.csv, once not as staff; the row of staff was used."
        return self.context.lenient(line.place, "duplicate-id", reason, field="sourcedId", source_id=source_id)

    def _tell_of_passwords(self, line: Line) -> None:
        if self._password_at is not None and line.cells[self._password_at]:
            self._password_at = None
            reason = "The file holds passwords. They were not read; ask your supplier not to send them."
            self.context.found.warn(line.place, "credentials", reason, field="password")


def read_users_with_role(table: Table, orgs: Orgs, context: Context) -> Staff:
    """Version 1.1, where each user has one role, at one organisation or several."""
    reading = _Reading(table, orgs, context)
    seen = CompactIds()
    positions = table.header.positions
    id_at, role_at = positions["sourcedId"], positions["role"]
    staff_roles = STAFF_ROLES["1.1"] | context.options.staff_roles
    for number, cells in table.rows():
        role, user = cells[role_at].strip(), cells[id_at]
        before = seen.tag(user) or 0
        if role in LEFT_OUT_AS:
            seen.put(user, _NOT_STAFF)
            reading.left_out[LEFT_OUT_AS[role]] += not before
            if before and context.strict:
                reading.twice(table.line(number, cells), user)
            continue
        line = table.line(number, cells)
        source_id = read_id(line, "sourcedId", context, hides=True)
        if source_id is None:
            continue
        seen.put(user, _STAFF)
        if before & _STAFF:
            reading.twice(line, source_id)
        elif before and not reading.also_not_staff(line, source_id):
            continue
        elif role not in staff_roles:
            code = "bad-value" if role else "missing-value"
            reason = "role is not one of OneRoster 1.1."
            context.found.reject(line.place, code, reason, field="role", source_id=source_id)
        elif (person := reading.person(line, source_id)) is not None:
            employments = _employments(line, person, role, orgs, context)
            if employments is not None:
                reading.records[source_id] = person.record(employments)
    return Staff(tuple(reading.records.values()), dict(reading.left_out))


def _employments(
    line: Line, person: PersonRow, role: str, orgs: Orgs, context: Context
) -> tuple[Employment, ...] | None:
    """One at each organisation; None when a reference does not hold, and then the row is rejected."""
    org_ids = items(line["orgSourcedIds"])
    if not org_ids:
        reason = "orgSourcedIds is blank."
        context.found.reject(line.place, "missing-value", reason, field="orgSourcedIds", source_id=person.source_id)
        return None
    for org_id in org_ids:
        if not reference_holds(line, "orgSourcedIds", org_id, person.source_id, orgs, context):
            return None
    title = spoken(role)
    return tuple(Employment(org_id, active=org_id not in orgs.ended, job_title=title) for org_id in org_ids)


def read_users_beside_roles(table: Table | None, roles: Roles, orgs: Orgs, context: Context) -> Staff:
    """Version 1.2, where roles.csv says who is staff. Those with changed roles only have a record without a name."""
    if table is None:
        left_out = Counter({OTHERS: len(roles.others)} if len(roles.others) else {})
        return Staff(_nameless(roles, set(), context), dict(left_out))
    reading = _Reading(table, orgs, context)
    id_at = table.header.positions["sourcedId"]
    looked_at: set[str] = set()
    known = context.options.known_staff
    for number, cells in table.rows():
        user = cells[id_at]
        is_staff = user in roles.staff or (known is not None and user in known)
        if not is_staff:
            _count_other(reading, roles, user, table.line(number, cells))
            continue
        line = table.line(number, cells)
        source_id = read_id(line, "sourcedId", context, hides=True)
        if source_id is None:
            continue
        if source_id in looked_at:
            reading.twice(line, source_id)
            continue
        looked_at.add(source_id)
        record = _with_roles(reading, line, source_id, roles)
        if record is not None:
            reading.records[source_id] = record
    _check_users(table, roles, looked_at, context)
    nameless = () if table.is_bulk else _nameless(roles, looked_at, context)
    return Staff((*reading.records.values(), *nameless), dict(reading.left_out))


def _count_other(reading: _Reading, roles: Roles, user: str, line: Line) -> None:
    if not SOURCED_ID.fullmatch(user):
        read_id(line, "sourcedId", reading.context, hides=True)
        return
    tag = roles.others.tag(user) or 0
    if tag & SEEN:
        reading.twice(line, user)
        return
    roles.others.put(user, tag | SEEN)
    reading.left_out[KINDS[tag] if tag < len(KINDS) and tag else OTHERS] += 1


def _with_roles(reading: _Reading, line: Line, source_id: str, roles: Roles) -> StaffRecord | None:
    """A record with the employments that the roles give; None when the row is rejected, or none of them holds."""
    person = reading.person(line, source_id)
    if person is None:
        return None
    home = line["primaryOrgSourcedId"]
    if home and not reference_holds(line, "primaryOrgSourcedId", home, source_id, reading.orgs, reading.context):
        return None
    mine = roles.staff.get(source_id)
    if mine is None and roles.bulk:
        return person.record(())  # once staff, and without a staff role by now
    if mine is None or not mine.roles:
        return None if roles.bulk else replace(person.record(()), employments_known=False)
    partial = mine.spoiled or not roles.bulk
    return replace(person.record(merged(mine.roles, home)), employments_partial=partial)


def _nameless(roles: Roles, looked_at: set[str], context: Context) -> tuple[StaffRecord, ...]:
    """Those with staff roles here and their own row in an earlier package. Who is not known from one is rejected."""
    known = context.options.known_staff
    records = []
    for user, person in roles.staff.items():
        if user in looked_at or not person.roles:
            continue
        if known is None or user not in known:
            reason = "userSourcedId points at a user who has not been sent, here or before."
            context.found.reject(person.place, "unknown-user", reason, field="userSourcedId", source_id=user)
            continue
        partial = person.spoiled or not roles.bulk
        employments = merged(person.roles)
        records.append(
            StaffRecord(
                user, "", "", person.place, employments=employments, employments_partial=partial, name_known=False
            )
        )
    return tuple(records)


def _check_users(table: Table, roles: Roles, looked_at: set[str], context: Context) -> None:
    """Every role must be somebody's, where users.csv is complete."""
    if not table.is_bulk:
        return
    told = {each.source_id for each in context.found.rejected if each.place.file == table.file}
    for user, person in roles.staff.items():
        if user not in looked_at and user not in told:
            reason = "userSourcedId points at a user who is not in users.csv."
            context.found.reject(person.place, "missing-target", reason, field="userSourcedId", source_id=user)
    dangling = roles.others.count(without=SEEN) - sum(1 for user in roles.staff if _is_other(roles, user))
    if roles.bulk and dangling > 0:
        reason = f"{dangling:,} roles of people who are not staff point at users who are not in users.csv."
        tell = context.found.reject if context.strict else context.found.warn
        tell(Place("roles.csv"), "missing-target", reason, field="userSourcedId")


def _is_other(roles: Roles, user: str) -> bool:
    tag = roles.others.tag(user)
    return tag is not None and not tag & SEEN
