"""From a row's cells for name, address and school to a person; what cannot be read is told, with what to do."""

from uuid import UUID

from app.sheets.cells import Address, looks_like_a_formula, one_line, read_address
from app.sheets.columns import Row
from app.sheets.findings import Findings
from app.sheets.matching import Schools
from app.sheets.names import Name, read_name
from app.sheets.persons import Ambiguous, Mention, Person, Persons

LONGEST_NAME = 100


def read_mention(row: Row, schools: Schools[UUID], findings: Findings) -> Mention | None:
    """The person of a row, None when the row lacks a name or a school that can be read; that needs a person."""
    tell_formulas(row, findings)
    address = read_address(row["email"])
    name = _name(row, address, findings)
    if name is None:
        return None
    school_id = _school(row, address, schools, findings)
    if school_id is None:
        return None
    tell_mistyped(row.number, address, findings)
    return Mention(row.number, name, address, school_id)


def find_person(persons: Persons, mention: Mention, findings: Findings) -> Person | None:
    """The person whom a mention means; None, and told, when it could be several."""
    try:
        return persons.find(mention)
    except Ambiguous:
        findings.needs_a_person(
            mention.row,
            f"Several people called {mention.name.full} are known at this school, and the row has no address to tell "
            "them apart. The row was not imported.",
            f"Write the person's own address in row {mention.row} and import again.",
        )
        return None


def tell_formulas(row: Row, findings: Findings) -> None:
    """Cells that a spreadsheet program would compute are kept as text; somebody should look at them."""
    for cell in row.cells.values():
        if looks_like_a_formula(cell):
            shown = one_line(cell)[:80]
            findings.needs_a_person(
                row.number,
                f"A cell looks like a formula: {shown} It was kept as plain text and is computed nowhere.",
                f"Look at row {row.number}; if a plain answer was meant, write it there and import again.",
            )


def tell_mistyped(row: int, address: Address, findings: Findings) -> None:
    """An address that cannot be right is left out."""
    if address.mistyped:
        perhaps = f" Perhaps {address.perhaps} was meant." if address.perhaps else ""
        findings.needs_a_person(
            row,
            f"The e-mail address cannot be right, so the person comes in without one.{perhaps}",
            f"Write the address in row {row} and import again.",
        )


def _name(row: Row, address: Address, findings: Findings) -> Name | None:
    name = read_name(one_line(row["name"]))
    if name is None:
        hint = f" The row's address is {address.email}." if address.email else ""
        findings.needs_a_person(
            row.number,
            f"The row has no name, so it was not imported.{hint}",
            f"Write the name in row {row.number} and import again.",
        )
        return None
    if max(len(name.given), len(name.family)) > LONGEST_NAME:
        findings.needs_a_person(
            row.number,
            f"The name is longer than {LONGEST_NAME} characters, so the row was not imported.",
            f"Shorten the name in row {row.number} and import again.",
        )
        return None
    if name.told:
        findings.note(row.number, name.told)
    return name


def _school(row: Row, address: Address, schools: Schools[UUID], findings: Findings) -> UUID | None:
    text = one_line(row["school"])
    match = schools.match(text)
    if match.found is not None:
        if match.told:
            findings.note(row.number, match.told)
        return match.found
    what = f"'{text[:80]}' is not a school of this hub" if text else "The row has no school"
    if len(match.suggestions) > 1:
        what = f"'{text[:80]}' could be {' or '.join(match.suggestions)}"
    by_address = schools.of_address(address.email)
    if by_address is not None:
        hint = f" Its address belongs to {schools.name_of(by_address)}."
    elif len(match.suggestions) == 1:
        hint = f" The nearest one is {match.suggestions[0]}."
    else:
        hint = ""
    findings.needs_a_person(
        row.number,
        f"{what}, so the row was not imported.{hint}",
        f"Write the school's name or URN in row {row.number} and import again"
        + ("." if not text else ", or add the school to the hub first."),
    )
    return None
