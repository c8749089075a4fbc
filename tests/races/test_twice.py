"""The same request again: at once from many clients, later, and across a kill. It is carried out once."""

import random
import time
from collections import Counter
from typing import Any

from tests.races.stage import Faults, Stage, differ, final_answers, stage
from tests.support.crowd import Answer, Ask, Crowd
from tests.support.evening import Evening, hold_evening
from tests.support.forms import form

AT_ONCE = 50
KILLS = form(short=2, full=20)
PEOPLE = 40


def test_identical_registrations_at_once_are_one(service: Stage) -> None:
    evening = hold_evening(service.hub, capacity=10)
    ask = _ask(evening, "ada-identical", key="identical")
    faults = _faults_of_repeating(final_answers(service.rush([[ask]] * AT_ONCE)))
    assert faults + differ("registrations", len(evening.registrations()), 1) + service.check() == []


def test_identical_new_teachers_without_an_address_are_one(service: Stage) -> None:
    """Nothing but the key tells that they are the same."""
    body = {"given_name": "Ottilie", "family_name": "Onlyonce", "school_id": service.hub.school_id}
    ask = Ask("POST", f"/v1/hubs/{service.hub.id}/teachers", body, {"Idempotency-Key": "one-teacher"})
    faults = _faults_of_repeating(final_answers(service.rush([[ask]] * AT_ONCE)))
    there = [
        each
        for each in service.hub.everything(f"/v1/hubs/{service.hub.id}/teachers")
        if each["family_name"] == "Onlyonce"
    ]
    assert faults + differ("teachers", len(there), 1) == []


def test_many_keys_in_any_order_at_once_are_carried_out_once_each(service: Stage) -> None:
    """Each process meets the keys in another order, several in one commit."""
    path, school_id = f"/v1/hubs/{service.hub.id}/teachers", service.hub.school_id
    asks = [
        Ask(
            "POST",
            path,
            {"given_name": "Once", "family_name": f"Eachkey{number}", "school_id": school_id},
            {"Idempotency-Key": f"each-{number}"},
        )
        for number in range(20)
    ]
    tasks = [[ask] for ask in asks * 8]
    random.Random(1).shuffle(tasks)
    told = service.rush(tasks)
    assert Counter(answer.status for answer in final_answers(told)) == {201: len(tasks)}
    there = Counter(each["family_name"] for each in service.hub.everything(path) if each["given_name"] == "Once")
    assert there == {f"Eachkey{number}": 1 for number in range(20)}


def test_a_key_belongs_to_one_request(service: Stage) -> None:
    evening = hold_evening(service.hub, capacity=10)
    first, other = _ask(evening, "bea-first", key="hers"), _ask(evening, "bea-other", key="hers")
    assert [answer.status for answer in final_answers(service.rush([[first]]))] == [201]
    refused = final_answers(service.rush([[other]]))[0]
    assert (refused.status, refused.problem) == (422, "idempotency-key-reused")
    assert len(evening.registrations()) == 1


def test_control_without_a_key_the_second_is_refused(service: Stage) -> None:
    evening = hold_evening(service.hub, capacity=10)
    answers = final_answers(service.rush([[_ask(evening, "cy-control")]] * AT_ONCE))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: AT_ONCE - 1}
    assert {answer.problem for answer in answers if answer.status == 409} == {"already-registered"}


def test_across_a_kill_it_is_carried_out_once(database_url: str, crowd: Crowd) -> None:
    with stage(database_url, crowd) as on:
        for seed in range(KILLS):
            assert _again_after_a_kill(on, seed) == []
        assert on.check() == []


def test_control_without_a_key_a_retry_after_a_kill_is_refused(database_url: str, crowd: Crowd) -> None:
    with stage(database_url, crowd) as on:
        assert any("answered: [409]" in fault for fault in _again_after_a_kill(on, 1, with_keys=False))


def _again_after_a_kill(on: Stage, seed: int, *, with_keys: bool = True) -> Faults:
    """Everybody asks, all servers are killed at some moment, and everybody asks again the same."""
    evening = hold_evening(on.hub, capacity=PEOPLE // 2)
    names = [f"across-a-kill-{seed}-{number}" for number in range(PEOPLE)]
    tasks = [[_ask(evening, name, key=name if with_keys else None)] for name in names]
    before = on.crowd.start(tasks, on.bases, on.hub.headers, at_once=2)
    time.sleep(random.Random(seed).uniform(0.01, 0.15))
    for each in on.processes:
        each.kill()
    told = before.finish()
    for each in on.processes:
        each.start(wait=False)
    for each in on.processes:
        each.wait_until_ready()
    again = final_answers(on.rush(tasks))
    heard = [(first.last, second) for first, second in zip(told, again, strict=True) if first.last is not None]
    there = Counter(each["teacher"]["family_name"] for each in evening.registrations())
    return [
        *differ("answered", sorted({answer.status for answer in again} - {201}), []),
        *differ("heard otherwise before", [1 for first, second in heard if first.body != second.body], []),
        *differ("not replayed", [1 for _, second in heard if not second.replayed], []),
        *differ("registered", there, Counter(name.title() for name in names)),
    ]


def _ask(evening: Evening, name: str, *, key: str | None = None) -> Ask:
    headers = {"Idempotency-Key": key} if key else {}
    return Ask("POST", f"{evening.path}/registrations", {"teacher": evening.hub.guest(name)}, headers)


def _faults_of_repeating(answers: list[Answer]) -> Faults:
    first: Any = answers[0].body
    return [
        *differ("statuses", Counter(answer.status for answer in answers), Counter({201: AT_ONCE})),
        *differ("other bodies", [answer.body for answer in answers if answer.body != first], []),
        *differ("answers that are no replay", sum(not answer.replayed for answer in answers), 1),
    ]
