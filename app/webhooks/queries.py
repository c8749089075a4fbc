"""What one can ask about webhooks and deliveries. Every question begins with what its caller may see."""

import json
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.caller import Caller
from app.kernel.pagination import Page, PageRequest, paginate
from app.kernel.problems import NotFound
from app.people import queries as people
from app.people.reach import of_own_hub
from app.webhooks.models import Delivery, Webhook
from app.webhooks.rules import DeliveryStatus
from app.webhooks.schemas import DeliveryOut


def webhooks(session: Session, *, caller: Caller, hub_id: str, page: PageRequest) -> Page:
    """A hub's webhooks, oldest first."""
    caller.must_run_the_hub()
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    return paginate(session, select(Webhook).where(Webhook.hub_id == hub.id), order=[Webhook.id], page=page)


def webhook(session: Session, *, caller: Caller, webhook_id: UUID) -> Webhook:
    """A webhook of a hub within reach. Raises `NotFound`."""
    caller.must_run_the_hub()
    found = session.scalar(select(Webhook).where(Webhook.id == webhook_id, of_own_hub(caller, Webhook.hub_id)))
    if found is None:
        raise NotFound
    return found


def deliveries(
    session: Session,
    *,
    caller: Caller,
    webhook_id: UUID,
    page: PageRequest,
    status: DeliveryStatus | None = None,
    message_id: UUID | None = None,
) -> Page:
    """A webhook's deliveries of the last thirty days, newest first."""
    here = webhook(session, caller=caller, webhook_id=webhook_id)
    statement = select(Delivery).where(Delivery.webhook_id == here.id)
    if status is not None:
        statement = statement.where(Delivery.status == status)
    if message_id is not None:
        statement = statement.where(Delivery.message_id == message_id)
    found = paginate(session, statement, order=[Delivery.id], page=page, newest_first=True)
    return Page([shown(each) for each in found.items], found.next_cursor)


def delivery(session: Session, *, caller: Caller, delivery_id: UUID) -> Delivery:
    """One delivery. Raises `NotFound`."""
    caller.must_run_the_hub()
    statement = (
        select(Delivery)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(Delivery.id == delivery_id, of_own_hub(caller, Webhook.hub_id))
    )
    found = session.scalar(statement)
    if found is None:
        raise NotFound
    return found


def delivery_shown(session: Session, *, caller: Caller, delivery_id: UUID) -> DeliveryOut:
    """`delivery`, as clients see it."""
    return shown(delivery(session, caller=caller, delivery_id=delivery_id))


def shown(row: Delivery) -> DeliveryOut:
    """A delivery as clients see it."""
    return DeliveryOut(
        id=row.id,
        webhook_id=row.webhook_id,
        message_id=row.message_id,
        type=row.type,
        status=DeliveryStatus(row.status),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        payload=json.loads(row.body),
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
