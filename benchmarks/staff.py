"""A hub's staff from the MIS: 10,000 people at 300 schools, brought in by a running server while others book.

Each list is sent as a school's system exports it, and timed from the first byte to the sync's end.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.access.queries import callers
from app.kernel.commands import command
from app.kernel.database import writing_engine
from app.kernel.desk import Desk
from app.kernel.ids import new_id
from app.kernel.settings import Settings
from app.kernel.writer import Writer
from app.people.models import Hub, School
from benchmarks.evening import Evening, set_up
from benchmarks.load import Outcome, press, request
from benchmarks.process import OURS, Running, server
from tests.mis.syncing.making import Person, oneroster

PEOPLE, SCHOOLS = 10_000, 300
PATIENCE = 120.0


@command()
def _add_schools(session: Session, *, now: datetime) -> None:
    hub = session.query(Hub).one()
    rows = [
        {"id": new_id(), "hub_id": hub.id, "name": f"School {number}", "urn": f"{800_000 + number}"}
        for number in range(SCHOOLS)
    ]
    session.execute(insert(School), [{**row, "created_at": now, "updated_at": now} for row in rows])


def _package(people: list[Person]) -> bytes:
    orgs = [(f"org-{number}", f"School {number}", f"{800_000 + number}") for number in range(SCHOOLS)]
    return oneroster(orgs, people)


def _staff() -> list[Person]:
    return [
        Person(
            f"staff-{number}", f"Given{number}", f"Family{number}", f"s{number}@mis.example", f"org-{number % SCHOOLS}"
        )
        for number in range(PEOPLE)
    ]


def packages() -> dict[str, bytes]:
    """The lists that are sent, one after another, by what they come to."""
    staff = _staff()
    changed = [
        replace(each, family=f"{each.family}-Changed") if number % 5 == 0 else each for number, each in enumerate(staff)
    ]
    return {"all new": _package(staff), "the same again": _package(staff), "a fifth changed": _package(changed)}


@dataclass(slots=True)
class _Sync:
    """One list on its way, on a thread of its own."""

    running: Running
    evening: Evening
    content: bytes
    done: threading.Event = field(default_factory=threading.Event)
    seconds: float = 0.0
    outcome: dict[str, Any] = field(default_factory=dict)

    def run(self) -> None:
        """Sends the list and waits for the end of its sync."""
        try:
            self._run()
        finally:
            self.done.set()

    def _run(self) -> None:
        headers = {"Authorization": f"Bearer {self.evening.key}"}
        address = f"http://127.0.0.1:{self.running.port}"
        with httpx.Client(base_url=address, headers=headers, timeout=PATIENCE) as client:
            began = time.perf_counter()
            form = {"format": "oneroster-csv", "mode": "apply"}
            answer = client.post("/v1/hubs/benchmark/imports", data=form, files={"file": ("staff.zip", self.content)})
            answer.raise_for_status()
            sync = answer.json()
            while sync["status"] == "running" and time.perf_counter() - began < PATIENCE:
                time.sleep(0.05)
                sync = client.get(f"/v1/syncs/{sync['id']}").json()
            self.seconds, self.outcome = time.perf_counter() - began, sync
        if sync["status"] != "applied":
            raise RuntimeError(f"the sync is {sync['status']}: {sync['summary']}")


def _bookings(evening: Evening, numbers: Iterator[Any], until: Callable[[], bool]) -> Iterator[bytes]:
    path = f"/v1/events/{evening.event_id}/registrations"
    for teacher_id in numbers:
        if until():
            return
        yield request("POST", path, key=evening.key, body=f'{{"teacher_id":"{teacher_id}"}}'.encode())


def staff(name: str, fresh: Callable[[], str], *, seconds: float, repeats: int) -> None:
    """Prints how long each list takes, and how fast others book meanwhile."""
    lists = packages()
    took: dict[str, list[float]] = {label: [] for label in lists}
    rates: dict[str, list[float]] = {label: [] for label in lists}
    memory, alone = [], []
    for _ in range(repeats):
        settings = Settings(database_url=fresh())
        evening = set_up(settings, teachers=int(60_000 + seconds * 5_000))
        _run(settings, lambda writer: writer.run_and_wait(_add_schools, now=datetime.now(UTC)))
        teachers = iter(evening.teacher_ids)
        with server(OURS, settings.database_url) as running:
            before = press(running.port, _bookings(evening, teachers, lambda: False), seconds=seconds)
            alone.append(before.per_second)
            for label, content in lists.items():
                sync = _Sync(running, evening, content)
                thread = threading.Thread(target=sync.run)
                thread.start()
                during: Outcome = press(running.port, _bookings(evening, teachers, sync.done.is_set), seconds=PATIENCE)
                thread.join()
                if not sync.outcome:
                    raise RuntimeError("the list did not come in")
                took[label].append(sync.seconds)
                rates[label].append(during.per_second / before.per_second)
            memory.append(running.megabytes)
    print(f"\n{name}: {PEOPLE:,} staff of {SCHOOLS} schools from OneRoster, while others book")
    for label in lists:
        rate = statistics.median(rates[label])
        print(
            f"  {label:24} {statistics.median(took[label]):5.1f} s"
            f"   others at {rate:.2f} of their rate without ({statistics.median(alone):.0f}/s)"
        )
    print(f"  memory of the process    {max(memory):.0f} MB")


def _run(settings: Settings, work: Callable[[Writer], Any]) -> None:
    writer = Writer(writing_engine(settings), Desk(callers), queue_limit=100)
    writer.start()
    try:
        work(writer)
    finally:
        writer.stop()
