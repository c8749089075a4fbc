"""From a file's bytes and what is there already to a plan. Nothing is written here."""

from uuid import UUID

from app.sheets.columns import Format, rows_of
from app.sheets.findings import Findings
from app.sheets.persons import Person, Persons
from app.sheets.plan import Change, OfferEntry, PersonEntry, Plan, SchoolEntry, SignUpEntry
from app.sheets.presenters import plan_presenters
from app.sheets.reading import SheetRefused, read_grid
from app.sheets.schools import plan_schools
from app.sheets.sign_ups import plan_sign_ups
from app.sheets.state import State


def make_plan(format_: Format, content: bytes, state: State) -> Plan:
    """What importing this file would do now. Raises `SheetRefused` when the file is not such a sheet."""
    grid = read_grid(content)
    findings = Findings()
    rows = rows_of(grid, format_, findings)
    schools: list[SchoolEntry] = []
    offers: list[OfferEntry] = []
    sign_ups: list[SignUpEntry] = []
    persons: Persons | None = None
    if format_ is Format.SCHOOLS:
        schools, rejected = plan_schools(rows, state, findings)
    else:
        names = state.schools_by_name()
        if not state.schools:
            raise SheetRefused("The hub has no schools yet. Import its schools first.")
        if state.evening is None:
            raise ValueError(f"a {format_} is planned for an event")
        if format_ is Format.PRESENTERS:
            offers, persons, rejected = plan_presenters(rows, state, names, findings)
        else:
            sign_ups, persons, rejected = plan_sign_ups(rows, state, state.evening, names, findings)
    too_wide = {record.row for record in grid.records} - {row.number for row in rows}
    return Plan(
        format=format_,
        encoding=grid.encoding,
        rows=len(grid.records),
        empty_rows=grid.empty_rows,
        schools=tuple(schools),
        people=tuple(_entry(person) for person in persons.touched()) if persons else (),
        offers=tuple(offers),
        sign_ups=tuple(sign_ups),
        findings=tuple(findings),
        rejected=tuple(sorted({*rejected, *too_wide})),
        places_left=max(state.evening.places_left, 0) if state.evening else 0,
    )


def _entry(person: Person) -> PersonEntry:
    known: UUID | None = person.known.id if person.known else None
    change = Change.CREATED if person.known is None else Change.UPDATED if person.differs else Change.UNCHANGED
    return PersonEntry(
        key=person.key,
        change=change,
        teacher_id=known,
        given_name=person.given_name,
        family_name=person.family_name,
        school_id=person.school_id,
        email=person.email,
        shared_email=person.shared_email,
    )
