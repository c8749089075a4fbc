"""kill -9 of the server between commit and delivery: every change arrives all the same, as the same message."""

import threading
from collections import Counter

import httpx

from tests.support.databases import NewDatabase
from tests.support.evening import Hub, found_hub
from tests.support.forms import form
from tests.support.server import servers
from tests.webhooks.impatient import SERVICE
from tests.webhooks.receiver import Delivered, Receiver, receiving

CHANGES = form(short=12, full=100)
TAKEN_OVER_SECONDS = 30.0


def test_nothing_is_lost_by_a_kill_between_commit_and_delivery(new_database: NewDatabase) -> None:
    url = new_database()
    with receiving() as receiver:
        env = {"TEACHMEET_ALLOWED_HOSTS_OUT": receiver.host}
        with servers(url, env=env, service=SERVICE) as (server,), httpx.Client(base_url=server.url, timeout=30) as http:
            hub = found_hub(url, http)
            start = hub.ask("GET", f"/v1/hubs/{hub.id}/changes?start=latest")["next_cursor"]
            made = hub.ask("POST", f"/v1/hubs/{hub.id}/webhooks", {"url": receiver.url()}, expect=201)
            receiver.secret = made["secret"]
            holding = _hold_answers(receiver)
            _change(hub, CHANGES)
            receiver.wait_until(lambda: bool(receiver.seen))
            _change(hub, CHANGES)
            server.kill()
            in_flight = set(receiver.ids)
            holding.set()
            assert 0 < len(in_flight) < CHANGES, "killed before or after its work"
            server.start()
            page = hub.ask("GET", f"/v1/hubs/{hub.id}/changes?limit=200&cursor={start}")
            told = {each["id"] for each in page["items"]}
            assert len(told) == 2 * CHANGES
            receiver.wait_until(lambda: told <= set(receiver.ids), seconds=TAKEN_OVER_SECONDS)
            receiver.wait_until(lambda: _pending(hub, made["id"]) == 0)
            assert all(each.payload is not None for each in receiver.seen), "every one is verified"
            assert set(receiver.ids) == told
            times = Counter(receiver.ids)
            assert {each for each, how_often in times.items() if how_often > 1} <= in_flight
            assert len({(each.message_id, each.body) for each in receiver.seen}) == len(told)


def _hold_answers(receiver: Receiver) -> threading.Event:
    """Lets nobody have an answer until the event that this gives is set."""
    go_on = threading.Event()

    def answer(_: Delivered) -> tuple[int, dict[str, str]]:
        assert go_on.wait(TAKEN_OVER_SECONDS)
        return 204, {}

    receiver.answer = answer
    return go_on


def _change(hub: Hub, how_often: int) -> None:
    for _ in range(how_often):
        hub.ask("POST", f"/v1/hubs/{hub.id}/teachers", {"given_name": "Guest", "school_id": hub.school_id}, expect=201)


def _pending(hub: Hub, webhook_id: str) -> int:
    return len(hub.ask("GET", f"/v1/webhooks/{webhook_id}/deliveries?status=pending&limit=200")["items"])
