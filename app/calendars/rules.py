"""Pure decisions about calendars: what an entry is, when it has changed, and how clocks go in a zone."""

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

PREFIX = "cal"
PREFIX_LENGTH = 12
"""So much of a token is kept in the clear, to tell feeds apart."""
SHOWN_FOR = timedelta(days=365)
"""So long after its end an evening stays in feeds."""
REFRESHED_EVERY = timedelta(hours=1)
DAY = timedelta(days=1)


class FeedKind(StrEnum):
    """Whose calendar it is."""

    PERSON = "person"
    SCHOOL = "school"
    HUB = "hub"


class EntryStatus(StrEnum):
    """RFC 5545, section 3.8.1.11."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a calendar. `owner_id` is the thing whose entries are kept together: a hub, a school or a
    registration; `key` names the entry within it, for ever."""

    owner_id: UUID
    key: str
    summary: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    status: EntryStatus
    location: str | None = None
    description: str | None = None
    url: str | None = None

    @property
    def uid(self) -> str:
        return f"{self.key}.{self.owner_id}@teachmeet"

    def digest(self) -> bytes:
        """Another one when anything has changed."""
        return hashlib.blake2b(json.dumps(asdict(self), default=str).encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Revision:
    """How often an entry has changed since it was first shown, and when last."""

    sequence: int
    modified_at: datetime


def new_token() -> str:
    """What makes a feed's address unguessable: 256 random bits."""
    return f"{PREFIX}_{secrets.token_urlsafe(32)}"


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A moment from which on a zone's clocks show another time (or the first that is told of)."""

    local: datetime
    """By the clocks as they went before, without a zone."""
    before: timedelta
    after: timedelta
    name: str
    summer: bool


@lru_cache(maxsize=200)
def clock_changes(timezone: str, first_year: int, last_year: int) -> tuple[ClockChange, ...]:
    """How the clocks of a zone go from the beginning of one year to the end of another."""
    zone = ZoneInfo(timezone)
    begins = datetime(first_year, 1, 1, tzinfo=UTC)
    offset = _offset(begins, zone)
    first = ClockChange(datetime(first_year, 1, 1), offset, offset, *_name(begins, zone))  # noqa: DTZ001  # local time
    changes = [_change(at, zone) for at in _moments(zone, begins, datetime(last_year + 1, 1, 1, tzinfo=UTC))]
    return (first, *changes)


def _moments(zone: ZoneInfo, begins: datetime, ends: datetime) -> Iterator[datetime]:
    day = begins
    while day < ends:
        if _offset(day, zone) != _offset(day + DAY, zone):
            yield _moment(zone, day, day + DAY)
        day += DAY


def _moment(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second of the change between two instants, by halving."""
    old = _offset(before, zone)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        before, after = (middle, after) if _offset(middle, zone) == old else (before, middle)
    return after


def _change(at: datetime, zone: ZoneInfo) -> ClockChange:
    before = _offset(at - timedelta(seconds=1), zone)
    return ClockChange((at + before).replace(tzinfo=None), before, _offset(at, zone), *_name(at, zone))


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _name(at: datetime, zone: ZoneInfo) -> tuple[str, bool]:
    local = at.astimezone(zone)
    return local.tzname() or zone.key, bool(local.dst())
