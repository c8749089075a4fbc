"""How single values are written: ids, extensions, moments. Nothing here knows a row."""

import re
from datetime import UTC, datetime

SOURCED_ID = re.compile(r"[0-9A-Za-z./@_-]{1,255}")
EXTENSION = re.compile(r"ext:[a-zA-Z0-9.\-_]+")
USER_ID = re.compile(r"\{([^{}:]{1,60}):([^{}]{1,255})\}")
YEAR = re.compile(r"[0-9]{4}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_WITH_ZONE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_BOOLEANS = {"true": True, "false": False}


def read_instant(text: str) -> tuple[datetime, bool] | None:
    """A moment in UTC, and whether it is written exactly `YYYY-MM-DDTHH:MM:SS.sssZ`.

    Other forms count as long as they have an offset; None for what has none, or is no moment.
    """
    if not _WITH_ZONE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC), _INSTANT.fullmatch(text) is not None
    except (ValueError, OverflowError):
        return None


def read_boolean(text: str) -> tuple[bool, bool] | None:
    """The truth, and whether it is written exactly `true` or `false`; None for anything but other letter case."""
    truth = _BOOLEANS.get(text.lower())
    return None if truth is None else (truth, text in _BOOLEANS)


def items(text: str) -> list[str]:
    """The items of a list: commas inside one cell, each item once."""
    return list(dict.fromkeys(item for part in text.split(",") if (item := part.strip())))


def spoken(role: str) -> str:
    """A role as a job title: `siteAdministrator` is "Site administrator", `ext:cover-supervisor` "Cover supervisor"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[-_.]+", " ", role.removeprefix("ext:")).strip().lower()
    return words[:1].upper() + words[1:]
