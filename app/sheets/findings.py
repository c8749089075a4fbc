"""What reading a sheet found that somebody should hear of, row by row."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """A note says how something was read; what needs a person waits until somebody acts."""

    NOTE = "note"
    NEEDS_A_PERSON = "needs_a_person"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell. `row` counts as a spreadsheet program does, the header being row 1; None is the whole file."""

    row: int | None
    severity: Severity
    what: str
    what_to_do: str = ""


class Findings:
    """Findings gathered while a sheet is read; the same one is told once."""

    def __init__(self) -> None:
        self._found: dict[Finding, None] = {}

    def note(self, row: int | None, what: str) -> None:
        """Tells how something was read."""
        self._found[Finding(row, Severity.NOTE, what)] = None

    def needs_a_person(self, row: int | None, what: str, what_to_do: str) -> None:
        """Tells what nobody but a person can decide, and what that person can do."""
        self._found[Finding(row, Severity.NEEDS_A_PERSON, what, what_to_do)] = None

    def __iter__(self) -> Iterator[Finding]:
        """In the order of the rows, what concerns the whole file first, what needs a person before notes."""
        return iter(sorted(self._found, key=lambda each: (each.row or 0, each.severity is Severity.NOTE)))
