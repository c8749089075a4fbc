"""From a stream of bytes to rows of cells, by RFC 4180 and never holding more than one piece of the file.

The `csv` module reads line breaks in quoted cells, lone carriage returns and stray quotes without a word; here each is
told, so that a row never swallows its neighbour unseen.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from app.mis.reading.findings import refusal
from app.mis.staff import Place

PIECE = 65_536
_QUOTED = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"')


class Trouble(StrEnum):
    """What is wrong with how a row is written. Only with `STRAY_QUOTE` and `LINE_BREAK` are its cells all there."""

    BARE_CR = "bare-cr"
    BAD_QUOTING = "bad-quoting"
    LINE_BREAK = "line-break"
    STRAY_QUOTE = "stray-quote"


MOST_COLUMNS = 1_000
SENTENCES = {
    Trouble.BARE_CR: "The row has a carriage return without a line feed, so where it ends cannot be known.",
    Trouble.BAD_QUOTING: "Text follows a closing quote, so where the cell ends cannot be known.",
    Trouble.LINE_BREAK: "A quoted cell goes on over a line break, which this format does not allow.",
    Trouble.STRAY_QUOTE: "A quote stands inside a cell that is not quoted.",
}

Row = tuple[int, list[str], Trouble | None]
"""The line where it begins (the first line is 1), its cells, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written: its name in findings, its delimiter, its encoding."""

    file: str
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    encoding_name: str = "UTF-8"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a row may be, in characters, and how many rows a file may have, counted while reading."""

    row: int = 65_536
    rows: int = 2_000_000


def check_width(cells: list[str], file: str, line: int = 1) -> None:
    """Raises `UnusableSourceError` for a header that is wider than that of any real file."""
    if len(cells) > MOST_COLUMNS:
        raise refusal(Place(file, line), "too-many-columns", f"There are more than {MOST_COLUMNS:,} columns.")


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """A file from here on, piece by piece."""
    while piece := file.read(PIECE):
        yield piece


def rows(content: Iterable[bytes], dialect: Dialect, limits: Limits = Limits()) -> Iterator[Row]:
    """The rows of a file. Raises `UnusableSourceError` where the text cannot be one of rows at all."""
    lines = _lines(content, dialect, limits)
    count = 0
    for line, text, bare_cr in lines:
        count += 1
        if count > limits.rows:
            raise refusal(Place(dialect.file, line), "too-many-rows", f"There are more than {limits.rows:,} rows.")
        if bare_cr:
            yield line, [], Trouble.BARE_CR
            continue
        cells, closed, trouble = _cells(text, dialect.delimiter)
        if closed:
            yield line, cells, trouble
        else:
            yield _longer(line, text, lines, dialect, limits)


def _longer(start: int, text: str, lines: Iterator[tuple[int, str, bool]], dialect: Dialect, limits: Limits) -> Row:
    """A row whose quoted cell goes on in the next lines, up to the one that closes it."""
    parts, length, odd = [text], len(text), True
    for _line, more, bare_cr in lines:
        parts.append(more)
        length += len(more)
        if length > limits.row:
            break
        if bare_cr:
            return start, [], Trouble.BARE_CR
        if more.count('"') % 2:
            odd = not odd
        if not odd:
            cells, closed, trouble = _cells("\n".join(parts), dialect.delimiter)
            if closed:
                return start, cells, trouble or Trouble.LINE_BREAK
            break
    raise refusal(Place(dialect.file, start), "unclosed-quote", "A quote is opened that is never closed.")


def _cells(text: str, delimiter: str) -> tuple[list[str], bool, Trouble | None]:
    """The cells of a line, whether every quote was closed, and what is wrong with them."""
    if '"' not in text:
        return text.split(delimiter), True, None
    if text[0] == '"' == text[-1]:  # every cell is quoted and none holds a quote: most exporters write so
        cells = text[1:-1].split(f'"{delimiter}"')
        if text.count('"') == 2 * len(cells):
            return cells, True, None
    return _mixed_cells(text, delimiter)


def _mixed_cells(text: str, delimiter: str) -> tuple[list[str], bool, Trouble | None]:
    cells: list[str] = []
    trouble, at, end = None, 0, len(text)
    while True:
        if text.startswith('"', at):
            quoted = _QUOTED.match(text, at)
            if quoted is None:
                return cells, False, None
            cells.append(quoted[1].replace('""', '"'))
            at = quoted.end()
            if at < end and text[at] != delimiter:
                return cells, True, Trouble.BAD_QUOTING
        else:
            stop = text.find(delimiter, at)
            stop = end if stop < 0 else stop
            cells.append(text[at:stop])
            if '"' in cells[-1]:
                trouble = Trouble.STRAY_QUOTE
            at = stop
        if at >= end:
            return cells, True, trouble
        at += 1


def _lines(content: Iterable[bytes], dialect: Dialect, limits: Limits) -> Iterator[tuple[int, str, bool]]:
    """Lines with their numbers, without their ends, and whether a lone carriage return is in them."""
    number, rest = 1, ""
    for text in _decoded(content, dialect):
        *whole, rest = (rest + text).split("\n")
        for line in whole:
            line = line.removesuffix("\r")
            _check(number, line, dialect, limits)
            yield number, line, "\r" in line
            number += 1
        _check(number, rest, dialect, limits)
    if rest:
        rest = rest.removesuffix("\r")
        yield number, rest, "\r" in rest


def _check(number: int, line: str, dialect: Dialect, limits: Limits) -> None:
    if len(line) > limits.row:
        raise refusal(Place(dialect.file, number), "row-too-long", f"The row has more than {limits.row:,} characters.")
    if "\0" in line:
        raise refusal(Place(dialect.file, number), "not-text", "There is a NUL character, so this is not a text file.")


def _decoded(content: Iterable[bytes], dialect: Dialect) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(dialect.encoding)()
    before = 1
    try:
        for piece in content:
            text = decoder.decode(piece)
            yield text
            before += text.count("\n")
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        line = before + error.object.count(b"\n", 0, error.start)
        reason = f"There is a byte that is not {dialect.encoding_name}."
        raise refusal(Place(dialect.file, line), "bad-encoding", reason) from None
