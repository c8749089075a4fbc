"""Plans applied while people book and cancel: all of one is booked or none of it, and never two at once."""

import random
from typing import Any

from tests.races.stage import Faults, Stage, differ, lost, run, unexpected
from tests.races.test_seats import itineraries, room_faults
from tests.support.crowd import Ask, Task, Told
from tests.support.evening import Evening, hold_evening
from tests.support.forms import form

PEOPLE, TABLES, ROUNDS, SEEDS = form(short=(50, 9, 3, 3), full=(120, 24, 5, 20))
SEATS = 6
TRIES = 40
REFUSALS = {
    "table-full",
    "table-already-visited",
    "registration-not-confirmed",
    "allocation-stale",
    "idempotency-in-progress",
}
Where = dict[str, dict[int, int]]
"""Everybody's tables by round."""


def test_a_plan_is_booked_whole_or_not_at_all(service: Stage) -> None:
    assert run(_race, service, seeds=SEEDS) == []


def test_control_without_guards_plans_mix(unguarded_service: Stage) -> None:
    signs = ("two plans were applied at once: ", "seats of those who kept still: ", "twice in a round or at a table: ")
    assert lost(_race_of_plans, unguarded_service, signs=signs)


def _race(on: Stage, seed: int) -> Faults:
    """Half of the people keep still, the others book, leave and cancel; meanwhile plans are made and applied."""
    evening, people = _setting(on, seed)
    still, restless = people[: PEOPLE // 2], people[PEOPLE // 2 :]
    chance = random.Random(seed)
    plans = [_preview(evening, seed=seed + number, keep_bookings=False)["id"] for number in (1, 2)]
    tasks: list[Task] = [_move(chance, person) for person in restless for _ in range(6)]
    tasks += [[Ask("POST", f"/v1/registrations/{person}/cancel")] for person in restless[::5]]
    chance.shuffle(tasks)
    # In some races the plans come first, so that they are applied and not only refused.
    applying: list[Task] = [[_apply(plan)] for plan in plans for _ in range(3)]
    tasks = applying + tasks if seed % 2 == 0 else tasks[: len(tasks) // 2] + applying + tasks[len(tasks) // 2 :]
    rush = on.crowd.start(tasks, on.bases, on.hub.headers, at_once=16)
    faults = _apply_until_it_is_done(evening)
    told = rush.finish()
    return [
        *faults,
        *unexpected(told, REFUSALS),
        *_both(told, plans),
        *_seats_of(on, evening, still),
        *room_faults(on, evening, people),
    ]


def _race_of_plans(on: Stage, seed: int) -> Faults:
    """Plans that differ in nearly every seat, applied at the same moment: so many that some meet."""
    evening, people = _setting(on, seed)
    plans = [_preview(evening, seed=seed + number, keep_bookings=False)["id"] for number in range(8)]
    told = on.rush([[_apply(plan)] for _ in range(2) for plan in plans])
    return [*_both(told, plans), *_seats_of(on, evening, people), *room_faults(on, evening, people)]


def _setting(on: Stage, seed: int) -> tuple[Evening, list[str]]:
    evening = hold_evening(on.hub, capacity=PEOPLE, tables=TABLES, seats=SEATS, rounds=ROUNDS)
    names = [f"planned-{seed}-{evening.event_id[-6:]}-{number}" for number in range(PEOPLE)]
    people = [each["id"] for each in evening.register(names)]
    return evening, people


def _preview(evening: Evening, **options: Any) -> Any:
    return evening.hub.ask("POST", f"{evening.path}/allocations", options, expect=201)


def _apply(plan: str) -> Ask:
    return Ask("POST", f"/v1/allocations/{plan}/apply")


def _move(chance: random.Random, person: str) -> Task:
    at = f"/v1/registrations/{person}/itinerary/{chance.randint(1, ROUNDS)}"
    if chance.random() < 0.3:
        return [Ask("DELETE", at)]
    return [Ask("PUT", at, {"table_number": chance.randint(1, TABLES)})]


def _apply_until_it_is_done(evening: Evening) -> Faults:
    """As an organiser would: made stale by somebody, a plan is made anew, until one has been applied."""
    http = evening.hub.http
    for _ in range(TRIES):
        plan = _preview(evening)["id"]
        answer = http.post(f"/v1/allocations/{plan}/apply")
        if answer.status_code == 200:
            return []
        if answer.json()["type"] != "/problems/allocation-stale":
            return [f"not applied: {answer.text}"]
    return [f"never applied in {TRIES} tries"]


def _both(told: list[Told], plans: list[str]) -> Faults:
    """The second of two plans rests on bookings that the first has changed."""
    applied = {
        each.task[0].path.split("/")[3]
        for each in told
        if each.task[0].path.endswith("/apply") and each.last is not None and each.last.acknowledged
    }
    return [f"two plans were applied at once: {plans}"] if len(applied) > 1 else []


def _seats_of(on: Stage, evening: Evening, people: list[str]) -> Faults:
    """Those who kept still sit exactly as the plan has it that was applied last."""
    applied = [each for each in evening.hub.everything(f"{evening.path}/allocations") if each["status"] == "applied"]
    wanted: Where = {person: {} for person in people}
    if applied:
        last = max(applied, key=lambda each: str(each["applied_at"]))
        for each in evening.hub.ask("GET", f"/v1/allocations/{last['id']}")["itineraries"]:
            if each["registration_id"] in wanted:
                wanted[each["registration_id"]] = {seat["round"]: seat["table_number"] for seat in each["bookings"]}
    bookings = itineraries(on, people)
    found = {person: {seat["round"]: seat["table_number"] for seat in own} for person, own in bookings.items()}
    return differ("seats of those who kept still", found, wanted)
