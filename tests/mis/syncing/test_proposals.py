"""A record that might be somebody who is here already waits until a person says; nobody's account is taken over."""

from dataclasses import replace

import pytest

from tests.mis.syncing.making import LARKSPUR, Desk, Person, codes, counted, crowd
from tests.support import made
from tests.support.made import Thing, done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio

ANN = Person("a1", "Ann", "Barrow", "ann@larkspur.example")


async def waiting(desk: Desk) -> list[Thing]:
    items: list[Thing] = (await desk.get("/v1/hubs/{hub_id}/staff-link-proposals"))["items"]
    return items


async def decide(desk: Desk, **body: list[str]) -> Thing:
    return done(await desk.organiser.post(f"/v1/hubs/{desk.hub_id}/staff-link-proposals/decisions", json=body))


async def test_somebody_who_signed_up_by_themselves_is_linked_when_a_person_says_so(desk: Desk) -> None:
    there = await made.teacher(
        desk.organiser,
        desk.hub_id,
        desk.schools[LARKSPUR]["id"],
        given_name="Annie",
        family_name="Barrow",
        email="Ann@larkspur.example",
        subjects=["Music"],
    )
    sync = await desk.everybody([ANN, *crowd(2)])
    assert (counted(sync), codes(sync)) == ({"created": 2, "skipped": 1, "needs_attention": 1}, ["might-be-known"])
    (proposal,) = await waiting(desk)
    assert (proposal["teacher_id"], proposal["why"], proposal["record_id"]) == (there["id"], "address-and-name", "a1")
    assert (await desk.everybody([ANN, *crowd(2)]))["counts"]["skipped"] == 1
    assert len(await waiting(desk)) == 1
    decided = await decide(desk, same_person=[proposal["id"]])
    assert [counted(each) for each in decided["syncs"]] == [{"updated": 1}]
    assert await waiting(desk) == []
    people = await desk.teachers()
    assert (people["Ann"]["id"], people["Ann"]["subjects"]) == (there["id"], ["Music"])
    assert counted(await desk.everybody([ANN, *crowd(2)])) == {"unchanged": 3}
    gone = await decide_again(desk, proposal["id"])
    assert gone["errors"][0]["pointer"] == "/same_person/0"


async def decide_again(desk: Desk, proposal_id: str) -> Thing:
    path = f"/v1/hubs/{desk.hub_id}/staff-link-proposals/decisions"
    answered = await desk.organiser.post(path, json={"same_person": [proposal_id]})
    problem: Thing = refused(answered, "invalid-request")
    return problem


async def test_somebody_else_of_that_name_comes_in_as_somebody_new(desk: Desk) -> None:
    there = await made.teacher(
        desk.organiser,
        desk.hub_id,
        desk.schools[LARKSPUR]["id"],
        given_name="Andrew",
        family_name="Barrow",
        email="ann@larkspur.example",
    )
    await desk.everybody([ANN])
    (proposal,) = await waiting(desk)
    decided = await decide(desk, somebody_else=[proposal["id"]])
    assert [counted(each)["created"] for each in decided["syncs"]] == [1]
    people = await desk.teachers()
    assert (people["Andrew"]["id"], people["Andrew"]["email"]) == (there["id"], "ann@larkspur.example")
    assert (people["Ann"]["email"], people["Ann"]["shared_email"]) == (None, "ann@larkspur.example")


async def test_a_record_made_anew_in_the_mis_is_the_same_person_when_somebody_says_so(desk: Desk) -> None:
    staff = crowd(12)
    await desk.everybody([ANN, *staff])
    before = (await desk.teachers())["Ann"]
    anew = replace(ANN, id="a2")
    sync = await desk.everybody([anew, *staff])
    assert (sync["counts"]["deactivated"], codes(sync)) == (1, ["might-be-known"])
    (proposal,) = await waiting(desk)
    await decide(desk, same_person=[proposal["id"]])
    after = (await desk.teachers())["Ann"]
    assert (after["id"], after["active"], after["email"]) == (before["id"], True, ANN.email)
    assert counted(await desk.everybody([anew, *staff])) == {"unchanged": 13}


async def test_two_records_of_one_person_in_one_list_make_one_account(desk: Desk) -> None:
    twin = replace(ANN, id="a2")
    sync = await desk.everybody([ANN, twin])
    assert counted(sync) == {"created": 1, "skipped": 1, "needs_attention": 1}
    (proposal,) = await waiting(desk)
    await decide(desk, same_person=[proposal["id"]])
    assert len(await desk.teachers()) == 1
    assert counted(await desk.everybody([ANN, twin])) == {"unchanged": 2}
    one_left = await desk.everybody([ANN])
    assert counted(one_left) == {"updated": 1, "unchanged": 1}
    assert (await desk.teachers())["Ann"]["active"]


async def test_a_record_that_is_gone_from_its_source_waits_no_longer(desk: Desk) -> None:
    await made.teacher(
        desk.organiser, desk.hub_id, given_name="Annie", family_name="Barrow", email="ann@larkspur.example"
    )
    await desk.everybody([ANN, *crowd(1)])
    assert len(await waiting(desk)) == 1
    await desk.everybody(crowd(1))
    assert await waiting(desk) == []
