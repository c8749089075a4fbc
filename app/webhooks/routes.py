"""The changes feed and webhooks over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Query, Request, Response

from app.kernel.openapi import answers
from app.kernel.operations import Reading, Writing, conditional, reads, showing, writes
from app.kernel.outgoing import Outgoing
from app.kernel.pagination import PageWanted
from app.kernel.problems import Forbidden, InvalidRequest, NotFound
from app.kernel.rendering import Rendered, render_item
from app.kernel.routing import router
from app.people.routes import HubRef
from app.webhooks import commands, feed, queries
from app.webhooks.catalogue import TYPES
from app.webhooks.rules import DeliveryStatus
from app.webhooks.schemas import (
    ChangesOut,
    ChangeTypesOut,
    DeliveryOut,
    EnableIn,
    NewSecretOut,
    NewWebhookOut,
    ReplayIn,
    ReplayOut,
    SecretRotationIn,
    Start,
    WebhookChange,
    WebhookIn,
    WebhookOut,
)

routes = router("Changes and webhooks")
Read = Annotated[Reading, reads("webhooks:manage")]
Write = Annotated[Writing, writes("webhooks:manage")]


@routes.get(
    "/v1/hubs/{hub_id}/changes",
    **answers(ChangesOut, NotFound, Forbidden, InvalidRequest, feed.CursorExpired),
)
async def list_hub_changes(
    read: Annotated[Reading, reads("registrations:read")],
    hub_id: HubRef,
    page: PageWanted,
    types: Annotated[
        str | None,
        Query(
            alias="type",
            max_length=1_000,
            description="Only these, with commas between them: `registration.confirmed`, or a family, `booking.*`.",
        ),
    ] = None,
    start: Annotated[Start, Query(description="Where to begin without a cursor.")] = "oldest",
) -> Response:
    """What happened in the hub, in order and without gaps, for those who poll. Those who reach one school get that
    school's: its teachers, their places and seats.

    Keep `next_cursor` and ask with it again, at once while `has_more`, later when not; `If-None-Match` makes asking in
    vain cheap. To begin: take a cursor with `start=latest`, read the lists once, then follow. A cursor expires after
    two years (410): begin anew then.
    """

    def render(found: ChangesOut) -> Rendered:
        following = read.request.url.remove_query_params("start").include_query_params(cursor=found.next_cursor)
        return render_item(ChangesOut)(found).with_headers(
            ("Link", f'<{following.path}?{following.query}>; rel="next"')
        )

    return await read.rendered(feed.changes, render, hub_id=hub_id, page=page, types=types, start=start)


@routes.get("/v1/change-types", **answers(ChangeTypesOut))
async def list_change_types(request: Request) -> Response:
    """Every type of change, what it means, and which ids come with it. The same in the feed and in webhooks."""
    return conditional(render_item(ChangeTypesOut)({"items": list(TYPES.values())}), request)


@routes.post(
    "/v1/hubs/{hub_id}/webhooks",
    **answers(NewWebhookOut, NotFound, Forbidden, InvalidRequest, commands.TooManyWebhooks, status=201),
)
async def create_webhook(write: Write, hub_id: HubRef, body: WebhookIn) -> Response:
    """Have the hub's changes pushed to an address, from now on, signed by Standard Webhooks 1.0.0. The secret is told
    in this answer and never again."""
    return await write(
        commands.create_webhook,
        to=NewWebhookOut,
        status=201,
        location="/v1/webhooks/{id}",
        hub_id=hub_id,
        body=body,
        check=_outgoing(write).check,
    )


@routes.get("/v1/hubs/{hub_id}/webhooks", **answers(WebhookOut, NotFound, Forbidden, many=True))
async def list_webhooks(read: Read, hub_id: HubRef, page: PageWanted) -> Response:
    """The hub's webhooks, oldest first, without their secrets."""
    return await read.page(queries.webhooks, to=WebhookOut, hub_id=hub_id, page=page)


@routes.get("/v1/webhooks/{webhook_id}", **answers(WebhookOut, NotFound, Forbidden))
async def get_webhook(read: Read, webhook_id: UUID) -> Response:
    """One webhook, without its secret."""
    return await read(queries.webhook, to=WebhookOut, webhook_id=webhook_id)


@routes.patch("/v1/webhooks/{webhook_id}", **answers(WebhookOut, NotFound, Forbidden, InvalidRequest, conditional=True))
async def change_webhook(write: Write, webhook_id: UUID, body: WebhookChange) -> Response:
    """Change where to, of what types, or the description. What waits goes to the new address."""
    return await write(
        commands.change_webhook,
        to=WebhookOut,
        unchanged=showing(WebhookOut, queries.webhook, webhook_id=webhook_id),
        webhook_id=webhook_id,
        body=body,
        check=_outgoing(write).check,
    )


@routes.delete("/v1/webhooks/{webhook_id}", **answers(None, NotFound, Forbidden, conditional=True))
async def delete_webhook(write: Write, webhook_id: UUID) -> Response:
    """Delete a webhook and the log of its deliveries. What has not been delivered is not."""
    unchanged = showing(WebhookOut, queries.webhook, webhook_id=webhook_id)
    return await write(commands.delete_webhook, unchanged=unchanged, webhook_id=webhook_id)


@routes.post("/v1/webhooks/{webhook_id}/rotate-secret", **answers(NewSecretOut, NotFound, Forbidden, status=201))
async def rotate_webhook_secret(
    write: Write, webhook_id: UUID, body: Annotated[SecretRotationIn | None, Body()] = None
) -> Response:
    """Make a new secret. During the overlap each delivery carries a signature by the old one too."""
    return await write(
        commands.rotate_secret,
        to=NewSecretOut,
        status=201,
        location="/v1/webhooks/{webhook_id}",
        webhook_id=webhook_id,
        body=body or SecretRotationIn(),
    )


@routes.post("/v1/webhooks/{webhook_id}/ping", **answers(DeliveryOut, NotFound, Forbidden, status=202))
async def ping_webhook(write: Write, webhook_id: UUID) -> Response:
    """Try the address out with one message of type `webhook.ping`; read the delivery to see what came of it. Also for
    a webhook that is disabled."""
    return await write(commands.ping, to=DeliveryOut, status=202, location="/v1/deliveries/{id}", webhook_id=webhook_id)


@routes.post("/v1/webhooks/{webhook_id}/disable", **answers(WebhookOut, NotFound, Forbidden))
async def disable_webhook(write: Write, webhook_id: UUID) -> Response:
    """Stop deliveries for a while. What happens meanwhile can be delivered when it is enabled again."""
    return await write(commands.disable, to=WebhookOut, webhook_id=webhook_id)


@routes.post("/v1/webhooks/{webhook_id}/enable", **answers(WebhookOut, NotFound, Forbidden))
async def enable_webhook(write: Write, webhook_id: UUID, body: Annotated[EnableIn | None, Body()] = None) -> Response:
    """Deliver again, beginning with what waits and what happened meanwhile, unless told otherwise."""
    return await write(commands.enable, to=WebhookOut, webhook_id=webhook_id, body=body or EnableIn())


@routes.post(
    "/v1/webhooks/{webhook_id}/replay",
    **answers(ReplayOut, NotFound, Forbidden, InvalidRequest, commands.WebhookDisabled, feed.CursorExpired, status=202),
)
async def replay_webhook(write: Write, webhook_id: UUID, body: ReplayIn) -> Response:
    """Deliver everything since a time or a cursor again, as the same messages with the same ids."""
    signer = write.state.cursor_signer
    return await write(commands.replay, to=ReplayOut, status=202, webhook_id=webhook_id, body=body, signer=signer)


@routes.get("/v1/webhooks/{webhook_id}/deliveries", **answers(DeliveryOut, NotFound, Forbidden, many=True))
async def list_deliveries(
    read: Read,
    webhook_id: UUID,
    page: PageWanted,
    status: DeliveryStatus | None = None,
    message_id: Annotated[UUID | None, Query(description="Only that of this change.")] = None,
) -> Response:
    """The webhook's deliveries of the last thirty days, newest first: every attempt, its answer and why it failed."""
    filters = {"status": status, "message_id": message_id}
    return await read.page(queries.deliveries, to=DeliveryOut, webhook_id=webhook_id, page=page, **filters)


@routes.get("/v1/deliveries/{delivery_id}", **answers(DeliveryOut, NotFound, Forbidden))
async def get_delivery(read: Read, delivery_id: UUID) -> Response:
    """One delivery."""
    return await read(queries.delivery_shown, to=DeliveryOut, delivery_id=delivery_id)


@routes.post(
    "/v1/deliveries/{delivery_id}/redeliver",
    **answers(DeliveryOut, NotFound, Forbidden, commands.WebhookDisabled, status=202),
)
async def redeliver(write: Write, delivery_id: UUID) -> Response:
    """Send a message again, the very same, at once."""
    return await write(commands.redeliver, to=DeliveryOut, status=202, delivery_id=delivery_id)


def _outgoing(write: Writing) -> Outgoing:
    return Outgoing(write.state.settings.allowed_hosts_out)
