"""kill -9 of a server in mid-rush: whatever was acknowledged is there afterwards, and the server is soon back."""

import random
import time
from dataclasses import dataclass

import pytest

from tests.races.stage import TRIES, Faults, Stage, stage
from tests.support import lossy
from tests.support.crowd import Ask, Crowd, Told
from tests.support.evening import Evening, hold_evening
from tests.support.forms import form

KILLS = form(short=2, full=20)
CAPACITY, PEOPLE = 120, 500
BACK_WITHIN_SECONDS = form(short=15.0, full=3.0)
"""In the short form other tests keep the machine busy meanwhile; the figures are printed in both."""


@dataclass(frozen=True, slots=True)
class Kill:
    """What came of one kill."""

    faults: Faults
    acknowledged: int
    unanswered: int
    seconds_to_come_back: float


def test_nothing_acknowledged_is_lost(database_url: str, crowd: Crowd, capsys: pytest.CaptureFixture[str]) -> None:
    with stage(database_url, crowd) as on:
        kills = [_kill_in_mid_rush(on, seed) for seed in range(KILLS)]
        assert [fault for kill in kills for fault in kill.faults] + on.check() == []
    back = [round(kill.seconds_to_come_back, 2) for kill in kills]
    with capsys.disabled():
        print(f"\n{on.backend}: {sum(kill.acknowledged for kill in kills)} acknowledged, back after {back} s")
    assert all(kill.acknowledged and kill.unanswered for kill in kills), "killed before or after the rush"
    assert max(back) < BACK_WITHIN_SECONDS


def test_control_an_answer_before_the_commit_is_caught(database_url: str, crowd: Crowd) -> None:
    with stage(database_url, crowd, service=lossy.SERVICE, processes=1) as on:
        assert any(
            fault.startswith("acknowledged and lost: ")
            for seed in range(TRIES)
            for fault in _kill_in_mid_rush(on, seed).faults
        )


def _kill_in_mid_rush(on: Stage, seed: int) -> Kill:
    """Kills the first process when some people have been answered, starts it again, and looks for all of them."""
    evening = hold_evening(on.hub, capacity=CAPACITY)
    names = [f"in-mid-rush-{seed}-{number}" for number in range(PEOPLE)]
    asks = [Ask("POST", f"{evening.path}/registrations", {"teacher": on.hub.guest(name)}) for name in names]
    rush = on.crowd.start([[ask] for ask in asks], on.bases, on.hub.headers, at_once=4)
    _wait_for(evening, random.Random(seed).randint(5, CAPACITY * 2))
    on.processes[0].kill()
    seconds = on.processes[0].start()
    told = rush.finish()
    answered = [each.last for each in told if each.last is not None]
    return Kill(
        faults=_faults(evening, told),
        acknowledged=sum(each.acknowledged for each in answered),
        unanswered=len(told) - len(answered),
        seconds_to_come_back=seconds,
    )


def _wait_for(evening: Evening, people: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        event = evening.hub.ask("GET", evening.path)
        if event["confirmed_count"] + event["waitlisted_count"] >= people:
            return
    raise AssertionError("the rush did not begin")


def _faults(evening: Evening, told: list[Told]) -> Faults:
    at_the_end = evening.registrations()
    there = {each["id"]: each["status"] for each in at_the_end}
    answers = [each.last for each in told if each.last is not None]
    acknowledged = {answer.body["id"]: answer.body["status"] for answer in answers if answer.acknowledged}
    lost = acknowledged.keys() - there.keys()
    changed = {each for each in acknowledged.keys() - lost if acknowledged[each] != there[each]}
    strange = [answer.status for answer in answers if answer.status != 201]
    confirmed = sum(each["status"] == "confirmed" for each in at_the_end)
    positions = sorted(each["waitlist_position"] for each in at_the_end if each["status"] == "waitlisted")
    faults = {
        f"acknowledged and lost: {len(lost)}": lost,
        f"acknowledged otherwise: {len(changed)}": changed,
        f"answered with {strange[:5]}": strange,
        f"oversold: {confirmed}": confirmed > CAPACITY,
        f"positions {positions}": positions != list(range(1, len(positions) + 1)),
        f"{len(positions)} wait while a place is free": positions and confirmed < CAPACITY,
    }
    return [fault for fault, found in faults.items() if found]
