"""Writers that need the same things in opposite orders: nobody is turned away, and nothing is lost."""

import random
from collections import Counter

from tests.races.stage import Faults, Stage, differ, final_answers, run, unexpected
from tests.support.crowd import Ask, Task
from tests.support.evening import Evening, hold_evening
from tests.support.forms import form

EVENTS, PEOPLE, SEEDS = form(short=(6, 30, 3), full=(12, 100, 20))


def test_many_events_in_opposite_orders(service: Stage) -> None:
    assert run(_race, service, seeds=SEEDS) == []


def test_the_same_new_people_at_many_events_in_opposite_orders(service: Stage) -> None:
    assert run(_race_of_batches, service, seeds=SEEDS) == []


def _race(on: Stage, seed: int) -> Faults:
    """Half of the people go through the events forwards, the others backwards: each commit has several events."""
    evenings = [hold_evening(on.hub, capacity=PEOPLE // 2) for _ in range(EVENTS)]
    names = [f"everywhere-{seed}-{number}" for number in range(PEOPLE)]
    tasks: list[Task] = []
    for number, name in enumerate(names):
        way = evenings if number % 2 else evenings[::-1]
        tasks += [[Ask("POST", f"{each.path}/registrations", {"teacher": on.hub.guest(name)})] for each in way]
    told = on.rush(tasks)
    return [*unexpected(told, ()), *(fault for each in evenings for fault in _faults(each))]


def _race_of_batches(on: Stage, seed: int) -> Faults:
    """Each event gets everybody, whom nobody knows yet, in one request, some of them from the last to the first."""
    evenings = [hold_evening(on.hub, capacity=PEOPLE // 2) for _ in range(EVENTS)]
    people = [on.hub.guest(f"in-batches-{seed}-{number}") for number in range(PEOPLE)]
    tasks: list[Task] = []
    for number, evening in enumerate(evenings):
        items = [{"teacher": each} for each in (people if number % 2 else people[::-1])]
        tasks.append([Ask("POST", f"{evening.path}/registrations/batch", {"items": items})])
    random.Random(seed).shuffle(tasks)
    told = on.rush(tasks)
    items = [item["status"] for answer in final_answers(told) if answer.acknowledged for item in answer.body["items"]]
    return [
        *unexpected(told, ()),
        *differ("items", Counter(items), Counter({201: EVENTS * PEOPLE})),
        *(fault for each in evenings for fault in _faults(each)),
    ]


def _faults(evening: Evening) -> Faults:
    there = evening.registrations()
    positions = sorted(each["waitlist_position"] for each in there if each["status"] == "waitlisted")
    return [
        *differ("people", len({each["teacher"]["id"] for each in there}), PEOPLE),
        *differ("registrations", len(there), PEOPLE),
        *differ("positions", positions, list(range(1, PEOPLE - PEOPLE // 2 + 1))),
    ]
