"""One row of `users.csv` that is about a member of staff: name, address, ids, whether they may still come in."""

import re
from dataclasses import dataclass

from app.mis.reading.oneroster_csv.context import Context
from app.mis.reading.oneroster_csv.orgs import Orgs
from app.mis.reading.oneroster_csv.standing import Standing, read_standing
from app.mis.reading.oneroster_csv.tables import Line
from app.mis.reading.oneroster_csv.words import SOURCED_ID, USER_ID, read_boolean
from app.mis.reading.persons import LONGEST_NAME, NULL, Name, first_said, is_blank, read_name, text_of
from app.mis.reading.sensitive import is_sensitive
from app.mis.staff import Employment, Place, StaffRecord
from app.sheets.cells import read_address

_LONGEST_ID = 255
_USER_IDS = re.compile(r"\{[^{}]*\}(?:\s*,\s*\{[^{}]*\})*")
_ITEM = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What such a row says, apart from schools."""

    source_id: str
    place: Place
    name: Name
    email: str | None
    second_ids: tuple[str, ...]
    enabled: bool
    standing: Standing

    def record(self, employments: tuple[Employment, ...]) -> StaffRecord:
        return StaffRecord(
            self.source_id,
            self.name.given,
            self.name.family,
            self.place,
            email=self.email,
            employments=employments,
            second_ids=self.second_ids,
            active=self.enabled and not self.standing.deleted,
            deleted=self.standing.deleted,
            updated_at=self.standing.updated_at,
        )


def read_person(line: Line, source_id: str, context: Context, *, bulk: bool) -> PersonRow | None:
    """The person; None when something that must be there is not, and then the row is rejected."""
    reading = _PersonReading(line, source_id, context)
    reading.tell_of_personal_id()
    standing = read_standing(line, context, bulk=bulk, of=source_id)
    if standing is None:
        return None
    enabled = reading.enabled()
    if enabled is None or not reading.has_username():
        return None
    name = reading.name()
    if name is None:
        return None
    email = reading.email()
    second_ids = None if email is None else reading.second_ids()
    if email is None or second_ids is None:
        return None
    return PersonRow(source_id, line.place, name, email[0], second_ids, enabled, standing)


def reference_holds(line: Line, column: str, org_id: str, source_id: str, orgs: Orgs, context: Context) -> bool:
    """Whether an organisation is there that a user's row points at; if not, the row is rejected."""
    if not SOURCED_ID.fullmatch(org_id):
        why = ("bad-id", "has characters that an id may not have.")
    else:
        why = orgs.why_not(org_id) or ("", "")
    code, what = why
    if code:
        context.found.reject(line.place, code, f"{column} {what}", field=column, source_id=source_id)
    return not code


class _PersonReading:
    def __init__(self, line: Line, source_id: str, context: Context) -> None:
        self._line, self._id, self._context = line, source_id, context

    def tell_of_personal_id(self) -> None:
        """An id must say nothing of the person. One that does still identifies, so it is used."""
        if "@" in self._id and read_address(self._id).email is not None:
            reason = "The sourcedId is an e-mail address; ask your supplier for ids without personal data."
            self._context.found.warn(self._line.place, "personal-id", reason, field="sourcedId", source_id=self._id)

    def enabled(self) -> bool | None:
        cell = self._line["enabledUser"]
        read = read_boolean(cell)
        if read is None:
            self._reject("enabledUser", "bad-value" if cell else "missing-value", "must be true or false.")
            return None
        stays = read[1] or self._lenient("enabledUser", "boolean-case", "is not written in small letters.")
        return read[0] if stays else None

    def has_username(self) -> bool:
        """It is required, and nothing here needs it."""
        return bool(self._line["username"]) or self._lenient("username", "missing-value", "is blank.")

    def name(self) -> Name | None:
        """The name to show: the preferred parts where there are any."""
        line = self._line
        for column in ("givenName", "familyName"):
            if line[column] == NULL and not self._lenient(column, "literal-null", f"says {NULL}."):
                return None
        name = read_name(
            first_said((line["preferredGivenName"], line["givenName"])),
            first_said((line["preferredFamilyName"], line["familyName"])),
        )
        if name is None:
            self._reject("givenName", "missing-value", "and familyName are blank.")
            return None
        if max(len(name.given), len(name.family)) > LONGEST_NAME:
            self._reject("givenName", "too-long", f"or familyName has more than {LONGEST_NAME} characters.")
            return None
        for column in ("givenName", "familyName"):
            if is_blank(line[column]) and line[column] != NULL:
                what = "is blank; read as somebody with one name."
                if not self._lenient(column, "one-name", what):
                    return None
        return name

    def email(self) -> tuple[str | None] | None:
        """The address in a tuple, since there may be none; None when the row is rejected for it."""
        cell = self._line["email"]
        if not cell:
            return (None,)
        if cell == NULL:
            return (None,) if self._lenient("email", "literal-null", f"says {NULL}; read as none.") else None
        address = read_address(cell)
        if address.email is not None:
            return (address.email,)
        stays = self._lenient("email", "bad-email", "is no e-mail address, and was not used.")
        return (None,) if stays else None

    def second_ids(self) -> tuple[str, ...] | None:
        """What else identifies the person, each with what it is; None when the row is rejected for it."""
        line = self._line
        found = [
            f"{kind}:{text_of(line[column])}"
            for kind, column in (("master", "userMasterIdentifier"), ("identifier", "identifier"))
            if not is_blank(line[column]) and len(line[column]) <= _LONGEST_ID
        ]
        cell = line["userIds"]
        if cell and not _USER_IDS.fullmatch(cell):
            return () if self._lenient("userIds", "bad-value", "is not {type:identifier}; not used.") else None
        for item in _ITEM.findall(cell):
            known = USER_ID.fullmatch(item)
            if known is None:
                if not self._lenient("userIds", "bad-value", "has an item that is not {type:identifier}; not used."):
                    return None
            elif not is_sensitive(known[1]):
                found.append(f"{known[1].strip()}:{known[2].strip()}")
        return tuple(dict.fromkeys(found))

    def _reject(self, column: str, code: str, what: str) -> None:
        self._context.found.reject(self._line.place, code, f"{column} {what}", field=column, source_id=self._id)

    def _lenient(self, column: str, code: str, what: str) -> bool:
        return self._context.lenient(self._line.place, code, f"{column} {what}", field=column, source_id=self._id)
