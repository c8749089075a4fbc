"""The live marketplace on a real server: what it begins with, what it tells, when it ends."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from app.kernel.event_stream import MOST_PENDING, Listener
from tests.support import made
from tests.support.callers import Headers
from tests.support.databases import BACKENDS, Backend, Databases
from tests.support.evening import Evening, Hub, found_hub, hold_evening
from tests.support.server import Server, servers
from tests.support.stream import Follower

LONGEST_STOP_SECONDS = 5.0


@dataclass
class Scene:
    """Two processes on PostgreSQL, one on SQLite, which beat four times a second; and a hub."""

    processes: list[Server]
    hub: Hub

    def evening(self, **given: int) -> Evening:
        return hold_evening(self.hub, **{"capacity": 20, "tables": 2, "seats": 5, "rounds": 2, **given})

    def follower(self, evening: Evening, at: int = 0, headers: Headers | None = None) -> Follower:
        """One who has been told everything there is."""
        follower = Follower(evening.event_id)
        follower.follow(self.processes[at % len(self.processes)].url, headers)
        follower.until(lambda: follower.market is not None or follower.ended.is_set())
        return follower

    def get(self, path: str, **given: object) -> httpx.Response:
        return httpx.get(f"{self.processes[0].url}{path}", **given)  # type: ignore[arg-type]  # handed on


@pytest.fixture(scope="module", params=BACKENDS)
def scene(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Scene]:
    backend: Backend = request.param
    count = 1 if backend == "sqlite" else 2
    with databases.maker(backend) as make:
        url = make()
        env = {"TEACHMEET_STREAM_LIMIT": "6"}
        with (
            servers(url, count=count, env=env, service="tests.support.quick:service") as processes,
            httpx.Client(base_url=processes[0].url, timeout=30) as http,
        ):
            yield Scene(processes, found_hub(url, http))


def test_it_begins_with_what_a_get_shows(scene: Scene) -> None:
    evening = scene.evening()
    follower = scene.follower(evening)
    first = follower.messages[0]
    assert first.kind == "marketplace"
    assert first.data == scene.get(f"{evening.path}/marketplace").json()
    follower.drop()


def test_changes_come_from_every_process(scene: Scene) -> None:
    evening = scene.evening()
    followers = [scene.follower(evening, number) for number in range(len(scene.processes))]
    (person,) = evening.register(["ada"])
    scene.hub.ask("PUT", f"/v1/registrations/{person['id']}/itinerary/2", {"table_number": 1})
    for follower in followers:
        follower.until(lambda follower=follower: follower.messages[-1].data.get("slots"))  # type: ignore[misc]  # bound at once
        (slot,) = follower.messages[-1].data["slots"]
        assert (slot["round"], slot["table_number"], slot["seats_taken"]) == (2, 1, 1)
        assert follower.messages[-1].data["places_left"] == 19
        assert follower.market is not None
        assert follower.market.model_dump(mode="json") == scene.get(f"{evening.path}/marketplace").json()
        follower.drop()


def test_who_comes_back_is_told_what_was_missed(scene: Scene) -> None:
    evening = scene.evening()
    (person,) = evening.register(["ada"])
    follower = scene.follower(evening)
    follower.drop()
    watching = scene.follower(evening)  # else nobody remembers
    scene.hub.ask("PUT", f"/v1/registrations/{person['id']}/itinerary/1", {"table_number": 2})
    watching.until(lambda: len(watching.messages) > 1)
    follower.follow(scene.processes[0].url)
    follower.until(lambda: len(follower.messages) > 1)
    assert [each.kind for each in follower.messages] == ["marketplace", "changes"]
    assert follower.market == watching.market
    follower.drop()
    watching.drop()


def test_what_is_not_remembered_is_told_whole(scene: Scene) -> None:
    evening = scene.evening()
    for unknown in ("0", "999999999", "x", "-1"):
        follower = Follower(evening.event_id)
        follower.follow(scene.processes[-1].url, {"Last-Event-ID": unknown})
        follower.until(lambda follower=follower: follower.market is not None)  # type: ignore[misc]  # bound at once
        assert follower.messages[0].kind == "marketplace"
        follower.drop()


def test_another_room_is_told_whole(scene: Scene) -> None:
    evening = scene.evening()
    follower = scene.follower(evening)
    scene.hub.ask("PATCH", evening.path, {"table_count": 3})
    follower.until(lambda: len(follower.messages) > 1)
    assert follower.messages[-1].kind == "marketplace"
    assert follower.market is not None
    assert len(follower.market.rounds[0].tables) == 3
    follower.drop()


def test_somebody_is_there(scene: Scene) -> None:
    follower = scene.follower(scene.evening())
    follower.until(lambda: follower.comments >= 2)
    assert len(follower.messages) == 1
    follower.drop()


def test_a_draft_is_there_for_those_who_may_see_it(scene: Scene) -> None:
    body = made.event_body(table_count=0, rounds=[])
    draft = scene.hub.ask("POST", f"/v1/hubs/{scene.hub.id}/events", body, expect=201)
    address = f"/v1/events/{draft['id']}/marketplace/stream"
    unknown = f"/v1/events/{scene.hub.id}/marketplace/stream"
    assert [scene.get(each).status_code for each in (address, unknown)] == [404, 404]
    with httpx.stream("GET", f"{scene.processes[0].url}{address}", headers=scene.hub.headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"


def test_it_ends_with_the_credentials(scene: Scene) -> None:
    evening = scene.evening()
    body = {"name": "screen", "scopes": ["events:read"]}
    key = scene.hub.ask("POST", f"/v1/hubs/{scene.hub.id}/api-keys", body, expect=201)
    follower = scene.follower(evening, headers={"Authorization": f"Bearer {key['secret']}"})
    scene.hub.ask("DELETE", f"/v1/api-keys/{key['id']}", expect=204)
    assert follower.ended.wait(10)
    again = scene.follower(evening, headers={"Authorization": f"Bearer {key['secret']}"})
    assert again.status == 401


def test_too_many_are_sent_to_the_page_itself(scene: Scene) -> None:
    evening = scene.evening()
    followers = [scene.follower(evening) for _ in range(6)]
    answer = scene.get(f"{evening.path}/marketplace/stream")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    assert answer.headers["retry-after"] == "5"
    for follower in followers:
        follower.drop()
    deadline = time.monotonic() + 10
    while (back := scene.follower(evening)).status != 200:
        assert time.monotonic() < deadline
    back.drop()


def test_a_head_has_an_end(scene: Scene) -> None:
    answer = httpx.head(f"{scene.processes[0].url}{scene.evening().path}/marketplace/stream", timeout=5)
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_listener_that_takes_nothing_is_let_go() -> None:
    listener = Listener()
    for _ in range(MOST_PENDING):
        listener.put(b"x")
        assert not listener.ended
    listener.put(b"x")
    assert listener.ended


def test_a_server_that_is_told_to_stop_lets_its_listeners_go(scene: Scene) -> None:
    last = scene.processes[-1]
    follower = scene.follower(scene.evening(), len(scene.processes) - 1)
    began = time.monotonic()
    last.stop()
    assert follower.ended.wait(1)
    assert time.monotonic() - began < LONGEST_STOP_SECONDS
    last.start()
