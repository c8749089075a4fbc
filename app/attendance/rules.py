"""Pure decisions about attendance: when people can be checked in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.events.rules import EventStatus

DOORS_OPEN = timedelta(hours=12)
"""So long before the event begins."""
LIST_CLOSES = timedelta(days=7)
"""So long after it ends, for those who type in a list from paper or come back to a network with a device."""
SKEW = timedelta(minutes=5)
"""A device's clock may be so much ahead."""
TAKES_PLACE = frozenset({EventStatus.PUBLISHED, EventStatus.CLOSED, EventStatus.COMPLETED})


@dataclass(frozen=True, slots=True)
class Window:
    """When check-ins are taken: `opens_at` included, `closes_at` not."""

    opens_at: datetime
    closes_at: datetime

    def holds(self, instant: datetime) -> bool:
        return self.opens_at <= instant < self.closes_at


def window(*, starts_at: datetime, ends_at: datetime) -> Window:
    """The window around an event."""
    return Window(starts_at - DOORS_OPEN, ends_at + LIST_CLOSES)


def device_time_fault(at: datetime, *, opens_at: datetime, now: datetime) -> str | None:
    """What is wrong with the time that a device gives for a check-in."""
    if at > now + SKEW:
        return "is in the future"
    return "is before check-in opened" if at < opens_at else None
