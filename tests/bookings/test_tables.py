"""Tables that people sit at: their seats, their closed rounds, and presentations that move with everyone."""

import httpx
import pytest

from tests.support import made
from tests.support.callers import Organiser
from tests.support.made import done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio


async def test_a_table_changes(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    at = f"/v1/events/{evening['id']}/tables/2"
    changes = {"seats": 5, "zone": "Library", "x": 1.5, "y": 3.0, "closed_rounds": [1, 3]}
    changed = done(await organiser.patch(at, json=changes))
    assert {name: changed[name] for name in changes} == changes
    assert [(each["seats"], each["closed"]) for each in changed["rounds"]] == [(0, True), (5, False), (0, True)]
    assert done(await organiser.get(at)) == changed
    cleared = done(await organiser.patch(at, json={"zone": None, "x": None, "closed_rounds": []}))
    assert (cleared["zone"], cleared["x"], cleared["y"], cleared["closed_rounds"]) == (None, None, 3.0, [])
    refused(await organiser.patch(at, json={"closed_rounds": [4]}), "invalid-request", "/closed_rounds/0")
    refused(await organiser.patch(at, json={"seats": None}), "invalid-request", "/seats")
    refused(await organiser.patch(f"/v1/events/{evening['id']}/tables/4", json={}), "not-found")
    refused(await organiser.get(f"/v1/events/{evening['id']}/tables/0"), "invalid-request", "number")


async def test_a_table_keeps_who_sits_there(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    await made.presentation(organiser, evening)
    for _ in range(2):
        registration = await made.registration(organiser, evening)
        done(await organiser.put(f"/v1/registrations/{registration['id']}/itinerary/2", json={"table_number": 1}))
    at = f"/v1/events/{evening['id']}/tables/1"
    for change, figures in (({"seats": 1}, (1, 2)), ({"closed_rounds": [2]}, (0, 2))):
        told = refused(await organiser.patch(at, json=change), "capacity-below-taken")
        assert (told["capacity"], told["taken"]) == figures
    done(await organiser.patch(at, json={"seats": 2, "closed_rounds": [1, 3]}))


async def test_a_presentation_moves_with_all_who_sit_there(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    offer, blocking = [await made.presentation(organiser, evening) for _ in range(2)]
    registration = await made.registration(organiser, evening)
    itinerary = f"/v1/registrations/{registration['id']}/itinerary"
    done(await organiser.put(f"{itinerary}/2", json={"table_number": 1}))
    tables = f"/v1/events/{evening['id']}/tables"
    body = {"presentation_id": offer["id"]}
    refused(await organiser.put(f"{tables}/2/presentation", json=body), "table-taken")
    done(await organiser.patch(f"{tables}/3", json={"closed_rounds": [2]}))
    told = refused(await organiser.put(f"{tables}/3/presentation", json=body), "capacity-below-taken")
    assert (told["capacity"], told["taken"]) == (0, 1)
    done(await organiser.patch(f"{tables}/3", json={"closed_rounds": []}))
    moved = done(await organiser.put(f"{tables}/3/presentation", json=body))
    assert moved["presentation"]["id"] == offer["id"]
    assert [each["seats_taken"] for each in moved["rounds"]] == [0, 1, 0]
    (booking,) = done(await organiser.get(itinerary))["bookings"]
    assert (booking["round"], booking["table_number"]) == (2, 3)
    assert done(await organiser.get(f"{tables}/1"))["presentation"] is None
    done(await organiser.put(f"{tables}/3/presentation", json=body))
    assert (await organiser.delete(f"{tables}/3/presentation")).status_code == 204
    assert done(await organiser.get(itinerary))["bookings"] == []
    assert (await made.seen(organiser, offer, "presentations"))["status"] == "proposed"
    refused(await organiser.delete(f"{tables}/3/presentation"), "not-found")
    assert done(await organiser.put(f"{tables}/1/presentation", json=body))["presentation"]["id"] == offer["id"]
    done(await organiser.post(f"/v1/presentations/{blocking['id']}/withdraw"))
    gone = await organiser.put(f"{tables}/2/presentation", json={"presentation_id": blocking["id"]})
    refused(gone, "illegal-transition")
    nothing = await organiser.put(f"{tables}/2/presentation", json={"presentation_id": evening["id"]})
    refused(nothing, "invalid-request", "/presentation_id")
