"""The hub's schools: each row one school, known by its URN."""

import re
from collections.abc import Mapping

from pydantic import ValidationError

from app.people.schemas import SchoolIn
from app.sheets.cells import one_line
from app.sheets.columns import Row
from app.sheets.findings import Findings
from app.sheets.plan import Change, SchoolEntry
from app.sheets.state import KnownSchool, State

_OPTIONAL = ("laestab", "phase", "postcode", "website")
_FAULTS = {
    "name": "the name is missing or longer than 200 characters",
    "urn": "the URN is not six digits",
    "laestab": "the LAESTAB is not an LA code and an establishment number, such as 202/2901",
    "phase": "the phase is longer than 60 characters",
    "postcode": "the postcode is longer than 8 characters",
    "website": "the website is no web address, or longer than 400 characters",
}


def plan_schools(rows: list[Row], state: State, findings: Findings) -> tuple[list[SchoolEntry], list[int]]:
    """The schools to be, and the rows that cannot be taken. Of two rows with one URN the first counts."""
    known = {each.urn: each for each in state.schools}
    entries: dict[str, SchoolEntry] = {}
    rejected = []
    for row in rows:
        body = _read(row, findings)
        if body is None:
            rejected.append(row.number)
        elif body.urn not in entries:
            entries[body.urn] = _entry(row.number, body, known.get(body.urn), row.cells)
        elif not _says_the_same(entries[body.urn], body):
            findings.needs_a_person(
                row.number,
                f"URN {body.urn} is in row {entries[body.urn].row} with other details. The row was not imported.",
                f"Correct the URN in row {row.number}, or delete one of the two rows, and import again.",
            )
            rejected.append(row.number)
        else:
            findings.note(row.number, f"The same school is already in row {entries[body.urn].row}.")
    return list(entries.values()), rejected


def _read(row: Row, findings: Findings) -> SchoolIn | None:
    values: dict[str, str | None] = {key: one_line(row[key]) or None for key in _OPTIONAL}
    urn = re.sub(r"\.0+$", "", one_line(row["urn"]))  # a number, as some spreadsheet programs save it
    try:
        return SchoolIn.model_validate({"name": one_line(row["name"]), "urn": urn, **values})
    except ValidationError as error:
        places = dict.fromkeys(str(each["loc"][0]) for each in error.errors(include_input=False))
        wrong = " and ".join(_FAULTS[place] for place in places)
        findings.needs_a_person(
            row.number,
            f"{wrong[0].upper()}{wrong[1:]}. The row was not imported.",
            f"Correct row {row.number} and import again.",
        )
        return None


def _entry(row: int, body: SchoolIn, known: KnownSchool | None, cells: Mapping[str, str]) -> SchoolEntry:
    """Columns that the sheet does not have leave what is known as it is."""
    values = {key: getattr(body, key) if key in cells or known is None else getattr(known, key) for key in _OPTIONAL}
    wanted = {"name": body.name, **values}
    differing = tuple(key for key, value in wanted.items() if known is not None and getattr(known, key) != value)
    return SchoolEntry(
        row=row,
        change=Change.CREATED if known is None else Change.UPDATED if differing else Change.UNCHANGED,
        differing=differing,
        school_id=known.id if known else None,
        name=body.name,
        urn=body.urn,
        **values,
    )


def _says_the_same(entry: SchoolEntry, body: SchoolIn) -> bool:
    return all(getattr(entry, key) == getattr(body, key) for key in ("name", *_OPTIONAL))
