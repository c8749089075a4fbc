"""How a plain file of text was saved: its encoding, its delimiter, and what it is if it is no table at all."""

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

from app.mis.reading.findings import refusal
from app.mis.reading.rows import Dialect, pieces
from app.mis.staff import Place
from app.sheets.reading import DELIMITERS

_HEAD = 65_536
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_MOST_LETTERS = 5

NO_MANIFEST = (
    "There is no manifest.csv, and a set of CSV files without one is not OneRoster, whatever its columns: "
    "send the ZIP as the school's system exports it."
)


@dataclass(frozen=True, slots=True)
class Saved:
    """How a file was saved. `letters` are the first few that only Windows-1252 makes of it, `line` where they begin."""

    dialect: Dialect
    letters: str = ""
    line: int | None = None


def look_at(file: BinaryIO, name: str, *, most_bytes: int) -> Saved:
    """Reads the file once for its encoding and goes back to its start.

    UTF-8 (with a BOM or without), UTF-16 with a BOM, else Windows-1252. Raises `UnusableSourceError` for what is no
    text or larger than allowed.
    """
    file.seek(0)
    head = file.read(_HEAD)
    _refuse_other_kinds(head, name)
    file.seek(0)
    if head.startswith(_UTF16):
        encoding, shown, letters, line = "utf-16", "UTF-16", "", None
    else:
        letters, line = _foreign_letters(file, name, most_bytes)
        encoding, shown = ("cp1252", "Windows-1252") if line else ("utf-8-sig", "UTF-8")
    file.seek(0)
    first = head.decode(encoding, errors="replace").lstrip().partition("\n")[0]
    return Saved(Dialect(name, _delimiter(first), encoding, shown), letters, line)


def _delimiter(header: str) -> str:
    """The one that the header line has most of, outside quotes; a comma when it has none."""
    bare = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _foreign_letters(file: BinaryIO, name: str, most_bytes: int) -> tuple[str, int | None]:
    """The first letters outside ASCII and their line, when the file is not UTF-8; no line when it is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, size, lines = True, 0, 1
    first, at = b"", None
    for piece in pieces(file):
        size += len(piece)
        if size > most_bytes:
            raise refusal(Place(name), "too-large", f"The file is larger than {most_bytes // 1_000_000} MB.")
        if is_utf8:
            is_utf8 = _decodes(decoder, piece)
        if len(first) < _MOST_LETTERS and (found := re.search(rb"[\x80-\xff]", piece)):
            at = at or lines + piece.count(b"\n", 0, found.start())
            first += re.sub(rb"[\x00-\x7f]+", b"", piece)
        if not is_utf8 and (wrong := _UNDEFINED.search(piece)):
            line = lines + piece.count(b"\n", 0, wrong.start())
            reason = "There is a byte that is neither UTF-8 nor Windows-1252. Save the file as 'CSV UTF-8'."
            raise refusal(Place(name, line), "bad-encoding", reason)
        lines += piece.count(b"\n")
    if is_utf8 and _decodes(decoder, b"", final=True):
        return "", None
    letters = dict.fromkeys(first.decode("cp1252", errors="ignore"))
    return "".join(letters)[:_MOST_LETTERS], at


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_other_kinds(head: bytes, name: str) -> None:
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not start:
        raise refusal(Place(name), "empty-file", "The file is empty.")
    if start.startswith(b"PK"):
        reason = (
            "This is a ZIP or an Excel workbook, not CSV. Save the sheet as 'CSV UTF-8', or send the ZIP as OneRoster."
        )
        raise refusal(Place(name), "not-text", reason)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise refusal(Place(name), "not-text", "This is an Excel workbook, not CSV. Save it as 'CSV UTF-8'.")
    if start.startswith(b"<"):
        raise refusal(Place(name), *_xml(start))


def _xml(start: bytes) -> tuple[str, str]:
    text = start.lower().replace(b"\0", b"")
    if b"ctfile" in text:
        return (
            "ctf",
            "This is a Common Transfer File. It holds pupils, who are nobody's business here; nothing was read.",
        )
    if b"workforce" in text or re.search(rb"<collection>\s*swf", text):
        return "workforce-census", WORKFORCE_CENSUS
    return "not-text", "This is XML, not CSV. Export the staff list as CSV."


WORKFORCE_CENSUS = (
    "This is a School Workforce Census return, far too sensitive to send here; nothing was read. "
    "Export a list with name, work e-mail and school only."
)
