"""The door: checking in by id and by code, once and again, in time, with and without a network; walk-ins."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.kernel.settings import Settings
from tests.support import made
from tests.support.callers import Organiser, make_key, sign_in
from tests.support.made import ENDS, STARTS, Thing, done
from tests.support.refusals import places_of, refused
from tests.support.services import MovableClock

pytestmark = pytest.mark.anyio
BEFORE = STARTS - timedelta(minutes=15)


async def check_in(caller: httpx.AsyncClient, evening: Thing, **body: Any) -> httpx.Response:
    return await caller.post(f"/v1/events/{evening['id']}/check-ins", json=body)


async def attendance(caller: httpx.AsyncClient, evening: Thing, **query: Any) -> Thing:
    return done(await caller.get(f"/v1/events/{evening['id']}/attendance", params=query))


async def test_checking_in_twice_is_once_and_the_earliest_time_counts(
    organiser: httpx.AsyncClient, hub: Organiser, clock: MovableClock
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    guest = await made.registration(organiser, evening)
    assert (len(guest["check_in_code"]), guest["checked_in_at"]) == (8, None)
    first = done(await check_in(organiser, evening, registration_id=guest["id"]))
    assert (first["checked_in_at"], first["teacher"]["id"]) == (BEFORE.isoformat(), guest["teacher_id"])
    clock.move(timedelta(minutes=5))
    typed = f" {guest['check_in_code'][:4].lower()}-{guest['check_in_code'][4:]} "
    assert done(await check_in(organiser, evening, code=typed)) == first
    earlier = (BEFORE - timedelta(minutes=1)).isoformat()
    moved = done(await check_in(organiser, evening, registration_id=guest["id"], checked_in_at=earlier))
    assert moved["checked_in_at"] == earlier
    seen = await made.seen(organiser, guest, "registrations")
    assert (seen["checked_in_at"], seen["status"]) == (earlier, "confirmed")
    history = done(await organiser.get(f"/v1/hubs/{hub.hub_id}/audit", params={"what": "registration.checked_in"}))
    assert [each["subject"]["registration_id"] for each in history["items"]] == [guest["id"]]


async def test_only_who_has_a_place_is_checked_in(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=1)
    confirmed, waiting = [await made.registration(organiser, evening) for _ in range(2)]
    assert waiting["check_in_code"] is None
    refused(await check_in(organiser, evening, registration_id=waiting["id"]), "registration-not-confirmed")
    done(await organiser.post(f"/v1/registrations/{confirmed['id']}/cancel"))
    refused(await check_in(organiser, evening, code=confirmed["check_in_code"]), "registration-not-confirmed")
    promoted = await made.seen(organiser, waiting, "registrations")
    done(await check_in(organiser, evening, code=promoted["check_in_code"]))
    other = await made.registration(organiser, await made.event(organiser, hub.hub_id))
    for body, place in (
        ({"registration_id": other["id"]}, "/registration_id"),
        ({"code": other["check_in_code"]}, "/code"),
        ({"code": "NOSUCH00"}, "/code"),
        ({}, ""),
        ({"code": promoted["check_in_code"], "registration_id": promoted["id"]}, ""),
        ({"code": promoted["check_in_code"], "checked_in_at": ENDS.isoformat()}, "/checked_in_at"),
        ({"code": promoted["check_in_code"], "checked_in_at": "2026-11-01T12:00:00Z"}, "/checked_in_at"),
    ):
        refused(await check_in(organiser, evening, **body), "invalid-request", place)


async def test_the_door_opens_and_closes(organiser: httpx.AsyncClient, hub: Organiser, clock: MovableClock) -> None:
    evening = await made.event(organiser, hub.hub_id)
    guest = await made.registration(organiser, evening)
    for now, is_open in (
        (STARTS - timedelta(hours=12, seconds=1), False),
        (STARTS - timedelta(hours=12), True),
        (ENDS + timedelta(days=7, seconds=-1), True),
        (ENDS + timedelta(days=7), False),
    ):
        clock.now = now
        answer = await check_in(organiser, evening, registration_id=guest["id"])
        if is_open:
            done(answer)
            assert (await organiser.delete(f"/v1/registrations/{guest['id']}/check-in")).status_code == 204
        else:
            told = refused(answer, "check-in-not-open")
            assert told["opens_at"] == (STARTS - timedelta(hours=12)).isoformat()
            assert told["closes_at"] == (ENDS + timedelta(days=7)).isoformat()
    clock.now = BEFORE
    draft = await made.event(organiser, hub.hub_id, publish=False)
    refused(await check_in(organiser, draft, code="NOSUCH00"), "check-in-not-open")
    done(await organiser.post(f"/v1/events/{evening['id']}/cancel"))
    refused(await check_in(organiser, evening, registration_id=guest["id"]), "check-in-not-open")


async def test_who_has_come_cancels_only_after_it_is_undone(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    guest = await made.registration(organiser, evening)
    path = f"/v1/registrations/{guest['id']}"
    assert (await organiser.get(f"{path}/check-in")).status_code == 404
    done(await check_in(organiser, evening, registration_id=guest["id"]))
    refused(await organiser.post(f"{path}/cancel"), "checked-in")
    told = await organiser.get(f"{path}/check-in")
    stale = await organiser.delete(f"{path}/check-in", headers={"If-Match": '"another"'})
    refused(stale, "precondition-failed")
    undone = await organiser.delete(f"{path}/check-in", headers={"If-Match": told.headers["etag"]})
    assert undone.status_code == 204
    refused(await organiser.delete(f"{path}/check-in"), "not-found")
    assert done(await organiser.post(f"{path}/cancel"))["status"] == "cancelled"


async def test_a_presenter_who_has_come_stays_although_the_presentation_is_withdrawn(
    organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    given = await made.presentation(organiser, evening)
    [presenter] = (await attendance(organiser, evening, role="presenter"))["items"]
    done(await check_in(organiser, evening, registration_id=presenter["registration_id"]))
    done(await organiser.post(f"/v1/presentations/{given['id']}/withdraw"))
    figures = (await attendance(organiser, evening))["figures"]
    assert figures == {"expected": 1, "checked_in": 1, "presenters_expected": 1, "presenters_checked_in": 1}


async def test_a_device_hands_in_what_it_collected(
    organiser: httpx.AsyncClient, hub: Organiser, clock: MovableClock
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    ann, ben, cas = [await made.registration(organiser, evening) for _ in range(3)]
    at = [(STARTS + timedelta(minutes=minute)).isoformat() for minute in range(3)]
    clock.now = STARTS + timedelta(days=1)
    items: list[Thing] = [
        {"code": ann["check_in_code"], "checked_in_at": at[1]},
        {"registration_id": ben["id"], "checked_in_at": at[2]},
        {"code": "NOSUCH00", "checked_in_at": at[0]},
        {"registration_id": "nobody"},
        {"code": ann["check_in_code"], "checked_in_at": at[0]},
    ]
    path = f"/v1/events/{evening['id']}/check-ins/batch"
    handed_in = done(await organiser.post(path, json={"items": items}))["items"]
    assert [each["status"] for each in handed_in] == [200, 200, 422, 422, 200]
    assert [places_of(handed_in[index]["body"]) for index in (2, 3)] == [["/code"], ["/registration_id"]]
    assert handed_in[2]["body"]["instance"] == f"/v1/events/{evening['id']}/check-ins"
    again = done(await organiser.post(path, json={"items": items}))["items"]
    assert [each["body"].get("checked_in_at") for each in again] == [at[0], at[2], None, None, at[0]]
    who = {each["registration_id"]: each["checked_in_at"] for each in (await attendance(organiser, evening))["items"]}
    assert who == {ann["id"]: at[0], ben["id"]: at[2], cas["id"]: None}
    refused(await organiser.post(path, json={"items": items * 41}), "invalid-request", "/items")


async def test_the_list_has_figures_filters_and_pages(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=5)
    await made.presentation(organiser, evening)
    guests = [await made.registration(organiser, evening) for _ in range(4)]
    waiting = [await made.registration(organiser, evening) for _ in range(2)][1]
    for each in guests[:3]:
        done(await check_in(organiser, evening, code=each["check_in_code"]))
    listed = await attendance(organiser, evening, checked_in="true", limit=2)
    assert listed["figures"] == {"expected": 6, "checked_in": 3, "presenters_expected": 1, "presenters_checked_in": 0}
    assert [each["registration_id"] for each in listed["items"]] == [each["id"] for each in guests[:2]]
    following = await attendance(organiser, evening, checked_in="true", limit=2, cursor=listed["next_cursor"])
    assert [each["registration_id"] for each in following["items"]] == [guests[2]["id"]]
    assert following["next_cursor"] is None
    missing = await attendance(organiser, evening, checked_in="false", role="attendee")
    assert guests[3]["id"] in {each["registration_id"] for each in missing["items"]}
    assert waiting["id"] not in {each["registration_id"] for each in missing["items"]}
    [one] = (await attendance(organiser, evening, school_id=guests[0]["teacher"]["school_id"]))["items"]
    assert one["teacher"]["school_name"].startswith("Larkspur")


async def test_each_sees_and_checks_in_whom_they_reach(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings, clock: MovableClock
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    school = await made.school(organiser, hub.hub_id)
    ours = await made.teacher(organiser, hub.hub_id, school["id"])
    guest, stranger = [await made.registration(organiser, evening, who) for who in (ours["id"], None)]
    door = await make_key(organiser, hub.headers, hub.hub_id, scopes=["attendance:write"], school_id=school["id"])
    path = f"/v1/events/{evening['id']}/check-ins"
    done(await client.post(path, json={"code": guest["check_in_code"]}, headers=door))
    hidden = await client.post(path, json={"code": stranger["check_in_code"]}, headers=door)
    refused(hidden, "invalid-request", "/code")
    signed_in = await sign_in(client, settings, ours, now=clock.now)
    refused(await client.post(path, json={"code": guest["check_in_code"]}, headers=signed_in), "forbidden")
    seen = done(await client.get(f"/v1/events/{evening['id']}/attendance", headers=signed_in))
    assert [each["registration_id"] for each in seen["items"]] == [guest["id"]]
    assert seen["figures"]["expected"] == 1
    assert done(await client.get(f"/v1/registrations/{guest['id']}/check-in", headers=signed_in))["checked_in_at"]


async def test_walk_ins_take_free_places_also_when_registration_is_closed(
    organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=2)
    done(await organiser.post(f"/v1/events/{evening['id']}/close"))
    school = await made.school(organiser, hub.hub_id)
    path = f"/v1/events/{evening['id']}/walk-ins"
    person = {"given_name": "Ola", "family_name": "Door", "email": "ola@larkspur.example", "school_id": school["id"]}
    answer = await organiser.post(path, json={"teacher": person})
    came = done(answer, 201)
    assert answer.headers["location"] == f"/v1/registrations/{came['id']}"
    assert (came["status"], came["checked_in_at"]) == ("confirmed", BEFORE.isoformat())
    assert await made.seen(organiser, came, "registrations") == came
    again = refused(await organiser.post(path, json={"teacher": person}), "already-registered")
    assert again["registration_id"] == came["id"]
    someone = await made.teacher(organiser, hub.hub_id)
    done(await organiser.post(path, json={"teacher_id": someone["id"]}), 201)
    third = await made.teacher(organiser, hub.hub_id)
    full = refused(await organiser.post(path, json={"teacher_id": third["id"]}), "event-full")
    assert (full["capacity"], full["taken"]) == (2, 2)
    assert (await made.seen(organiser, evening, "events"))["confirmed_count"] == 2


async def test_a_walk_in_waits_for_the_door_to_open(
    organiser: httpx.AsyncClient, hub: Organiser, clock: MovableClock
) -> None:
    clock.now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    evening = await made.event(organiser, hub.hub_id)
    who = await made.teacher(organiser, hub.hub_id)
    answer = await organiser.post(f"/v1/events/{evening['id']}/walk-ins", json={"teacher_id": who["id"]})
    refused(answer, "check-in-not-open")
    assert (await made.seen(organiser, evening, "events"))["confirmed_count"] == 0
