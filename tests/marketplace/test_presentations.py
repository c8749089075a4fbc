"""Presentations: offered, accepted at a table, declined or withdrawn, and what that does to their presenters."""

import httpx
import pytest

from tests.support import made
from tests.support.callers import Organiser
from tests.support.made import Thing, done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio


async def registrations(organiser: httpx.AsyncClient, evening: Thing, **query: str) -> list[Thing]:
    answer = await organiser.get(f"/v1/events/{evening['id']}/registrations", params=query)
    items: list[Thing] = done(answer)["items"]
    return items


async def test_an_offer_is_shown_as_it_was_made(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id, publish=False)
    those = [await made.teacher(organiser, hub.hub_id) for _ in range(2)]
    body = {
        "title": "Oracy circles",
        "summary": "Talk first.\nThen write.",
        "presenter_ids": [each["id"] for each in reversed(those)],
        "subjects": ["English"],
        "key_stages": ["KS1", "KS2"],
        "needs": ["power socket"],
    }
    offer = done(await organiser.post(f"/v1/events/{evening['id']}/presentations", json=body), 201)
    assert {name: offer[name] for name in body} == body
    assert (offer["status"], offer["table_number"]) == ("proposed", None)
    assert [each["family_name"] for each in offer["presenters"]] == [each["family_name"] for each in reversed(those)]
    assert await made.seen(organiser, offer, "presentations") == offer
    changed = {"title": "Oracy squares", "needs": [], "presenter_ids": [those[0]["id"]]}
    after = done(await organiser.patch(f"/v1/presentations/{offer['id']}", json=changed))
    assert {name: after[name] for name in changed} == changed
    refused(
        await organiser.patch(f"/v1/presentations/{offer['id']}", json={"title": None}), "invalid-request", "/title"
    )


async def test_presenters_are_teachers_of_the_hub_each_once(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    one = (await made.teacher(organiser, hub.hub_id))["id"]
    path = f"/v1/events/{evening['id']}/presentations"
    for presenter_ids, place in (
        ([], "/presenter_ids"),
        ([one, one], "/presenter_ids/1"),
        ([one, evening["id"]], "/presenter_ids/1"),
        ([one] * 7, "/presenter_ids"),
    ):
        answer = await organiser.post(path, json={"title": "Oracy", "presenter_ids": presenter_ids})
        refused(answer, "invalid-request", place)


async def test_tables_are_given_lowest_first_until_all_are_taken(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    offers = [await made.presentation(organiser, evening, accept=False) for _ in range(4)]
    paths = [f"/v1/presentations/{each['id']}/accept" for each in offers]
    assert done(await organiser.post(paths[0], json={"table_number": 2}))["table_number"] == 2
    told = refused(await organiser.post(paths[1], json={"table_number": 2}), "table-taken")
    assert told["table_number"] == 2
    refused(await organiser.post(paths[1], json={"table_number": 4}), "invalid-request", "/table_number")
    assert done(await organiser.post(paths[1]))["table_number"] == 1
    assert done(await organiser.post(paths[2], json={}))["table_number"] == 3
    told = refused(await organiser.post(paths[3]), "tables-full")
    assert (told["capacity"], told["taken"]) == (3, 3)
    assert done(await organiser.post(paths[0]))["table_number"] == 2  # accepting twice is once
    refused(await organiser.post(paths[0], json={"table_number": 1}), "illegal-transition")
    done(await organiser.post(f"/v1/presentations/{offers[0]['id']}/decline"))
    assert done(await organiser.post(paths[3]))["table_number"] == 2


async def test_from_here_only_there(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id, table_count=20)
    ways = {"proposed": [], "accepted": ["accept"], "declined": ["decline"], "withdrawn": ["withdraw"]}
    legal = {
        "accept": {"proposed", "accepted", "declined"},
        "decline": {"proposed", "accepted", "declined"},
        "withdraw": {"proposed", "accepted", "declined", "withdrawn"},
    }
    for status, steps in ways.items():
        for move, sources in legal.items():
            offer = await made.presentation(organiser, evening, accept=False)
            for step in steps:
                done(await organiser.post(f"/v1/presentations/{offer['id']}/{step}"))
            answer = await organiser.post(f"/v1/presentations/{offer['id']}/{move}")
            if status in sources:
                assert done(answer)["status"] == {"accept": "accepted", "decline": "declined"}.get(move, "withdrawn")
            else:
                refused(answer, "illegal-transition")


async def test_presenters_come_outside_the_capacity_and_go_with_the_presentation(
    organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=1)
    people = [await made.teacher(organiser, hub.hub_id) for _ in range(3)]
    offer = await made.presentation(organiser, evening, *(each["id"] for each in people[:2]))
    presenting = await registrations(organiser, evening, role="presenter")
    assert {each["teacher_id"] for each in presenting} == {each["id"] for each in people[:2]}
    assert {each["status"] for each in presenting} == {"confirmed"}
    assert (await made.seen(organiser, evening, "events"))["places_left"] == 1
    refused(await organiser.post(f"/v1/registrations/{presenting[0]['id']}/cancel"), "still-presenting")
    body = {"teacher_id": people[0]["id"]}
    refused(await organiser.post(f"/v1/events/{evening['id']}/registrations", json=body), "already-registered")
    instead = {"presenter_ids": [people[1]["id"], people[2]["id"]]}
    done(await organiser.patch(f"/v1/presentations/{offer['id']}", json=instead))
    live = await registrations(organiser, evening, role="presenter", status="confirmed")
    assert {each["teacher_id"] for each in live} == {each["id"] for each in people[1:]}
    done(await organiser.post(f"/v1/presentations/{offer['id']}/withdraw"))
    assert await registrations(organiser, evening, status="confirmed") == []


async def test_who_presents_twice_stays_for_the_other(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    person = (await made.teacher(organiser, hub.hub_id))["id"]
    offers = [await made.presentation(organiser, evening, person) for _ in range(2)]
    done(await organiser.post(f"/v1/presentations/{offers[0]['id']}/decline"))
    assert len(await registrations(organiser, evening, status="confirmed")) == 1
    done(await organiser.post(f"/v1/presentations/{offers[1]['id']}/decline"))
    assert await registrations(organiser, evening, status="confirmed") == []


async def test_an_attendee_who_presents_gives_the_place_to_who_waits(
    organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=1)
    await made.presentation(organiser, evening)
    first, waiting, last = [await made.registration(organiser, evening) for _ in range(3)]
    itinerary = f"/v1/registrations/{first['id']}/itinerary"
    done(await organiser.put(f"{itinerary}/1", json={"table_number": 1}))
    await made.presentation(organiser, evening, first["teacher_id"])
    now = await made.seen(organiser, first, "registrations")
    assert (now["role"], now["status"]) == ("presenter", "confirmed")
    assert (await made.seen(organiser, waiting, "registrations"))["status"] == "confirmed"
    assert await made.queue(organiser, evening) == [last["id"]]
    assert done(await organiser.get(itinerary))["bookings"] == []
    await made.presentation(organiser, evening, last["teacher_id"])
    assert await made.queue(organiser, evening) == []
    figures = await made.seen(organiser, evening, "events")
    assert (figures["confirmed_count"], figures["waitlisted_count"]) == (1, 0)


async def test_seats_with_a_presentation_go_with_it(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    offer = await made.presentation(organiser, evening)
    registration = await made.registration(organiser, evening, preferences=[offer["id"]])
    itinerary = f"/v1/registrations/{registration['id']}/itinerary"
    done(await organiser.put(f"{itinerary}/1", json={"table_number": 1}))
    done(await organiser.post(f"/v1/presentations/{offer['id']}/decline"))
    assert done(await organiser.get(itinerary))["bookings"] == []
    now = await made.seen(organiser, registration, "registrations")
    assert (now["status"], now["preferences"]) == ("confirmed", [offer["id"]])


async def test_offers_are_for_those_who_run_the_hub(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    offer = await made.presentation(organiser, evening, accept=False)
    accepted = await made.presentation(organiser, evening)
    path = f"/v1/events/{evening['id']}/presentations"
    assert [each["id"] for each in done(await organiser.get(path))["items"]] == [offer["id"], accepted["id"]]
    assert [each["id"] for each in done(await organiser.get(f"{path}?status=proposed"))["items"]] == [offer["id"]]
    assert [each["id"] for each in done(await client.get(path))["items"]] == [accepted["id"]]
    assert done(await client.get(f"{path}?status=proposed"))["items"] == []
    refused(await client.get(f"/v1/presentations/{offer['id']}"), "not-found")
    assert done(await client.get(f"/v1/presentations/{accepted['id']}"))["id"] == accepted["id"]
