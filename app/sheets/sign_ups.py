"""Who wants to come: each person's first answer keeps the place in the queue, the last one says what they want."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.marketplace.rules import PresentationStatus
from app.people.rules import folded
from app.registrations.schemas import MOST_WISHES
from app.sheets.cells import one_line, said
from app.sheets.columns import Row
from app.sheets.dates import Moment, read_moment
from app.sheets.findings import Findings
from app.sheets.matching import Match, Schools, Titles
from app.sheets.mentions import find_person, read_mention
from app.sheets.persons import Person, Persons
from app.sheets.plan import Change, SignUpEntry
from app.sheets.state import Evening, KnownOffer, KnownRegistration, State

LONGEST_NEED = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of the form, read."""

    row: int
    at: datetime | None
    dietary: str | None
    access: str | None
    wishes: tuple[UUID, ...]

    @property
    def when(self) -> tuple[bool, float, int]:
        """Sorts by time; answers without a readable one come last, in the order of the file."""
        return (self.at is None, self.at.timestamp() if self.at else 0.0, self.row)


def plan_sign_ups(
    rows: list[Row], state: State, evening: Evening, schools: Schools[UUID], findings: Findings
) -> tuple[list[SignUpEntry], Persons, list[int]]:
    """The registrations to be, in the order of the queue, the people, and the rows that cannot be taken."""
    mentions = {row.number: read_mention(row, schools, findings) for row in rows}
    persons = Persons(state, [mention for mention in mentions.values() if mention], findings)
    reader = _AnswerReader(state.offers, evening, findings)
    answers: dict[str, list[Answer]] = defaultdict(list)
    people: dict[str, Person] = {}
    rejected = []
    for row in rows:
        mention = mentions[row.number]
        person = find_person(persons, mention, findings) if mention else None
        if person is None:
            rejected.append(row.number)
        else:
            people[person.key] = person
            answers[person.key].append(reader.read(row))
    reader.tell_how_dates_were_read()
    planned = _Registering(state, evening, findings)
    if not evening.takes_registrations:
        findings.needs_a_person(
            None,
            f"The event is {evening.status} and takes no registrations now, so nobody new can be registered.",
            "Publish the event, or look at the times of its registration, and import again.",
        )
    in_order = sorted(answers.items(), key=lambda item: min(answer.when for answer in item[1]))
    entries = [entry for key, theirs in in_order if (entry := planned.entry(people[key], theirs)) is not None]
    return entries, persons, rejected


class _AnswerReader:
    """Reads what a row says besides who it is from."""

    def __init__(self, offers: Sequence[KnownOffer], evening: Evening, findings: Findings) -> None:
        self._status = {offer.id: offer.status for offer in offers}
        self._titles = {offer.id: offer.title for offer in offers}
        accepted = [offer for offer in offers if offer.status == PresentationStatus.ACCEPTED]
        shadowed = {folded(offer.title) for offer in accepted}
        others = [offer for offer in offers if offer not in accepted and folded(offer.title) not in shadowed]
        self._known = Titles((offer.id, offer.title) for offer in (*accepted, *others))
        self._zone = evening.zone
        self._findings = findings
        self._day_first = 0
        self._dated = 0

    def read(self, row: Row) -> Answer:
        return Answer(
            row=row.number,
            at=self._moment(row).at,
            dietary=self._need(row, "dietary", "dietary requirements"),
            access=self._need(row, "access", "access requirements"),
            wishes=self._wishes(row),
        )

    def tell_how_dates_were_read(self) -> None:
        """Told once for the sheet: most dates of one form could be read in another."""
        if self._day_first:
            self._findings.note(
                None,
                f"Read {self._dated} dates day first, as in Britain (dd/mm/yyyy); "
                f"{self._day_first} of them could also be read month first.",
            )

    def _moment(self, row: Row) -> Moment:
        moment = read_moment(one_line(row["timestamp"]), self._zone)
        if moment.at is None:
            shown = one_line(row["timestamp"])[:40]
            what = f"The time '{shown}' cannot be read" if shown else "The row has no time"
            self._findings.note(row.number, f"{what}; it counts after all rows that have one.")
        elif moment.told:
            self._findings.note(row.number, moment.told)
        self._day_first += moment.day_first
        self._dated += moment.british
        return moment

    def _need(self, row: Row, key: str, what: str) -> str | None:
        text = said(row[key])
        if text is not None and len(text) > LONGEST_NEED:
            self._findings.needs_a_person(
                row.number,
                f"The {what} are longer than {LONGEST_NEED:,} characters; only the beginning was kept.",
                f"Shorten them in row {row.number} and import again.",
            )
            return text[:LONGEST_NEED].rstrip()
        return text

    def _wishes(self, row: Row) -> tuple[UUID, ...]:
        if said(row["wishes"]) is None:
            return ()
        wishes: dict[UUID, None] = {}
        for text, match in self._known.wishes(row["wishes"]):
            if match.found is None:
                self._tell_unknown(row.number, text, match)
            elif self._status[match.found] != PresentationStatus.ACCEPTED:
                self._findings.needs_a_person(
                    row.number,
                    f"'{self._titles[match.found]}' is not among the accepted presentations; the wish was left out.",
                    f"Accept it and import again, or ask the person of row {row.number} for another wish.",
                )
            else:
                if match.told:
                    self._findings.note(row.number, match.told)
                wishes[match.found] = None
        return tuple(wishes)[:MOST_WISHES]

    def _tell_unknown(self, row: int, text: str, match: Match[UUID]) -> None:
        quoted = " or ".join(f"'{each}'" for each in match.suggestions)
        perhaps = f" Perhaps {quoted} was meant." if quoted else ""
        self._findings.needs_a_person(
            row,
            f"There is no presentation '{text[:100]}'; the wish was left out.{perhaps}",
            f"Write the title as it is in the programme in row {row} and import again.",
        )


class _Registering:
    """From a person's answers to what becomes of their registration."""

    def __init__(self, state: State, evening: Evening, findings: Findings) -> None:
        self._there = {each.teacher_id: each for each in state.registrations}
        self._left = evening.places_left
        self._waitlist = evening.waitlist_enabled
        self._findings = findings

    def entry(self, person: Person, answers: list[Answer]) -> SignUpEntry | None:
        """What becomes of one person; None when they cannot or need not be registered, which is told."""
        in_order = sorted(answers, key=lambda answer: answer.when)
        first, last = in_order[0], in_order[-1]
        if len(answers) > 1:
            rows = ", ".join(str(row) for row in sorted(answer.row for answer in answers))
            self._findings.note(
                last.row,
                f"{person.full_name} answered more than once (rows {rows}): the last answer counts, "
                "the first one keeps the place in the queue.",
            )
        there = self._there.get(person.known.id) if person.known else None
        if there is not None and there.cancelled_at is not None:
            if last.at is None or last.at <= there.cancelled_at:
                self._findings.note(last.row, f"{person.full_name} has cancelled since, and stays cancelled.")
                return None
            there = None
        if there is None and not self._has_room(person, first):
            return None
        if there is not None and there.is_presenter:
            self._findings.note(last.row, f"{person.full_name} presents, keeps that place, and gets the wishes.")
        differing = _differing(last, there, person)
        return SignUpEntry(
            row=last.row,
            change=Change.CREATED if there is None else Change.UPDATED if differing else Change.UNCHANGED,
            name=person.full_name,
            differing=differing,
            registration_id=there.id if there else None,
            person=person.key,
            dietary_requirements=last.dietary,
            access_requirements=last.access,
            wishes=last.wishes,
        )

    def _has_room(self, person: Person, first: Answer) -> bool:
        self._left -= 1
        if self._left >= 0 or self._waitlist:
            return True
        self._findings.needs_a_person(
            first.row,
            f"The event is full and has no waitlist, so {person.full_name} was not registered.",
            "Raise the capacity or turn the waitlist on, and import again.",
        )
        return False


def _differing(last: Answer, there: KnownRegistration | None, person: Person) -> tuple[str, ...]:
    """What is not yet as the person wants it, in words; nothing for somebody who is new."""
    if there is None:
        return ()
    compared = {
        "address": not person.differs,
        "dietary requirements": there.dietary_requirements == last.dietary,
        "access": there.access_requirements == last.access,
        "wishes": there.wishes == last.wishes,
    }
    return tuple(what for what, same in compared.items() if not same)
