"""Dates in the two forms that files have them in. Other forms are no dates: month and day are never guessed."""

import re
from datetime import date

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BRITISH = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")


def read_date(text: str) -> date | None:
    """A date as `YYYY-MM-DD`; None for anything else."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_british_date(text: str) -> date | None:
    """`d/mm/yyyy`, also with dots or hyphens; None for anything else."""
    found = _BRITISH.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
