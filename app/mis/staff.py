"""What every source of staff is turned into, whatever it calls things: people, where they work, and how much was told.

Adapters give a `StaffSet`; the engine knows nothing else of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a source: a file and a line of it, or a page of an API."""

    file: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to tell about one row: why it was refused, or what was read leniently.

    `reason` is a sentence for people; it never repeats a value that is personal. `code` is for programs, as
    `missing-value`. `field` is the source's own name of it.
    """

    place: Place
    code: str
    reason: str
    field: str | None = None
    source_id: str | None = None


@dataclass(frozen=True, slots=True)
class Org:
    """A source's school. `urn` (6 digits) and `laestab` (as `202/1234`) where its identifiers are such."""

    source_id: str
    name: str
    urn: str | None = None
    laestab: str | None = None
    is_school: bool = True


@dataclass(frozen=True, slots=True)
class Employment:
    """That somebody works at a school. `active` is false when the source says that it has ended."""

    org_id: str
    active: bool = True
    primary: bool = False
    job_title: str | None = None


@dataclass(frozen=True, slots=True)
class StaffRecord:
    """A member of staff. `source_id` identifies within the source and is compared byte for byte.

    `second_ids` help to recognise somebody whose `source_id` was made anew. `active` is false when the source says that
    the person has left or is suspended; `deleted` when it says that the record may go. `employments_known` is false
    when a change list tells of the person and not of the schools (then `employments` is empty and says nothing).
    `employments_partial` is true when only those that changed are listed: a school that is not among them stays. With
    `name_known` false a change list tells of the schools of somebody known only: names and e-mail are empty and say
    nothing.
    """

    source_id: str
    given_name: str
    family_name: str
    place: Place
    email: str | None = None
    employments: tuple[Employment, ...] = ()
    second_ids: tuple[str, ...] = ()
    active: bool = True
    deleted: bool = False
    employments_known: bool = True
    employments_partial: bool = False
    name_known: bool = True
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StaffSet:
    """All that a source told in one go, read to its end: never a part of it.

    `complete` says that who is not in it is not at any of its schools any more; otherwise it lists changes, and absence
    says nothing. `complete_orgs` narrows that to some of its schools (None: all of `orgs`). `rejected` are rows that
    could not be used; those of known people are named by `source_id`, so that they do not count as absent.
    `left_out` counts what is nobody's business here, by kind, as `{"pupils": 230}`.
    """

    records: tuple[StaffRecord, ...]
    orgs: tuple[Org, ...]
    complete: bool
    complete_orgs: frozenset[str] | None = None
    rejected: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    digest: str = ""


class UnusableSourceError(Exception):
    """The source cannot be read as a whole, so nothing is concluded from it.

    `findings` say where and why. The message is a sentence for people, without personal data or secrets.
    """

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings
