"""Deliveries to a real receiver: verified by the public package through retries, rotation and setbacks."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from app.kernel.clock import wall_clock
from tests.support import made
from tests.support.callers import Organiser, make_operator, make_organiser
from tests.support.databases import TESTS_SECRET, settings_for
from tests.support.made import Thing, done
from tests.support.mailbox import Mailbox, text_of
from tests.support.mailbox import mailbox as receiving_mails
from tests.support.refusals import refused
from tests.support.services import MovableClock, serving
from tests.webhooks.receiver import Delivered, Receiver, receiving

pytestmark = pytest.mark.anyio
BOUND_SECONDS = 20.0
_slugs = iter(range(1, 10_000))


@dataclass(slots=True)
class Stand:
    """A hub on a service whose clock moves when told to, and a receiver that the service may reach."""

    client: httpx.AsyncClient
    hub: Organiser
    clock: MovableClock
    receiver: Receiver

    async def webhook(self, path: str = "/in", **changes: Any) -> Thing:
        body = {"url": self.receiver.url(path), **changes}
        answer = done(await self.client.post(f"/v1/hubs/{self.hub.hub_id}/webhooks", json=body), 201)
        self.receiver.secret = answer["secret"]
        return answer

    async def until(self, enough: Callable[[], bool]) -> None:
        """Waits, with a bound, while the service goes on in this very loop."""
        deadline = time.monotonic() + BOUND_SECONDS
        while not enough():
            assert time.monotonic() < deadline, f"not in time; {len(self.receiver.seen)} came"
            await asyncio.sleep(0.02)

    async def more_than(self, count: int) -> None:
        """Waits until more have come."""
        await self.until(lambda: len(self.receiver.seen) > count)

    async def deliveries(self, webhook: Thing, **query: str) -> list[Thing]:
        answer = await self.client.get(f"/v1/webhooks/{webhook['id']}/deliveries", params=query)
        items: list[Thing] = done(answer)["items"]
        return items

    async def settled(self, webhook: Thing, *, attempts: int) -> Thing:
        """The newest delivery, once so many attempts of it have been noted."""
        deadline = time.monotonic() + BOUND_SECONDS
        while time.monotonic() < deadline:
            found = await self.deliveries(webhook)
            if found and len(found[0]["attempts"]) >= attempts:
                return found[0]
            await asyncio.sleep(0.1)
        raise AssertionError(f"no {attempts} attempts in time: {found}")

    async def until_made(self, webhook: Thing, how_many: int) -> None:
        """Waits until there are so many deliveries."""
        deadline = time.monotonic() + BOUND_SECONDS
        while len(await self.deliveries(webhook)) < how_many:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)

    async def status(self, webhook: Thing) -> tuple[str, str | None]:
        now = done(await self.client.get(f"/v1/webhooks/{webhook['id']}"))
        return now["status"], now["disabled_reason"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with receiving_mails() as box:
        yield box


@pytest.fixture
async def stand(database_url: str, receiver: Receiver) -> AsyncIterator[Stand]:
    settings = settings_for(database_url, secret_key=TESTS_SECRET, allowed_hosts_out=receiver.host)
    clock = MovableClock(wall_clock())
    async with serving(settings, clock=clock) as client:
        slug = f"delivering-{next(_slugs)}"
        hub = await make_organiser(client, make_operator(settings), slug=slug)
        client.headers.update(hub.headers)
        yield Stand(client, hub, clock, receiver)


async def test_whoever_answers_for_it_is_told_that_it_stopped(
    database_url: str, receiver: Receiver, mailbox: Mailbox
) -> None:
    settings = settings_for(
        database_url, secret_key=TESTS_SECRET, allowed_hosts_out=receiver.host, smtp_url=mailbox.url
    )
    receiver.answer = lambda _: (410, {})
    async with serving(settings) as client:
        hub = await make_organiser(client, make_operator(settings), slug=f"delivering-{next(_slugs)}")
        client.headers.update(hub.headers)
        nia = await made.teacher(client, hub.hub_id, roles=["organiser"], given_name="Nia")
        body = {"url": receiver.url("/a-secret-path"), "types": ["school.created"]}
        done(await client.post(f"/v1/hubs/{hub.hub_id}/webhooks", json=body), 201)
        await made.school(client, hub.hub_id)
        deadline = time.monotonic() + BOUND_SECONDS
        while not mailbox.mails:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
    (mail,) = mailbox.mails
    assert mailbox.recipients == [nia["email"]]
    assert mail["Subject"] == "Webhook stopped: 127.0.0.1"
    assert "410 Gone" in text_of(mail)
    assert "a-secret-path" not in mail.as_string()


async def test_the_guard_looks_at_every_attempt(database_url: str, receiver: Receiver) -> None:
    """A private host that was allowed once is refused as soon as it no longer is."""
    slug = f"delivering-{next(_slugs)}"
    allowing = settings_for(database_url, secret_key=TESTS_SECRET, allowed_hosts_out=receiver.host)
    async with serving(allowing) as client:
        hub = await make_organiser(client, make_operator(allowing), slug=slug)
        client.headers.update(hub.headers)
        body = {"url": receiver.url()}
        webhook = done(await client.post(f"/v1/hubs/{hub.hub_id}/webhooks", json=body), 201)
    async with serving(settings_for(database_url, secret_key=TESTS_SECRET)) as client:
        stand = Stand(client, hub, MovableClock(), receiver)
        client.headers.update(hub.headers)
        done(await client.post(f"/v1/webhooks/{webhook['id']}/ping"), 202)
        delivery = await stand.settled(webhook, attempts=1)
    assert delivery["status"] == "failed"
    assert delivery["attempts"][0]["reason"] == "Only https is called."
    assert receiver.seen == []


async def test_every_change_arrives_signed(stand: Stand) -> None:
    before = done(await stand.client.get(f"/v1/hubs/{stand.hub.hub_id}/changes?start=latest"))["next_cursor"]
    webhook = await stand.webhook(types=["school.*", "teacher.created"])
    teachers = [await made.teacher(stand.client, stand.hub.hub_id) for _ in range(3)]
    await made.event(stand.client, stand.hub.hub_id)
    await stand.until(lambda: len(stand.receiver.seen) >= 6)
    page = done(await stand.client.get(f"/v1/hubs/{stand.hub.hub_id}/changes", params={"cursor": before}))
    told = {each["id"]: each for each in page["items"] if not each["type"].startswith("event.")}
    assert sorted(stand.receiver.ids) == sorted(told), "each once, with the ids of the feed"
    for each in stand.receiver.seen:
        assert each.payload is not None, "the package does not verify it"
        change = told[each.message_id]
        assert each.payload.keys() == {"type", "timestamp", "data"}
        assert (each.payload["type"], each.payload["timestamp"]) == (change["type"], change["happened_at"])
        assert each.payload["data"] == {
            "hub_id": stand.hub.hub_id,
            **{name: change[name] for name in ("operation", "record", "subject")},
        }
        assert abs(each.timestamp - time.time()) < 60
        assert len(each.body) < 20_000
        assert teachers[0]["email"].encode() not in each.body
    delivery = await stand.settled(webhook, attempts=1)
    assert (delivery["status"], delivery["attempts"][0]["http_status"]) == ("delivered", 204)
    assert delivery["finished_at"] is not None
    assert done(await stand.client.get(f"/v1/deliveries/{delivery['id']}")) == delivery
    assert len(await stand.deliveries(webhook, status="delivered")) >= 1
    assert await stand.deliveries(webhook, status="failed") == []


async def test_a_failure_is_tried_again_by_the_schedule(stand: Stand) -> None:
    """All ten attempts, with the same id and the same bytes; after the last it is disabled and somebody told."""
    await made.teacher(
        stand.client, stand.hub.hub_id, roles=["organiser"], given_name="Nia", email=f"{stand.hub.slug}@hub.example"
    )
    webhook = await stand.webhook(types=["school.created"])
    stand.receiver.answer = lambda _: (500, {})
    await made.school(stand.client, stand.hub.hub_id)
    waits = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
    for number, wait in enumerate(waits, start=1):
        delivery = await stand.settled(webhook, attempts=number)
        assert delivery["status"] == "pending"
        due = datetime.fromisoformat(delivery["next_attempt_at"]) - stand.clock.now
        assert timedelta(seconds=wait) <= due <= timedelta(seconds=wait * 1.1)
        assert len(stand.receiver.seen) == number, "not before its time"
        stand.clock.move(due)
    last = await stand.settled(webhook, attempts=10)
    assert (last["status"], last["next_attempt_at"]) == ("failed", None)
    assert {each["reason"] for each in last["attempts"]} == {"It answered 500."}
    assert len({(each.message_id, each.body) for each in stand.receiver.seen}) == 1
    assert all(each.payload for each in stand.receiver.seen)
    assert await stand.status(webhook) == ("disabled", "attempts-exhausted")
    told = done(await stand.client.get(f"/v1/hubs/{stand.hub.hub_id}/changes?type=webhook.disabled"))["items"]
    assert [each["subject"]["reason"] for each in told] == ["attempts-exhausted"]


async def test_what_waits_is_delivered_when_it_is_enabled_again(stand: Stand) -> None:
    webhook = await stand.webhook(types=["school.created"])
    path = f"/v1/webhooks/{webhook['id']}"
    done(await stand.client.post(f"{path}/disable"))
    assert await stand.status(webhook) == ("disabled", "by-hand")
    schools = [await made.school(stand.client, stand.hub.hub_id) for _ in range(2)]
    refused(await stand.client.post(f"{path}/replay", json={"since": "2020-01-01T00:00:00Z"}), "webhook-disabled")
    ping = done(await stand.client.post(f"{path}/ping"), 202)
    await stand.until(lambda: ping["message_id"] in stand.receiver.ids)
    assert stand.receiver.seen[0].payload is not None
    assert stand.receiver.seen[0].payload["type"] == "webhook.ping"
    assert len(stand.receiver.seen) == 1, "nothing else while it is disabled"
    assert done(await stand.client.post(f"{path}/enable"))["status"] == "enabled"
    await stand.until(lambda: len(stand.receiver.seen) == 3)
    payloads = [each.payload for each in stand.receiver.seen[1:] if each.payload]
    assert sorted(each["data"]["record"]["id"] for each in payloads) == sorted(each["id"] for each in schools)
    done(await stand.client.post(f"{path}/disable"))
    await made.school(stand.client, stand.hub.hub_id)
    done(await stand.client.post(f"{path}/enable", json={"catch_up": False}))
    newest = await made.school(stand.client, stand.hub.hub_id)
    await stand.until(lambda: len(stand.receiver.seen) == 4)
    last = stand.receiver.seen[-1].payload
    assert last is not None
    assert last["data"]["record"]["id"] == newest["id"]


async def test_during_a_rotation_both_secrets_sign(stand: Stand) -> None:
    webhook = await stand.webhook(types=["school.created"])
    old = stand.receiver.secret
    path = f"/v1/webhooks/{webhook['id']}"
    new = done(await stand.client.post(f"{path}/rotate-secret"), 201)["secret"]
    for secret, hours, verified in ((old, 0, True), (new, 0, True), (old, 25, False), (new, 25, True)):
        stand.receiver.secret = secret
        stand.clock.move(timedelta(hours=hours))
        count = len(stand.receiver.seen)
        await made.school(stand.client, stand.hub.hub_id)
        await stand.more_than(count)
        last = stand.receiver.seen[-1]
        assert (last.payload is not None) == verified
        if hours == 0:
            assert len(last.signature.split()) == 2


async def test_what_is_sent_again_is_the_same_message(stand: Stand) -> None:
    webhook = await stand.webhook(types=["school.created"])
    path = f"/v1/webhooks/{webhook['id']}"
    begun = done(await stand.client.get(f"/v1/hubs/{stand.hub.hub_id}/changes?start=latest"))["next_cursor"]
    for _ in range(3):
        await made.school(stand.client, stand.hub.hub_id)
    await stand.until(lambda: len(stand.receiver.seen) == 3)
    first = await stand.settled(webhook, attempts=1)
    done(await stand.client.post(f"/v1/deliveries/{first['id']}/redeliver"), 202)
    await stand.until(lambda: len(stand.receiver.seen) == 4)
    assert len({(each.message_id, each.body) for each in stand.receiver.seen}) == 3
    again = done(await stand.client.post(f"{path}/replay", json={"cursor": begun}), 202)
    assert again == {"webhook_id": webhook["id"], "changes": 3}
    await stand.until(lambda: len(stand.receiver.seen) == 7)
    since = {"since": (stand.clock.now - timedelta(minutes=1)).isoformat()}
    assert done(await stand.client.post(f"{path}/replay", json=since), 202)["changes"] == 3
    await stand.until(lambda: len(stand.receiver.seen) == 10)
    assert len({(each.message_id, each.body) for each in stand.receiver.seen}) == 3
    assert len(await stand.deliveries(webhook)) == 3
    refused(await stand.client.post(f"{path}/replay", json={}), "invalid-request", "")
    refused(await stand.client.post(f"{path}/replay", json={"cursor": "AAAA"}), "invalid-request", "/cursor")


async def test_gone_disables_and_a_redirect_is_a_failure(stand: Stand) -> None:
    elsewhere = stand.receiver.url("/elsewhere")
    stand.receiver.answer = lambda _: (302, {"Location": elsewhere})
    webhook = await stand.webhook(types=["school.created"])
    await made.school(stand.client, stand.hub.hub_id)
    delivery = await stand.settled(webhook, attempts=1)
    assert (delivery["status"], delivery["attempts"][0]["http_status"]) == ("pending", 302)
    assert {each.path for each in stand.receiver.seen} == {"/in"}
    stand.receiver.answer = lambda _: (410, {})
    stand.clock.move(timedelta(seconds=6))
    delivery = await stand.settled(webhook, attempts=2)
    assert delivery["status"] == "failed"
    assert await stand.status(webhook) == ("disabled", "gone")
    refused(await stand.client.post(f"/v1/deliveries/{delivery['id']}/redeliver"), "webhook-disabled")


async def test_retry_after_rests_the_whole_webhook(stand: Stand) -> None:
    webhook = await stand.webhook(types=["school.created"])
    stand.receiver.answer = lambda _: (429, {"Retry-After": "3600"})
    await made.school(stand.client, stand.hub.hub_id)
    delivery = await stand.settled(webhook, attempts=1)
    due = datetime.fromisoformat(delivery["next_attempt_at"]) - stand.clock.now
    assert due >= timedelta(hours=1)
    await made.school(stand.client, stand.hub.hub_id)
    stand.clock.move(timedelta(minutes=30))
    await stand.until_made(webhook, 2)
    assert len(stand.receiver.seen) == 1, "it rests, also from what has not been tried"
    stand.receiver.answer = lambda _: (204, {})
    stand.clock.move(timedelta(minutes=31))
    await stand.until(lambda: len(stand.receiver.seen) == 3)


async def test_a_slow_receiver_holds_up_no_other(stand: Stand) -> None:
    def answer(delivered: Delivered) -> tuple[int, dict[str, str]]:
        if delivered.path == "/slow":
            time.sleep(3)
        return 204, {}

    stand.receiver.answer = answer
    await stand.webhook("/slow", types=["school.created"])
    await stand.webhook("/quick", types=["school.created"])
    began = time.monotonic()
    for _ in range(6):
        await made.school(stand.client, stand.hub.hub_id)
    await stand.until(lambda: [each.path for each in stand.receiver.seen].count("/quick") == 6)
    assert time.monotonic() - began < 2.5


async def test_a_ping_that_fails_says_why_and_disables_nothing(stand: Stand) -> None:
    webhook = await stand.webhook(types=["school.created"])
    path = f"/v1/webhooks/{webhook['id']}"
    refused(await stand.client.patch(path, json={"url": "http://127.0.0.1:1/in"}), "invalid-request", "/url")
    name = "https://no-such-host.larkspur.example/in"
    done(await stand.client.patch(path, json={"url": name}))
    ping = done(await stand.client.post(f"{path}/ping"), 202)
    delivery = await stand.settled(webhook, attempts=1)
    assert (delivery["id"], delivery["status"]) == (ping["id"], "failed")
    assert delivery["attempts"][0]["http_status"] is None
    assert delivery["attempts"][0]["reason"] == "The host has no address."
    assert await stand.status(webhook) == ("enabled", None), "a ping that fails disables nothing"
    assert stand.receiver.seen == []
