"""Which columns a sheet may have, under which names, and how the names that people really write are matched to them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz, process

from app.people.rules import folded
from app.sheets.findings import Findings
from app.sheets.reading import Grid, Record, SheetRefused

_CLOSE_ENOUGH = 90
_WORTH_NAMING = 50


class Format(StrEnum):
    """The sheets that can be read."""

    SCHOOLS = "schools-sheet"
    PRESENTERS = "presenters-sheet"
    SIGN_UPS = "sign-ups-sheet"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name here, its usual name in sheets, and the other names it is known by."""

    key: str
    usual: str
    others: tuple[str, ...] = ()
    required: bool = False


_NAME = Column("name", "Name", ("Your name", "Full name", "Teacher", "Teacher name", "Presenter", "Who are you"), True)
_EMAIL = Column(
    "email",
    "E-mail",
    (
        "E-mail address",
        "Email",
        "Email address",
        "Your e-mail",
        "Your email address",
        "Mail",
        "Contact e-mail",
        "Username",
    ),
)
_SCHOOL = Column("school", "School", ("Your school", "School name", "Name of school", "Name of your school"), True)
_TIMESTAMP = Column(
    "timestamp",
    "Timestamp",
    ("Date", "Time", "Date and time", "Submitted", "Submitted at", "Start time", "Completion time", "When"),
)

COLUMNS: Mapping[Format, tuple[Column, ...]] = {
    Format.SCHOOLS: (
        Column("urn", "URN", ("School URN", "Unique reference number", "Establishment URN"), True),
        Column("laestab", "LAESTAB", ("LA/ESTAB", "DfE number", "DfES number", "LAESTAB number", "DfE no")),
        Column("name", "Name", ("School", "School name", "Name of school", "Establishment name"), True),
        Column("phase", "Phase", ("Phase of education", "School phase", "Type")),
        Column("postcode", "Postcode", ("Post code", "School postcode")),
        Column("website", "Website", ("Web site", "Web address", "Web page", "URL", "School website", "Homepage")),
    ),
    Format.PRESENTERS: (
        _TIMESTAMP,
        _NAME,
        _EMAIL,
        _SCHOOL,
        Column("title", "Title", ("Title of your presentation", "Presentation", "Presentation title", "Session"), True),
        Column(
            "summary",
            "In one or two sentences",
            ("Summary", "Description", "What is it about", "About", "In a sentence or two", "Abstract"),
        ),
        Column("subject", "Subject", ("Subjects", "Subject area", "Topic")),
        Column("key_stages", "Key stages", ("Key stage", "KS", "Phases", "Year groups", "Which key stages")),
        Column("needs", "I need", ("Needs", "What do you need", "Equipment", "Requirements", "I will need")),
        Column(
            "second",
            "Second presenter (name, e-mail)",
            ("Second presenter", "Co-presenter", "Co-presenters", "Other presenters", "Presenting with"),
        ),
        Column("decision", "Decision", ("Accepted", "Outcome", "Accept", "Accepted?", "Yes/no"), True),
        Column("table", "Table", ("Table number", "Table no", "Table no.", "Place")),
    ),
    Format.SIGN_UPS: (
        _TIMESTAMP,
        _NAME,
        _EMAIL,
        _SCHOOL,
        Column(
            "wishes",
            "Which tables would you most like to visit? (best first)",
            ("Wishes", "Preferences", "Choices", "Tables", "Which tables would you like to visit", "Your choices"),
        ),
        Column(
            "dietary",
            "Dietary requirements",
            ("Dietary", "Diet", "Dietary needs", "Any dietary requirements", "Food", "Allergies"),
        ),
        Column(
            "access",
            "Anything we should know about access?",
            ("Access", "Access requirements", "Access needs", "Accessibility", "Anything else we should know"),
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet, its cells under the columns' names here; a cell that is not there is empty."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        return self.cells.get(key, "")


def rows_of(grid: Grid, format_: Format, findings: Findings) -> list[Row]:
    """The sheet's rows under known columns. Tells of columns that it does not know and of rows that are too wide.

    Raises `SheetRefused` when a required column is missing, or when two columns are the same thing.
    """
    keys = _keys(grid, COLUMNS[format_], findings)
    rows = []
    for record in grid.records:
        if any(cell.strip() for cell in record.cells[len(keys) :]):
            findings.needs_a_person(
                record.row,
                f"The row has {len(record.cells)} cells, but the header names {len(keys)}, so its cells may have "
                "shifted. It was not imported.",
                f"Put every cell of row {record.row} under its heading, and import again.",
            )
            continue
        cells = {key: cell for key, cell in zip(keys, record.cells, strict=False) if key is not None}
        rows.append(Row(record.row, cells))
    return rows


def _keys(grid: Grid, columns: tuple[Column, ...], findings: Findings) -> list[str | None]:
    """The column under each heading, None where there is none of ours."""
    found = _by_name(grid.header, columns)
    for index, heading in enumerate(grid.header.cells):
        if index not in found:
            left = tuple(column for column in columns if column not in found.values())
            misspelt = _misspelt(heading, left, findings)
            if misspelt is None:
                _tell_unknown(grid, index, columns, findings)
            else:
                found[index] = misspelt
    missing = [f"'{column.usual}'" for column in columns if column.required and column not in found.values()]
    if missing:
        raise SheetRefused(
            f"The sheet has no column {' and no column '.join(missing)}. "
            f"Its first row must name the columns: {_listed(grid.header)}."
        )
    return [found[index].key if index in found else None for index in range(len(grid.header.cells))]


def _by_name(header: Record, columns: tuple[Column, ...]) -> dict[int, Column]:
    known = {_plain(name): column for column in columns for name in (column.usual, *column.others)}
    found: dict[int, Column] = {}
    for index, heading in enumerate(header.cells):
        column = known.get(_plain(heading))
        if column is None:
            continue
        other = next((header.cells[at].strip() for at, each in found.items() if each is column), None)
        if other is not None:
            raise SheetRefused(
                f"The columns '{other}' and '{heading.strip()}' are both the {column.usual}. Delete one of them."
            )
        found[index] = column
    return found


def _misspelt(heading: str, columns: tuple[Column, ...], findings: Findings) -> Column | None:
    near = _nearest(heading, columns)
    if near is None or near[1] < _CLOSE_ENOUGH or len(_plain(heading)) < 6:
        return None
    findings.note(None, f"Read the column '{heading.strip()}' as '{near[0].usual}'.")
    return near[0]


def _tell_unknown(grid: Grid, index: int, columns: tuple[Column, ...], findings: Findings) -> None:
    heading = grid.header.cells[index].strip()
    filled = any(len(record.cells) > index and record.cells[index].strip() for record in grid.records)
    if not heading:
        if filled:
            findings.note(None, f"Column {index + 1} has no heading; it was not read.")
        return
    near = _nearest(heading, columns)
    hint = f"; the nearest one is '{near[0].usual}'" if near and near[1] >= _WORTH_NAMING else ""
    findings.note(None, f"The column '{heading}' is not one that this sheet should have; it was not read{hint}.")


def _nearest(heading: str, columns: tuple[Column, ...]) -> tuple[Column, float] | None:
    names = {_plain(name): column for column in columns for name in (column.usual, *column.others)}
    found = process.extractOne(_plain(heading), list(names), scorer=fuzz.ratio)
    return (names[found[0]], found[1]) if found else None


def _plain(heading: str) -> str:
    """A heading for comparing: no case, no accents, no hint in brackets, no punctuation ("E-Mail:" is "email")."""
    without_hints = re.sub(r"\([^)]*\)", " ", folded(heading))
    return " ".join(re.sub(r"[^\w\s]", " ", without_hints.replace("-", "")).split())


def _listed(header: Record) -> str:
    return ", ".join(f"'{cell.strip()[:60]}'" for cell in header.cells if cell.strip())
