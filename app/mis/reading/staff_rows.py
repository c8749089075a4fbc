"""One row of a plain staff list: who, at which school, and whether still."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from app.mis.reading.dates import read_british_date, read_date
from app.mis.reading.findings import Found
from app.mis.reading.persons import (
    EXCLUDED,
    LONGEST_NAME,
    LONGEST_TITLE,
    NULL,
    Exclusions,
    Name,
    is_blank,
    read_name,
    text_of,
)
from app.mis.reading.schools import OrgKey, read_school
from app.mis.staff import Employment, Org, Place, StaffRecord
from app.sheets.cells import read_address

_LONGEST_ID = 255
_ACTIVE = {
    **dict.fromkeys(("", "active", "current", "yes", "y", "true", "1", "employed", "in post"), True),
    **dict.fromkeys(
        ("permanent", "temporary", "fixed term", "fixed-term", "supply", "casual", "full time", "part time"), True
    ),
    **dict.fromkeys(("full-time", "part-time", "teaching", "non-teaching", "support"), True),
    **dict.fromkeys(
        ("inactive", "left", "leaver", "former", "no", "n", "false", "0", "tobedeleted", "archived", "suspended"), False
    ),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that can be used: somebody with one employment, and its school."""

    record: StaffRecord
    org: Org


class StaffRows:
    """Reads rows, cell by cell as the columns stand. Rows that cannot be used are told to `found`."""

    def __init__(
        self, positions: dict[str, int], school: OrgKey | None, today: date, found: Found, exclusions: Exclusions
    ) -> None:
        self._positions, self._school, self._today = positions, school, today
        self._found, self._exclusions = found, exclusions
        self.left_out: Counter[str] = Counter()

    def read(self, place: Place, cells: list[str]) -> Entry | None:
        """The entry in a row; None when it is rejected, or an account that is excluded."""
        values = {name: cells[at].strip() for name, at in self._positions.items()}
        staff_id = values["staff_id"]
        if is_blank(staff_id) or len(staff_id) > _LONGEST_ID or not staff_id.isprintable():
            code = "missing-value" if is_blank(staff_id) else "bad-id"
            reason = "staff_id is blank." if is_blank(staff_id) else "staff_id is too long, or has control characters."
            self._found.reject(place, code, reason, field="staff_id", hides=True)
            return None
        given, family = values.get("given_name", ""), values.get("family_name", "")
        email = values.get("email", "")
        if self._exclusions.exclude(source_id=staff_id, given_name=given, family_name=family, email=email):
            self.left_out[EXCLUDED] += 1
            return None
        return _RowReading(place, staff_id, values, self._found).entry(self._school, self._today)


@dataclass(slots=True)
class _RowReading:
    place: Place
    staff_id: str
    values: dict[str, str]
    found: Found

    def entry(self, school: OrgKey | None, today: date) -> Entry | None:
        name = self._name()
        org = self._org(school) if name else None
        working = self._working(today) if org else None
        if name is None or org is None or working is None:
            return None
        title = text_of(self.values.get("job_title", ""))[:LONGEST_TITLE] or None
        record = StaffRecord(
            self.staff_id,
            name.given,
            name.family,
            self.place,
            email=self._email(),
            employments=(Employment(org.source_id, active=working, job_title=None if title == NULL else title),),
            active=working,
        )
        return Entry(record, org)

    def _name(self) -> Name | None:
        cells = [self.values.get(each, "") for each in ("given_name", "family_name")]
        name = read_name(*cells)
        if name is None:
            self._reject("given_name", "missing-value", "The row has no name.")
        elif max(len(name.given), len(name.family)) > LONGEST_NAME:
            self._reject("given_name", "too-long", f"A name has more than {LONGEST_NAME} characters.")
            return None
        elif any(is_blank(cell) for cell in cells):
            self._warn("given_name", "one-name", "Read as somebody with one name.")
        return name

    def _org(self, school: OrgKey | None) -> Org | None:
        """The school of the row: the one it names, or else the one of the whole list."""
        cell = self.values.get("school_urn", "")
        if is_blank(cell):
            if school is not None:
                return school.org()
            self._reject("school_urn", "missing-value", "The row names no school.")
            return None
        named = read_school(cell)
        if named is None:
            self._reject("school_urn", "bad-school", "The school is neither a URN nor a LAESTAB such as 202/1234.")
        elif school is None:
            return named.org()
        elif named.urn == school.urn if named.urn else named.laestab == school.laestab:
            return school.org()
        else:
            self._reject("school_urn", "other-school", "The row is of another school than the one this list is for.")
        return None

    def _working(self, today: date) -> bool | None:
        status = self.values.get("active", "")
        active = _ACTIVE.get("" if status == NULL else status.casefold())
        if active is None:
            self._reject("active", "bad-value", "Whether the person still works there cannot be told from this word.")
            return None
        end = self.values.get("end_date", "")
        if is_blank(end):
            return active
        last = read_date(end) or read_british_date(end)
        if last is None:
            self._reject("end_date", "bad-date", "The end date is not a date as 31/08/2026 or 2026-08-31.")
            return None
        return active and today <= last

    def _email(self) -> str | None:
        cell = self.values.get("email", "")
        if is_blank(cell):
            return None
        address = read_address(cell)
        if address.mistyped:
            self._warn("email", "bad-email", "It is no e-mail address, and was not used.")
        return address.email

    def _reject(self, field: str, code: str, reason: str) -> None:
        self.found.reject(self.place, code, reason, field=field, source_id=self.staff_id)

    def _warn(self, field: str, code: str, reason: str) -> None:
        self.found.warn(self.place, code, reason, field=field, source_id=self.staff_id)
