"""The fields that come beside a file, checked before the file is looked at."""

import json
from typing import Any
from uuid import UUID

from app.kernel.problems import Fault, InvalidRequest
from app.mis.imports.formats import ImportFormat, Wanted
from app.mis.reading.staff_columns import NAMES
from app.people.rules import laestab

_FOR: dict[str, frozenset[ImportFormat]] = {
    "event_id": frozenset({ImportFormat.SCHOOLS_SHEET, ImportFormat.PRESENTERS_SHEET, ImportFormat.SIGN_UPS_SHEET}),
    "school_id": frozenset({ImportFormat.STAFF_CSV}),
    "complete": frozenset({ImportFormat.STAFF_CSV}),
    "columns": frozenset({ImportFormat.STAFF_CSV}),
    "strict": frozenset({ImportFormat.ONEROSTER_CSV}),
    "staff_roles": frozenset({ImportFormat.ONEROSTER_CSV}),
    "leave_out_service_accounts": frozenset({ImportFormat.ONEROSTER_CSV, ImportFormat.STAFF_CSV}),
    "source": frozenset({ImportFormat.ONEROSTER_CSV, ImportFormat.STAFF_CSV, ImportFormat.GIAS_CSV}),
    "add": frozenset({ImportFormat.GIAS_CSV}),
    "links": frozenset({ImportFormat.GIAS_CSV}),
}
_ALWAYS = frozenset({"file", "format", "mode"})
MOST_ADDED = 1_000


def check_names(names: list[str], format_: ImportFormat) -> None:
    """Raises `InvalidRequest` for fields that there are not, not for this format, or twice."""
    faults = []
    for index, name in enumerate(names):
        pointer = f"/{name.encode('utf-8', 'replace').decode()[:100]}"
        if name not in _ALWAYS and name not in _FOR:
            faults.append(Fault("there is no such field here", pointer=pointer))
        elif name in _FOR and format_ not in _FOR[name]:
            faults.append(Fault(f"is not for {format_}", pointer=pointer))
        elif name in names[:index]:
            faults.append(Fault("given more than once", pointer=pointer))
    if faults:
        raise InvalidRequest("The form has fields that cannot be used.", errors=faults[:50])


def wanted_of(
    format_: ImportFormat,
    *,
    school_id: UUID | None,
    complete: bool,
    columns: str | None,
    strict: bool,
    source: str | None,
    staff_roles: str | None,
    leave_out_service_accounts: bool,
    add: str | None,
) -> Wanted:
    """What was said beside the file. Raises `InvalidRequest`."""
    return Wanted(
        format=format_,
        school_id=school_id,
        complete=complete,
        columns=None if columns is None else columns_of(columns),
        strict=strict,
        source=None if source is None else _source(source),
        staff_roles=frozenset(_listed(staff_roles)),
        leave_out_service_accounts=leave_out_service_accounts,
        add=frozenset(_school_key(each) for each in _listed(add)),
    )


def columns_of(text: str) -> dict[str, str]:
    """A map of our fields and a list's headings, from its JSON. Raises `InvalidRequest`."""
    try:
        given: Any = json.loads(text)
    except ValueError:
        raise _unusable("columns", "is not JSON") from None
    if not isinstance(given, dict) or not given or not all(isinstance(each, str) for each in given.values()):
        raise _unusable("columns", 'must be an object of fields and headings, as {"staff_id": "Staff Code"}')
    unknown = sorted(set(given) - set(NAMES))
    if unknown:
        raise _unusable("columns", f"has fields that there are not; there are {', '.join(NAMES)}")
    if any(len(each) > 200 or "\0" in each for each in given.values()):
        raise _unusable("columns", "has a heading that is too long, or has a NUL character")
    return {str(name): heading for name, heading in given.items()}


def _source(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise _unusable("source", "must be 1 to 120 characters in one line")
    return name


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _school_key(text: str) -> str:
    if len(text) == 6 and text.isascii() and text.isdigit():
        return text
    known = laestab(text)
    if known is None:
        raise _unusable("add", "must be URNs or LAESTABs, with commas between them")
    return known


def _unusable(name: str, detail: str) -> InvalidRequest:
    return InvalidRequest("The form has fields that cannot be used.", errors=[Fault(detail, pointer=f"/{name}")])
