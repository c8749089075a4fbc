"""Webhooks as things that are made, changed, given new secrets and deleted."""

from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from app.kernel.settings import Settings
from app.webhooks.rules import MOST_WEBHOOKS
from tests.support.callers import Headers, Organiser, make_key
from tests.support.made import Thing, done
from tests.support.refusals import refused
from tests.support.shared import new_hub

pytestmark = pytest.mark.anyio
URL = "https://hooks.larkspur.example/in"
NEVER_CALLED = (
    "http://hooks.larkspur.example/in",
    "https://127.0.0.1/in",
    "https://localhost/in",
    "https://[::ffff:10.0.0.1]/in",
    "https://169.254.169.254/latest/meta-data",
    "https://hooks.larkspur.example:22/in",
    "https://user:secret@hooks.larkspur.example/in",
    "https://2130706433/in",
    "ftp://hooks.larkspur.example/in",
    "nonsense",
)


def at(hub: Organiser) -> str:
    """The address of a hub's webhooks."""
    return f"/v1/hubs/{hub.hub_id}/webhooks"


async def webhook(caller: httpx.AsyncClient, hub: Organiser, **changes: Any) -> Thing:
    """A new webhook, with its secret."""
    return done(await caller.post(at(hub), json={"url": URL, **changes}), 201)


async def test_a_secret_is_told_once_and_lies_sealed(
    organiser: httpx.AsyncClient, hub: Organiser, settings: Settings
) -> None:
    made = await webhook(organiser, hub, types=["registration.*"], description="Directory")
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert (made["status"], made["disabled_reason"], made["types"]) == ("enabled", None, ["registration.*"])
    one = await organiser.get(f"/v1/webhooks/{made['id']}")
    assert done(one) == made
    assert done(await organiser.get(at(hub)))["items"] == [made]
    assert secret not in one.text
    engine = create_engine(settings.database)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM webhooks")).all()
        kept = [value for row in rows for value in row if isinstance(value, bytes | memoryview)]
    engine.dispose()
    assert kept
    assert not any(secret.removeprefix("whsec_").encode() in bytes(value) for value in kept)


async def test_it_is_changed_and_deleted(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    made = await webhook(organiser, hub)
    path = f"/v1/webhooks/{made['id']}"
    etag = (await organiser.get(path)).headers["etag"]
    changed = done(await organiser.patch(path, json={"types": ["hub.updated"]}, headers={"If-Match": etag}))
    assert (changed["types"], changed["url"]) == (["hub.updated"], URL)
    stale = await organiser.patch(path, json={"description": "x"}, headers={"If-Match": etag})
    refused(stale, "precondition-failed")
    refused(await organiser.patch(path, json={"secret": "whsec_mine"}), "invalid-request", "/secret")
    refused(await organiser.patch(path, json={"url": None}), "invalid-request", "/url")
    assert (await organiser.delete(path)).status_code == 204
    refused(await organiser.get(path), "not-found")
    told = done(await organiser.get(f"/v1/hubs/{hub.hub_id}/audit?what=webhook."))["items"]
    assert [each["what"] for each in told] == ["webhook.deleted", "webhook.updated", "webhook.created"]
    assert "hooks.larkspur" not in str(told)


async def test_an_address_that_is_never_called_is_refused(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    for url in NEVER_CALLED:
        refused(await organiser.post(at(hub), json={"url": url}), "invalid-request", "/url")


async def test_types_are_those_that_there_are(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    body = {"url": URL, "types": ["hub.updated", "party.begun", "needs.read"]}
    refused(await organiser.post(at(hub), json=body), "invalid-request", "/types/1", "/types/2")
    refused(await organiser.post(at(hub), json={"types": []}), "invalid-request", "/url")


async def test_a_hub_has_so_many_and_no_more(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    for _ in range(MOST_WEBHOOKS):
        await webhook(organiser, hub)
    assert refused(await organiser.post(at(hub), json={"url": URL}), "too-many-webhooks")["most"] == MOST_WEBHOOKS


async def test_a_secret_is_rotated(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    made = await webhook(organiser, hub)
    new = done(await organiser.post(f"/v1/webhooks/{made['id']}/rotate-secret"), 201)
    assert new["secret"] not in (made["secret"], None)
    assert new["old_secret_until"] is not None
    path = f"/v1/webhooks/{made['id']}/rotate-secret"
    at_once = done(await organiser.post(path, json={"overlap_seconds": 0}), 201)
    assert at_once["old_secret_until"] is None
    refused(await organiser.post(path, json={"overlap_seconds": 604_801}), "invalid-request", "/overlap_seconds")


async def test_they_are_for_those_who_run_the_hub(
    client: httpx.AsyncClient, operator: Headers, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    made = await webhook(organiser, hub)
    key = await make_key(organiser, hub.headers, hub.hub_id, scopes=["webhooks:manage"])
    assert done(await client.get(f"/v1/webhooks/{made['id']}", headers=key))["id"] == made["id"]
    other = await make_key(organiser, hub.headers, hub.hub_id, scopes=["registrations:read"])
    refused(await client.get(at(hub), headers=other), "forbidden")
    stranger = await new_hub(client, operator)
    for path in (f"/v1/webhooks/{made['id']}", f"/v1/webhooks/{made['id']}/deliveries", at(hub)):
        refused(await client.get(path, headers=stranger.headers), "not-found")
