"""What an import would do: decided before anything is written, and shown.

A plan is data. It is made from a sheet's rows and a snapshot of what is there (see `planning`), and carried out by
`applying`.
"""

import hashlib
from dataclasses import dataclass, fields
from enum import StrEnum
from uuid import UUID

from app.sheets.columns import Format
from app.sheets.findings import Finding, Severity


class Change(StrEnum):
    """What becomes of one entry."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class SchoolEntry:
    """A school as the sheet has it."""

    row: int
    change: Change
    differing: tuple[str, ...]
    school_id: UUID | None
    name: str
    urn: str
    laestab: str | None
    phase: str | None
    postcode: str | None
    website: str | None


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """A person as the hub should know them. `key` names them in the other entries of the plan."""

    key: str
    change: Change
    teacher_id: UUID | None
    given_name: str
    family_name: str
    school_id: UUID
    email: str | None
    shared_email: str | None


class Verdict(StrEnum):
    """What the organiser decided about an offer, as far as it can be carried out."""

    ACCEPT = "accept"
    MOVE = "move"
    DECLINE = "decline"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class OfferEntry:
    """A presentation as the sheet has it, and what is to be done with it."""

    row: int
    change: Change
    differing: tuple[str, ...]
    presentation_id: UUID | None
    name: str
    """The presentation's title."""
    summary: str
    subjects: tuple[str, ...]
    key_stages: tuple[str, ...]
    needs: tuple[str, ...]
    presenters: tuple[str, ...]
    """Keys of persons."""
    mended: bool
    """Whether what it says, or who presents it, changes."""
    verdict: Verdict
    table_number: int | None


@dataclass(frozen=True, slots=True)
class SignUpEntry:
    """Somebody who wants to come, with wishes and needs. `registration_id` is the live registration there is."""

    row: int
    change: Change
    name: str
    differing: tuple[str, ...]
    registration_id: UUID | None
    person: str
    dietary_requirements: str | None
    access_requirements: str | None
    wishes: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """A plan in figures. Entries are created, updated or unchanged; rows are rejected, or need a person."""

    created: int
    updated: int
    unchanged: int
    rejected: int
    needs_attention: int
    deactivated: int = 0
    """Sheets take nobody away; staff lists may."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that an import would do, and all that it has to tell. `rejected` are the rows that it leaves out."""

    format: Format
    encoding: str
    rows: int
    empty_rows: int
    schools: tuple[SchoolEntry, ...] = ()
    people: tuple[PersonEntry, ...] = ()
    offers: tuple[OfferEntry, ...] = ()
    sign_ups: tuple[SignUpEntry, ...] = ()
    findings: tuple[Finding, ...] = ()
    rejected: tuple[int, ...] = ()
    places_left: int = 0

    @property
    def entries(self) -> tuple[SchoolEntry | OfferEntry | SignUpEntry, ...]:
        return (*self.schools, *self.offers, *self.sign_ups)

    @property
    def steps(self) -> int:
        """How many things there are to write."""
        return sum(each.change is not Change.UNCHANGED for each in (*self.people, *self.entries))

    @property
    def waiting_for_a_person(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.severity is Severity.NEEDS_A_PERSON)

    @property
    def notes(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.severity is Severity.NOTE)

    @property
    def counts(self) -> Counts:
        changes = [each.change for each in self.entries]
        return Counts(
            created=changes.count(Change.CREATED),
            updated=changes.count(Change.UPDATED),
            unchanged=changes.count(Change.UNCHANGED),
            rejected=len(self.rejected),
            needs_attention=len({each.row for each in self.waiting_for_a_person}),
        )

    @property
    def fingerprint(self) -> str:
        """The same for two plans that do the same and tell the same, whoever else registered in between."""
        shown = repr(tuple(getattr(self, each.name) for each in fields(self) if each.name != "places_left"))
        return hashlib.sha256(shown.encode()).hexdigest()
