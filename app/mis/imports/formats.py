"""The files that can be sent, and what may be said beside them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.sheets.columns import Format as Sheet


class ImportFormat(StrEnum):
    """What a file is."""

    SCHOOLS_SHEET = "schools-sheet"
    PRESENTERS_SHEET = "presenters-sheet"
    SIGN_UPS_SHEET = "sign-ups-sheet"
    ONEROSTER_CSV = "oneroster-csv"
    STAFF_CSV = "staff-csv"
    GIAS_CSV = "gias-csv"

    @property
    def sheet(self) -> Sheet | None:
        """The sheet that this is, if it is one of an evening's."""
        return Sheet(self.value) if self.value in set(Sheet) else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be read. What is None was not said.

    `columns` maps our fields to a staff list's headings; `staff_roles` are roles of the supplier's own that count as
    staff; `add` are URNs or LAESTABs of schools that join the hub.
    """

    format: ImportFormat
    school_id: UUID | None = None
    complete: bool = False
    columns: dict[str, str] | None = None
    strict: bool = False
    source: str | None = None
    staff_roles: frozenset[str] = frozenset()
    leave_out_service_accounts: bool = False
    add: frozenset[str] = frozenset()
