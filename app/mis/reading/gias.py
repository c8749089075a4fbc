"""The DfE's register of schools (Get Information about Schools), by column name, without what it says of people."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from app.mis.reading.dates import read_british_date, read_date
from app.mis.reading.findings import Found
from app.mis.reading.persons import text_of
from app.mis.reading.rows import SENTENCES, Limits, Row, Trouble, check_width, pieces, rows
from app.mis.reading.texts import look_at
from app.mis.staff import Finding, Place

SCHOOLS_FILE = "edubasealldata.csv"
LINKS_FILE = "links_edubasealldata.csv"
LARGEST_FILE = 200_000_000
_LIMITS = Limits(rows=200_000)

COLUMNS = {
    "urn": "URN",
    "la_code": "LA (code)",
    "la_name": "LA (name)",
    "number": "EstablishmentNumber",
    "name": "EstablishmentName",
    "type": "TypeOfEstablishment (name)",
    "type_group": "EstablishmentTypeGroup (name)",
    "status": "EstablishmentStatus (name)",
    "open_date": "OpenDate",
    "close_date": "CloseDate",
    "phase": "PhaseOfEducation (name)",
    "ukprn": "UKPRN",
    "changed": "LastChangedDate",
    "street": "Street",
    "locality": "Locality",
    "address3": "Address3",
    "town": "Town",
    "county": "County (name)",
    "postcode": "Postcode",
    "website": "SchoolWebsite",
    "trust": "Trusts (name)",
    "federation": "Federations (name)",
}
"""What is read, by the register's own names. Its columns about heads and telephones are not among them."""

STATUSES = frozenset({"Open", "Open, but proposed to close", "Closed", "Proposed to open"})
_REQUIRED = ("urn", "name", "status")
_DAY = r"[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}"
_FORMS = {
    key: re.compile(form)
    for key, form in {
        "urn": "[0-9]{6}",
        "la_code": "[0-9]{1,3}",
        "number": "[0-9]{1,4}",
        "status": "|".join(STATUSES),
        "open_date": _DAY,
        "close_date": _DAY,
        "changed": _DAY,
        "ukprn": "[0-9]{8}",
        "postcode": r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}",
        "website": r"\S+\.\S+",
    }.items()
}
"""Cells that have a form of their own, by which it shows whether a row's cells are where they belong."""

_LINK_COLUMNS = {"urn": "URN", "link_urn": "LinkURN", "type": "LinkType", "date": "LinkEstablishedDate"}
_SHARED = ("la_name", "type", "type_group", "status", "phase", "town", "county", "trust", "federation")


@dataclass(frozen=True, slots=True)
class GiasRow:
    """A school as the register has it. `laestab` is `202/1234`; texts that it leaves blank are None."""

    place: Place
    urn: str
    name: str
    status: str
    laestab: str | None = None
    phase: str | None = None
    type: str | None = None
    type_group: str | None = None
    la_name: str | None = None
    open_date: date | None = None
    close_date: date | None = None
    changed_on: date | None = None
    ukprn: str | None = None
    address: tuple[str, ...] = ()
    postcode: str | None = None
    website: str | None = None
    trust: str | None = None
    federation: str | None = None

    @property
    def is_open(self) -> bool:
        return self.status.startswith("Open")


@dataclass(frozen=True, slots=True)
class Successor:
    """Which school follows another one, by their URNs. `kind` is the register's word, as `Successor - merged`."""

    urn: str
    successor_urn: str
    kind: str
    since: date | None = None


@dataclass(frozen=True, slots=True)
class GiasSet:
    """The schools of the register, or of a part of it, read to its end; never a reason to delete one."""

    rows: tuple[GiasRow, ...]
    successors: tuple[Successor, ...] = ()
    rejected: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()


def read_gias(file: BinaryIO, *, links: BinaryIO | None = None) -> GiasSet:
    """The schools in a download of all establishments, and with `links` which school follows which.

    Raises `UnusableSourceError` when a file is not the one it should be.
    """
    found = Found()
    schools: dict[str, GiasRow] = {}
    for table_row in _read(file, SCHOOLS_FILE, COLUMNS, _REQUIRED, found):
        school = _school(table_row, found)
        if school is None:
            continue
        if school.urn in schools:
            reason = f"The URN is also in line {schools[school.urn].place.line}; the first row was used."
            found.reject(school.place, "duplicate-id", reason, field="URN", source_id=school.urn)
        else:
            schools[school.urn] = school
    successors = tuple(_successors(links, found)) if links is not None else ()
    return GiasSet(tuple(schools.values()), successors, tuple(found.rejected), found.warnings)


@dataclass(frozen=True, slots=True)
class _TableRow:
    place: Place
    values: dict[str, str]

    def text(self, name: str) -> str | None:
        return self.values.get(name) or None


def _read(
    file: BinaryIO, name: str, columns: dict[str, str], required: tuple[str, ...], found: Found
) -> Iterator[_TableRow]:
    saved = look_at(file, name, most_bytes=LARGEST_FILE)
    reading = rows(pieces(file), saved.dialect, _LIMITS)
    header: Row = next(reading, (1, [], None))
    check_width(header[1], name)
    headings = [" ".join(cell.split()) for cell in header[1]]
    positions = {}
    for key, heading in columns.items():
        if headings.count(heading) > 1:
            found.fault(Place(name, 1), "duplicate-column", f"The column {heading} is there twice.", field=heading)
        elif heading in headings:
            positions[key] = headings.index(heading)
        elif key in required:
            found.fault(Place(name, 1), "missing-column", f"The column {heading} is missing.", field=heading)
        else:
            found.warn(Place(name, 1), "missing-column", f"The column {heading} is not there.", field=heading)
    found.refuse_if_faulty()
    for row in reading:
        cells = _cells(row, len(headings), positions, name, found)
        if cells:
            yield _TableRow(Place(name, row[0]), {key: text_of(cells[at]) for key, at in positions.items()})


def _cells(row: Row, width: int, positions: dict[str, int], name: str, found: Found) -> list[str]:
    """A row's cells; none when they may not stand under their headings."""
    line, cells, trouble = row
    place = Place(name, line)
    if trouble in (Trouble.BARE_CR, Trouble.BAD_QUOTING):
        found.reject(place, trouble, SENTENCES[trouble])
        return []
    if len(cells) == width or not any(cell.strip() for cell in cells):
        return cells if any(cell.strip() for cell in cells) else []
    reason = f"The row has {len(cells)} cells, but the header has {width}"
    surplus = any(cell.strip() for cell in cells[width:])
    if len(cells) < width or (surplus and not _in_place(cells, positions)):
        found.reject(place, "ragged-row", f"{reason}.")
        return []
    found.warn(place, "ragged-row", f"{reason}; every one that was read is in its place.")
    return cells


def _in_place(cells: list[str], positions: dict[str, int]) -> bool:
    """Whether a row that is too long is so behind the cells that are read: all that have a form of their own have it,
    and one of these is filled at or after the last of the others."""
    formed = {key: cells[at].strip() for key, at in positions.items() if key in _FORMS}
    if any(value and not _FORMS[key].fullmatch(value) for key, value in formed.items()):
        return False
    last_formed = max((positions[key] for key, value in formed.items() if value), default=-1)
    return last_formed > max((at for key, at in positions.items() if key not in _FORMS), default=-1)


def _school(row: _TableRow, found: Found) -> GiasRow | None:
    urn, name, status = (row.values[key] for key in _REQUIRED)
    fault = None
    if not re.fullmatch(r"[0-9]{6}", urn):
        fault = "urn", "bad-id", "The URN is not six digits."
    elif not name:
        fault = "name", "missing-value", "The school has no name."
    elif status not in STATUSES:
        fault = "status", "bad-value", "The status is not one that the register knows."
    if fault is not None:
        key, code, reason = fault
        known = urn if key != "urn" else None
        found.reject(row.place, code, reason, field=COLUMNS[key], source_id=known)
        return None
    shared = {key: None if (text := row.text(key)) is None else sys.intern(text) for key in _SHARED}
    return GiasRow(
        place=row.place,
        urn=urn,
        name=name,
        status=shared["status"] or status,
        laestab=_laestab(row),
        phase=shared["phase"],
        type=shared["type"],
        type_group=shared["type_group"],
        la_name=shared["la_name"],
        open_date=_date(row, "open_date", found),
        close_date=_date(row, "close_date", found),
        changed_on=_date(row, "changed", found),
        ukprn=row.text("ukprn"),
        address=_address(row),
        postcode=row.text("postcode"),
        website=row.text("website"),
        trust=shared["trust"],
        federation=shared["federation"],
    )


def _address(row: _TableRow) -> tuple[str, ...]:
    parts = (row.text(key) for key in ("street", "locality", "address3", "town", "county"))
    return tuple(part for part in parts if part)


def _laestab(row: _TableRow) -> str | None:
    """LA code and establishment number in one form; spreadsheets strip zeros in front, which come back."""
    code, number = row.values.get("la_code", ""), row.values.get("number", "")
    if not re.fullmatch(r"[0-9]{1,3}", code) or not re.fullmatch(r"[0-9]{1,4}", number) or not int(code):
        return None
    return f"{code:>03}/{number:>04}"


def _date(row: _TableRow, key: str, found: Found, columns: dict[str, str] = COLUMNS) -> date | None:
    text = row.values.get(key, "")
    if not text:
        return None
    read = read_british_date(text) or read_date(text)
    if read is None:
        reason = f"{columns[key]} is not a date as 31-08-2026; read as none."
        found.warn(row.place, "bad-date", reason, field=columns[key])
    return read


def _successors(links: BinaryIO, found: Found) -> Iterator[Successor]:
    """Each once, whether the register tells it of the one school, of the other, or of both."""
    told: set[tuple[str, str]] = set()
    for row in _read(links, LINKS_FILE, _LINK_COLUMNS, ("urn", "link_urn", "type"), found):
        urn, link_urn, kind = (row.values[key] for key in ("urn", "link_urn", "type"))
        if not kind.startswith(("Successor", "Predecessor")):
            continue
        if not (re.fullmatch(r"[0-9]{6}", urn) and re.fullmatch(r"[0-9]{6}", link_urn)):
            found.reject(row.place, "bad-id", "URN and LinkURN must be six digits each.", field="LinkURN")
            continue
        pair = (urn, link_urn) if kind.startswith("Successor") else (link_urn, urn)
        if pair not in told:
            told.add(pair)
            yield Successor(*pair, kind, _date(row, "date", found, _LINK_COLUMNS))
