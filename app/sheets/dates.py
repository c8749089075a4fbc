"""When an answer was given, in the three forms that form tools write. A reading that could be another is told."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_NUMBERS = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([AaPp])\.?[Mm]\.?)?)?"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A cell read as an instant. `told` says how, when another reading is possible.

    `british` marks the plain form, day first; `day_first` those of them that could be read month first too. That is
    told once for the whole sheet.
    """

    at: datetime | None
    told: str = ""
    british: bool = False
    day_first: bool = False


def read_moment(cell: str, zone: ZoneInfo) -> Moment:
    """The instant in a cell; a local time is one of `zone`. `at` is None when the cell is no date and time at all."""
    text = " ".join(cell.split())
    numbers = _NUMBERS.fullmatch(text)
    try:
        return _from_numbers(text, numbers, zone) if numbers else _from_iso(text, zone)
    except (ValueError, OverflowError):
        return Moment(None)


def _from_iso(text: str, zone: ZoneInfo) -> Moment:
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):
        return Moment(None)
    read = datetime.fromisoformat(text)
    return Moment(read.astimezone(UTC)) if read.tzinfo else _local(text, read, zone)


def _from_numbers(text: str, found: re.Match[str], zone: ZoneInfo) -> Moment:
    first, second, year, hour, minute = (int(part or 0) for part in found.group(1, 2, 3, 4, 5))
    seconds, half = int(found[6] or 0), (found[7] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return Moment(None)
        hour = hour % 12 + (12 if half == "p" else 0)
    american = bool(half)
    month_first = (american and first <= 12) or (not american and second > 12)
    month, day = (first, second) if month_first else (second, first)
    read = datetime(year, month, day, hour, minute, seconds)  # noqa: DTZ001  # its time zone is added by _local
    if american:
        why = "AM and PM are the American form, month first" if month_first else "the day cannot be a month"
    elif month_first:
        why = "month first, because there is no such month otherwise"
    else:
        return _local(text, read, zone, british=True, day_first=first <= 12 and first != second)
    if first == second:
        return _local(text, read, zone)
    return _local(text, read, zone, told=f"Read '{text}' as {_in_words(read)} ({why}).")


def _local(
    text: str, read: datetime, zone: ZoneInfo, *, told: str = "", british: bool = False, day_first: bool = False
) -> Moment:
    here = read.replace(tzinfo=zone)
    if here.utcoffset() != here.replace(fold=1).utcoffset() and not told:
        told = f"The clocks changed that night, so '{text}' could be either of two times; read it as the first."
    return Moment(here.astimezone(UTC), told, british, day_first)


def _in_words(read: datetime) -> str:
    return f"{read.day} {read:%B %Y, %H:%M}"
