"""From a file's bytes to rows of text cells: encoding, delimiter, quoting. What columns mean is not known here."""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from app.kernel.problems import Fault, Problem

LARGEST_FILE = 5_000_000
MOST_ROWS = 20_000
LARGEST_CELL = 20_000
DELIMITERS = (",", ";", "\t")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_UTF8_LETTER = re.compile(rb"[\xc2-\xc5][\x80-\xbf]")


class SheetRefused(Problem):
    """The file cannot be read as the sheet it is said to be, so nothing was taken from it. The detail says why, and
    where it can, in which line.

    Save the sheet as CSV (UTF-8) from your spreadsheet program and send it again.
    """

    status, title = 422, "The sheet cannot be read"
    points = True

    def __init__(self, detail: str) -> None:
        super().__init__(detail, errors=[Fault(detail, pointer="/file")])


@dataclass(frozen=True, slots=True)
class Record:
    """One row of cells. `row` counts as a spreadsheet program does; `line` is where it begins in the file."""

    row: int
    line: int
    cells: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet as it stands: its header, its rows that hold something, and how it was written."""

    header: Record
    records: tuple[Record, ...]
    empty_rows: int
    encoding: str


def read_grid(content: bytes) -> Grid:
    """The sheet in these bytes. Raises `SheetRefused`, in words, with the line where there is one."""
    if len(content) > LARGEST_FILE:
        raise SheetRefused(f"The file is larger than {LARGEST_FILE // 1_000_000} MB.")
    if content.startswith(_WORKBOOKS):
        raise SheetRefused("This is an Excel workbook, not CSV. Save it as 'CSV UTF-8' and send that.")
    text, encoding = _decoded(content)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SheetRefused(f"Line {line} has a NUL character, so this is not a text file.")
    records = list(_records(text))
    filled = [record for record in records if not record.is_empty]
    if not filled:
        raise SheetRefused("The file is empty.")
    header, *rows = filled
    empty = sum(record.is_empty for record in records[records.index(header) :])
    return Grid(header, tuple(rows), empty, encoding)


def _decoded(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding, as people say it."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError as error:
            raise SheetRefused(f"The file says it is UTF-16, but is not from byte {error.start} on.") from None
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as error:
        if content.startswith(codecs.BOM_UTF8):
            line = error.object.count(b"\n", 0, error.start) + 1
            raise SheetRefused(f"The file says it is UTF-8, but is not in line {line}.") from None
        if mixed := _UTF8_LETTER.search(content):
            raise SheetRefused(_mixed(content, mixed.start(), error.start)) from None
    try:
        return content.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SheetRefused(
            f"Line {line} has a byte that is neither UTF-8 nor Windows-1252. Save the sheet as 'CSV UTF-8'."
        ) from None


def _mixed(content: bytes, utf8_at: int, other_at: int) -> str:
    lines = [content.count(b"\n", 0, at) + 1 for at in (utf8_at, other_at)]
    return f"Line {lines[0]} is written in UTF-8 but line {lines[1]} is not. Save the whole sheet as 'CSV UTF-8'."


def _records(text: str) -> Iterator[Record]:
    """RFC 4180, strictly: a quoting that does not come out even would shift cells, so it is refused with its line."""
    stream = io.StringIO(text, newline="")
    first = stream.readline()
    named = first.rstrip("\r\n")
    if named[:4].lower() == "sep=" and named[4:] in DELIMITERS:  # the line that Excel puts on top to say it
        delimiter, before = named[4:], 1
    else:
        delimiter, before = _delimiter(text), 0
        stream.seek(0)
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    row, line = before, before + 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise SheetRefused(f"The quotes in the row that begins in line {line} do not match: {error}.") from None
        row += 1
        if row > MOST_ROWS + 1:
            raise SheetRefused(f"The file has more than {MOST_ROWS:,} rows.")
        if any(len(cell) > LARGEST_CELL for cell in cells):
            raise SheetRefused(f"A cell in line {line} is longer than {LARGEST_CELL:,} characters.")
        yield Record(row, line, tuple(unicodedata.normalize("NFC", cell) for cell in cells))
        line = before + reader.line_num + 1


def _delimiter(text: str) -> str:
    """The delimiter that the header line uses most, outside quotes; a comma when it has none."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    bare = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=bare.count)
