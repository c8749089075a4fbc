"""The feed read while fifty writers write: every record's last state is seen, in order, and nothing is lost.

On PostgreSQL two processes write, and every transaction dawdles a little before it is committed, so that one begun
earlier often ends later. The control gives positions while transactions are still open: then a reader passes over what
becomes visible behind its back. SQLite writes one transaction after another, so there is no such guard to turn off.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests.races.stage import TRIES, Faults, Stage, differ, final_answers, stage
from tests.support.crowd import Ask, Crowd
from tests.support.databases import BACKENDS, Backend, Databases, settings_for
from tests.support.evening import Hub
from tests.support.forms import form

WRITERS_OF_EACH_PROCESS = 13
"""Of four client processes: fifty and two."""
RECORDS, CHANGES = form(short=(30, 3), full=(200, 20))
BOUND_SECONDS = 60.0

DAWDLING = (
    (
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF current_setting('test.dawdled', true) IS DISTINCT FROM pg_current_xact_id()::text THEN"
        " PERFORM pg_sleep(random() * 0.03), set_config('test.dawdled', pg_current_xact_id()::text, true); END IF;"
        " RETURN NULL; END $$"
    ),
    (
        "CREATE CONSTRAINT TRIGGER a_dawdler AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION dawdle()"
    ),
)
WITHOUT_THE_GUARD = (
    "DROP TRIGGER outbox_published ON outbox",
    (
        "DO $$ BEGIN EXECUTE replace(pg_get_functiondef('publish_change'::regproc),"
        " 'PERFORM pg_advisory_xact_lock(2026, 10);', ''); END $$"
    ),
    "CREATE TRIGGER outbox_published AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION publish_change()",
)
"""Positions as one would give them without a thought: at once, by whoever comes."""


def execute(database_url: str, *statements: str) -> None:
    """Changes the database as its owner would."""
    engine = create_engine(settings_for(database_url).database)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@contextmanager
def guard_off(database_url: str) -> Iterator[None]:
    """Positions are given without the guard, for as long as the block lasts."""
    engine = create_engine(settings_for(database_url).database)
    with engine.connect() as connection:
        guarded = connection.scalar(text("SELECT pg_get_functiondef('publish_change'::regproc)"))
    engine.dispose()
    execute(database_url, *WITHOUT_THE_GUARD)
    try:
        yield
    finally:
        last = "CREATE CONSTRAINT TRIGGER outbox_published AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED"
        each = "FOR EACH ROW EXECUTE FUNCTION publish_change()"
        execute(database_url, "DROP TRIGGER outbox_published ON outbox", guarded, f"{last} {each}")


@dataclass(slots=True)
class Follower:
    """Somebody who follows the feed and keeps a copy of every record that it names."""

    hub: Hub
    base: str
    limit: int
    cursor: str
    seen: list[str] = field(default_factory=list)
    copies: dict[str, Any] = field(default_factory=dict)
    asked: int = 0

    def follow(self, client: httpx.Client) -> bool:
        """One page; answers with whether there is more."""
        path = f"/v1/hubs/{self.hub.id}/changes"
        answer = client.get(path, params={"limit": self.limit, "cursor": self.cursor})
        assert answer.status_code == 200, answer.text
        page, self.asked = answer.json(), self.asked + 1
        self.cursor = page["next_cursor"]
        for item in page["items"]:
            self.seen.append(item["id"])
            if self.limit == 1:
                self.copies[item["record"]["id"]] = client.get(item["record"]["path"]).json()
        more: bool = page["has_more"]
        return more

    def until(self, over: threading.Event) -> None:
        """Follows until the writers are done and everything has been read."""
        with httpx.Client(base_url=self.base, headers=self.hub.headers, timeout=30) as client:
            deadline = time.monotonic() + BOUND_SECONDS
            while True:
                ended = over.is_set()
                if not self.follow(client) and ended:
                    return
                assert time.monotonic() < deadline, f"{len(self.seen)} read"


def race(on: Stage, seed: int) -> Faults:
    """Writers change people, each person several times, while two follow: one step by step, one at the very end."""
    teachers = [_teacher(on.hub, f"{seed}-{number}") for number in range(RECORDS)]
    start = on.hub.ask("GET", f"/v1/hubs/{on.hub.id}/changes?start=latest")["next_cursor"]
    followers = [Follower(on.hub, on.bases[-1], limit, start) for limit in (1, 200)]
    over = threading.Event()
    failures: list[BaseException] = []

    def run(each: Follower) -> None:
        try:
            each.until(over)
        except BaseException as failure:  # noqa: BLE001  # told by the test's own thread
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(each,)) for each in followers]
    tasks = [
        [Ask("PATCH", f"/v1/teachers/{each}", {"job_title": f"Title {number}"})]
        for number in range(CHANGES)
        for each in teachers
    ]
    for thread in threads:
        thread.start()
    told = on.rush(tasks, at_once=WRITERS_OF_EACH_PROCESS)
    over.set()
    for thread in threads:
        thread.join(BOUND_SECONDS)
    if failures:
        raise failures[0]
    statuses = Counter(answer.status for answer in final_answers(told))
    return [*differ("answers", statuses, {200: len(tasks)}), *_faults(on, followers, start, set(teachers))]


def _faults(on: Stage, followers: list[Follower], start: str, teachers: set[str]) -> Faults:
    """What was read while they wrote, beside what stands there when all is quiet."""
    quiet = Follower(on.hub, on.bases[0], 200, start)
    done = threading.Event()
    done.set()
    quiet.until(done)
    slow = followers[0]
    there = {each: on.hub.ask("GET", f"/v1/teachers/{each}") for each in sorted(teachers)}
    faults: Faults = []
    for each in followers:
        lost = set(quiet.seen) - set(each.seen)
        faults += [f"lost: {len(lost)} of {len(quiet.seen)} with limit {each.limit}"] if lost else []
        faults += differ("order", each.seen == [i for i in quiet.seen if i in set(each.seen)], True)
        faults += differ("twice", len(each.seen) - len(set(each.seen)), 0)
    behind = [name for name in there if slow.copies.get(name) != there[name]]
    return [*faults, *differ("records whose last state was not seen", len(behind), 0)]


def _teacher(hub: Hub, name: str) -> str:
    body = {"given_name": name, "family_name": "Follow", "school_id": hub.school_id}
    return str(hub.ask("POST", f"/v1/hubs/{hub.id}/teachers", body, expect=201)["id"])


@pytest.fixture(scope="module")
def crowd() -> Iterator[Crowd]:
    """Four client processes, waiting for orders."""
    made = Crowd()
    try:
        yield made
    finally:
        made.dismiss()


@pytest.fixture(scope="module", params=BACKENDS)
def on(request: pytest.FixtureRequest, databases: Databases, crowd: Crowd) -> Iterator[Stage]:
    """The service: one process on SQLite, two on PostgreSQL, where every transaction dawdles."""
    backend: Backend = request.param
    with databases.maker(backend) as make:
        url = make()
        if backend == "postgresql":
            execute(url, *DAWDLING)
        with stage(url, crowd) as ready:
            yield ready


def test_nothing_is_lost_and_all_is_in_order(on: Stage) -> None:
    assert race(on, 0) == []


@pytest.mark.parametrize("on", ["postgresql"], indirect=True)
def test_control_without_the_guard_changes_are_lost(on: Stage) -> None:
    with guard_off(on.database_url):
        assert any(fault.startswith("lost: ") for seed in range(1, TRIES) for fault in race(on, seed))
