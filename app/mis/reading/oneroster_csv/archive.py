"""The ZIP that the files come in, believed in nothing: looked at before it is opened, counted while it is inflated."""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from app.mis.reading.findings import Found, refusal
from app.mis.reading.rows import PIECE
from app.mis.staff import Place, UnusableSourceError

PACKAGE = "package"
"""How the ZIP itself is called in findings."""

_END = b"PK\x05\x06"
_ZIP64 = b"PK\x06\x07"
_END_SIZE = 22
_LONGEST_COMMENT = 65_535
_FILE_NAME = re.compile(r"[A-Za-z]+\.[Cc][Ss][Vv]")
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    ValueError,
    NotImplementedError,
    RuntimeError,  # zipfile's word for "it needs a password"
)


@dataclass(frozen=True, slots=True)
class PackageLimits:
    """How much a package may hold, in entries and in bytes once inflated."""

    entries: int = 64
    directory: int = 65_536
    entry_bytes: int = 512 * 1024 * 1024
    total_bytes: int = 1024 * 1024 * 1024


class Package:
    """The files of a package, by their names in lower case."""

    def __init__(self, archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], limits: PackageLimits) -> None:
        self._archive = archive
        self._entries = entries
        self._limits = limits
        self._inflated = 0

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def names(self) -> list[str]:
        """The files' names as the package writes them."""
        return [entry.filename for entry in self._entries.values()]

    def written(self, name: str) -> str:
        """A file's name as the package writes it."""
        return self._entries[name.lower()].filename

    def content(self, name: str) -> Iterator[bytes]:
        """A file, inflated piece by piece. Raises `UnusableSourceError` when it is broken or larger than allowed."""
        entry, size = self._entries[name.lower()], 0
        with _told(entry.filename), self._archive.open(entry) as file:
            while piece := file.read(PIECE):
                size += len(piece)
                self._inflated += len(piece)
                if size > self._limits.entry_bytes or self._inflated > self._limits.total_bytes:
                    raise refusal(
                        Place(entry.filename), "too-large", "Once unpacked, the file is larger than can be read."
                    )
                yield piece


def open_package(file: BinaryIO, found: Found, limits: PackageLimits = PackageLimits()) -> Package:
    """The package in this file. Raises `UnusableSourceError` when it is none, or has what no package should have."""
    with _told(PACKAGE):
        _look_at_the_directory(file, limits)
        archive = zipfile.ZipFile(file)
    listed = archive.infolist()
    if len(listed) > limits.entries:
        raise refusal(Place(PACKAGE), "too-many-files", f"The ZIP has more than {limits.entries} files.")
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in listed:
        fault = _fault(entry)
        if fault is None and entry.filename.lower() in entries:
            fault = "duplicate-file", "is in the ZIP twice"
        if fault is None:
            entries[entry.filename.lower()] = entry
        else:
            code, what = fault
            found.fault(Place(PACKAGE), code, f"{_shown(entry.orig_filename)} {what}.")
    found.refuse_if_faulty()
    return Package(archive, entries, limits)


def _fault(entry: zipfile.ZipInfo) -> tuple[str, str] | None:
    """Why an entry may not be in a package: a code and the rest of a sentence."""
    name = entry.orig_filename
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or ".." in re.split(r"[/\\]", name):
        return "unsafe-path", "has a path that leads out of the ZIP"
    if "/" in name or "\\" in name:
        return "nested-file", "is in a folder; put the files themselves into the ZIP, not the folder they are in"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "link", "is a link and not a file"
    if entry.flag_bits & 0x41:
        return "encrypted", "is protected with a password, and must not be"
    if entry.compress_type not in _READABLE:
        return "unknown-compression", "is compressed in a way that cannot be read; use ordinary ZIP"
    if not _FILE_NAME.fullmatch(name):
        return "unknown-file", "is no file of OneRoster"
    return None


def _look_at_the_directory(file: BinaryIO, limits: PackageLimits) -> None:
    """Refuses a table of contents that would itself fill the memory, before anything reads it."""
    size = file.seek(0, 2)
    start = max(0, size - _END_SIZE - _LONGEST_COMMENT - _END_SIZE)
    file.seek(start)
    tail = file.read(size - start)
    file.seek(0)
    at = len(tail) - _END_SIZE
    if at < 0 or tail[at : at + 4] != _END or tail[-2:] != b"\0\0":
        at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise refusal(Place(PACKAGE), "broken-zip", "This is not a ZIP file, or its end is missing.")
    entries, directory = struct.unpack_from("<HL", tail, at + 10)
    if _ZIP64 in tail[max(0, at - 20) : at]:
        raise refusal(Place(PACKAGE), "too-many-files", "The ZIP is of the kind for huge archives, which is not read.")
    if entries > limits.entries or directory > limits.directory:
        raise refusal(Place(PACKAGE), "too-many-files", f"The ZIP has more than {limits.entries} files.")


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turns whatever a broken ZIP raises into a refusal of the package."""
    try:
        yield
    except UnusableSourceError:
        raise
    except _BROKEN:
        raise refusal(Place(name), "broken-zip", "The ZIP is damaged or not complete. Export it again.") from None


def _shown(name: str) -> str:
    """A file's name as it may be repeated: short, and of plain letters only."""
    return f"'{re.sub(r'[^A-Za-z0-9._/ -]', '?', name[:60])}'"
