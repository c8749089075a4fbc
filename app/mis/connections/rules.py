"""Pure decisions about connections: when one is due, and what makes its credentials somebody else's."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

SPREAD = 600
"""Over how many seconds connections that are due at one time are spread, so that they do not ask all at once."""
STALE = timedelta(days=30)
"""After so long a list of changes is not trusted any more, and all staff are read."""


class FullEvery(StrEnum):
    WEEK = "week"
    DAY = "day"


class ChangesEvery(StrEnum):
    DAY = "day"
    HOUR = "hour"


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


@dataclass(frozen=True, slots=True)
class Plan:
    """When all staff are read, and when only what has changed; both in the local time of a place."""

    full: FullEvery
    changes: ChangesEvery | None
    weekday: Weekday
    at: time
    timezone: str


@dataclass(frozen=True, slots=True)
class Due:
    """The next sync that begins by itself."""

    at: datetime
    full: bool


def next_due(plan: Plan, connection_id: UUID, *, after: datetime) -> Due:
    """The next sync after a moment. Where both would be due, all staff are read: that says more."""
    spread = timedelta(seconds=connection_id.int % SPREAD)
    days = (Due(moment + spread, full) for moment, full in _daily(plan, after - spread))
    first = next(due for due in days if due.at > after)
    if plan.changes is not ChangesEvery.HOUR:
        return first
    hour = after.replace(minute=0, second=0, microsecond=0) + spread
    while hour <= after:
        hour += timedelta(hours=1)
    # A full read that is as near as that makes one of the changes needless.
    return first if first.at <= hour + timedelta(minutes=30) else Due(hour, full=False)


def _daily(plan: Plan, after: datetime) -> list[tuple[datetime, bool]]:
    """The moments of the days from the one before on, each with whether all staff are read then."""
    zone = ZoneInfo(plan.timezone)
    today = after.astimezone(zone).date()
    wanted = list(Weekday).index(plan.weekday)
    found = []
    for offset in range(-1, 9):
        day = today + timedelta(days=offset)
        full = plan.full is FullEvery.DAY or day.weekday() == wanted
        if full or plan.changes is not None:
            found.append((datetime.combine(day, plan.at, zone).astimezone(after.tzinfo), full))
    return found


def origin(url: str | None) -> tuple[str, str | None, int | None]:
    """Who is behind an address: scheme, host and port. Credentials are for one of these only."""
    parts = urlsplit(url or "")
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
