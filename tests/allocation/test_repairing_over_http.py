"""After it was applied: late cancellations and newcomers are fitted in, and what would change is shown first."""

import random

import httpx
import pytest

from tests.allocation.evenings import booked, evening, look, newcomer, preview, seats, wish
from tests.support.callers import Organiser
from tests.support.evening import check
from tests.support.made import Thing, done

pytestmark = pytest.mark.anyio

TABLES, SEATS, PEOPLE = 8, 3, 24


async def settled(organiser: httpx.AsyncClient, hub: Organiser) -> Thing:
    """A full evening in which everybody has a fair plan, applied."""
    event = await evening(organiser, hub.hub_id, tables=TABLES, seats=SEATS, people=PEOPLE, attendee_capacity=40)
    chance = random.Random(3)
    for person in event["people"]:
        tables = chance.choices(range(1, TABLES + 1), weights=[1 / n for n in range(1, TABLES + 1)], k=8)
        person["wishes"] = list(dict.fromkeys(tables))[:4]
        await wish(organiser, event, person, *person["wishes"])
    plan = await preview(organiser, event)
    event["plan"] = done(await organiser.post(f"/v1/allocations/{plan['id']}/apply"))
    return event


async def cancelled(organiser: httpx.AsyncClient, event: Thing, *places: int) -> list[Thing]:
    """Some cancel late; who stays."""
    for place in places:
        done(await organiser.post(f"/v1/registrations/{event['people'][place]['id']}/cancel"))
    return [person for place, person in enumerate(event["people"]) if place not in places]


async def test_a_repair_moves_few_and_costs_nobody_a_wish(
    organiser: httpx.AsyncClient, hub: Organiser, database_url: str
) -> None:
    event = await settled(organiser, hub)
    there = await cancelled(organiser, event, 0, 7, 15)
    late = await newcomer(organiser, event, None, 1, 2, 3)
    repaired = await preview(organiser, event, mode="repair")
    assert repaired["proof"]["method"] == "repair"
    assert repaired["changes"]["moved"] <= 12
    assert repaired["changes"]["lost"] == 0
    shown = await look(organiser, repaired, "changes?limit=200")
    assert {name: shown[name] for name in ("moved", "gained", "lost")} == repaired["changes"]
    told = {each["registration_id"]: each for each in shown["items"]}
    assert told[late["id"]]["change"] == "gained"
    assert len(seats(repaired, late)) == 3
    for person in there:
        before, after = seats(event["plan"], person), seats(repaired, person)
        assert (before != after) == (person["id"] in told)
        assert len({*after.values()} & {*person["wishes"]}) >= len({*before.values()} & {*person["wishes"]})
        assert await booked(organiser, person) == before
    done(await organiser.post(f"/v1/allocations/{repaired['id']}/apply"))
    for person in [*there, late]:
        assert await booked(organiser, person) == seats(repaired, person)
    assert check(database_url).returncode == 0


async def test_adding_only_moves_nobody(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await settled(organiser, hub)
    there = await cancelled(organiser, event, 1, 2)
    late = await newcomer(organiser, event, None, 1, 2)
    added = await preview(organiser, event, mode="add_only")
    assert added["proof"]["method"] == "add-only"
    assert added["changes"] == {"moved": 0, "gained": 1, "lost": 0}
    assert len(seats(added, late)) == 3
    for person in there:
        assert seats(added, person) == seats(event["plan"], person)


async def test_no_more_are_moved_than_may_be(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await settled(organiser, hub)
    await cancelled(organiser, event, 3, 4, 5)
    still = await preview(organiser, event, mode="repair", most_moved=0)
    assert still["changes"]["moved"] == 0
