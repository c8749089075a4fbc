"""Reading the values of other systems: what is not as it should be is None, so that nothing is guessed."""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.kernel.fields import LONGEST_EMAIL
from app.people.rules import laestab

_TRUE, _FALSE = ("true", "1"), ("false", "0")
_FORBIDDEN_KINDS = re.compile(
    r"ni(?:no)?|ni.?number|nationalinsurance.*|trn|teacher.?(?:reference.?)?number|payroll.*", re.IGNORECASE
)
_NATIONAL_INSURANCE = re.compile(r"[A-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def text(value: Any, *, most: int = 400) -> str | None:
    """Text in one form (NFC), trimmed; None when there is none, or a literal `NULL`, or what no line of text has."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    plain = unicodedata.normalize("NFC", value).strip()
    if not plain or plain.upper() == "NULL" or len(plain) > most:
        return None
    strange = any(ord(each) < 32 or ord(each) == 127 or "\ud800" <= each <= "\udfff" for each in plain)
    return None if strange else plain


def source_id(value: Any) -> str | None:
    """An id, byte for byte as it came."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= 255 or not value.strip():
        return None
    return value if value.isprintable() else None


def boolean(value: Any) -> bool | None:
    """`true`, `"true"` or `1`, and likewise for false: all occur."""
    word = str(value).strip().lower() if isinstance(value, str | bool | int) else ""
    return True if word in _TRUE else False if word in _FALSE else None


def email(value: Any) -> str | None:
    """A work address, as far as one sees without asking anybody; its form is judged by the engine."""
    found = text(value, most=LONGEST_EMAIL)
    return found if found and "@" in found and " " not in found else None


def instant(value: Any) -> datetime | None:
    """A moment as OneRoster (`2026-01-05T08:30:00.000Z`) or Wonde (an object with a zone) write it."""
    if isinstance(value, dict):
        return _in_zone(value.get("date"), value.get("timezone"))
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _in_zone(written: Any, zone: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(written).strip())
        place = ZoneInfo(str(zone or "UTC"))
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None
    return moment.replace(tzinfo=place).astimezone(UTC)


def day(value: Any) -> date | None:
    """A day, with or without a time after it."""
    written = value.get("date") if isinstance(value, dict) else value
    found = _DATE.match(written.strip()) if isinstance(written, str) else None
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def school_keys(*candidates: Any) -> tuple[str | None, str | None]:
    """The URN and the LAESTAB among a school's identifiers, which are free text."""
    urn = establishment = None
    for each in candidates:
        found = text(each, most=40)
        if found is None:
            continue
        if urn is None and re.fullmatch(r"\d{6}", found):
            urn = found
        establishment = establishment or laestab(found)
    return urn, establishment


def second_id(kind: Any, value: Any) -> str | None:
    """An id that may recognise somebody again; never one of those that are nobody's business here."""
    found, sort = text(value, most=255), text(kind, most=100) or ""
    forbidden = found is None or _FORBIDDEN_KINDS.fullmatch(sort) or _NATIONAL_INSURANCE.fullmatch(found)
    return None if forbidden else f"{sort}:{found}"
