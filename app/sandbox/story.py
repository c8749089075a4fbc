"""How the known hub is told: in chapters, each with its own instant and its own row of ids, the same at every telling.

What one chapter makes does not move the ids of another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.caller import HERE
from app.kernel.ids import drawn_from
from app.kernel.outbox import ACTOR, NOW

BEGINS = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""The sandbox's time after a reset: the Monday of the week before the evening."""
PUBLISHING = 0x40
"""The chapter of the changes feed."""
AFTERWARDS = 0xFFF
"""The chapter of all that testers make."""


class Numbers:
    """Ids in the form of UUIDv7 (RFC 9562) with nothing random in them: an instant, a chapter, and 1, 2, 3 …

    They say when their chapter was, not when each was made: so they are the same ones however long anything takes, and
    sort in the order in which they were given also when somebody moves the clock back.
    """

    def __init__(self, chapter: int, at: datetime) -> None:
        milliseconds = round(at.timestamp() * 1000)
        self._head = (milliseconds << 80) | (0x7 << 76) | (chapter << 64) | (0b10 << 62)
        self._given = 0

    def __call__(self) -> UUID:
        self._given += 1
        return UUID(int=self._head | self._given)


class Story:
    """Who tells it (the operator of this machine), when, and into which session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.now = BEGINS

    @contextmanager
    def chapter(self, number: int, at: datetime) -> Iterator[None]:
        """Inside it, the time is `at`, and ids are the chapter's."""
        self.now = at
        self.session.info.update({ACTOR: HERE.principal, NOW: at})
        with drawn_from(Numbers(number, at)):
            yield

    @property
    def here(self) -> dict[str, Any]:
        """What every command is told: who calls, and when."""
        return {"caller": HERE, "now": self.now}
