"""Pure decisions about CPD records: hours that add up, ids that stay, and the columns of a school's own sheet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from uuid import UUID, uuid5

HUNDREDTH = Decimal("0.01")
NONE = Decimal("0.00")
MOST_COLUMNS = 40
LONGEST_HEADER = 60


class CpdRole(StrEnum):
    ATTENDEE = "attendee"
    PRESENTER = "presenter"
    ORGANISER = "organiser"


class CpdStatus(StrEnum):
    ATTENDED = "attended"
    ABSENT = "absent"
    CANCELLED = "cancelled"


class CpdForm(StrEnum):
    """How records are named: by us, or as Arbor names training."""

    CANONICAL = "canonical"
    ARBOR = "arbor"


def hours_of(lengths: Sequence[timedelta]) -> list[Decimal]:
    """Lengths as hours with two decimals, rounded so that they add up to the rounded whole."""
    told, before, passed = [], NONE, timedelta()
    for each in lengths:
        passed += each
        upto = (Decimal(passed // timedelta(seconds=1)) / 3600).quantize(HUNDREDTH, ROUND_HALF_UP)
        told.append(upto - before)
        before = upto
    return told


def record_id(registration_id: UUID, round_number: int) -> UUID:
    """The id under which a record is known for ever: the registration's for the event itself (round 0), and one made
    from it for a session."""
    return uuid5(registration_id, f"round {round_number}") if round_number else registration_id


def revision_of(updated_at: datetime) -> int:
    """A number that rises with each correction: milliseconds since 1970."""
    return int(updated_at.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Named:
    """A column of a school's own sheet: its header, and which field it shows."""

    header: str
    field: str


def parse_columns(text: str, known: Collection[str]) -> list[Named]:
    """`Employee:staff_source_id,Course:event_title,hours` as columns. Raises `ValueError` with what is wrong."""
    columns = []
    for entry in text.split(","):
        header, colon, field = entry.rpartition(":")
        field, header = field.strip(), (header if colon else field).strip()
        if field not in known:
            raise ValueError(f"there is no field {field[:40]!r}")
        if not header or len(header) > LONGEST_HEADER or not header.isprintable():
            raise ValueError(f"a header is 1 to {LONGEST_HEADER} printable characters")
        columns.append(Named(header, field))
    if len(columns) > MOST_COLUMNS:
        raise ValueError(f"at most {MOST_COLUMNS} columns")
    return columns
