"""From changes to deliveries: each webhook takes what has happened since it last looked, once, from any process."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.kernel.commands import command
from app.kernel.database import is_sqlite
from app.kernel.ids import new_id
from app.webhooks import feed, rules
from app.webhooks.catalogue import wanted
from app.webhooks.models import Change, Delivery, Webhook
from app.webhooks.rules import DeliveryStatus, Status

BLOCK = 200
"""Changes that one webhook takes in one transaction: the writer is soon free again."""
AT_ONCE = 10


def is_behind(session: Session) -> bool:
    """Whether any webhook has changes to take."""
    return session.scalar(select(Webhook.id).where(_behind()).limit(1)) is not None


@command()
def spread(session: Session, *, now: datetime) -> None:
    """Makes deliveries of the next changes of each webhook that is behind.

    A webhook that another process is busy with is left to it. Changes that went out before, of which a replay has asked
    for more, go out again as the same message.
    """
    statement = select(Webhook).where(_behind()).order_by(Webhook.id).limit(AT_ONCE)
    for webhook in session.scalars(statement.with_for_update(skip_locked=True)).all():
        head = feed.newest(session, webhook.hub_id)
        assert head is not None
        told = feed.block(session, webhook.hub_id, after=webhook.position, until=head.position, size=BLOCK)
        types = wanted(webhook.types)
        _deliver(session, webhook, [each for each in told if each.type in types], now=now)
        webhook.position = told[-1].position if told else head.position


def _behind() -> ColumnElement[bool]:
    head = select(func.max(Change.position)).where(Change.hub_id == Webhook.hub_id).scalar_subquery()
    return (Webhook.status == Status.ENABLED) & (Webhook.position < head)


def _deliver(session: Session, webhook: Webhook, those: Sequence[feed.Told], *, now: datetime) -> None:
    if not those:
        return
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "webhook_id": webhook.id,
            "message_id": each.id,
            "type": each.type,
            "body": rules.message(type_=each.type, timestamp=each.happened_at, data=feed.data_of(each)),
            "status": str(DeliveryStatus.PENDING),
            "tries": 0,
            "attempts": [],
            "next_attempt_at": now,
            "created_at": now,
            "finished_at": None,
        }
        for each in those
    ]
    again = {name: rows[0][name] for name in ("status", "tries", "next_attempt_at", "finished_at")}
    insert = sqlite.insert(Delivery) if is_sqlite(session) else postgresql.insert(Delivery)
    once = insert.on_conflict_do_update(index_elements=["webhook_id", "message_id"], set_=again)
    session.connection().execute(once, rows)
