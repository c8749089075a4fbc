"""Operations on their way out: they say so in the document and, with every answer, in two header fields.

`Deprecation` is RFC 9745: since when. `Sunset` is RFC 8594: when it goes.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any

MARK = "x-deprecation"


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Since when an operation should not be used any more, when it goes, and what to do in its place."""

    since: date
    sunset: date
    instead: str
    """A sentence, as "Use `PUT /v1/…` in its place."."""

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The fields of each answer."""
        return [
            (b"deprecation", f"@{int(_midnight(self.since).timestamp())}".encode()),
            (b"sunset", format_datetime(_midnight(self.sunset), usegmt=True).encode()),
        ]

    def shown(self) -> dict[str, Any]:
        """What the document says of it."""
        return {
            "deprecated": True,
            MARK: {"since": self.since.isoformat(), "sunset": self.sunset.isoformat(), "instead": self.instead},
        }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def declared(extra: dict[str, Any] | None) -> Deprecation | None:
    """The deprecation that an operation's extra members declare, if any."""
    told = (extra or {}).get(MARK)
    if told is None:
        return None
    return Deprecation(date.fromisoformat(told["since"]), date.fromisoformat(told["sunset"]), told["instead"])
