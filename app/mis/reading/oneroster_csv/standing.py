"""What every row says of itself, and how it differs between a complete file and a list of changes."""

from dataclasses import dataclass
from datetime import datetime

from app.mis.reading.dates import read_british_date
from app.mis.reading.oneroster_csv.context import Context
from app.mis.reading.oneroster_csv.tables import Line
from app.mis.reading.oneroster_csv.words import SOURCED_ID, read_instant

_DELETED = {"active": False, "tobedeleted": True}


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the source says that the record may go, and when it last touched it."""

    deleted: bool = False
    updated_at: datetime | None = None


def read_id(line: Line, column: str, context: Context, *, of: str | None = None, hides: bool = False) -> str | None:
    """The sourcedId in a cell, byte for byte; None when it is none, and then the row is rejected.

    `of` is the person whose row this is, if known; `hides` says that otherwise nobody knows.
    """
    value = line.raw(column)
    if SOURCED_ID.fullmatch(value):
        return value
    blank = not value.strip()
    code = "missing-value" if blank else "bad-id"
    reason = f"{column} is blank." if blank else f"{column} has characters that an id may not have, or is too long."
    context.found.reject(line.place, code, reason, field=column, source_id=of, hides=hides)
    return None


def read_standing(line: Line, context: Context, *, bulk: bool, of: str | None) -> Standing | None:
    """The row's status and date; None when they are not as they must be, and then the row is rejected.

    In a bulk file both must be blank. Real exporters fill them, and then they mean what they say.
    """
    status, changed = line["status"], line["dateLastModified"]
    if not bulk:
        for column, value in (("status", status), ("dateLastModified", changed)):
            if not value:
                reason = f"{column} is blank, and must not be in a list of changes."
                context.found.reject(line.place, "missing-value", reason, field=column, source_id=of)
                return None
    for column, value in (("status", status), ("dateLastModified", changed)):
        reason = f"{column} is filled, and must be blank in a complete file."
        if bulk and value and not context.lenient(line.place, f"{column}-in-bulk", reason, field=column, source_id=of):
            return None
    deleted = _deleted(line, context, status, of)
    moment = _moment(line, context, changed, of, bulk=bulk)
    return None if deleted is None or moment is None else Standing(deleted, moment[0])


def _deleted(line: Line, context: Context, status: str, of: str | None) -> bool | None:
    if status == "inactive":
        reason = "status is inactive, which was withdrawn; read as tobedeleted."
        return context.lenient(line.place, "inactive", reason, field="status", source_id=of) or None
    if status and status not in _DELETED:
        reason = "status must be active or tobedeleted."
        context.found.reject(line.place, "bad-value", reason, field="status", source_id=of)
        return None
    return _DELETED.get(status, False)


def _moment(line: Line, context: Context, changed: str, of: str | None, *, bulk: bool) -> tuple[datetime | None] | None:
    """The moment in a tuple, since there may be none; None when the row is rejected for it."""
    field = "dateLastModified"
    if not changed:
        return (None,)
    read = read_instant(changed)
    if read is not None:
        reason = f"{field} is not written as YYYY-MM-DDTHH:MM:SS.sssZ."
        stays = read[1] or context.lenient(line.place, "date-form", reason, field=field, source_id=of)
        return (read[0],) if stays else None
    reason = f"{field} is no date and time with an offset."
    if bulk and read_british_date(changed):
        stays = context.lenient(line.place, "date-form", f"{reason} It was not used.", field=field, source_id=of)
        return (None,) if stays else None
    context.found.reject(line.place, "bad-date", reason, field=field, source_id=of)
    return None
