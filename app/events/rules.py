"""Pure decisions about events: the lifecycle, what makes a timetable possible, and how one moves to another date."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.kernel.problems import Fault

MOST_ROUNDS = 20
MOST_SEATS = 250_000
"""Seats over all tables and rounds of one event."""


class EventKind(StrEnum):
    TEACHMEET = "teachmeet"
    CONFERENCE = "conference"
    HUB_MEETING = "hub_meeting"
    DEVELOPMENT_DAY = "development_day"


class EventStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


PUBLIC = frozenset({EventStatus.PUBLISHED, EventStatus.CLOSED, EventStatus.COMPLETED, EventStatus.CANCELLED})
"""What anyone may see."""

UNDER_WAY = frozenset({EventStatus.PUBLISHED, EventStatus.CLOSED})
"""Seats may still be taken and left; registering is for published events only."""

OPEN_TO_CHANGE = frozenset({EventStatus.DRAFT, *UNDER_WAY})
"""The evening is still ahead: presentations, tables and registrations may change."""


class Transition(StrEnum):
    """What one can do with an event's status; the names are the last segments of the paths."""

    PUBLISH = "publish"
    CLOSE = "close"
    REOPEN = "reopen"
    COMPLETE = "complete"
    CANCEL = "cancel"
    ARCHIVE = "archive"


LIFECYCLE: dict[Transition, tuple[frozenset[EventStatus], EventStatus]] = {
    Transition.PUBLISH: (frozenset({EventStatus.DRAFT}), EventStatus.PUBLISHED),
    Transition.CLOSE: (frozenset({EventStatus.PUBLISHED}), EventStatus.CLOSED),
    Transition.REOPEN: (frozenset({EventStatus.CLOSED}), EventStatus.PUBLISHED),
    Transition.COMPLETE: (frozenset({EventStatus.CLOSED}), EventStatus.COMPLETED),
    Transition.CANCEL: (OPEN_TO_CHANGE, EventStatus.CANCELLED),
    Transition.ARCHIVE: (frozenset({EventStatus.COMPLETED, EventStatus.CANCELLED}), EventStatus.ARCHIVED),
}
"""From where each transition leads, and to where."""


@dataclass(frozen=True, slots=True)
class Times:
    """A round's beginning and end."""

    number: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Timetable:
    """All times of an event, as they would be after a request."""

    starts_at: datetime
    ends_at: datetime
    rounds: Sequence[Times]
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None


def timetable_faults(timetable: Timetable) -> list[Fault]:
    """What is wrong with a timetable: rounds are numbered 1…n, in order, without overlap, within the event."""
    faults = []
    if timetable.ends_at <= timetable.starts_at:
        faults.append(Fault("must be after starts_at", pointer="/ends_at"))
    opens, closes = timetable.registration_opens_at, timetable.registration_closes_at
    if opens is not None and closes is not None and closes <= opens:
        faults.append(Fault("must be after registration_opens_at", pointer="/registration_closes_at"))
    return [*faults, *_round_faults(timetable)]


def _round_faults(timetable: Timetable) -> Iterator[Fault]:
    before = None
    for index, each in enumerate(timetable.rounds):
        here = f"/rounds/{index}"
        if each.number != index + 1:
            yield Fault(f"rounds are numbered in order from 1; this one must be {index + 1}", pointer=f"{here}/number")
        if each.ends_at <= each.starts_at:
            yield Fault("must be after the round's starts_at", pointer=f"{here}/ends_at")
        if each.starts_at < timetable.starts_at:
            yield Fault("must not be before the event's starts_at", pointer=f"{here}/starts_at")
        elif before is not None and each.starts_at < before.ends_at:
            yield Fault("must not be before the previous round's ends_at", pointer=f"{here}/starts_at")
        if each.ends_at > timetable.ends_at:
            yield Fault("must not be after the event's ends_at", pointer=f"{here}/ends_at")
        before = each


def size_faults(*, table_count: int, seats_per_table: int, rounds: int) -> list[Fault]:
    """What is wrong with an event's size as a whole."""
    if table_count and not rounds:
        return [Fault("an event with tables needs at least one round", pointer="/rounds")]
    if table_count * seats_per_table * rounds > MOST_SEATS:
        return [Fault(f"tables, seats and rounds make more than {MOST_SEATS} seats", pointer="/table_count")]
    return []


class NoSuchLocalTime(ValueError):
    """The clocks go forward over this local time, so it does not exist."""


def moved(instant: datetime, *, old_start: datetime, new_start: datetime, timezone: str) -> datetime:
    """An instant moved along with an event's start, keeping its distance in local time: 16:30 stays 16:30.

    Raises `NoSuchLocalTime` when the clocks go forward over the new local time.
    """
    zone = ZoneInfo(timezone)
    distance = _local(instant, zone) - _local(old_start, zone)
    start = _local(new_start, zone)
    # Where the clocks go back a local time comes twice; then it is the one on the new start's side (`fold`).
    local = (start + distance).replace(tzinfo=zone, fold=start.fold)
    utc = local.astimezone(UTC)
    if _local(utc, zone) != local.replace(tzinfo=None):
        raise NoSuchLocalTime(f"{local:%d %B %Y, %H:%M} does not exist in {timezone}: the clocks go forward then")
    return utc


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def is_open_for_registration(
    *, status: str, opens_at: datetime | None, closes_at: datetime | None, now: datetime
) -> bool:
    """Whether registrations are taken now."""
    within = (opens_at is None or opens_at <= now) and (closes_at is None or now < closes_at)
    return status == EventStatus.PUBLISHED and within
