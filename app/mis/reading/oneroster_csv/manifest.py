"""`manifest.csv`: which version this is, and of each file whether it is absent, complete or a list of changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.mis.reading.findings import refusal
from app.mis.reading.oneroster_csv.archive import Package
from app.mis.reading.oneroster_csv.columns import COLUMNS, CREDENTIAL_FILE, FILES
from app.mis.reading.oneroster_csv.context import Context
from app.mis.reading.rows import SENTENCES, Dialect, rows
from app.mis.reading.texts import NO_MANIFEST
from app.mis.staff import Place

MANIFEST = "manifest.csv"
_HEADER = ["propertyName", "value"]
_VERSIONS = {"1.1": "1.1", "1.2": "1.2", "1.1.1": "1.1", "1.2.1": "1.2"}
_OPTIONAL = ("source.systemName", "source.systemCode")
_LONGEST = 1_000
"""Rows. A manifest has some thirty."""


class Mode(StrEnum):
    """What a file is: not there, the complete set, or changes only."""

    ABSENT = "absent"
    BULK = "bulk"
    DELTA = "delta"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The version, and the mode of each of its files by name without `.csv`."""

    version: str
    modes: dict[str, Mode]

    def mode(self, file: str) -> Mode:
        return self.modes.get(file, Mode.ABSENT)


def read_manifest(package: Package, context: Context) -> Manifest:
    """The manifest, checked against what the ZIP holds.

    Raises `UnusableSourceError` where it does not say what must be known. Irregularities become warnings, in the
    strict reading faults.
    """
    if MANIFEST not in package:
        raise refusal(Place(MANIFEST), "no-manifest", NO_MANIFEST)
    properties = _properties(package, context)
    version = _version(properties, context)
    modes = _modes(properties, version, context)
    _compare(package, version, modes, context)
    context.found.refuse_if_faulty()
    return Manifest(version, modes)


def _properties(package: Package, context: Context) -> dict[str, tuple[int, str]]:
    """The values by property, with their lines."""
    properties: dict[str, tuple[int, str]] = {}
    written = {name.lower(): name for name in _known_properties()}
    for line, (name, value) in _pairs(package, context):
        place = Place(MANIFEST, line)
        known = written.get(name.lower(), name)
        if known not in written.values():
            context.irregular(place, "unknown-property", "The manifest has a property that is not known.")
            continue
        if known != name:
            context.irregular(place, "letter-case", f"{known} is written in other letter case.", field=known)
        if known not in properties:
            properties[known] = line, value
        elif properties[known][1] != value:
            context.found.fault(place, "duplicate-property", f"{known} is given twice, with two values.", field=known)
        else:
            context.irregular(place, "duplicate-property", f"{known} is given twice.", field=known)
    return properties


def _known_properties() -> set[str]:
    return {
        "manifest.version",
        "oneroster.version",
        *_OPTIONAL,
        *(f"file.{name}" for names in FILES.values() for name in names),
    }


def _pairs(package: Package, context: Context) -> Iterator[tuple[int, tuple[str, str]]]:
    """The rows after the header, each of exactly two cells. Surplus blank cells are irregular."""
    header_seen = False
    for line, cells, trouble in rows(package.content(MANIFEST), Dialect(MANIFEST), context.options.limits):
        place = Place(MANIFEST, line)
        if trouble is not None or line > _LONGEST:
            reason = SENTENCES[trouble] if trouble else f"The manifest has more than {_LONGEST:,} lines."
            raise refusal(place, trouble or "too-many-rows", reason)
        if not any(cell.strip() for cell in cells):
            context.irregular(place, "blank-line", "The line is blank.")
            continue
        if len(cells) > 2 and not any(cell.strip() for cell in cells[2:]):
            context.irregular(place, "surplus-cells", "There are blank cells after the second.")
            cells = cells[:2]
        if not header_seen:
            _check_header(cells, place, context)
            header_seen = True
        elif len(cells) != 2:
            raise refusal(place, "ragged-row", f"A row of the manifest has two cells, this one has {len(cells)}.")
        else:
            yield line, (cells[0].strip(), cells[1].strip())
    if not header_seen:
        raise refusal(Place(MANIFEST), "empty-file", "The manifest is empty.")


def _check_header(cells: list[str], place: Place, context: Context) -> None:
    if cells == _HEADER:
        return
    if [cell.strip().lower() for cell in cells] != [name.lower() for name in _HEADER]:
        raise refusal(place, "bad-header", "The manifest's header must be propertyName,value.")
    context.irregular(place, "letter-case", "The manifest's header is not exactly propertyName,value.")


def _version(properties: dict[str, tuple[int, str]], context: Context) -> str:
    line, value = properties.get("manifest.version", (0, ""))
    if not line:
        context.irregular(Place(MANIFEST), "missing-property", "manifest.version is missing.", field="manifest.version")
    elif value != "1.0":
        raise refusal(Place(MANIFEST, line), "bad-version", "manifest.version must be 1.0.", field="manifest.version")
    line, value = properties.get("oneroster.version", (0, ""))
    version = _VERSIONS.get(value)
    if version is None:
        reason = "oneroster.version must be 1.1 or 1.2." if line else "oneroster.version is missing."
        code = "bad-version" if line else "missing-property"
        raise refusal(Place(MANIFEST, line or None), code, reason, field="oneroster.version")
    if value != version:
        reason = f"{value} is a level of the document; the manifest says {version}."
        context.irregular(Place(MANIFEST, line), "bad-version", reason, field="oneroster.version")
    return version


def _modes(properties: dict[str, tuple[int, str]], version: str, context: Context) -> dict[str, Mode]:
    modes = {}
    for name in sorted(FILES[version]):
        field = f"file.{name}"
        line, value = properties.get(field, (0, ""))
        place = Place(MANIFEST, line or None)
        try:
            modes[name] = Mode(value.lower() or Mode.ABSENT)
        except ValueError:
            context.found.fault(place, "bad-mode", f"{field} must be absent, bulk or delta.", field=field)
            continue
        if not line:
            context.irregular(place, "missing-property", f"{field} is missing; read as absent.", field=field)
        elif not value:
            context.irregular(place, "blank-mode", f"{field} is blank; read as absent.", field=field)
        elif value != value.lower():
            context.irregular(place, "letter-case", f"{field} is not written in small letters.", field=field)
    foreign = {name.removeprefix("file.") for name in properties if name.startswith("file.")} - FILES[version]
    for name in sorted(foreign):
        place, field = Place(MANIFEST, properties[f"file.{name}"][0]), f"file.{name}"
        context.irregular(place, "unknown-property", f"{field} is not a file of OneRoster {version}.", field=field)
    return modes


def _compare(package: Package, version: str, modes: dict[str, Mode], context: Context) -> None:
    """What the manifest says is in the ZIP, and the other way round."""
    by_case = {name.lower(): name for name in FILES[version]}
    for written in package.names():
        if written.lower() == MANIFEST:
            expected = MANIFEST
        elif (name := by_case.get(written.lower().removesuffix(".csv"))) is not None:
            expected = f"{name}.csv"
            _check_presence(expected, name, version, modes, context)
        else:
            place = Place(written)
            context.found.fault(place, "unknown-file", f"{written} is no file of OneRoster {version}.")
            continue
        if written != expected:
            context.irregular(Place(written), "letter-case", f"The file must be called {expected}.")
    for name, mode in modes.items():
        if mode is not Mode.ABSENT and f"{name}.csv" not in package:
            reason = f"The manifest says that {name}.csv is {mode}, but it is not in the ZIP."
            context.found.fault(Place(f"{name}.csv"), "missing-file", reason)


def _check_presence(file: str, name: str, version: str, modes: dict[str, Mode], context: Context) -> None:
    if name == CREDENTIAL_FILE:
        context.found.warn(Place(file), "credentials", "The file holds passwords. It was not opened; do not send it.")
    if modes.get(name) is Mode.ABSENT:
        is_read = (version, name) in COLUMNS
        tell = context.found.fault if is_read else context.irregular
        tell(Place(file), "unexpected-file", f"{file} is in the ZIP, but the manifest does not say so.")
