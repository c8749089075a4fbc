"""The call for presenters: each row an offer, with the organiser's decision and table."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import ValidationError

from app.kernel.ids import new_id
from app.marketplace.schemas import PresentationIn
from app.people.rules import folded
from app.sheets.cells import (
    Address,
    listed,
    one_line,
    read_address,
    read_decision,
    read_key_stages,
    read_table,
    said,
    several_lines,
)
from app.sheets.columns import Row
from app.sheets.findings import Findings
from app.sheets.matching import Schools
from app.sheets.mentions import find_person, read_mention, tell_mistyped
from app.sheets.names import read_name
from app.sheets.persons import Mention, Persons
from app.sheets.state import State

_ADDRESS_LIKE = re.compile(r"[^\s,;<>()]+(?:@|\(at\))[^\s;<>()]+")


@dataclass(frozen=True, slots=True)
class Offer:
    """One row of the call for presenters, read."""

    row: int
    title: str
    summary: str
    subjects: tuple[str, ...]
    key_stages: tuple[str, ...]
    needs: tuple[str, ...]
    presenters: tuple[str, ...]
    presenter_ids: tuple[UUID | None, ...]
    decision: str
    table: int | None


def read_offers(
    rows: list[Row], state: State, schools: Schools[UUID], findings: Findings
) -> tuple[list[Offer], Persons, list[int]]:
    """The offers in the sheet, the people behind them, and the rows that cannot be taken.

    Of two rows in which one presenter offers the same title, the later one counts.
    """
    mentioned = [(row, read_mention(row, schools, findings)) for row in rows]
    firsts = {row.number: mention for row, mention in mentioned if mention is not None}
    seconds = {
        row.number: _seconds(row, firsts[row.number], state, schools, findings) for row in rows if row.number in firsts
    }
    persons = Persons(state, [*firsts.values(), *(each for those in seconds.values() for each in those)], findings)
    offers: dict[tuple[str, str], Offer] = {}
    rejected = []
    for row in rows:
        first = firsts.get(row.number)
        offer = _offer(row, first, seconds[row.number], persons, findings) if first else None
        if offer is None:
            rejected.append(row.number)
            continue
        same = (folded(offer.title), offer.presenters[0])
        if same in offers:
            findings.note(row.number, f"The same offer is already in row {offers[same].row}; this later one counts.")
            offer = replace(offer, row=offers[same].row)
        offers[same] = offer
    return list(offers.values()), persons, rejected


def _offer(row: Row, first: Mention, seconds: list[Mention], persons: Persons, findings: Findings) -> Offer | None:
    contents = _contents(row, findings)
    if contents is None:
        return None
    found = [find_person(persons, mention, findings) for mention in (first, *seconds)]
    if found[0] is None:
        return None
    people = list({person.key: person for person in found if person is not None}.values())
    decision, table = _decision(row, findings)
    return Offer(
        row=row.number,
        title=contents.title,
        summary=contents.summary,
        subjects=tuple(contents.subjects),
        key_stages=tuple(str(stage) for stage in contents.key_stages),
        needs=tuple(contents.needs),
        presenters=tuple(person.key for person in people),
        presenter_ids=tuple(person.known.id if person.known else None for person in people),
        decision=decision,
        table=table,
    )


def _contents(row: Row, findings: Findings) -> PresentationIn | None:
    """The offer's own words, held to the same limits as everywhere else."""
    stages, unknown = read_key_stages(row["key_stages"])
    for entry in unknown:
        findings.note(row.number, f"'{entry[:60]}' is not a key stage; it was left out.")
    try:
        return PresentationIn.model_validate(
            {
                "title": one_line(row["title"]),
                "summary": several_lines(row["summary"]),
                "presenter_ids": [new_id()],
                "subjects": listed(row["subject"]),
                "key_stages": stages,
                "needs": listed(row["needs"]),
            }
        )
    except ValidationError as error:
        place = str(error.errors(include_input=False)[0]["loc"][0])
        wrong = {
            "title": "The title is missing or longer than 200 characters",
            "summary": "The summary is longer than 2,000 characters",
        }.get(place, f"The {place.replace('_', ' ')} cell has too many entries, or one that is too long")
        findings.needs_a_person(
            row.number, f"{wrong}, so the row was not imported.", f"Correct row {row.number} and import again."
        )
        return None


def _decision(row: Row, findings: Findings) -> tuple[str, int | None]:
    """What was decided; anything that cannot be read leaves the offer as proposed, and needs a person."""
    decision = read_decision(row["decision"])
    try:
        table = read_table(row["table"])
    except ValueError:
        shown = one_line(row["table"])[:40]
        findings.needs_a_person(
            row.number,
            f"'{shown}' is not the number of a table. The offer stays proposed.",
            f"Write the number, or nothing, in row {row.number} and import again.",
        )
        return "waiting", None
    if decision is None:
        shown = one_line(row["decision"])[:40]
        findings.needs_a_person(
            row.number,
            f"The decision '{shown}' is neither yes, no nor waiting. The offer stays proposed.",
            f"Write yes, no or waiting in row {row.number} and import again.",
        )
        return "waiting", None
    if decision != "yes" and table is not None:
        findings.note(row.number, f"Table {table} was not given away: the decision is {decision}.")
        table = None
    return decision, table


def _seconds(row: Row, first: Mention, state: State, schools: Schools[UUID], findings: Findings) -> list[Mention]:
    """The other presenters that a row names, each as "name, e-mail"."""
    known = _known_schools(state)
    mentions = []
    for entry in listed(said(row["second"]) or ""):
        written = _ADDRESS_LIKE.search(entry)
        address = read_address(written[0].strip(",.")) if written else Address(None)
        rest = entry.replace(written[0], " ") if written else entry
        name = read_name(re.sub(r"[<>()]", " ", rest).strip(" ,;"))
        if name is None:
            findings.needs_a_person(
                row.number,
                f"The second presenter '{entry[:80]}' has no name, so only {first.name.full} presents.",
                f"Write name and e-mail address in row {row.number} and import again.",
            )
            continue
        tell_mistyped(row.number, address, findings)
        mention = Mention(row.number, name, address, first.school_id, sure_of_school=False)
        mentions.append(_with_school(mention, first, known, schools, findings))
    return mentions


def _with_school(
    mention: Mention,
    first: Mention,
    known: Callable[[Mention], UUID | None],
    schools: Schools[UUID],
    findings: Findings,
) -> Mention:
    """The row does not say where the second presenter works: who is known is known, else their address may say it,
    else the first presenter's school is taken; the last two are told."""
    already = known(mention)
    if already is not None:
        return replace(mention, school_id=already)
    by_address = schools.of_address(mention.address.email)
    school_id = by_address or first.school_id
    why = "because of the address" if by_address else f"like {first.name.full}, because nothing says otherwise"
    findings.note(mention.row, f"Took {mention.name.full} to be at {schools.name_of(school_id)}, {why}.")
    return replace(mention, school_id=school_id)


def _known_schools(state: State) -> Callable[[Mention], UUID | None]:
    by_address = {each.email.casefold(): each.school_id for each in state.teachers if each.email}

    def known(mention: Mention) -> UUID | None:
        return by_address.get(mention.address.email.casefold()) if mention.address.email else None

    return known
