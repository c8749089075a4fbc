"""Teachers racing for seats: every seat is taken once, nobody is at two tables in a round or at one table twice."""

import random
from collections import Counter
from typing import Any

from tests.races.stage import Faults, Stage, differ, lost, run, unexpected
from tests.support.crowd import Ask, Told
from tests.support.evening import Evening, hold_evening
from tests.support.forms import form

PEOPLE, TABLES, ROUNDS, SEEDS = form(short=(50, 6, 3, 2), full=(200, 24, 5, 20))
SEATS = 6
assert PEOPLE - TABLES * SEATS + 1 > SEATS * (ROUNDS - 1), "else a seat may be left that all who stand have visited"

Where = dict[int, int]
"""A person's table number by round."""


def test_seats_are_never_oversold(service: Stage) -> None:
    assert run(_race, service, seeds=SEEDS) == []


def test_control_without_guards_seats_are_oversold(unguarded_service: Stage) -> None:
    assert lost(_race, unguarded_service, signs=("more told that they sit: ",))


def test_control_without_guards_people_are_in_two_places(unguarded_service: Stage) -> None:
    assert lost(_race_of_the_restless, unguarded_service, signs=("twice in a round or at a table: ",))


def _race(on: Stage, seed: int) -> Faults:
    """Everybody tries, in all rounds at once, one table after another until one has a seat."""
    evening = hold_evening(on.hub, capacity=PEOPLE, tables=TABLES, seats=SEATS, rounds=ROUNDS)
    people = [each["id"] for each in evening.register([f"for-a-seat-{seed}-{number}" for number in range(PEOPLE)])]
    chance = random.Random(seed)
    tasks = []
    for person in people:
        tables = chance.sample(range(1, TABLES + 1), TABLES)  # the same in all rounds: they must not all be granted
        tasks += [
            [Ask("PUT", f"/v1/registrations/{person}/itinerary/{number}", {"table_number": table}) for table in tables]
            for number in range(1, ROUNDS + 1)
        ]
    chance.shuffle(tasks)
    told = on.rush(tasks)
    return [
        *unexpected(told, {"table-full", "table-already-visited"}),
        *_seats_that_were_promised(told),
        *room_faults(on, evening, people),
        *differ("seats taken", sum(taken(evening).values()), TABLES * SEATS * ROUNDS),
    ]


def _race_of_the_restless(on: Stage, seed: int) -> Faults:
    """Few people, each of whom asks for many seats at once."""
    evening = hold_evening(on.hub, capacity=PEOPLE, tables=TABLES, seats=SEATS, rounds=ROUNDS)
    people = [each["id"] for each in evening.register([f"restless-{seed}-{number}" for number in range(8)])]
    tasks = [
        [Ask("PUT", f"/v1/registrations/{person}/itinerary/{number}", {"table_number": table})]
        for person in people
        for number in range(1, ROUNDS + 1)
        for table in (1, 2)
    ]
    random.Random(seed).shuffle(tasks)
    told = on.rush(tasks)
    return [*unexpected(told, {"table-full", "table-already-visited"}), *room_faults(on, evening, people)]


def _seats_that_were_promised(told: list[Told]) -> Faults:
    """Nobody leaves in this race, so a slot is promised to no more people than it has seats."""
    promised = Counter(
        (each.task[0].path.rpartition("/")[2], each.task[len(each.answers) - 1].body["table_number"])
        for each in told
        if each.last is not None and each.last.acknowledged
    )
    over = {slot: people for slot, people in promised.items() if people > SEATS}
    return [f"more told that they sit: {over}"] if over else []


def taken(evening: Evening) -> dict[tuple[int, int], int]:
    """Seats taken by round and table, as the marketplace shows them."""
    market = evening.hub.ask("GET", f"{evening.path}/marketplace")
    return {
        (each["number"], slot["table_number"]): slot["seats_taken"]
        for each in market["rounds"]
        for slot in each["tables"]
    }


def itineraries(on: Stage, people: list[str]) -> dict[str, list[Any]]:
    """Everybody's bookings."""
    told = on.rush([[Ask("GET", f"/v1/registrations/{person}/itinerary")] for person in people])
    return {person: each.last.body["bookings"] for person, each in zip(people, told, strict=True) if each.last}


def room_faults(on: Stage, evening: Evening, people: list[str]) -> Faults:
    """What is wrong with where these people sit; nobody else may sit anywhere."""
    bookings = itineraries(on, people)
    assert len(bookings) == len(people)
    faults: Faults = []
    seated: Counter[tuple[int, int]] = Counter()
    for person, mine in bookings.items():
        rounds, tables = [each["round"] for each in mine], [each["table_number"] for each in mine]
        seated.update(zip(rounds, tables, strict=True))
        if len({*rounds}) < len(rounds) or len({*tables}) < len(tables):
            faults.append(f"twice in a round or at a table: {person} {sorted(zip(rounds, tables, strict=True))}")
    market = taken(evening)
    return [
        *faults,
        *(f"above its seats: {slot}, {people}" for slot, people in market.items() if people > evening.seats),
        *differ("seats taken by round and table", market, {slot: seated[slot] for slot in market}),
    ]
