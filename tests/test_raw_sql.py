"""The database has the last word: somebody with an SQL prompt tries to cheat, and is refused, on both databases.

The evening that is cheated is set up over HTTP. Every cheat runs in a transaction of its own, with nothing but the
database's driver between it and the tables, and is rolled back.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from tests.support.databases import BACKENDS, Backend, Databases
from tests.support.evening import Evening, check, found_hub, hold_evening
from tests.support.server import servers

Names = Mapping[str, str]
"""Ids by the names that cheats use for them, as `:ann`."""

REFUSED = {
    # 1. More confirmed attendees than places.
    "the row of a place that is held already": [
        """INSERT INTO places (event_id, role, number, registration_id, held_event_id, held_role)
           VALUES (:full, 'attendee', 1, :dee, :full, 'attendee')"""
    ],
    "a place of its own for somebody who has one": [
        """INSERT INTO places (event_id, role, number, registration_id, held_event_id, held_role)
           VALUES (:full, 'attendee', 4, :ann, :full, 'attendee')"""
    ],
    "two places for one registration": [
        (
            "UPDATE places SET registration_id = :ann, held_event_id = :full, held_role = 'attendee' "
            "WHERE event_id = :full AND role = 'attendee' AND number = 2"
        )
    ],
    "a place for another event's registration": [
        (
            "UPDATE places SET registration_id = :dee, held_event_id = :full, held_role = 'attendee' "
            "WHERE event_id = :other AND role = 'attendee' AND number = 3"
        )
    ],
    "a place for another event's registration, said to be of this one": [
        (
            "UPDATE places SET registration_id = :dee, held_event_id = :other, held_role = 'attendee' "
            "WHERE event_id = :other AND role = 'attendee' AND number = 3"
        )
    ],
    "a presenter's place for an attendee": [
        """INSERT INTO places (event_id, role, number, registration_id, held_event_id, held_role)
           VALUES (:full, 'presenter', 9, :dee, :full, 'presenter')"""
    ],
    "a presenter's place for somebody said to be an attendee": [
        """INSERT INTO places (event_id, role, number, registration_id, held_event_id, held_role)
           VALUES (:full, 'presenter', 9, :dee, :full, 'attendee')"""
    ],
    "a place for a registration that is not there": [
        (
            "UPDATE places SET registration_id = :full, held_event_id = :other, held_role = 'attendee' "
            "WHERE event_id = :other AND role = 'attendee' AND number = 3"
        )
    ],
    # 2. Presentations and tables.
    "a second presentation at one table": [
        (
            "UPDATE presentations SET table_id = (SELECT id FROM tables WHERE event_id = :full AND number = 1) "
            "WHERE event_id = :full AND table_id = (SELECT id FROM tables WHERE event_id = :full AND number = 2)"
        )
    ],
    "accepted without a table": ["UPDATE presentations SET table_id = NULL WHERE event_id = :full"],
    "at a table without being accepted": ["UPDATE presentations SET status = 'proposed' WHERE event_id = :full"],
    "a presentation at another event's table": [
        (
            "UPDATE presentations SET table_id = (SELECT id FROM tables WHERE event_id = :other AND number = 2) "
            "WHERE table_id = (SELECT id FROM tables WHERE event_id = :full AND number = 1)"
        )
    ],
    "two tables with one number": ["UPDATE tables SET number = 1 WHERE event_id = :full"],
    # 3. and 4. Seats.
    "the row of a seat that is there already": [
        (
            "INSERT INTO seats (slot_id, number, event_id, round_id, table_id) "
            "SELECT slot_id, number, event_id, round_id, table_id FROM seats WHERE registration_id = :ann"
        )
    ],
    "two tables in one round": [
        (
            "UPDATE seats SET registration_id = :ann, held_event_id = :full WHERE number = 1 AND slot_id = ("
            "SELECT s.id FROM slots s JOIN rounds r ON r.id = s.round_id JOIN tables t ON t.id = s.table_id "
            "WHERE s.event_id = :full AND r.number = 1 AND t.number = 2)"
        )
    ],
    "two seats at one table in one round": [
        (
            "UPDATE seats SET registration_id = :ann, held_event_id = :full "
            "WHERE slot_id = (SELECT slot_id FROM seats WHERE registration_id = :ann) AND registration_id IS NULL"
        )
    ],
    "one table in two rounds": [
        (
            "UPDATE seats SET registration_id = :ann, held_event_id = :full WHERE number = 1 AND slot_id = ("
            "SELECT s.id FROM slots s JOIN rounds r ON r.id = s.round_id JOIN tables t ON t.id = s.table_id "
            "WHERE s.event_id = :full AND r.number = 2 AND t.number = 1)"
        )
    ],
    "a seat that is moved to another round": [
        (
            "UPDATE seats SET round_id = (SELECT id FROM rounds WHERE event_id = :full AND number = 2) "
            "WHERE registration_id = :ann"
        )
    ],
    "a seat that is moved to another table": [
        (
            "UPDATE seats SET table_id = (SELECT id FROM tables WHERE event_id = :full AND number = 2) "
            "WHERE registration_id = :ann"
        )
    ],
    "a seat that is moved to another event": ["UPDATE seats SET event_id = :other WHERE registration_id = :ann"],
    "a slot with a table of another event": [
        (
            "UPDATE slots SET table_id = (SELECT id FROM tables WHERE event_id = :other AND number = 1) WHERE id = "
            "(SELECT slot_id FROM seats WHERE registration_id = :ann)"
        )
    ],
    "a seat for somebody without a place": [
        (
            "UPDATE seats SET registration_id = :dee, held_event_id = :full WHERE number = 1 AND slot_id = ("
            "SELECT s.id FROM slots s JOIN rounds r ON r.id = s.round_id JOIN tables t ON t.id = s.table_id "
            "WHERE s.event_id = :full AND r.number = 2 AND t.number = 2)"
        )
    ],
    "a seat for another event's attendee": [
        "UPDATE seats SET registration_id = :fay, held_event_id = :full WHERE registration_id = :ann"
    ],
    "a seat held by nobody in particular": [
        "UPDATE seats SET registration_id = NULL WHERE registration_id = :ann",
    ],
    # 5. Registrations.
    "two live registrations of one teacher": [
        """INSERT INTO registrations (id, event_id, live_event_id, teacher_id, role, created_at, updated_at)
           SELECT :new, event_id, live_event_id, teacher_id, role, created_at, updated_at
           FROM registrations WHERE id = :ann"""
    ],
    "live at another event than its own": ["UPDATE registrations SET live_event_id = :other WHERE id = :dee"],
    "cancelled, but said to be live": ["UPDATE registrations SET cancelled_at = created_at WHERE id = :ann"],
    "cancelled without a date": ["UPDATE registrations SET live_event_id = NULL WHERE id = :ann"],
    "a registration that holds a place, deleted": ["DELETE FROM registrations WHERE id = :fay"],
    "a presenter in an attendee's place": [
        "UPDATE registrations SET live_event_id = NULL, role = 'host' WHERE id = :fay"
    ],
    # 7. The waitlist.
    "a place given up while somebody waits": [
        "UPDATE places SET registration_id = NULL, held_event_id = NULL, held_role = NULL WHERE registration_id = :ann"
    ],
    "somebody cancelled while somebody else waits, and nobody promoted": [
        "UPDATE registrations SET live_event_id = NULL, cancelled_at = created_at WHERE id = :ann"
    ],
    "a free place added while somebody waits": [
        "INSERT INTO places (event_id, role, number) VALUES (:full, 'attendee', 4)"
    ],
    "somebody queued while a place is free": ["UPDATE registrations SET queue_number = 1 WHERE id = :fay"],
    "somebody new queued while a place is free": [
        """INSERT INTO registrations
           (id, event_id, live_event_id, teacher_id, role, queue_number, created_at, updated_at)
           SELECT :new, :other, :other, teacher_id, role, 1, created_at, updated_at
           FROM registrations WHERE id = :dee"""
    ],
    "the same number in the queue twice": ["UPDATE registrations SET queue_number = 1 WHERE event_id = :full"],
    "a cancelled one who still waits": [
        "UPDATE registrations SET live_event_id = NULL, cancelled_at = created_at WHERE id = :dee"
    ],
    "somebody who waits, checked in": ["UPDATE registrations SET checked_in_at = created_at WHERE id = :dee"],
    "somebody who has come, cancelled": [
        "UPDATE registrations SET checked_in_at = created_at WHERE id = :fay",
        "UPDATE registrations SET live_event_id = NULL, cancelled_at = created_at WHERE id = :fay",
    ],
    "somebody else's code": [
        (
            "UPDATE registrations SET check_in_code = (SELECT check_in_code FROM registrations WHERE id = :ann) "
            "WHERE id = :ben"
        )
    ],
    # 8. Lowered below what is taken.
    "a table that holds a presentation, deleted": ["DELETE FROM tables WHERE event_id = :full AND number = 1"],
    # 10. The same request twice.
    "a second answer kept under one key": [
        """INSERT INTO idempotency_keys (principal, key, sealed, kept_until)
           SELECT principal, key, sealed, kept_until FROM idempotency_keys"""
    ],
    # What happened stays.
    "another story of what happened": ["UPDATE outbox SET kind = 'event.deleted'"],
    "what happened, deleted": ["DELETE FROM outbox"],
    # 11. Hubs apart.
    "a teacher moved to another hub": ["UPDATE teachers SET hub_id = :new"],
}
"""What the database refuses, by what somebody tries.

Ann, Ben and Cas have the three places of the full evening, Dee and Eve wait; Fay is at the other evening, where two
places are free. Ann and Fay sit at table 1 in round 1.
"""


@dataclass(frozen=True, slots=True)
class Prompt:
    """An SQL prompt: the driver's own connection, and the ids of what there is."""

    connection: Any
    ids: Names

    def run(self, statement: str) -> list[Any]:
        """Runs one statement, in which `:name` is an id."""
        if isinstance(self.connection, sqlite3.Connection):
            found = self.connection.execute(statement, {name: UUID(each).hex for name, each in self.ids.items()})
        else:
            ids = {name: UUID(each) for name, each in self.ids.items()}
            found = self.connection.execute(re.sub(r":(\w+)", r"%(\1)s", statement), ids)
        return list(found.fetchall()) if found.description else []


@dataclass(frozen=True, slots=True)
class Cheated:
    """The database, and who is in it."""

    url: str
    ids: Names

    @contextmanager
    def prompt(self) -> Iterator[Prompt]:
        """A transaction that is rolled back."""
        connection: Any
        if self.url.startswith("sqlite"):
            connection = sqlite3.connect(self.url.removeprefix("sqlite:///"), isolation_level=None)
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("BEGIN IMMEDIATE")
        else:
            connection = psycopg.connect(self.url.replace("+psycopg", "", 1))
        try:
            yield Prompt(connection, self.ids)
        finally:
            connection.rollback()
            connection.close()


@pytest.fixture(scope="module", params=BACKENDS)
def cheated(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Cheated]:
    """Two evenings, one of them full; the service is stopped once they are set up."""
    backend: Backend = request.param
    with databases.maker(backend) as make:
        url = make()
        with servers(url) as [server], httpx.Client(base_url=server.url, timeout=30) as http:
            hub = found_hub(url, http)
            full, other = (hold_evening(hub, capacity=3, tables=2, seats=2, rounds=2) for _ in range(2))
            guests = {**_guests(full, "ann", "ben", "cas", "dee", "eve"), **_guests(other, "fay")}
            for guest in ("ann", "fay"):
                hub.ask("PUT", f"/v1/registrations/{guests[guest]}/itinerary/1", {"table_number": 1})
            kept = http.post(
                f"/v1/hubs/{hub.id}/teachers", json=_bystander(hub.school_id), headers={"Idempotency-Key": "k"}
            )
            assert kept.status_code == 201
        ids = {
            **guests,
            "full": full.event_id,
            "other": other.event_id,
            "new": "019a0000-0000-7000-8000-000000000001",
        }
        yield Cheated(url, ids)
        assert check(url).returncode == 0, "nothing of all that has stayed"


def _guests(evening: Evening, *names: str) -> dict[str, str]:
    return {name: each["id"] for name, each in zip(names, evening.register(names), strict=True)}


def _bystander(school_id: str) -> dict[str, str]:
    return {"given_name": "Gil", "school_id": school_id}


@pytest.mark.parametrize("cheat", REFUSED)
def test_the_database_refuses(cheat: str, cheated: Cheated) -> None:
    *before, last = REFUSED[cheat]
    with cheated.prompt() as prompt:
        for statement in before:
            prompt.run(statement)
        with pytest.raises((sqlite3.IntegrityError, psycopg.errors.IntegrityError)):
            prompt.run(last)


def test_cancelling_empties_place_and_seats_by_itself(cheated: Cheated) -> None:
    with cheated.prompt() as prompt:
        held = "SELECT count(*) FROM {} WHERE registration_id = :fay"
        assert [prompt.run(held.format(table)) for table in ("places", "seats")] == [[(1,)], [(1,)]]
        prompt.run("UPDATE registrations SET live_event_id = NULL, cancelled_at = created_at WHERE id = :fay")
        assert [prompt.run(held.format(table)) for table in ("places", "seats")] == [[(0,)], [(0,)]]
        free = "SELECT count(*) FROM places WHERE event_id = :other AND role = 'attendee' AND registration_id IS NULL"
        assert prompt.run(free) == [(3,)]


def test_giving_up_a_place_empties_the_seats(cheated: Cheated) -> None:
    with cheated.prompt() as prompt:
        prompt.run(
            "UPDATE places SET registration_id = NULL, held_event_id = NULL, held_role = NULL "
            "WHERE registration_id = :fay"
        )
        assert prompt.run("SELECT count(*) FROM seats WHERE registration_id = :fay") == [(0,)]


def test_handing_a_place_over_leaves_no_seat_to_the_one_before(cheated: Cheated) -> None:
    with cheated.prompt() as prompt:
        prompt.run("UPDATE places SET registration_id = :dee WHERE registration_id = :ann")
        assert prompt.run("SELECT count(*) FROM seats WHERE registration_id IN (:ann, :dee)") == [(0,)]


def test_taking_a_place_away_leaves_no_booking(cheated: Cheated) -> None:
    """Whether the database refuses it or empties the seats with it: nobody sits without a place."""
    with cheated.prompt() as prompt:
        prompt.run("SAVEPOINT before")
        try:
            prompt.run("DELETE FROM places WHERE registration_id = :fay")
        except (sqlite3.IntegrityError, psycopg.errors.IntegrityError):
            prompt.run("ROLLBACK TO before")
        unfounded = """SELECT count(*) FROM seats s WHERE s.registration_id IS NOT NULL
                       AND NOT EXISTS (SELECT 1 FROM places p WHERE p.registration_id = s.registration_id)"""
        assert prompt.run(unfounded) == [(0,)]
