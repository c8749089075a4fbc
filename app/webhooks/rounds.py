"""One round of deliveries to one webhook: claimed, so that nobody else delivers there meanwhile, and noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random
from uuid import UUID, uuid4

import structlog
from sqlalchemy import ColumnElement, String, and_, cast, or_, select
from sqlalchemy.orm import Session

from app.kernel import mail
from app.kernel.commands import command
from app.kernel.sealing import CannotOpenError
from app.people.models import Hub, Teacher
from app.people.rules import Role
from app.webhooks import rules
from app.webhooks.catalogue import PING
from app.webhooks.commands import secrets_of, stop
from app.webhooks.letters import disabled_letter
from app.webhooks.models import Delivery, Webhook
from app.webhooks.rules import DeliveryStatus, Disabled, Status, Verdict

LEASE = timedelta(seconds=45)
"""Longer than one exchange may take; by it others take over from a process that was killed."""
MESSAGES = 20
"""Of one round at most, so that a busy webhook gives the others their turn."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent in an attempt."""

    delivery_id: UUID
    message_id: UUID
    body: bytes


@dataclass(frozen=True, slots=True)
class Round:
    """A webhook that this process delivers to, and what. After a setback it is tried with one message at a time."""

    webhook_id: UUID
    lease: UUID
    url: str
    secrets: Sequence[str]
    messages: Sequence[Message]
    careful: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of an attempt. `reason` says in words why it failed."""

    delivery_id: UUID
    at: datetime
    duration_ms: int
    http_status: int | None
    reason: str | None
    retry_after: timedelta | None


class RoundLostError(Exception):
    """The webhook is another's now, or gone: nothing more is to be sent."""


def anything_due(session: Session, *, now: datetime, wall: datetime) -> bool:
    """Whether a webhook could be claimed. `now` is the service's time, `wall` that of the machine, for leases."""
    return session.scalar(select(Webhook.id).where(_claimable(now, wall)).limit(1)) is not None


@command()
def claim(session: Session, *, at_most: int, now: datetime, wall: datetime) -> list[Round]:
    """Takes webhooks with something due, those first that have waited longest for their turn."""
    statement = (
        select(Webhook)
        .where(_claimable(now, wall))
        .order_by(Webhook.leased_until.nulls_first(), Webhook.id)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    return [each for row in session.scalars(statement).all() if (each := _begun(session, row, now=now, wall=wall))]


@command()
def note(
    session: Session, *, of: Round, attempts: Sequence[Attempt], last: bool, now: datetime, wall: datetime
) -> bool:
    """Writes down what came of attempts, and whether to go on with the round; its `last` gives the webhook back.

    Raises `RoundLostError`.
    """
    webhook = session.get(Webhook, of.webhook_id, with_for_update=True, populate_existing=True)
    if webhook is None or webhook.lease != of.lease:
        raise RoundLostError
    setback = False
    for attempt in attempts:
        delivery = session.get(Delivery, attempt.delivery_id)
        if delivery is not None:
            _note_attempt(session, webhook, delivery, attempt, now=now)
            setback = _rest(webhook, attempt, now=now) or setback
    going_on = not last and not setback and webhook.status == Status.ENABLED
    webhook.lease = webhook.lease if going_on else None
    # Kept when the lease ends, so that those who had theirs long ago come first.
    webhook.leased_until = wall + LEASE if going_on else wall
    return going_on


def _claimable(now: datetime, wall: datetime) -> ColumnElement[bool]:
    due = select(Delivery.id).where(_due(now), Delivery.webhook_id == Webhook.id)
    return and_(
        or_(Webhook.lease.is_(None), Webhook.leased_until <= wall),
        or_(Webhook.rests_until.is_(None), Webhook.rests_until <= now),
        due.where(or_(Webhook.status == Status.ENABLED, Delivery.type == PING)).exists(),
    )


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(Delivery.status == DeliveryStatus.PENDING, Delivery.next_attempt_at <= now)


def _begun(session: Session, webhook: Webhook, *, now: datetime, wall: datetime) -> Round | None:
    due = select(Delivery.id, Delivery.message_id, Delivery.body).where(Delivery.webhook_id == webhook.id, _due(now))
    if webhook.status == Status.DISABLED:
        due = due.where(Delivery.type == PING)
    try:
        kept = secrets_of(session, webhook)
    except CannotOpenError:
        _log.error("a webhook's secrets were sealed with a key that is gone", webhook=str(webhook.id))
        stop(session, webhook, Disabled.BY_HAND, now=now)
        return None
    careful = webhook.setbacks > 0
    rows = session.execute(due.order_by(Delivery.next_attempt_at, Delivery.id).limit(1 if careful else MESSAGES)).all()
    webhook.lease, webhook.leased_until = uuid4(), wall + LEASE
    return Round(
        webhook_id=webhook.id,
        lease=webhook.lease,
        url=webhook.url,
        secrets=[each.text for each in rules.good_now(kept, now=now)],
        messages=[Message(*row) for row in rows],
        careful=careful,
    )


def _note_attempt(session: Session, webhook: Webhook, delivery: Delivery, attempt: Attempt, *, now: datetime) -> None:
    delivery.attempts = [
        *delivery.attempts,
        {
            "at": attempt.at.isoformat(),
            "duration_ms": attempt.duration_ms,
            "http_status": attempt.http_status,
            "reason": attempt.reason,
        },
    ]
    delivery.tries += 1
    meant = rules.verdict(attempt.http_status)
    if meant is Verdict.DELIVERED:
        _finish(delivery, DeliveryStatus.DELIVERED, now=now)
        return
    if delivery.status != DeliveryStatus.PENDING:  # called off meanwhile
        return
    wait = None if delivery.type == PING else rules.wait_before(delivery.tries, chance=random())  # noqa: S311  # no secret
    if meant is Verdict.FAILED and wait is not None:
        delivery.next_attempt_at = now + max(wait, attempt.retry_after or wait)
        return
    _finish(delivery, DeliveryStatus.FAILED, now=now)
    if webhook.status == Status.ENABLED and (meant is Verdict.GONE or delivery.type != PING):
        _give_up(session, webhook, Disabled.GONE if meant is Verdict.GONE else Disabled.EXHAUSTED, now=now)


def _finish(delivery: Delivery, status: DeliveryStatus, *, now: datetime) -> None:
    delivery.status, delivery.next_attempt_at, delivery.finished_at = str(status), None, now


def _rest(webhook: Webhook, attempt: Attempt, *, now: datetime) -> bool:
    """Leaves the address in peace if the answer asks for it; answers with whether it does."""
    rest = rules.rest_after(attempt.http_status, retry_after=attempt.retry_after, setbacks=webhook.setbacks + 1)
    if rest is None:
        webhook.setbacks = 0
        return False
    webhook.setbacks += 1
    webhook.rests_until = max(webhook.rests_until or now, now + rest)
    return True


def _give_up(session: Session, webhook: Webhook, why: Disabled, *, now: datetime) -> None:
    """Disables a webhook, and tells whoever made it, or the hub's organisers when that was a program."""
    stop(session, webhook, why, now=now)
    hub_name = session.get_one(Hub, webhook.hub_id).name
    for teacher in _answering(session, webhook):
        assert teacher.email is not None
        told = disabled_letter(
            to=teacher.email, given_name=teacher.given_name, hub_name=hub_name, url=webhook.url, why=why
        )
        mail.post(session, told, now=now, hub_id=webhook.hub_id, teacher_id=teacher.id)


def _answering(session: Session, webhook: Webhook) -> Sequence[Teacher]:
    here = select(Teacher).where(
        Teacher.hub_id == webhook.hub_id, Teacher.email.is_not(None), Teacher.active, Teacher.erased_at.is_(None)
    )
    kind, _, who = webhook.created_by.partition(":")
    maker = session.scalars(here.where(Teacher.id == UUID(who))).all() if kind == "teacher" else []
    organisers = here.where(cast(Teacher.roles, String).contains(f'"{Role.ORGANISER}"')).order_by(Teacher.id)
    return maker or session.scalars(organisers).all()
