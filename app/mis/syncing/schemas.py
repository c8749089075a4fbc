"""What clients see of syncs, of sources, and of what a person has to decide about them."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool

from app.kernel.fields import Body, Instant, Shown


class SyncStatus(StrEnum):
    RUNNING = "running"
    PLANNED = "planned"
    HELD = "held"
    APPLIED = "applied"
    FAILED = "failed"


class ReportSeverity(StrEnum):
    REJECTED = "rejected"
    NEEDS_A_PERSON = "needs_a_person"
    NOTE = "note"


class SyncCounts(Shown):
    """An import or a sync in figures; a preview's are those that its apply would have."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    reactivated: int = Field(0, description="People who had left and are back: the same person again.")
    deactivated: int = Field(0, description="People who have left. They are kept, and not active.")
    skipped: int = Field(0, description="Records left aside with a reason, such as an unknown school.")
    rejected: int = Field(0, description="Rows that could not be used.")
    needs_attention: int = Field(0, description="What a person should look at; rows that were rejected are among it.")


class SyncProgress(Shown):
    """How far a running sync is."""

    step: str | None = Field(examples=["Reading staff, page 3"])
    done: int
    expected: int | None


class ReportedOut(Shown):
    """One thing to tell about a row. It never repeats a name or an address."""

    row: int | None = Field(
        None,
        description="In a sheet, as a spreadsheet program counts, the header being row 1; else the line of the file."
        " Null: the whole file.",
    )
    severity: ReportSeverity
    file: str | None = Field(None, examples=["users.csv"])
    field: str | None = Field(None, description="The source's name of the field.", examples=["familyName"])
    code: str | None = Field(None, description="For programs.", examples=["missing-value"])
    source_id: str | None = Field(None, description="The record's id in its source.")
    teacher_id: UUID | None = None
    what: str
    what_to_do: str | None = None


class SyncOut(Shown):
    """An import of a file, or a sync of a connection: running, planned, held, applied, or failed with nothing
    changed."""

    id: UUID
    hub_id: UUID
    event_id: UUID | None = None
    source_id: UUID | None = Field(None, description="Where the staff come from; null for sheets of an evening.")
    format: str = Field(examples=["oneroster-csv"])
    mode: str | None = Field(None, description="`preview` or `apply`; null for sheets of an evening.")
    status: SyncStatus
    progress: SyncProgress | None = Field(None, description="While it runs.")
    counts: SyncCounts
    summary: list[str] = Field(description="The plan, or what was done, in plain English.")
    held_because: list[str] = Field(
        default_factory=list, description="While it is held: what is unusual about it, in plain English."
    )
    plan_digest: str | None = Field(None, description="Names the plan that waits; a confirmation may repeat it.")
    report: list[ReportedOut]
    created_at: Instant
    finished_at: Instant | None = None
    applied_at: Instant | None


class ApplyIn(Body):
    """How a planned or held sync is to be applied."""

    confirm: StrictBool = Field(False, description="A held one is applied only with true.")
    plan_digest: str | None = Field(None, max_length=64, description="The plan that was looked at; another is refused.")


class StaffSourceOut(Shown):
    """Where staff come from: a kind of file, or a connection."""

    id: UUID
    hub_id: UUID
    kind: str = Field(examples=["oneroster-csv"])
    name: str
    columns: dict[str, str] | None = Field(description="The columns that were confirmed for its sheet.")
    created_at: Instant
    updated_at: Instant
    applied_at: Instant | None = Field(description="When it was last brought in.")


class SourceSchoolOut(Shown):
    """A school of a source, and which of the hub's it is."""

    org_id: str = Field(description="The source's id of it.")
    name: str
    urn: str | None
    laestab: str | None
    school_id: UUID | None = Field(description="The hub's school; null: not known, so its staff are left aside.")
    confirmed: bool = Field(description="Whether a person has said so; else its numbers have.")
    left_aside: bool


class SourceSchoolsOut(Shown):
    """All schools of a source."""

    schools: list[SourceSchoolOut]


class SourceSchoolIn(Body):
    """Which of the hub's schools a source's school is."""

    org_id: Annotated[str, Field(min_length=1, max_length=255)]
    school_id: UUID | None = Field(None, description="Null together with `left_aside`, or to let its numbers decide.")
    left_aside: StrictBool = Field(False, description="It is none of the hub's: its staff are left aside for good.")


class SourceSchoolsIn(Body):
    """Decisions on schools of a source; those that are not named stay as they are."""

    schools: Annotated[list[SourceSchoolIn], Field(min_length=1, max_length=1_000)]


class LinkProposalOut(Shown):
    """A record that might be somebody who is here already, and waits for a person's answer."""

    id: UUID
    source_id: UUID
    record_id: str = Field(description="The record's id in its source.")
    teacher_id: UUID = Field(description="Whom it might be.")
    why: str = Field(description="`second-id`, or `address-and-name`.", examples=["address-and-name"])
    given_name: str = Field(description="As the source tells it.")
    family_name: str
    email: str | None
    created_at: Instant


class DecisionsIn(Body):
    """Answers to proposals, by their ids."""

    same_person: Annotated[list[UUID], Field(max_length=500)] = Field(default_factory=list)
    somebody_else: Annotated[list[UUID], Field(max_length=500)] = Field(default_factory=list)


class DecisionsOut(Shown):
    """What came of the answers, as one sync for each source."""

    syncs: list[SyncOut]


class LeavingPresenterOut(Shown):
    """Somebody who has left by the word of the MIS and still presents at an evening ahead."""

    teacher_id: UUID
    given_name: str
    family_name: str
    left_at: Instant
    presentation_id: UUID
    title: str
    status: str
    event_id: UUID
    event_name: str
    starts_at: Instant


class LeavingPresentersOut(Shown):
    """Those who have left and still present; next evening first."""

    items: list[LeavingPresenterOut]


class EmploymentOut(Shown):
    """That somebody works, or worked, at a school by the word of a source."""

    school_id: UUID
    active: bool
    is_primary: bool
    job_title: str | None
    since: Instant
    until: Instant | None


class TeacherSourceOut(Shown):
    """What one source tells of a person: its values as it told them last."""

    source_id: UUID
    kind: str
    name: str
    record_id: str
    given_name: str
    family_name: str
    email: str | None
    job_title: str | None
    active: bool
    told_at: Instant | None = Field(description="When the source itself says that it last changed the record.")
    linked_at: Instant
    changed_at: Instant
    employments: list[EmploymentOut]


class TeacherSourcesOut(Shown):
    """Where what is known of a person comes from. `facts` names for each field the source whose value it has; null:
    nobody's but entered here."""

    teacher_id: UUID
    sources: list[TeacherSourceOut]
    facts: dict[str, UUID | None]
