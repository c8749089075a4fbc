"""Registrations, cancellations, moves, changes of size and promotions, all at the same time."""

import random
from collections import Counter
from collections.abc import Callable, Sequence

from tests.races.stage import Faults, Stage, differ, lost, run, unexpected
from tests.races.test_seats import room_faults
from tests.support.crowd import Ask, Task, Told
from tests.support.evening import Evening, hold_evening
from tests.support.forms import form

CAPACITY, BEFORE, ASKS, SEEDS = form(short=(30, 45, 300, 2), full=(120, 180, 1500, 20))
TABLES, SEATS, ROUNDS = form(short=(6, 4, 3), full=(24, 6, 5))
REFUSALS = {
    "already-registered",
    "capacity-below-taken",
    "not-found",
    "registration-not-confirmed",
    "table-already-visited",
    "table-closed",
    "table-full",
    "table-taken",
}


def test_nothing_breaks_when_everything_happens_at_once(service: Stage) -> None:
    assert run(_race, service, seeds=SEEDS) == []


def test_control_without_guards_something_breaks(unguarded_service: Stage) -> None:
    assert lost(_race, unguarded_service, signs=("oversold: ", "confirmed_count: "))


def _race(on: Stage, seed: int) -> Faults:
    evening = hold_evening(on.hub, capacity=CAPACITY, tables=TABLES, seats=SEATS, rounds=ROUNDS)
    before = [each["id"] for each in evening.register([f"early-{seed}-{number}" for number in range(BEFORE)])]
    told = on.rush(_Doings(evening, before, seed).tasks())
    return [*unexpected(told, REFUSALS), *_attendance_faults(on, evening, before, told)]


class _Doings:
    """What people and organisers do, drawn at random."""

    def __init__(self, evening: Evening, people: Sequence[str], seed: int) -> None:
        self._evening = evening
        self._people = people
        self._seed = seed
        self._chance = random.Random(seed)

    def tasks(self) -> list[Task]:
        """So many of each, in any order."""
        doings: list[tuple[Callable[[int], Ask], int]] = [
            (self._register, 25),
            (self._cancel, 15),
            (self._sit, 35),
            (self._stand_up, 5),
            (self._rearrange, 10),
            (self._change_capacity, 4),
            (self._change_seats, 3),
            (self._take_presentation_away, 1),
            (self._put_presentation_back, 2),
        ]
        kinds, weights = zip(*doings, strict=True)
        drawn = self._chance.choices(kinds, weights, k=ASKS)
        return [[kind(number)] for number, kind in enumerate(drawn)]

    def _register(self, number: int) -> Ask:
        # Some names come twice, so some are registered already.
        name = f"late-{self._seed}-{self._chance.randrange(number // 2 + 1)}"
        return Ask("POST", f"{self._evening.path}/registrations", {"teacher": self._evening.hub.guest(name)})

    def _cancel(self, _number: int) -> Ask:
        return Ask("POST", f"/v1/registrations/{self._anybody()}/cancel")

    def _sit(self, _number: int) -> Ask:
        where = f"/v1/registrations/{self._anybody()}/itinerary/{self._round()}"
        return Ask("PUT", where, {"table_number": self._table()})

    def _stand_up(self, _number: int) -> Ask:
        return Ask("DELETE", f"/v1/registrations/{self._anybody()}/itinerary/{self._round()}")

    def _rearrange(self, _number: int) -> Ask:
        tables = self._chance.sample(range(1, TABLES + 1), ROUNDS)
        bookings = [{"round": number, "table_number": table} for number, table in enumerate(tables, start=1)]
        return Ask("PUT", f"/v1/registrations/{self._anybody()}/itinerary", {"bookings": bookings})

    def _change_capacity(self, _number: int) -> Ask:
        capacity = self._chance.randint(CAPACITY - CAPACITY // 4, CAPACITY + CAPACITY // 4)
        return Ask("PATCH", self._evening.path, {"attendee_capacity": capacity})

    def _change_seats(self, _number: int) -> Ask:
        seats = self._chance.randint(SEATS - 2, SEATS)
        return Ask("PATCH", f"{self._evening.path}/tables/{self._table()}", {"seats": seats})

    def _take_presentation_away(self, _number: int) -> Ask:
        return Ask("DELETE", f"{self._evening.path}/tables/{self._table()}/presentation")

    def _put_presentation_back(self, _number: int) -> Ask:
        body = {"presentation_id": self._chance.choice(self._evening.presentation_ids)}
        return Ask("PUT", f"{self._evening.path}/tables/{self._table()}/presentation", body)

    def _anybody(self) -> str:
        return self._chance.choice(self._people)

    def _round(self) -> int:
        return self._chance.randint(1, ROUNDS)

    def _table(self) -> int:
        return self._chance.randint(1, TABLES)


def _attendance_faults(on: Stage, evening: Evening, before: list[str], told: list[Told]) -> Faults:
    at_the_end = {each["id"]: each for each in evening.registrations()}
    status = Counter(each["status"] for each in at_the_end.values())
    event = evening.hub.ask("GET", evening.path)
    waiting = sorted(each["waitlist_position"] for each in at_the_end.values() if each["status"] == "waitlisted")
    # Early ones were queued in this order, and whoever comes first is promoted first.
    early = [live for person in before if (live := at_the_end[person]["status"]) != "cancelled"]
    faults = [
        *differ("registered and gone", _acknowledged(told, "/registrations") - at_the_end.keys(), set()),
        *differ("cancelled", _acknowledged(told, "/cancel"), _cancelled(at_the_end)),
        *differ("positions", waiting, list(range(1, len(waiting) + 1))),
        *differ("promoted in order", early, sorted(early)),
        *differ("confirmed_count", event["confirmed_count"], status["confirmed"]),
        *differ("waitlisted_count", event["waitlisted_count"], status["waitlisted"]),
    ]
    if status["confirmed"] > event["attendee_capacity"]:
        faults.append(f"oversold: {status['confirmed']} have a place of {event['attendee_capacity']}")
    if waiting and status["confirmed"] < event["attendee_capacity"]:
        faults.append(f"{len(waiting)} wait while a place is free")
    return [*faults, *room_faults(on, evening, list(at_the_end))]


def _acknowledged(told: list[Told], path: str) -> set[str]:
    """Registrations of which an answer to such a request told."""
    return {
        each.last.body["id"]
        for each in told
        if each.last is not None and each.last.acknowledged and each.task[0].path.endswith(path)
    }


def _cancelled(registrations: dict[str, dict[str, str]]) -> set[str]:
    return {each["id"] for each in registrations.values() if each["status"] == "cancelled"}
