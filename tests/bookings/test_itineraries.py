"""Itineraries: one seat a round, one table once, in one step and all or nothing."""

from typing import Any

import httpx
import pytest

from tests.support import made
from tests.support.callers import Organiser
from tests.support.made import Thing, done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio


async def evening_with_tables(organiser: httpx.AsyncClient, hub: Organiser, *, attendee_capacity: int = 3) -> Thing:
    """An evening with presentations at tables 1 and 2; table 3 has none."""
    evening = await made.event(organiser, hub.hub_id, seats_per_table=1, attendee_capacity=attendee_capacity)
    for _ in range(2):
        await made.presentation(organiser, evening)
    return evening


def held(itinerary: Thing) -> dict[int, int]:
    return {each["round"]: each["table_number"] for each in itinerary["bookings"]}


async def test_one_sits_down_moves_and_leaves(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await evening_with_tables(organiser, hub)
    registration = await made.registration(organiser, evening)
    at = f"/v1/registrations/{registration['id']}/itinerary"
    assert done(await organiser.get(at)) == {
        "registration_id": registration["id"],
        "event_id": evening["id"],
        "bookings": [],
    }
    (booking,) = done(await organiser.put(f"{at}/2", json={"table_number": 1}))["bookings"]
    assert (booking["round"], booking["table_number"]) == (2, 1)
    assert booking["starts_at"] == made.rounds(2)[1]["starts_at"]
    assert booking["presentation"]["title"].startswith("Oracy circles")
    assert held(done(await organiser.put(f"{at}/2", json={"table_number": 1}))) == {2: 1}
    assert held(done(await organiser.put(f"{at}/2", json={"table_number": 2}))) == {2: 2}
    assert held(done(await organiser.put(f"{at}/1", json={"table_number": 1}))) == {1: 1, 2: 2}
    for _ in range(2):
        assert held(done(await organiser.delete(f"{at}/2"))) == {1: 1}
    table = done(await organiser.get(f"/v1/events/{evening['id']}/tables/1"))
    assert [each["seats_taken"] for each in table["rounds"]] == [1, 0, 0]


async def test_every_refusal_leaves_the_old_seat(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await evening_with_tables(organiser, hub)
    mine, other = [await made.registration(organiser, evening) for _ in range(2)]
    await made.presentation(organiser, evening)
    done(await organiser.patch(f"/v1/events/{evening['id']}/tables/3", json={"closed_rounds": [1]}))
    at = f"/v1/registrations/{mine['id']}/itinerary"
    for number, table in ((1, 1), (2, 3)):
        done(await organiser.put(f"{at}/{number}", json={"table_number": table}))
    done(await organiser.put(f"/v1/registrations/{other['id']}/itinerary/1", json={"table_number": 2}))
    told = refused(await organiser.put(f"{at}/1", json={"table_number": 2}), "table-full")
    assert (told["capacity"], told["taken"]) == (1, 1)
    refused(await organiser.put(f"{at}/1", json={"table_number": 3}), "table-closed")
    assert refused(await organiser.put(f"{at}/3", json={"table_number": 1}), "table-already-visited")["round"] == 1
    refused(await organiser.put(f"{at}/1", json={"table_number": 9}), "invalid-request", "/table_number")
    refused(await organiser.put(f"{at}/4", json={"table_number": 2}), "not-found")
    refused(await organiser.put(f"{at}/21", json={"table_number": 2}), "invalid-request", "round")
    refused(await organiser.delete(f"{at}/4"), "not-found")
    assert held(done(await organiser.get(at))) == {1: 1, 2: 3}


async def test_a_table_without_a_presentation_is_closed(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await evening_with_tables(organiser, hub)
    registration = await made.registration(organiser, evening)
    at = f"/v1/registrations/{registration['id']}/itinerary/1"
    refused(await organiser.put(at, json={"table_number": 3}), "table-closed")


async def test_only_who_is_confirmed_sits(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await evening_with_tables(organiser, hub, attendee_capacity=1)
    first, second = [await made.registration(organiser, evening) for _ in range(2)]
    body = {"table_number": 1}
    at = "/v1/registrations/{}/itinerary/1"
    refused(await organiser.put(at.format(second["id"]), json=body), "registration-not-confirmed")
    done(await organiser.put(at.format(first["id"]), json=body))
    done(await organiser.post(f"/v1/registrations/{first['id']}/cancel"))
    assert done(await organiser.get(f"/v1/registrations/{first['id']}/itinerary"))["bookings"] == []
    refused(await organiser.put(at.format(first["id"]), json=body), "registration-not-confirmed")
    assert held(done(await organiser.put(at.format(second["id"]), json=body))) == {1: 1}


async def test_a_draft_seats_nobody(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    draft = await made.event(organiser, hub.hub_id, publish=False)
    presenter = await made.teacher(organiser, hub.hub_id)
    await made.presentation(organiser, draft, presenter["id"])
    (registration,) = done(await organiser.get(f"/v1/events/{draft['id']}/registrations"))["items"]
    answer = await organiser.put(f"/v1/registrations/{registration['id']}/itinerary/1", json={"table_number": 1})
    refused(answer, "event-not-published")


async def test_presenters_visit_others_while_their_own_table_is_closed(
    organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    await made.presentation(organiser, evening)
    presenter = await made.teacher(organiser, hub.hub_id)
    own = await made.presentation(organiser, evening, presenter["id"])
    path = f"/v1/events/{evening['id']}/registrations"
    items = done(await organiser.get(path, params={"role": "presenter"}))["items"]
    (mine,) = [each["id"] for each in items if each["teacher_id"] == presenter["id"]]
    at = f"/v1/registrations/{mine}/itinerary"
    told = refused(await organiser.put(f"{at}/1", json={"table_number": 1}), "presenting-in-round")
    assert told["round"] == 1
    table = f"/v1/events/{evening['id']}/tables/{own['table_number']}"
    done(await organiser.patch(table, json={"closed_rounds": [1]}))
    assert held(done(await organiser.put(f"{at}/1", json={"table_number": 1}))) == {1: 1}
    refused(await organiser.patch(table, json={"closed_rounds": []}), "presenting-in-round")
    done(await organiser.delete(f"{at}/1"))
    done(await organiser.patch(table, json={"closed_rounds": []}))


async def test_a_whole_itinerary_is_all_or_nothing(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await evening_with_tables(organiser, hub)
    mine, other = [await made.registration(organiser, evening) for _ in range(2)]
    at = f"/v1/registrations/{mine['id']}/itinerary"
    theirs = f"/v1/registrations/{other['id']}/itinerary/3"

    def body(**bookings: int) -> dict[str, Any]:
        return {"bookings": [{"round": int(name[1:]), "table_number": table} for name, table in bookings.items()]}

    assert held(done(await organiser.put(at, json=body(r1=1, r2=2)))) == {1: 1, 2: 2}
    swapped = done(await organiser.put(at, json=body(r1=2, r2=1)))
    assert held(swapped) == {1: 2, 2: 1}
    done(await organiser.put(theirs, json={"table_number": 2}))
    for wrong, problem in (
        (body(r1=1, r3=2), "table-full"),
        (body(r1=1, r2=1), "table-already-visited"),
        (body(r1=1, r2=3), "table-closed"),
    ):
        refused(await organiser.put(at, json=wrong), problem)
        assert done(await organiser.get(at)) == swapped
    twice = {"bookings": [{"round": 1, "table_number": 1}, {"round": 1, "table_number": 2}]}
    refused(await organiser.put(at, json=twice), "invalid-request", "/bookings/1/round")
    refused(await organiser.put(at, json=body(r4=1)), "invalid-request", "/bookings/0/round")
    refused(await organiser.put(at, json=body(r1=9)), "invalid-request", "/bookings/0/table_number")
    assert done(await organiser.get(at)) == swapped
    assert held(done(await organiser.put(at, json=body(r3=1)))) == {3: 1}
    assert done(await organiser.put(at, json={"bookings": []}))["bookings"] == []
