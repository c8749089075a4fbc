"""Applying: all bookings in one step or none, once, and only while what the plan rests on is as it was."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.kernel.outbox import Fact
from tests.allocation.evenings import booked, evening, newcomer, preview, seats, sit, wish
from tests.support import made
from tests.support.callers import Headers, Organiser, make_organiser
from tests.support.evening import check
from tests.support.made import Thing, done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio


async def apply(organiser: httpx.AsyncClient, allocation: Thing) -> httpx.Response:
    return await organiser.post(f"/v1/allocations/{allocation['id']}/apply")


async def test_all_that_was_shown_is_booked_once(
    app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser, database_url: str
) -> None:
    event = await evening(organiser, hub.hub_id, people=5)
    found = await preview(organiser, event)
    market = f"/v1/events/{event['id']}/marketplace"
    before = await organiser.get(market)
    applied = done(await apply(organiser, found))
    assert (applied["status"], applied["itineraries"]) == ("applied", found["itineraries"])
    for person in event["people"]:
        assert await booked(organiser, person) == seats(found, person)
    after = await organiser.get(market)
    assert after.headers["etag"] != before.headers["etag"]
    assert sum(slot["seats_taken"] for each in after.json()["rounds"] for slot in each["tables"]) == 15
    again = await apply(organiser, found)
    assert done(again) == applied
    facts = await app.state.reader.run(
        lambda session: [
            (each.kind, each.actor)
            for each in session.scalars(select(Fact).where(Fact.hub_id == UUID(hub.hub_id)).order_by(Fact.id))
        ]
    )
    about = [fact for fact in facts if fact[0].startswith(("allocation.", "booking."))]
    assert [kind for kind, _ in about] == ["allocation.made", *["booking.made"] * 15, "allocation.applied"]
    assert {actor for _, actor in about} == {about[0][1]} - {None}
    assert check(database_url).returncode == 0


async def test_people_who_swap_seats_are_no_hindrance(
    organiser: httpx.AsyncClient, hub: Organiser, database_url: str
) -> None:
    event = await evening(organiser, hub.hub_id, seats=1, people=3)
    for place, person in enumerate(event["people"]):
        for number in (1, 2, 3):
            await sit(organiser, person, number, (place + number) % 3 + 1)
    turned = [
        {"registration_id": person["id"], "round": number, "table_number": (place + number + 1) % 3 + 1}
        for place, person in enumerate(event["people"])
        for number in (1, 2, 3)
    ]
    found = await preview(organiser, event, keep_bookings=False, pinned=turned)
    assert found["changes"] == {"moved": 3, "gained": 0, "lost": 0}
    done(await apply(organiser, found))
    for place, person in enumerate(event["people"]):
        assert await booked(organiser, person) == {number: (place + number + 1) % 3 + 1 for number in (1, 2, 3)}
    assert check(database_url).returncode == 0


async def _somebody_registers(organiser: httpx.AsyncClient, event: Thing) -> None:
    await newcomer(organiser, event)


async def _somebody_cancels(organiser: httpx.AsyncClient, event: Thing) -> None:
    done(await organiser.post(f"/v1/registrations/{event['people'][0]['id']}/cancel"))


async def _somebody_wishes_for_something_else(organiser: httpx.AsyncClient, event: Thing) -> None:
    await wish(organiser, event, event["people"][0], 3)


async def _somebody_sits_down(organiser: httpx.AsyncClient, event: Thing) -> None:
    await sit(organiser, event["people"][0], 1, 1)


async def _a_table_closes(organiser: httpx.AsyncClient, event: Thing) -> None:
    done(await organiser.patch(f"/v1/events/{event['id']}/tables/1", json={"closed_rounds": [2]}))


async def _a_table_gets_a_seat(organiser: httpx.AsyncClient, event: Thing) -> None:
    done(await organiser.patch(f"/v1/events/{event['id']}/tables/1", json={"seats": 3}))


async def _a_presentation_goes(organiser: httpx.AsyncClient, event: Thing) -> None:
    assert (await organiser.delete(f"/v1/events/{event['id']}/tables/1/presentation")).status_code == 204


async def _a_presentation_moves(organiser: httpx.AsyncClient, event: Thing) -> None:
    done(await organiser.patch(f"/v1/events/{event['id']}", json={"table_count": 4}))
    body = {"presentation_id": event["presentations"][0]["id"]}
    done(await organiser.put(f"/v1/events/{event['id']}/tables/4/presentation", json=body))


async def _somebody_becomes_a_presenter(organiser: httpx.AsyncClient, event: Thing) -> None:
    body = {"presenter_ids": [event["people"][0]["teacher_id"]]}
    done(await organiser.patch(f"/v1/presentations/{event['presentations'][0]['id']}", json=body))


CHANGES: list[Callable[[httpx.AsyncClient, Thing], Awaitable[None]]] = [
    _somebody_registers,
    _somebody_cancels,
    _somebody_wishes_for_something_else,
    _somebody_sits_down,
    _a_table_closes,
    _a_table_gets_a_seat,
    _a_presentation_goes,
    _a_presentation_moves,
    _somebody_becomes_a_presenter,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
async def test_what_it_rests_on_has_changed(
    organiser: httpx.AsyncClient, hub: Organiser, change: Callable[[httpx.AsyncClient, Thing], Awaitable[None]]
) -> None:
    event = await evening(organiser, hub.hub_id, people=2)
    await wish(organiser, event, event["people"][0], 1)
    found = await preview(organiser, event)
    await change(organiser, event)
    now = [await booked(organiser, person) for person in event["people"]]
    assert done(await organiser.get(f"/v1/allocations/{found['id']}"))["stale"] is True
    refused(await apply(organiser, found), "allocation-stale")
    assert [await booked(organiser, person) for person in event["people"]] == now
    fresh = await preview(organiser, event)
    assert done(await apply(organiser, fresh))["status"] == "applied"


async def test_what_it_does_not_rest_on_may_change(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await evening(organiser, hub.hub_id, people=1)
    loose, spread = await preview(organiser, event), await preview(organiser, event, spread_schools=True)
    done(await organiser.patch(f"/v1/events/{event['id']}", json={"name": "Another name"}))
    done(await organiser.patch(f"/v1/events/{event['id']}/tables/1", json={"zone": "Hall"}))
    await evening(organiser, hub.hub_id, people=1)
    other = await made.school(organiser, hub.hub_id)
    teacher = event["people"][0]["teacher_id"]
    done(await organiser.patch(f"/v1/teachers/{teacher}", json={"school_id": other["id"]}))
    refused(await apply(organiser, spread), "allocation-stale")
    done(await apply(organiser, loose))
    refused(await apply(organiser, spread), "allocation-stale")


async def test_of_two_previews_one_can_be_applied(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await evening(organiser, hub.hub_id, people=2)
    one, two = [await preview(organiser, event, seed=seed) for seed in (1, 2)]
    done(await apply(organiser, two))
    refused(await apply(organiser, one), "allocation-stale")


async def test_only_while_the_event_is_under_way(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await evening(organiser, hub.hub_id, people=1)
    found = await preview(organiser, event)
    done(await organiser.post(f"/v1/events/{event['id']}/close"))
    other = await preview(organiser, event, seed=1)
    done(await apply(organiser, other))
    done(await organiser.post(f"/v1/events/{event['id']}/complete"))
    refused(await apply(organiser, found), "event-over")
    assert done(await apply(organiser, other))["status"] == "applied"


async def test_another_hubs_allocation_is_not_there(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, operator: Headers
) -> None:
    event = await evening(organiser, hub.hub_id, people=1)
    found = await preview(organiser, event)
    stranger = await make_organiser(client, operator, slug=f"{hub.slug}-neighbour", name="Another hub")
    missing = event["id"]
    for method, what in (
        ("GET", ""),
        ("GET", "/itineraries"),
        ("GET", "/changes"),
        ("GET", f"/comparison?with={found['id']}"),
        ("GET", f"/explanations/{event['people'][0]['id']}"),
        ("GET", "/satisfaction.svg"),
        ("GET", "/heat-map.svg"),
        ("POST", "/apply"),
        ("POST", "/cancel"),
    ):
        theirs, nobodys = [
            refused(
                await client.request(method, f"/v1/allocations/{each}{what}", headers=stranger.headers), "not-found"
            )
            for each in (found["id"], missing)
        ]
        for name in ("type", "title", "detail", "status"):
            assert theirs[name] == nobodys[name]
    at = f"/v1/events/{event['id']}/allocations"
    refused(await client.post(at, json={}, headers=stranger.headers), "not-found")
    refused(await client.get(at, headers=stranger.headers), "not-found")
    assert done(await organiser.get(f"/v1/allocations/{found['id']}"))["status"] == "ready"
