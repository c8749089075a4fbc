"""Retention: what is held about people is deleted once it has served (UK GDPR, art. 5(1)(e))."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Delete, Update, and_, delete, func, select, update
from sqlalchemy.orm import Session

from app.access.client_credentials.models import AccessToken
from app.access.signing_in.models import SignInLink, TeacherSession, UsedIdToken
from app.access.signing_in.rules import LINK_LASTS
from app.calendars.models import CalendarEntry
from app.events.models import Event
from app.kernel.clock import Clock
from app.kernel.commands import command
from app.kernel.database import Base
from app.kernel.idempotency import KeptAnswer
from app.kernel.outbox import Fact
from app.kernel.problems import Unavailable
from app.kernel.writer import Writer
from app.mis.syncing.models import LinkProposal, StaffSync
from app.mis.syncing.rules import PLANS_KEPT
from app.registrations.models import Needs, Registration
from app.sandbox.mail import CaughtMail
from app.sheets.models import Sync
from app.sheets.rules import KEPT_FOR as FILES_KEPT
from app.webhooks.models import Delivery
from app.webhooks.rules import KEPT_FOR as DELIVERIES_KEPT

LATE = timedelta(minutes=15)
"""Another process may have used a session and not have written it down yet."""
CAUGHT_MAIL_KEPT = timedelta(days=1)
IMPORTS_KEPT = timedelta(days=365)
HISTORY_KEPT = timedelta(days=730)
FIRST_SECONDS = 3.0
"""After the start, when others have more pressing things to write."""
EVERY_SECONDS = 3600
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """What goes when: `name` in words, and which rows of a table are due. Where only one `column` holds what goes, it
    is emptied and the row stays."""

    name: str
    model: type[Base]
    due: ColumnElement[bool]
    column: str | None = None

    def statement(self) -> Delete | Update:
        """What carries it out."""
        if self.column is None:
            return delete(self.model).where(self.due)
        return update(self.model).where(self.due).values({self.column: None})


def rules(*, now: datetime, needs_kept_days: int) -> list[Rule]:
    """Everything that has a time to go."""
    over = select(Registration.id).join(Event, Event.id == Registration.event_id)
    gone_by = over.where(Event.ends_at < now - timedelta(days=needs_kept_days))
    return [
        Rule("diet and access needs of evenings that are over", Needs, Needs.registration_id.in_(gone_by)),
        Rule("sessions that have ended", TeacherSession, TeacherSession.expires_at <= now - LATE),
        Rule("sign-in links that are over", SignInLink, SignInLink.asked_at <= now - 2 * LINK_LASTS),
        Rule("bought tokens that have ended", AccessToken, AccessToken.ends_at <= now - LATE),
        Rule("used id tokens that have expired", UsedIdToken, UsedIdToken.expires_at <= now - LATE),
        Rule("caught mail of more than a day", CaughtMail, CaughtMail.caught_at <= now - CAUGHT_MAIL_KEPT),
        Rule(
            "files of imports that nobody applied",
            Sync,
            and_(Sync.created_at < now - FILES_KEPT, Sync.content.is_not(None)),
            "content",
        ),
        Rule("kept answers of more than a day", KeptAnswer, KeptAnswer.kept_until <= now),
        Rule("imports of more than a year", Sync, Sync.created_at < now - IMPORTS_KEPT),
        Rule(
            "plans of staff that nobody applied",
            StaffSync,
            and_(StaffSync.created_at < now - PLANS_KEPT, StaffSync.plan.is_not(None)),
            "plan",
        ),
        Rule("syncs of staff of more than a year", StaffSync, StaffSync.created_at < now - IMPORTS_KEPT),
        Rule("records that nobody decided on for a year", LinkProposal, LinkProposal.created_at < now - IMPORTS_KEPT),
        Rule("deliveries of more than a month", Delivery, Delivery.created_at < now - DELIVERIES_KEPT),
        Rule("calendar entries of more than two years", CalendarEntry, CalendarEntry.ends_at < now - HISTORY_KEPT),
        # Each hub's newest stays: whoever follows a hub in which nothing happens is still up to date.
        Rule(
            "history of more than two years",
            Fact,
            and_(
                Fact.happened_at < now - HISTORY_KEPT,
                Fact.id.not_in(select(func.max(Fact.id)).group_by(Fact.hub_id)),
            ),
        ),
    ]


def due(session: Session, *, now: datetime, needs_kept_days: int) -> dict[str, int]:
    """How many rows each rule would delete now."""
    return {
        rule.name: session.scalar(select(func.count()).select_from(rule.model).where(rule.due)) or 0
        for rule in rules(now=now, needs_kept_days=needs_kept_days)
    }


@command()
def delete_what_is_due(session: Session, *, now: datetime, needs_kept_days: int) -> dict[str, int]:
    """Deletes what has served; answers with how many rows each rule deleted."""
    return {
        rule.name: session.connection().execute(rule.statement()).rowcount
        for rule in rules(now=now, needs_kept_days=needs_kept_days)
    }


async def keep(writer: Writer, clock: Clock, *, needs_kept_days: int) -> None:
    """Deletes what is due, soon and then every hour, until it is cancelled. Any process may."""
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        try:
            deleted: Mapping[str, Any] = await writer.run(
                delete_what_is_due, now=clock(), needs_kept_days=needs_kept_days
            )
            if any(deleted.values()):
                _log.info("retention", **{name.replace(" ", "_"): count for name, count in deleted.items() if count})
        except Unavailable:
            _log.warning("retention was put off")
        await asyncio.sleep(EVERY_SECONDS)
