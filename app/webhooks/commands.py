"""What one can do with webhooks and deliveries."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.commands import command
from app.kernel.ids import new_id
from app.kernel.merge import merge
from app.kernel.outbox import Fact
from app.kernel.outgoing import OutgoingRefused
from app.kernel.pagination import CursorSigner
from app.kernel.problems import Fault, InvalidRequest, Members, NotFound, Problem
from app.kernel.sealing import seal_of
from app.people import queries as people
from app.webhooks import feed, queries, rules
from app.webhooks.catalogue import PING, wanted
from app.webhooks.models import Change, Delivery, Webhook
from app.webhooks.rules import DeliveryStatus, Disabled, Secret, Status
from app.webhooks.schemas import (
    DeliveryOut,
    EnableIn,
    NewSecretOut,
    NewWebhookOut,
    ReplayIn,
    ReplayOut,
    SecretRotationIn,
    WebhookChange,
    WebhookIn,
    WebhookOut,
)

CheckAddress = Callable[[str], None]
"""Raises `OutgoingRefused` for an address that is never called."""


class TooManyWebhooks(Problem):
    """The hub has as many webhooks as it may have.

    Delete one, or let one take more types.
    """

    status, title = 409, "The hub has as many webhooks as it may have"
    example: ClassVar[Members] = {"most": rules.MOST_WEBHOOKS}


class WebhookDisabled(Problem):
    """The webhook is disabled, so nothing is delivered to it.

    Mend the receiver, try it with a ping, and enable it.
    """

    status, title = 409, "The webhook is disabled"


@command()
def create_webhook(
    session: Session, *, caller: Caller, now: datetime, hub_id: str, body: WebhookIn, check: CheckAddress
) -> NewWebhookOut:
    """Makes a webhook for what happens from now on. Raises `NotFound`, `InvalidRequest`, `TooManyWebhooks`."""
    caller.must_run_the_hub()
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    _check(check, body.url, body.types)
    there = session.scalar(select(func.count()).select_from(Webhook).where(Webhook.hub_id == hub.id)) or 0
    if there >= rules.MOST_WEBHOOKS:
        raise TooManyWebhooks(f"There are {there} webhooks already.", most=rules.MOST_WEBHOOKS)
    webhook_id, secret = new_id(), rules.new_secret()
    head = feed.newest(session, hub.id)
    made = Webhook(
        id=webhook_id,
        hub_id=hub.id,
        url=body.url,
        description=body.description,
        types=body.types,
        status=Status.ENABLED,
        sealed=_sealed(session, webhook_id, [Secret(secret)]),
        created_by=caller.principal,
        position=head.position if head is not None else 0,
        setbacks=0,
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    session.flush()
    _tell(session, made, "created", now=now)
    return NewWebhookOut(**WebhookOut.model_validate(made).model_dump(), secret=secret)


@command()
def change_webhook(
    session: Session, *, caller: Caller, now: datetime, webhook_id: UUID, body: WebhookChange, check: CheckAddress
) -> Webhook:
    """Changes a webhook; what waits goes to the new address. Raises `NotFound`, `InvalidRequest`."""
    webhook = _held(session, caller, webhook_id)
    changes = body.model_dump(exclude_unset=True)
    _check(check, changes.get("url"), changes.get("types", []))
    if changed := merge(webhook, changes):
        webhook.updated_at = now
        if "url" in changes:
            webhook.setbacks, webhook.rests_until = 0, None
        outbox.record(
            session, "webhook.updated", hub_id=webhook.hub_id, now=now, webhook_id=webhook.id, changed=changed
        )
    return webhook


@command()
def delete_webhook(session: Session, *, caller: Caller, now: datetime, webhook_id: UUID) -> None:
    """Deletes a webhook and the log of its deliveries. Raises `NotFound`."""
    webhook = _held(session, caller, webhook_id)
    _tell(session, webhook, "deleted", now=now)
    session.delete(webhook)


@command()
def rotate_secret(
    session: Session, *, caller: Caller, now: datetime, webhook_id: UUID, body: SecretRotationIn
) -> NewSecretOut:
    """Makes a new secret; during the overlap deliveries carry a signature by each. Raises `NotFound`."""
    webhook = _held(session, caller, webhook_id)
    secret, ends_at = rules.new_secret(), now + timedelta(seconds=body.overlap_seconds)
    until = ends_at if body.overlap_seconds else None
    old = [Secret(secrets_of(session, webhook)[0].text, until)] if until else []
    webhook.sealed = _sealed(session, webhook.id, [Secret(secret), *old])
    webhook.updated_at = now
    _tell(session, webhook, "secret_rotated", now=now)
    return NewSecretOut(webhook_id=webhook.id, secret=secret, old_secret_until=until)


@command()
def ping(session: Session, *, caller: Caller, now: datetime, webhook_id: UUID) -> DeliveryOut:
    """Sends a message to try the address out: once, also to a webhook that is disabled. Raises `NotFound`."""
    webhook = _held(session, caller, webhook_id)
    made = Delivery(
        id=new_id(),
        webhook_id=webhook.id,
        message_id=new_id(),
        type=PING,
        body=rules.message(
            type_=PING, timestamp=now, data={"hub_id": str(webhook.hub_id), "webhook_id": str(webhook.id)}
        ),
        status=DeliveryStatus.PENDING,
        tries=0,
        attempts=[],
        next_attempt_at=now,
        created_at=now,
    )
    session.add(made)
    webhook.rests_until = None
    return queries.shown(made)


@command()
def redeliver(session: Session, *, caller: Caller, now: datetime, delivery_id: UUID) -> DeliveryOut:
    """Sends a message again, the very same, at once; the schedule begins anew. Raises `NotFound`, `WebhookDisabled`."""
    delivery = queries.delivery(session, caller=caller, delivery_id=delivery_id)
    webhook = _held(session, caller, delivery.webhook_id)
    if webhook.status == Status.DISABLED and delivery.type != PING:
        raise WebhookDisabled("The webhook of this delivery is disabled; enable it first.")
    _begin_anew(delivery, now=now)
    webhook.rests_until = None
    return queries.shown(delivery)


@command()
def disable(session: Session, *, caller: Caller, now: datetime, webhook_id: UUID) -> Webhook:
    """Stops deliveries until it is enabled again. Raises `NotFound`."""
    webhook = _held(session, caller, webhook_id)
    if webhook.status == Status.ENABLED:
        stop(session, webhook, Disabled.BY_HAND, now=now)
    return webhook


@command()
def enable(session: Session, *, caller: Caller, now: datetime, webhook_id: UUID, body: EnableIn) -> Webhook:
    """Delivers again, beginning with what waits and what happened meanwhile, or with what comes next.

    Raises `NotFound`.
    """
    webhook = _held(session, caller, webhook_id)
    if webhook.status == Status.ENABLED:
        return webhook
    webhook.status, webhook.disabled_reason, webhook.disabled_at = str(Status.ENABLED), None, None
    webhook.setbacks, webhook.rests_until, webhook.updated_at = 0, None, now
    waiting = update(Delivery).where(Delivery.webhook_id == webhook.id, Delivery.status == DeliveryStatus.PENDING)
    if body.catch_up:
        again = {"tries": 0, "next_attempt_at": now}
    else:
        again = {"status": str(DeliveryStatus.CANCELLED), "next_attempt_at": None, "finished_at": now}
        head = feed.newest(session, webhook.hub_id)
        webhook.position = head.position if head is not None else 0
    session.execute(waiting.values(again).execution_options(synchronize_session=False))
    _tell(session, webhook, "enabled", now=now)
    return webhook


@command()
def replay(
    session: Session, *, caller: Caller, now: datetime, webhook_id: UUID, body: ReplayIn, signer: CursorSigner
) -> ReplayOut:
    """Delivers all changes from somewhere on again, with the same ids as before.

    Raises `NotFound`, `InvalidRequest`, `WebhookDisabled`, `CursorExpired`.
    """
    webhook = _held(session, caller, webhook_id)
    if (body.since is None) == (body.cursor is None):
        raise InvalidRequest("Some values cannot be used.", errors=[Fault("give either since or cursor", pointer="")])
    if webhook.status == Status.DISABLED:
        raise WebhookDisabled("The webhook is disabled; enable it first.")
    if body.cursor is not None:
        position = feed.Cursors(signer, webhook.hub_id, pointer="/cursor").position(session, body.cursor)
    else:
        position = _before(session, webhook.hub_id, body.since or now)
    webhook.position = min(webhook.position, position)
    kinds = feed.wanted_types(webhook.types, Fault("is not a type of change", pointer="/types"))
    coming = (
        select(func.count())
        .select_from(Change)
        .join(Fact, Fact.id == Change.fact_id)
        .where(Change.hub_id == webhook.hub_id, Change.position > webhook.position, Fact.kind.in_(kinds))
    )
    changes = session.scalar(coming) or 0
    _tell(session, webhook, "replayed", now=now)
    return ReplayOut(webhook_id=webhook.id, changes=changes)


def stop(session: Session, webhook: Webhook, why: Disabled, *, now: datetime) -> None:
    """Disables a webhook. What waits stays, for when it is enabled again."""
    webhook.status, webhook.disabled_reason = str(Status.DISABLED), str(why)
    webhook.disabled_at = webhook.updated_at = now
    outbox.record(session, "webhook.disabled", hub_id=webhook.hub_id, now=now, webhook_id=webhook.id, reason=str(why))


def secrets_of(session: Session, webhook: Webhook) -> list[Secret]:
    """A webhook's secrets, newest first. Raises `CannotOpenError`."""
    return rules.unpacked(seal_of(session).open(webhook.sealed, about=about(webhook.id)))


def about(webhook_id: UUID) -> str:
    """What a webhook's secrets, sealed, are about."""
    return f"secrets of webhook {webhook_id}"


def _sealed(session: Session, webhook_id: UUID, kept: Sequence[Secret]) -> bytes:
    return seal_of(session).seal(rules.packed(kept), about=about(webhook_id))


def _held(session: Session, caller: Caller, webhook_id: UUID) -> Webhook:
    """A webhook, kept from those who deliver to it until this is written. Raises `NotFound`."""
    webhook = queries.webhook(session, caller=caller, webhook_id=webhook_id)
    held = session.get(Webhook, webhook.id, with_for_update=True, populate_existing=True)
    if held is None:
        raise NotFound
    return held


def _begin_anew(delivery: Delivery, *, now: datetime) -> None:
    delivery.status, delivery.tries = str(DeliveryStatus.PENDING), 0
    delivery.next_attempt_at, delivery.finished_at = now, None


def _before(session: Session, hub_id: UUID, since: datetime) -> int:
    """The position after which everything stands that happened from then on."""
    statement = (
        select(func.min(Change.position))
        .join(Fact, Fact.id == Change.fact_id)
        .where(Change.hub_id == hub_id, Fact.happened_at >= since)
    )
    first = session.scalar(statement)
    if first is not None:
        return first - 1
    head = feed.newest(session, hub_id)
    return head.position if head is not None else 0


def _check(check: CheckAddress, url: str | None, types: Sequence[str]) -> None:
    """Raises `InvalidRequest` with every place that cannot be used."""
    faults = []
    if url is not None:
        try:
            check(url)
        except OutgoingRefused as refusal:
            faults.append(Fault(str(refusal), pointer="/url"))
    for index, each in enumerate(types):
        try:
            wanted([each])
        except ValueError:
            faults.append(Fault("is not a type of change", pointer=f"/types/{index}"))
    if faults:
        raise InvalidRequest("Some values cannot be used.", errors=faults)


def _tell(session: Session, webhook: Webhook, what: str, *, now: datetime) -> None:
    outbox.record(session, f"webhook.{what}", hub_id=webhook.hub_id, now=now, webhook_id=webhook.id)
