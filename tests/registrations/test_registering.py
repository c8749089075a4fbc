"""Registering: every way in, the waitlist in its order, and one place for one teacher."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.kernel.settings import Settings
from tests.support import made
from tests.support.callers import Headers, Organiser, make_key
from tests.support.made import done
from tests.support.refusals import refused
from tests.support.services import MovableClock, serving
from tests.support.shared import new_hub

pytestmark = pytest.mark.anyio


async def test_a_teacher_is_registered_by_id_with_needs_and_wishes(
    organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    offers = [(await made.presentation(organiser, evening))["id"] for _ in range(2)]
    teacher = await made.teacher(organiser, hub.hub_id)
    more = {"dietary_requirements": "vegetarian", "access_requirements": "a ramp", "preferences": offers[::-1]}
    registration = await made.registration(organiser, evening, teacher["id"], **more)
    assert {name: registration[name] for name in more} == more
    assert (registration["status"], registration["role"]) == ("confirmed", "attendee")
    assert (registration["waitlist_position"], registration["cancelled_at"]) == (None, None)
    shown = ("id", "given_name", "family_name", "school_id")
    assert registration["teacher"] == {name: teacher[name] for name in shown}
    assert await made.seen(organiser, registration, "registrations") == registration


async def test_a_teacher_is_found_by_address_or_made(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    known = await made.teacher(organiser, hub.hub_id, email="o.adeyemi@larkspur.example")
    path = f"/v1/events/{evening['id']}/registrations"
    person = {"given_name": "Ola", "family_name": "Adeyemi", "school_id": known["school_id"]}
    found = await organiser.post(path, json={"teacher": {**person, "email": "O.Adeyemi@LARKSPUR.example"}})
    assert done(found, 201)["teacher_id"] == known["id"]
    new = done(await organiser.post(path, json={"teacher": {**person, "email": "new@larkspur.example"}}), 201)
    assert (await made.seen(organiser, {"id": new["teacher_id"]}, "teachers"))["email"] == "new@larkspur.example"
    again = await organiser.post(path, json={"teacher": {**person, "email": "New@larkspur.example"}})
    assert refused(again, "already-registered")["registration_id"] == new["id"]


async def test_one_names_one_teacher_of_the_hub(
    client: httpx.AsyncClient, operator: Headers, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    teacher = await made.teacher(organiser, hub.hub_id)
    other = await new_hub(client, operator)
    school = await client.post(
        f"/v1/hubs/{other.hub_id}/schools", json={"name": "Elsewhere", "urn": "990301"}, headers=other.headers
    )
    person = {"given_name": "Ola", "email": "o@larkspur.example", "school_id": school.json()["id"]}
    stranger = await client.post(f"/v1/hubs/{other.hub_id}/teachers", json=person, headers=other.headers)
    path = f"/v1/events/{evening['id']}/registrations"
    for body, place in (
        ({}, "/teacher_id"),
        ({"teacher_id": teacher["id"], "teacher": {**person, "school_id": teacher["school_id"]}}, ""),
        ({"teacher_id": stranger.json()["id"]}, "/teacher_id"),
        ({"teacher_id": evening["id"]}, "/teacher_id"),
        ({"teacher": person}, "/teacher/school_id"),
        ({"teacher": {**person, "email": None, "school_id": teacher["school_id"]}}, "/teacher/email"),
        ({"teacher_id": teacher["id"], "dietary_requirements": "x" * 1_001}, "/dietary_requirements"),
        ({"teacher_id": teacher["id"], "preferences": [evening["id"]]}, "/preferences/0"),
    ):
        refused(await organiser.post(path, json=body), "invalid-request", place)
    assert done(await organiser.get(path))["items"] == []


async def test_the_waitlist_is_a_queue(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=2)
    every = [await made.registration(organiser, evening) for _ in range(6)]
    assert [(each["status"], each["waitlist_position"]) for each in every] == [
        *[("confirmed", None)] * 2,
        *[("waitlisted", position) for position in range(1, 5)],
    ]
    ids = [each["id"] for each in every]
    assert await made.queue(organiser, evening) == ids[2:]
    done(await organiser.post(f"/v1/registrations/{ids[3]}/cancel"))
    assert await made.queue(organiser, evening) == [ids[2], ids[4], ids[5]]
    cancelled = done(await organiser.post(f"/v1/registrations/{ids[0]}/cancel"))
    assert cancelled["status"] == "cancelled"
    assert cancelled["cancelled_at"] is not None
    assert await made.queue(organiser, evening) == [ids[4], ids[5]]
    assert (await made.seen(organiser, every[2], "registrations"))["status"] == "confirmed"
    done(await organiser.patch(f"/v1/events/{evening['id']}", json={"attendee_capacity": 3}))
    assert await made.queue(organiser, evening) == [ids[5]]
    figures = await made.seen(organiser, evening, "events")
    assert [figures[name] for name in ("confirmed_count", "waitlisted_count", "places_left")] == [3, 1, 0]
    done(await organiser.patch(f"/v1/events/{evening['id']}", json={"attendee_capacity": 10}))
    figures = await made.seen(organiser, evening, "events")
    assert [figures[name] for name in ("confirmed_count", "waitlisted_count", "places_left")] == [4, 0, 6]


async def test_whoever_comes_back_stands_at_the_end(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=1)
    first, second, third = [await made.registration(organiser, evening) for _ in range(3)]
    for _ in range(2):  # cancelling twice is once
        done(await organiser.post(f"/v1/registrations/{first['id']}/cancel"))
    again = await made.registration(organiser, evening, first["teacher_id"])
    assert again["id"] != first["id"]
    assert again["waitlist_position"] == 2
    assert await made.queue(organiser, evening) == [third["id"], again["id"]]
    assert (await made.seen(organiser, second, "registrations"))["status"] == "confirmed"


async def test_without_a_waitlist_full_is_full(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=1, waitlist_enabled=False)
    first = await made.registration(organiser, evening)
    body = {"teacher_id": (await made.teacher(organiser, hub.hub_id))["id"]}
    path = f"/v1/events/{evening['id']}/registrations"
    told = refused(await organiser.post(path, json=body), "event-full")
    assert (told["capacity"], told["taken"]) == (1, 1)
    refused(await organiser.post(path, json={"teacher_id": first["teacher_id"]}), "already-registered")
    done(await organiser.post(f"/v1/registrations/{first['id']}/cancel"))
    assert done(await organiser.post(path, json=body), 201)["status"] == "confirmed"


async def test_registration_opens_and_closes(settings: Settings, operator: Headers) -> None:
    clock = MovableClock(datetime(2026, 11, 2, 9, 0, tzinfo=UTC))
    async with serving(settings, clock=clock) as client:
        hub = await new_hub(client, operator)
        client.headers.update(hub.headers)
        opens, closes = clock.now + timedelta(hours=1), clock.now + timedelta(hours=2)
        evening = await made.event(
            client,
            hub.hub_id,
            registration_opens_at=opens.isoformat(),
            registration_closes_at=closes.isoformat(),
        )
        path = f"/v1/events/{evening['id']}/registrations"
        for moment, is_open in (
            (opens - timedelta(seconds=1), False),
            (opens, True),
            (closes - timedelta(seconds=1), True),
            (closes, False),
        ):
            clock.now = moment
            answer = await client.post(path, json={"teacher_id": (await made.teacher(client, hub.hub_id))["id"]})
            if is_open:
                done(answer, 201)
            else:
                refused(answer, "registration-not-open")


async def test_needs_and_wishes_change(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    offers = [(await made.presentation(organiser, evening))["id"] for _ in range(2)]
    proposed = (await made.presentation(organiser, evening, accept=False))["id"]
    registration = await made.registration(organiser, evening, dietary_requirements="vegan")
    at = f"/v1/registrations/{registration['id']}"
    changed = done(await organiser.patch(at, json={"access_requirements": "a ramp"}))
    assert (changed["dietary_requirements"], changed["access_requirements"]) == ("vegan", "a ramp")
    changed = done(await organiser.patch(at, json={"access_requirements": None, "dietary_requirements": None}))
    assert (changed["dietary_requirements"], changed["access_requirements"]) == (None, None)
    put = f"{at}/preferences"
    for wishes in (offers, offers[::-1], offers[:1], []):
        assert done(await organiser.put(put, json={"presentation_ids": wishes}))["presentation_ids"] == wishes
        assert done(await organiser.get(put))["presentation_ids"] == wishes
    for wishes, place in ((offers[:1] * 2, 1), ([offers[0], proposed], 1), ([evening["id"]], 0)):
        answer = await organiser.put(put, json={"presentation_ids": wishes})
        refused(answer, "invalid-request", f"/presentation_ids/{place}")
    done(await organiser.post(f"{at}/cancel"))
    refused(await organiser.patch(at, json={"dietary_requirements": "vegan"}), "registration-cancelled")
    refused(await organiser.put(put, json={"presentation_ids": []}), "registration-cancelled")


async def test_each_item_of_a_batch_gets_what_it_would_alone(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    school = await made.school(organiser, hub.hub_id)
    teachers = [(await made.teacher(organiser, hub.hub_id, school["id"]))["id"] for _ in range(4)]
    new = {"given_name": "Ola", "family_name": "Adeyemi", "school_id": school["id"]}
    items: list[made.Thing] = [
        {"teacher_id": teachers[0], "dietary_requirements": "vegan"},
        {"teacher_id": teachers[1]},
        {"teacher_id": teachers[0]},
        {"teacher_id": school["id"]},
        {"teacher": {**new, "email": "ola.{0}@larkspur.example"}},
        {"teacher": {**new, "email": "OLA.{0}@larkspur.example"}},
        {"teacher": {**new, "email": "nobody"}},
        {},
        {"teacher_id": teachers[2], "no_such_field": 1},
        {"teacher_id": teachers[2], "preferences": [school["id"]]},
        {"teacher_id": teachers[3]},
    ]
    outcomes = []
    for number, together in enumerate((True, False)):
        evening = await made.event(organiser, hub.hub_id, attendee_capacity=2)
        path = f"/v1/events/{evening['id']}/registrations"
        mine = [_for_run(item, number) for item in items]
        if together:
            answer = done(await organiser.post(f"{path}/batch", json={"items": mine}))
            outcomes.append([_comparable(each["status"], each["body"]) for each in answer["items"]])
        else:
            alone = [await organiser.post(path, json=item) for item in mine]
            outcomes.append([_comparable(each.status_code, each.json()) for each in alone])
    assert outcomes[0] == outcomes[1]
    assert [status for status, _ in outcomes[0]] == [201, 201, 409, 422, 201, 409, 422, 422, 422, 422, 201]


def _for_run(item: made.Thing, number: int) -> made.Thing:
    if "teacher" not in item:
        return item
    return {"teacher": {**item["teacher"], "email": item["teacher"]["email"].format(number)}}


def _comparable(status: int, body: made.Thing) -> tuple[int, made.Thing]:
    """An answer without what is different each time."""
    changing = {"id", "event_id", "created_at", "updated_at", "request_id", "instance", "registration_id"}
    changing.add("check_in_code")
    plain = {name: value for name, value in body.items() if name not in changing}
    if plain.get("teacher", {}).get("given_name") == "Ola":
        plain = {**plain, "teacher_id": "", "teacher": {**plain["teacher"], "id": ""}}
    return status, plain


async def test_a_batch_has_1_to_200_items(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    path = f"/v1/events/{evening['id']}/registrations/batch"
    for how_many in (0, 201):
        refused(await organiser.post(path, json={"items": [{}] * how_many}), "invalid-request", "/items")
    answer = done(await organiser.post(path, json={"items": [{}] * 200}))
    assert [each["status"] for each in answer["items"]] == [422] * 200


async def test_registrations_are_found(client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=1)
    sian = await made.teacher(organiser, hub.hub_id, family_name="Llŷr")
    ola = await made.teacher(organiser, hub.hub_id, given_name="Ola", family_name="Adeyemi")
    presenter = await made.teacher(organiser, hub.hub_id, given_name="Ute", family_name="Straße")
    await made.presentation(organiser, evening, presenter["id"])
    for each in (sian, ola):
        await made.registration(organiser, evening, each["id"])
    path = f"/v1/events/{evening['id']}/registrations"
    for query, found in (
        ({"status": "confirmed"}, [presenter, sian]),
        ({"status": "waitlisted"}, [ola]),
        ({"status": "cancelled"}, []),
        ({"role": "presenter"}, [presenter]),
        ({"school_id": ola["school_id"]}, [ola]),
        ({"q": "llyr"}, [sian]),
        ({"q": "STRASSE", "role": "attendee"}, []),
    ):
        items = done(await organiser.get(path, params=query))["items"]
        assert [each["teacher_id"] for each in items] == [each["id"] for each in found], query
    lead = await make_key(
        client, hub.headers, hub.hub_id, scopes=["registrations:read"], school_id=str(ola["school_id"])
    )
    items = done(await client.get(path, headers=lead))["items"]
    assert [each["teacher_id"] for each in items] == [ola["id"]]
