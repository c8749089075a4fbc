"""Teachers racing for places: exactly as many are confirmed as there are places, the rest wait in order."""

import random
from collections import Counter

from tests.races.stage import Faults, Stage, differ, final_answers, lost, run, unexpected
from tests.support.crowd import Ask, Told
from tests.support.evening import Evening, hold_evening
from tests.support.forms import form

PEOPLE, CAPACITY, SEEDS = form(short=(90, 36, 2), full=(300, 120, 20))


def test_places_are_never_oversold(service: Stage) -> None:
    assert run(_race, service, seeds=SEEDS) == []


def test_control_without_guards_places_are_oversold(unguarded_service: Stage) -> None:
    assert lost(_race, unguarded_service, signs=("confirmed at the end: ",))
    assert unguarded_service.check() != []


def _race(on: Stage, seed: int) -> Faults:
    """Everybody asks once, and some again at the same time from another client."""
    evening = hold_evening(on.hub, capacity=CAPACITY)
    names = [f"for-a-place-{seed}-{number}" for number in range(PEOPLE)]
    asking = [*names, *names[: PEOPLE // 10]]
    random.Random(seed).shuffle(asking)
    asks = [Ask("POST", f"{evening.path}/registrations", {"teacher": on.hub.guest(name)}) for name in asking]
    return _verdict(evening, on.rush([[ask] for ask in asks]))


def _verdict(evening: Evening, told: list[Told]) -> Faults:
    answers = final_answers(told)
    registered = [answer.body for answer in answers if answer.status == 201]
    answered = Counter(each["status"] for each in registered)
    at_the_end = evening.registrations()
    live = Counter(each["status"] for each in at_the_end)
    event = evening.hub.ask("GET", evening.path)
    waiting = {each["id"]: each["waitlist_position"] for each in at_the_end if each["status"] == "waitlisted"}
    told_to_wait = {each["id"]: each["waitlist_position"] for each in registered if each["status"] == "waitlisted"}
    return [
        *unexpected(told, {"already-registered"}),
        *differ("registered", len(registered), PEOPLE),
        *differ("told that they have a place", answered["confirmed"], CAPACITY),
        *differ("confirmed at the end", live["confirmed"], CAPACITY),
        *differ("positions", sorted(waiting.values()), list(range(1, PEOPLE - CAPACITY + 1))),
        *differ("positions as they were told", told_to_wait, waiting),
        *differ("confirmed_count", event["confirmed_count"], CAPACITY),
        *differ("waitlisted_count", event["waitlisted_count"], PEOPLE - CAPACITY),
        *differ("places_left", event["places_left"], 0),
    ]
