"""A plan in plain English."""

from collections.abc import Iterator

from app.sheets.columns import Format
from app.sheets.findings import Finding
from app.sheets.plan import Change, Plan, Verdict

MOST_LISTED = 200
_ENTRY = {
    Format.SCHOOLS: ("school", "schools"),
    Format.PRESENTERS: ("offer", "offers"),
    Format.SIGN_UPS: ("person", "people"),
}


def in_words(plan: Plan, *, done: bool = False) -> list[str]:
    """The plan, or what was done, in lines: what was read, what changes, what needs a person, how things were read."""
    return [*changes_in_words(plan, done=done), *_waiting(plan), *_notes(plan)]


def changes_in_words(plan: Plan, *, done: bool = False) -> list[str]:
    """`in_words`, without what needs a person and how things were read."""
    return [_read(plan), _changes(plan, done=done), *_details(plan), *_mended(plan)]


def _read(plan: Plan) -> str:
    empty = f", {_count(plan.empty_rows, 'empty row', 'empty rows')} passed over" if plan.empty_rows else ""
    return f"Read {_count(plan.rows, 'row', 'rows')} ({plan.encoding}{empty})."


def _changes(plan: Plan, *, done: bool) -> str:
    counts = plan.counts
    if not plan.steps:
        return f"Nothing changes: all {_count(counts.unchanged, *_ENTRY[plan.format])} are there already."
    figures = ", ".join(
        f"{number} {what}"
        for number, what in ((counts.created, "new"), (counts.updated, "changed"), (counts.unchanged, "unchanged"))
    )
    noun = _ENTRY[plan.format][1].capitalize()
    return f"{noun}: {figures}." if done else f"{noun}: {figures}. Nothing has been written yet."


def _details(plan: Plan) -> Iterator[str]:
    new = sum(each.change is Change.CREATED for each in plan.people)
    mended = sum(each.change is Change.UPDATED for each in plan.people)
    if new or mended:
        changed = f", {mended} get another address" if mended else ""
        yield f"Teachers: {new} new to the hub{changed}."
    coming = sum(each.registration_id is None for each in plan.sign_ups)
    if coming:
        confirmed = min(coming, plan.places_left)
        waiting = f", {coming - confirmed} on the waitlist" if coming > confirmed else ""
        yield f"Registrations: {coming} new, {confirmed} of them with a place{waiting}."
    accepted = sorted(
        each.table_number
        for each in plan.offers
        if each.table_number is not None and each.verdict is not Verdict.DECLINE
    )
    if plan.format is Format.PRESENTERS:
        declined = sum(each.verdict is Verdict.DECLINE for each in plan.offers)
        where = f" at {_tables(accepted)}" if accepted else ""
        yield f"Accepted: {len(accepted)}{where}." + (f" To decline: {declined}." if declined else "")


def _mended(plan: Plan) -> Iterator[str]:
    mended = [each for each in plan.entries if each.change is Change.UPDATED]
    if mended:
        yield "What changes:"
    for each in mended[:MOST_LISTED]:
        yield f"  Row {each.row}: {each.name}: {', '.join(each.differing)}."
    if len(mended) > MOST_LISTED:
        yield f"  and {len(mended) - MOST_LISTED} more."


def _waiting(plan: Plan) -> Iterator[str]:
    waiting = plan.waiting_for_a_person
    if not waiting:
        yield "Nothing needs a person."
        return
    rows = plan.counts.needs_attention
    left_out = f", {len(plan.rejected)} of them not imported" if plan.rejected else ""
    yield f"{_count(rows, 'row needs', 'rows need')} a person{left_out} (row 1 is the header):"
    for finding in waiting:
        yield f"  {_where(finding)}: {finding.what} {finding.what_to_do}".rstrip()


def _notes(plan: Plan) -> Iterator[str]:
    if plan.notes:
        yield "How some things were read:"
    for finding in plan.notes:
        yield f"  {_where(finding)}: {finding.what}"


def _where(finding: Finding) -> str:
    return f"Row {finding.row}" if finding.row is not None else "Whole file"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _tables(numbers: list[int]) -> str:
    if numbers == list(range(numbers[0], numbers[-1] + 1)) and len(numbers) > 1:
        return f"tables {numbers[0]}\u2013{numbers[-1]}"
    return ("table " if len(numbers) == 1 else "tables ") + ", ".join(map(str, numbers))
