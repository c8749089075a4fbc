"""A file of a package as a table: its header understood, and its rows one by one under the columns' names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from app.mis.reading.findings import refusal
from app.mis.reading.oneroster_csv.archive import Package
from app.mis.reading.oneroster_csv.columns import COLUMNS, Columns
from app.mis.reading.oneroster_csv.context import Context
from app.mis.reading.oneroster_csv.manifest import Manifest, Mode
from app.mis.reading.oneroster_csv.words import SOURCED_ID
from app.mis.reading.rows import SENTENCES, Dialect, Row, Trouble, check_width, rows
from app.mis.staff import Place

_METADATA = "metadata."
_WORTH_NAMING = 60
_HEADING = re.compile(r"[A-Za-z][A-Za-z0-9_. -]{0,59}")


@dataclass(frozen=True, slots=True)
class Header:
    """Where each known column stands, and how many cells a row has."""

    positions: dict[str, int]
    width: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row under its columns' names. Holds the cells only until they are looked at; it is not kept."""

    place: Place
    cells: Sequence[str]
    positions: dict[str, int]

    def __getitem__(self, column: str) -> str:
        """A cell without the space around it; a column that is not there is blank."""
        at = self.positions.get(column)
        return "" if at is None else self.cells[at].strip()

    def raw(self, column: str) -> str:
        """A cell as it stands in the file."""
        at = self.positions.get(column)
        return "" if at is None else self.cells[at]


class Table:
    """One file. `rows` reads it once, from the first line to the last."""

    def __init__(self, package: Package, name: str, mode: Mode, context: Context) -> None:
        self.name, self.mode = name, mode
        self.file = f"{name}.csv"
        self._package = package
        self._context = context
        self._columns = COLUMNS[context.version, name]
        self.header = self._read_header()

    @property
    def is_bulk(self) -> bool:
        return self.mode is Mode.BULK

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Line and cells of each usable row, as many as the header has. Rows that cannot be used are rejected."""
        reading = self._content()
        next(reading, None)
        width = self.header.width
        for row in reading:
            line, cells, trouble = row
            if trouble is None and len(cells) == width:
                yield line, cells
            elif (usable := self._look_closer(row)) is not None:
                yield line, usable

    def line(self, number: int, cells: Sequence[str]) -> Line:
        """A row of `rows` to be read by column."""
        return Line(Place(self.file, number), cells, self.header.positions)

    def _content(self) -> Iterator[Row]:
        dialect = Dialect(self.file)
        return rows(self._package.content(self.file), dialect, self._context.options.limits)

    def _look_closer(self, row: Row) -> list[str] | None:
        """What can be used of a row that is not quite right; None when nothing can."""
        line, cells, trouble = row
        place, width = Place(self.file, line), self.header.width
        if trouble is Trouble.LINE_BREAK and len(cells) != width:
            raise refusal(place, "unclosed-quote", "A quote is opened that is not closed before the row ends.")
        if trouble is not None and trouble is not Trouble.STRAY_QUOTE:
            self._context.found.reject(place, trouble, SENTENCES[trouble], hides=True)
            return None
        if trouble is not None and not self._context.lenient(place, trouble, SENTENCES[trouble]):
            return None
        if not any(cell.strip() for cell in cells):
            self._context.lenient(place, "blank-line", "The line is blank.")
            return None
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            cells = cells[:width] if self._context.lenient(place, "surplus-cells", "Blank cells at the end.") else []
            return cells or None
        if len(cells) == width:
            return cells
        self._reject_ragged(place, cells)
        return None

    def _reject_ragged(self, place: Place, cells: list[str]) -> None:
        """The first cell is where it should be even so; of users it says whose row this is."""
        own = self.name == "users" and self.header.positions.get("sourcedId") == 0
        known = cells[0] if own and SOURCED_ID.fullmatch(cells[0]) else None
        reason = f"The row has {len(cells)} cells, but the header has {self.header.width}."
        self._context.found.reject(place, "ragged-row", reason, source_id=known, hides=known is None)

    def _read_header(self) -> Header:
        first = next(self._content(), None)
        if first is not None and first[2] is not None:
            raise refusal(Place(self.file, 1), first[2], SENTENCES[first[2]])
        cells = first[1] if first else []
        if not any(cell.strip() for cell in cells):
            raise refusal(Place(self.file), "empty-file", "The file has no header.")
        check_width(cells, self.file)
        return _Header(self.file, self._columns, self.mode, self._context).read(cells)


class _Header:
    def __init__(self, file: str, columns: Columns, mode: Mode, context: Context) -> None:
        self._place = Place(file, 1)
        self._columns = columns
        self._mode = mode
        self._context = context
        self._by_case = {name.lower(): name for name in (*columns.names, *columns.withdrawn)}

    def read(self, cells: list[str]) -> Header:
        positions: dict[str, int] = {}
        unknown = []
        for at, heading in enumerate(cells):
            name = self._by_case.get(heading.strip().lower())
            if name is None:
                unknown.append((at, heading.strip()))
            elif name in positions:
                self._fault("duplicate-column", f"The column {name} is there twice.", name)
            else:
                positions[name] = at
                if heading != name:
                    self._irregular("letter-case", f"The column {name} is not written exactly so.", name)
        missing = self._missing(positions)
        for name in missing:
            self._fault("missing-column", f"The column {name} is missing.", name)
        for name in sorted(self._columns.withdrawn & positions.keys()):
            reason = f"The column {name} is no longer part of OneRoster {self._context.version}. It was not read."
            self._context.found.warn(self._place, "withdrawn-column", reason, field=name)
        self._tell_unknown(unknown, len(cells), plausible=len(missing) < len(self._columns.required) / 2)
        self._check_order(positions, unknown)
        return Header(positions, len(cells))

    def _missing(self, positions: dict[str, int]) -> list[str]:
        required = self._columns.required
        if self._mode is Mode.DELTA:
            required = required | {"status", "dateLastModified"}
        return [name for name in self._columns.names if name in required and name not in positions]

    def _tell_unknown(self, unknown: list[tuple[int, str]], width: int, *, plausible: bool) -> None:
        """Names columns that are not known, unless this is no header at all but somebody's data."""
        for at, heading in unknown:
            if heading.startswith(_METADATA):
                continue
            if not heading:
                self._irregular("blank-column", f"Column {at + 1} of {width} has no name. It was not read.", None)
                continue
            shown = heading if plausible and _HEADING.fullmatch(heading) else None
            near = process.extractOne(heading, self._columns.names, scorer=fuzz.ratio) if shown else None
            hint = f"; the nearest known one is {near[0]}" if near and near[1] >= _WORTH_NAMING else ""
            reason = f"The column {shown or at + 1} is not known and was not read{hint}."
            self._irregular("unknown-column", reason, shown)

    def _check_order(self, positions: dict[str, int], unknown: list[tuple[int, str]]) -> None:
        order = [positions[name] for name in self._columns.names if name in positions]
        extensions = [at for at, heading in unknown if heading.startswith(_METADATA)]
        if order != sorted(order) or (extensions and order and min(extensions) < max(order)):
            self._irregular("column-order", "The columns stand in another order than the binding's.", None)

    def _irregular(self, code: str, reason: str, field: str | None) -> None:
        self._context.irregular(self._place, code, reason, field=field)

    def _fault(self, code: str, reason: str, field: str) -> None:
        self._context.found.fault(self._place, code, reason, field=field)


def open_tables(package: Package, manifest: Manifest, context: Context) -> dict[str, Table]:
    """The files that are read, their headers checked. Raises `UnusableSourceError` with all that is wrong with them."""
    tables = {
        name: Table(package, name, manifest.mode(name), context)
        for version, name in COLUMNS
        if version == manifest.version and manifest.mode(name) is not Mode.ABSENT
    }
    context.found.refuse_if_faulty()
    return tables
