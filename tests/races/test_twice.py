"""The same request again, at once from many clients: it is carried out once. (Across a kill: see `test_kills`.)"""

import random
from collections import Counter
from typing import Any

from tests.races.stage import Faults, Stage, differ, final_answers
from tests.support.crowd import Answer, Ask
from tests.support.evening import Evening, hold_evening

AT_ONCE = 50


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
