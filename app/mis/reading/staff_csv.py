"""A plain staff list as CSV: what a business manager exports from any system, one row for a person at a school."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import BinaryIO

from app.mis.reading.digests import digest_of
from app.mis.reading.findings import Found, refusal
from app.mis.reading.persons import Exclusions
from app.mis.reading.rows import SENTENCES, Limits, Row, Trouble, check_width, pieces, rows
from app.mis.reading.schools import OrgKey
from app.mis.reading.sensitive import is_sensitive
from app.mis.reading.staff_columns import (
    NAMES,
    ColumnMap,
    found_heading,
    is_census,
    is_like_oneroster,
    is_of_pupils,
    nearest_field,
    suggest_columns,
)
from app.mis.reading.staff_rows import Entry, StaffRows
from app.mis.reading.texts import NO_MANIFEST, WORKFORCE_CENSUS, look_at
from app.mis.staff import Org, Place, StaffRecord, StaffSet

FILE = "staff.csv"
"""How the file is called in findings; people call it many things."""

LARGEST_FILE = 50_000_000
LIMITS = Limits(rows=200_000)
NOBODY = Exclusions()


def read_headings(file: BinaryIO) -> list[str]:
    """The headings of a staff list, for `suggest_columns`. Raises `UnusableSourceError` when it is none."""
    reading = _open(file, Found())
    return _headings(reading)


def read_staff_csv(
    file: BinaryIO,
    *,
    columns: ColumnMap | None,
    school: OrgKey | None,
    complete: bool,
    today: date,
    exclusions: Exclusions = NOBODY,
) -> StaffSet:
    """The staff in a list. Without `columns` they are suggested by their headings; what was taken for what is told.

    `school` is the school of the whole list: rows of another are refused, and rows need not name it. The list is
    complete for its schools only if `complete` says so. Somebody's end date is their last day.

    Raises `UnusableSourceError` when it is not a list of staff, or is one that must not be sent.
    """
    found = Found()
    reading = _open(file, found)
    headings = _headings(reading)
    chosen = columns if columns is not None else suggest_columns(headings)
    positions = _positions(chosen, headings, school, found, suggested=columns is None)
    staff = _Staff(StaffRows(positions, school, today, found, exclusions), found)
    for line, cells in _usable(reading, len(headings), found):
        staff.take(line, cells)
    return staff.result(complete=complete)


def _open(file: BinaryIO, found: Found) -> Iterator[Row]:
    saved = look_at(file, FILE, most_bytes=LARGEST_FILE)
    if saved.line is not None:
        reason = (
            "The file is not UTF-8 and was read as Windows-1252, by which it has the letters "
            f"{' '.join(saved.letters)}. If names look wrong, save it as 'CSV UTF-8' and send it again."
        )
        found.warn(Place(FILE, saved.line), "windows-1252", reason)
    return rows(pieces(file), saved.dialect, LIMITS)


def _headings(reading: Iterator[Row]) -> list[str]:
    for line, cells, trouble in reading:
        if trouble is not None and trouble is not Trouble.LINE_BREAK:
            raise refusal(Place(FILE, line), trouble, SENTENCES[trouble])
        check_width(cells, FILE, line)
        headings = [" ".join(cell.split()) for cell in cells]
        if any(headings):
            _refuse_other_lists(headings, line)
            return headings
    raise refusal(Place(FILE), "empty-file", "The file is empty.")


def _refuse_other_lists(headings: list[str], line: int) -> None:
    place = Place(FILE, line)
    if is_census(headings):
        raise refusal(place, "workforce-census", WORKFORCE_CENSUS)
    if is_of_pupils(headings):
        raise refusal(place, "pupils", "This is a list of pupils, who are nobody's business here; nothing was read.")
    if is_like_oneroster(headings):
        raise refusal(place, "no-manifest", NO_MANIFEST)


def _positions(
    chosen: ColumnMap, headings: list[str], school: OrgKey | None, found: Found, *, suggested: bool
) -> dict[str, int]:
    """Where each of our fields stands. Tells what was taken for what, and what was not read."""
    place = Place(FILE, 1)
    positions: dict[str, int] = {}
    for name, heading in chosen.taken.items():
        at = found_heading(heading, headings)
        if name not in NAMES:
            found.fault(place, "unknown-field", f"There is no field '{name[:40]}' to map a column to.", field=name[:40])
        elif at is None:
            reason = f"The map takes a column for {name} that the file does not have."
            found.fault(place, "missing-column", reason, field=heading[:60])
        elif is_sensitive(headings[at]):
            reason = "The map uses a column that is nobody's business here and is never read."
            found.fault(place, "dropped-column", reason, field=heading[:60])
        elif headings.count(headings[at]) > 1:
            found.fault(place, "duplicate-column", f"The column for {name} is there twice.", field=heading[:60])
        else:
            positions[name] = at
    _require(chosen, positions, school, found)
    found.refuse_if_faulty()
    _tell(headings, positions, found, suggested=suggested)
    return positions


def _require(chosen: ColumnMap, positions: dict[str, int], school: OrgKey | None, found: Found) -> None:
    needed = [name for name in chosen.missing if name not in positions]
    if "school_urn" not in positions and school is None:
        needed.append("school_urn")
    for name in needed:
        near = [heading for heading, field_name in chosen.nearest.items() if field_name == name]
        hint = " One of the columns comes near: map it." if near else " Name the columns in the first row, or map them."
        reason = f"There is no column for {name}.{hint}"
        found.fault(Place(FILE, 1), "missing-column", reason, field=near[0][:60] if near else name)


def _tell(headings: list[str], positions: dict[str, int], found: Found, *, suggested: bool) -> None:
    place = Place(FILE, 1)
    for name, at in positions.items():
        if suggested and headings[at].casefold() != name:
            found.warn(place, "column-taken", f"Read as {name}.", field=headings[at][:60])
    for at, heading in enumerate(headings):
        if at in positions.values() or not heading:
            continue
        if is_sensitive(heading):
            reason = "The column is nobody's business here. It was dropped unread; leave it out next time."
            found.warn(place, "dropped-column", reason, field=heading[:60])
        else:
            near = nearest_field(heading, set(NAMES) - positions.keys())
            hint = f"; the nearest field is {near}" if near else ""
            found.warn(place, "unknown-column", f"The column was not read{hint}.", field=heading[:60])


def _usable(reading: Iterator[Row], width: int, found: Found) -> Iterator[tuple[int, list[str]]]:
    """The rows whose cells stand under their headings."""
    for line, cells, trouble in reading:
        place = Place(FILE, line)
        if trouble in (Trouble.BARE_CR, Trouble.BAD_QUOTING):
            found.reject(place, trouble, SENTENCES[trouble], hides=True)
        elif not any(cell.strip() for cell in cells):
            continue
        elif len(cells) < width or any(cell.strip() for cell in cells[width:]):
            reason = f"The row has {len(cells)} cells, but the header has {width}."
            found.reject(place, "ragged-row", reason, hides=True)
        else:
            yield line, cells


@dataclass(slots=True)
class _Staff:
    """People gathered from rows: several rows may be one person at several schools."""

    reading: StaffRows
    found: Found
    people: dict[str, StaffRecord] = field(default_factory=dict)
    orgs: dict[str, Org] = field(default_factory=dict)

    def take(self, line: int, cells: list[str]) -> None:
        entry = self.reading.read(Place(FILE, line), cells)
        if entry is None:
            return
        record = entry.record
        known = self.people.get(record.source_id)
        if known is not None and (why := _clash(known, entry)):
            self.found.reject(record.place, "duplicate-id", why, field="staff_id", source_id=record.source_id)
            return
        self.orgs[entry.org.source_id] = entry.org
        if known is None:
            self.people[record.source_id] = record
        else:
            joined = replace(
                known,
                employments=known.employments + record.employments,
                email=known.email or record.email,
                active=known.active or record.active,
            )
            self.people[record.source_id] = joined

    def result(self, *, complete: bool) -> StaffSet:
        if complete and self.found.may_hide_people:
            reason = "A rejected row could be anybody's, so nobody counts as having left for not being in this list."
            self.found.warn(Place(FILE), "not-complete", reason)
            complete = False
        records, orgs = tuple(self.people.values()), tuple(self.orgs.values())
        return StaffSet(
            records,
            orgs,
            complete=complete,
            rejected=tuple(self.found.rejected),
            warnings=self.found.warnings,
            left_out=dict(self.reading.left_out),
            digest=digest_of(records, orgs, complete=complete),
        )


def _clash(known: StaffRecord, entry: Entry) -> str:
    """Why a second row with somebody's id cannot be theirs; empty when it can."""
    record = entry.record
    if (known.given_name, known.family_name) != (record.given_name, record.family_name):
        return f"The staff_id is that of somebody else in line {known.place.line}."
    if any(each.org_id == entry.org.source_id for each in known.employments):
        return f"The same person is at the same school in line {known.place.line}."
    if known.email and record.email and known.email.casefold() != record.email.casefold():
        return f"The staff_id has another e-mail address in line {known.place.line}."
    return ""
