"""What clients see of imports."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from app.kernel.fields import Instant, Shown
from app.sheets.columns import Format
from app.sheets.findings import Severity


class SyncStatus(StrEnum):
    PLANNED = "planned"
    APPLIED = "applied"
    FAILED = "failed"


class SyncCounts(Shown):
    """An import in figures."""

    created: int
    updated: int
    unchanged: int
    deactivated: int
    rejected: int = Field(description="Rows that were left out.")
    needs_attention: int = Field(description="Rows that need a person; those left out are among them.")


class ReportedOut(Shown):
    """One thing to tell about a row."""

    row: int | None = Field(
        description="As a spreadsheet program counts, the header being row 1; null: the whole file."
    )
    severity: Severity
    what: str
    what_to_do: str | None


class SyncOut(Shown):
    """An import: planned, applied, or failed with nothing changed."""

    id: UUID
    hub_id: UUID
    event_id: UUID | None
    format: Format
    status: SyncStatus
    counts: SyncCounts
    summary: list[str] = Field(description="The plan, or what was done, in plain English.")
    report: list[ReportedOut]
    created_at: Instant
    applied_at: Instant | None
