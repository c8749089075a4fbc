"""The sandbox's clock, which can be moved forward and back, and stopped. Everything that asks for the time follows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.access.signing_in.models import SignInLink, TeacherSession
from app.access.signing_in.rules import LINK_LASTS, SESSION_LASTS, expires_at
from app.kernel.caller import Caller
from app.kernel.clock import Clock
from app.kernel.commands import command
from app.kernel.jobs import Job
from app.mis.connections.models import MisConnection
from app.sandbox import credentials
from app.sandbox.models import SandboxClock
from app.sandbox.schemas import ClockIn, ClockOut
from app.webhooks.models import Delivery, Webhook

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Going:
    """How a clock goes: so far ahead of the machine's, or stopped."""

    ahead: timedelta = timedelta(0)
    stopped_at: datetime | None = None


class MovableClock:
    """Tells the sandbox's time. It goes as the machine's does until it is told otherwise."""

    def __init__(self, machines: Clock) -> None:
        self._machines = machines
        self._going = Going()

    def __call__(self) -> datetime:
        going = self._going
        return going.stopped_at or self._machines() + going.ahead

    def follow(self, going: Going) -> None:
        """Goes like that from now on."""
        self._going = going

    def set_to(self, instant: datetime, *, frozen: bool = False) -> Going:
        """How it must go so that it is that instant now."""
        return Going(instant - self._machines(), instant if frozen else None)

    def shown(self) -> ClockOut:
        """The time, and whether it stands still."""
        return ClockOut(now=self(), frozen=self._going.stopped_at is not None)


def kept(session: Session) -> Going | None:
    """How the clock was going when last it was set, or None in a database that no sandbox has begun to use."""
    row = session.scalar(select(SandboxClock))
    return Going(row.ahead_microseconds * MICROSECOND, row.stopped_at) if row else None


def keep(session: Session, going: Going) -> None:
    """Writes down how the clock goes."""
    session.execute(delete(SandboxClock))
    session.execute(
        insert(SandboxClock).values(id=1, ahead_microseconds=going.ahead // MICROSECOND, stopped_at=going.stopped_at)
    )


@command()
def move(
    session: Session, *, caller: Caller, now: datetime, body: ClockIn, clock: MovableClock, moved: list[Going]
) -> ClockOut:
    """Writes down how the clock shall go, and adds that to `moved`, to be followed after the commit.

    What was about to happen is still about to happen when it goes back, and the sessions that everybody knows begin
    anew, so that they are good at any time.
    """
    to = body.now or now
    going = clock.set_to(to, frozen=body.frozen)
    keep(session, going)
    moved.append(going)
    _renew_sessions(session, now=to)
    if to < now:
        _take_along(session, by=to - now, now=to)
    return ClockOut(now=to, frozen=body.frozen)


def _renew_sessions(session: Session, *, now: datetime) -> None:
    ends_at = now + SESSION_LASTS
    session.execute(
        update(TeacherSession)
        .where(TeacherSession.digest.in_([each.digest for each in credentials.SESSIONS]))
        .values(created_at=now, last_used_at=now, expires_at=expires_at(used_at=now, ends_at=ends_at), ends_at=ends_at)
    )


WAITING = (Job.due_at, Job.created_at, Delivery.next_attempt_at, Webhook.rests_until, MisConnection.next_sync_at)
"""When work that waits is to be done."""


def _take_along(session: Session, *, by: timedelta, now: datetime) -> None:
    """Work that waits keeps its distance from the present. Links that were sent in what is now the future count no more
    against those that an address may be sent."""
    for column in WAITING:
        for row in session.scalars(select(column.class_).where(column.is_not(None))):
            setattr(row, column.key, getattr(row, column.key) + by)
    session.execute(update(SignInLink).where(SignInLink.asked_at > now).values(asked_at=now - LINK_LASTS))
