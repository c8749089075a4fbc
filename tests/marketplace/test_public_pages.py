"""Programme and marketplace: open to anyone, never out of date, and silent about who attends."""

import httpx
import pytest

from tests.support import made
from tests.support.callers import Organiser
from tests.support.made import done

pytestmark = pytest.mark.anyio


async def test_the_programme_is_all_that_a_public_page_needs(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    evening = await made.event(organiser, hub.hub_id, venue={"name": "Larkspur Primary School"})
    offers = [await made.presentation(organiser, evening, summary="Talk first.") for _ in range(2)]
    await made.presentation(organiser, evening, accept=False)
    table = f"/v1/events/{evening['id']}/tables/2"
    done(await organiser.patch(table, json={"zone": "Stage", "closed_rounds": [3]}))
    programme = done(await client.get(f"/v1/events/{evening['id']}/programme"))
    assert programme["event"] == done(await client.get(f"/v1/events/{evening['id']}"))
    shown = [
        (each["id"], each["table_number"], each["zone"], each["closed_rounds"]) for each in programme["presentations"]
    ]
    assert shown == [(offers[0]["id"], 1, None, []), (offers[1]["id"], 2, "Stage", [3])]
    for entry, offer in zip(programme["presentations"], offers, strict=True):
        assert entry["presenters"] == offer["presenters"]
        assert entry["summary"] == "Talk first."
        assert entry["presenters"][0]["school_name"].startswith("Larkspur")


async def test_the_marketplace_is_rounds_by_tables(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    offer = await made.presentation(organiser, evening)
    registration = await made.registration(organiser, evening)
    done(await organiser.put(f"/v1/registrations/{registration['id']}/itinerary/2", json={"table_number": 1}))
    done(await organiser.patch(f"/v1/events/{evening['id']}/tables/1", json={"closed_rounds": [3]}))
    market = done(await client.get(f"/v1/events/{evening['id']}/marketplace"))
    assert (market["event_id"], market["places_left"]) == (evening["id"], 2)
    assert [each["starts_at"] for each in market["rounds"]] == [each["starts_at"] for each in evening["rounds"]]
    first = [each["tables"][0] for each in market["rounds"]]
    assert [(each["seats"], each["seats_taken"], each["closed"]) for each in first] == [
        (2, 0, False),
        (2, 1, False),
        (0, 0, True),
    ]
    assert {(each["presentation_id"], each["title"]) for each in first} == {(offer["id"], offer["title"])}
    assert [each["presentation_id"] for each in market["rounds"][0]["tables"]] == [offer["id"], None, None]


async def test_nobody_who_attends_is_named_to_the_public(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    presenter = await made.teacher(organiser, hub.hub_id, given_name="Ute", email="u.presenter@larkspur.example")
    await made.presentation(organiser, evening, presenter["id"])
    attendee = await made.teacher(
        organiser, hub.hub_id, given_name="Attendina", family_name="Guestly", email="a.guestly@larkspur.example"
    )
    registration = await made.registration(
        organiser, evening, attendee["id"], dietary_requirements="lactose", access_requirements="a ramp"
    )
    done(await organiser.put(f"/v1/registrations/{registration['id']}/itinerary/1", json={"table_number": 1}))
    at = f"/v1/events/{evening['id']}"
    hidden = ("Attendina", "Guestly", attendee["id"], registration["id"], "lactose", "ramp", "@larkspur.example")
    for path in (
        *(at, f"{at}/programme", f"{at}/marketplace", f"{at}/tables", f"{at}/tables/1", f"{at}/presentations"),
        f"/v1/hubs/{hub.hub_id}/events",
    ):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert not [word for word in hidden if word in answer.text], path


async def test_every_change_shows_at_once(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=1)
    at = f"/v1/events/{evening['id']}"
    offer = await made.presentation(organiser, evening, accept=False)
    registration = await made.registration(organiser, evening)
    mine = f"/v1/registrations/{registration['id']}"
    new = {"teacher_id": (await made.teacher(organiser, hub.hub_id))["id"]}
    both, programme, market = {"programme", "marketplace"}, {"programme"}, {"marketplace"}
    for method, path, body, pages in (
        ("POST", f"/v1/presentations/{offer['id']}/accept", None, both),
        ("PATCH", f"/v1/presentations/{offer['id']}", {"title": "Renamed"}, both),
        ("PATCH", f"/v1/presentations/{offer['id']}", {"summary": "More"}, programme),
        ("PUT", f"{mine}/itinerary/1", {"table_number": 1}, market),
        ("DELETE", f"{mine}/itinerary/1", None, market),
        ("PATCH", f"{at}/tables/1", {"seats": 5}, market),
        ("PATCH", f"{at}/tables/1", {"zone": "Stage"}, programme),
        ("PATCH", f"{at}/tables/1", {"closed_rounds": [1]}, both),
        ("POST", f"{at}/registrations", new, programme),
        ("POST", f"{mine}/cancel", None, programme),
        ("PATCH", at, {"attendee_capacity": 9}, both),
        ("PATCH", at, {"name": "Renamed"}, programme),
        ("PUT", f"{at}/tables/3/presentation", {"presentation_id": offer["id"]}, both),
        ("DELETE", f"{at}/tables/3/presentation", None, both),
        ("POST", f"{at}/close", None, programme),
    ):
        before = {page: (await client.get(f"{at}/{page}")).headers["etag"] for page in both}
        assert (await organiser.request(method, path, json=body)).status_code < 300
        for page in pages:
            answer = await client.get(f"{at}/{page}", headers={"If-None-Match": before[page]})
            assert answer.status_code == 200, f"{page} after {method} {path}"
            again = await client.get(f"{at}/{page}", headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")


async def test_a_teachers_new_name_shows_too(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    presenter = await made.teacher(organiser, hub.hub_id)
    await made.presentation(organiser, evening, presenter["id"])
    page = f"/v1/events/{evening['id']}/programme"
    assert "Wójcik" not in (await client.get(page)).text
    done(await organiser.patch(f"/v1/teachers/{presenter['id']}", json={"family_name": "Wójcik"}))
    assert "Wójcik" in (await client.get(page)).text
    done(await organiser.patch(f"/v1/schools/{presenter['school_id']}", json={"name": "Zeal Primary School"}))
    assert "Zeal Primary School" in (await client.get(page)).text
