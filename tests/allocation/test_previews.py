"""Previews: worked out, looked at, compared, explained and drawn; nothing is booked by one."""

import asyncio
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.allocation.evenings import booked, evening, look, newcomer, preview, seats, sit, wish
from tests.support import made
from tests.support.callers import Headers, Organiser, bearer, make_key
from tests.support.made import Thing, done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio


async def wishing(organiser: httpx.AsyncClient, hub: Organiser) -> Thing:
    """Four people, three tables of two seats, three rounds: everybody wishes for table 1, half for table 2 as well."""
    event = await evening(organiser, hub.hub_id, people=4)
    for number, person in enumerate(event["people"]):
        await wish(organiser, event, person, *((1, 2) if number % 2 else (1,)))
    return event


async def test_a_preview_has_figures_proof_and_itineraries(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await wishing(organiser, hub)
    answer = await organiser.post(f"/v1/events/{event['id']}/allocations", json={})
    found = done(answer, 201)
    assert answer.headers["location"] == f"/v1/allocations/{found['id']}"
    assert (found["status"], found["progress"], found["stale"], found["event_id"]) == ("ready", 100, False, event["id"])
    assert found["options"]["keep_bookings"] is True
    figures = found["figures"]
    assert (figures["attendees"], figures["with_wishes"], figures["first_choice"]) == (4, 4, 4)
    assert (figures["any_wish"], figures["wishes_granted"], figures["total_of_ranks"]) == (4, [0, 2, 2, 0], 8)
    assert (figures["worst_off"]["wishes_granted"], figures["worst_off"]["how_many"]) == (1, 2)
    assert (figures["seats_taken"], figures["seats_left"], figures["not_placed_count"]) == (12, 6, 0)
    assert found["proof"]["optimal"]
    assert found["proof"]["gap"] is None
    assert found["changes"] == {"moved": 0, "gained": 4, "lost": 0}
    for person in event["people"]:
        own = seats(found, person)
        assert set(own) == {1, 2, 3}
        assert len(set(own.values())) == 3
        assert await booked(organiser, person) == {}
    again = await organiser.get(f"/v1/allocations/{found['id']}")
    assert again.json() == found
    assert again.headers["etag"] == answer.headers["etag"]


async def test_the_same_seed_the_same_plan(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await wishing(organiser, hub)
    one, two = [await preview(organiser, event, seed=7) for _ in range(2)]
    assert one["itineraries"] == two["itineraries"]


async def test_bookings_are_kept_unless_told_otherwise(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await evening(organiser, hub.hub_id, seats=1, people=2)
    first, second = event["people"]
    await wish(organiser, event, second, 1, 2, 3)
    for number in (1, 2, 3):
        await sit(organiser, first, number, number)
    kept = await preview(organiser, event)
    assert seats(kept, first) == {1: 1, 2: 2, 3: 3}
    free = await preview(organiser, event, keep_bookings=False, pinned=[_seat(second, 1, 1)])
    assert seats(free, second)[1] == 1
    assert seats(free, first).get(1) != 1
    assert free["figures"]["worst_off"]["wishes_granted"] == 3


def _seat(person: Thing, table: int, number: int | None = None) -> Thing:
    named: Thing = {"registration_id": person["id"], "table_number": table}
    return named if number is None else {**named, "round": number}


async def test_pinned_and_forbidden_seats(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await wishing(organiser, hub)
    one, two, three, _ = event["people"]
    found = await preview(
        organiser,
        event,
        pinned=[_seat(one, 3, 2)],
        forbidden=[_seat(two, 1), _seat(three, 1, 1), _seat(three, 1, 2)],
        limits=[{"registration_id": two["id"], "rounds": 1}],
    )
    assert seats(found, one)[2] == 3
    assert list(seats(found, two).values()) == [2]
    assert seats(found, three)[3] == 1
    assert found["figures"]["not_placed_count"] == 0


async def test_based_on_another_it_changes_little(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await wishing(organiser, hub)
    before = await preview(organiser, event)
    person = event["people"][0]
    where = next(number for number, table in seats(before, person).items() if table == 1)
    after = await preview(organiser, event, based_on=before["id"], forbidden=[_seat(person, 1, where)])
    assert seats(after, person).get(where) != 1
    compared = await look(organiser, after, f"comparison?with={before['id']}")
    wishes = [each for each in compared["levels"] if "wishes" in each["level"]]
    assert [each["this"] for each in wishes] == [each["other"] for each in wishes], compared
    assert 1 <= compared["moved"] + compared["gained"] + compared["lost"] <= 2
    assert person["id"] in [each["registration_id"] for each in compared["items"]]


@pytest.mark.parametrize(
    ("named", "places"),
    [
        ({"pinned": [{"round": 9, "table_number": 1}]}, ["/pinned/0/round"]),
        ({"pinned": [{"round": 1, "table_number": 9}]}, ["/pinned/0/table_number"]),
        ({"pinned": [{"round": 1, "table_number": 2}]}, ["/pinned/0/table_number"]),
        ({"pinned": [{"round": 1, "table_number": 1}, {"round": 2, "table_number": 1}]}, ["/pinned/1"]),
        ({"pinned": [{"round": 3, "table_number": 1}], "forbidden": [{"table_number": 1}]}, ["/pinned/0"]),
        ({"pinned": [{"round": 3, "table_number": 3}]}, ["/pinned/0/table_number"]),
        ({"forbidden": [{"round": 1, "table_number": 9}]}, ["/forbidden/0/table_number"]),
    ],
)
async def test_what_no_plan_could_respect_is_refused_place_by_place(
    organiser: httpx.AsyncClient, hub: Organiser, named: dict[str, list[Thing]], places: list[str]
) -> None:
    event = await evening(organiser, hub.hub_id, seats=1, people=2)
    done(await organiser.patch(f"/v1/events/{event['id']}/tables/2", json={"closed_rounds": [1]}))
    first, second = event["people"]
    await sit(organiser, second, 3, 3)
    body = {kind: [{"registration_id": first["id"], **each} for each in those] for kind, those in named.items()}
    refused(await organiser.post(f"/v1/events/{event['id']}/allocations", json=body), "invalid-request", *places)


async def test_whom_and_what_it_does_not_know(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await evening(organiser, hub.hub_id, people=1)
    at = f"/v1/events/{event['id']}/allocations"
    stranger, presenter = event["id"], await _presenters_registration(organiser, event)
    for body, place in (
        ({"pinned": [{"registration_id": stranger, "round": 1, "table_number": 1}]}, "/pinned/0/registration_id"),
        ({"limits": [{"registration_id": stranger, "rounds": 1}]}, "/limits/0/registration_id"),
        ({"pinned": [{"registration_id": presenter, "round": 1, "table_number": 2}]}, "/pinned/0/round"),
        ({"based_on": stranger}, "/based_on"),
        ({"pinned": [{"registration_id": stranger, "table_number": 1}]}, "/pinned/0/round"),
        ({"seed": -1}, "/seed"),
        ({"mode": "best"}, "/mode"),
        ({"fairness": 9}, "/fairness"),
    ):
        refused(await organiser.post(at, json=body), "invalid-request", place)
    assert done(await organiser.get(at))["items"] == []


async def _presenters_registration(organiser: httpx.AsyncClient, event: Thing) -> str:
    found = done(await organiser.get(f"/v1/events/{event['id']}/registrations?role=presenter"))
    teacher = event["presentations"][0]["presenters"][0]["teacher_id"]
    return next(str(each["id"]) for each in found["items"] if each["teacher_id"] == teacher)


async def test_presenters_are_seated_only_while_their_table_is_closed(
    organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    event = await evening(organiser, hub.hub_id, people=1)
    assert (await preview(organiser, event))["figures"]["attendees"] == 1
    done(await organiser.patch(f"/v1/events/{event['id']}/tables/1", json={"closed_rounds": [2]}))
    found = await preview(organiser, event)
    own = {"id": await _presenters_registration(organiser, event)}
    assert found["figures"]["attendees"] == 2
    assert list(seats(found, own)) == [2]
    assert seats(found, own)[2] != 1


async def test_who_is_not_placed_is_told_why(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await evening(organiser, hub.hub_id, tables=1, seats=1, people=2)
    found = await preview(organiser, event)
    assert found["figures"]["not_placed_count"] == 2
    told = {reason["reason"] for each in found["figures"]["not_placed"] for reason in each["reasons"]}
    assert told == {"no-seat-free", "seen-all-that-is-free"}


async def test_why_not_that_wish(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await evening(organiser, hub.hub_id, tables=4, seats=1, people=3)
    one, two, three = event["people"]
    for person in (one, two):
        await wish(organiser, event, person, 1)
    await wish(organiser, event, three, 1, 2)
    left_out = await newcomer(organiser, event, None, 1)
    found = await preview(organiser, event)
    at_one = [person for person in (one, two, three, left_out) if 1 in seats(found, person).values()]
    assert at_one == [one, two, left_out]
    explained = await look(organiser, found, f"explanations/{three['id']}")
    assert (explained["registration_id"], explained["wishes_granted"]) == (three["id"], 1)
    first, second = explained["wishes"]
    assert (first["rank"], first["table_number"], first["reason"], first["fair"]) == (1, 1, "full", True)
    assert first["presentation_id"] == event["presentations"][0]["id"]
    assert "at least as strong" in first["told"]
    holders = [holder for each in first["rounds"] for holder in each["holders"]]
    assert {holder["registration_id"] for holder in holders} == {each["id"] for each in at_one}
    assert {holder["claim"] for holder in holders} == {"worse-off"}
    assert second["granted_in_round"] in seats(found, three)
    refused(await organiser.get(f"/v1/allocations/{found['id']}/explanations/{event['id']}"), "not-found")


async def test_a_wish_for_what_has_no_table_is_explained(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await evening(organiser, hub.hub_id, people=1)
    (person,) = event["people"]
    await wish(organiser, event, person, 2, 1)
    done_ = await organiser.delete(f"/v1/events/{event['id']}/tables/2/presentation")
    assert done_.status_code == 204
    found = await preview(organiser, event)
    first = (await look(organiser, found, f"explanations/{person['id']}"))["wishes"][0]
    assert (first["presentation_id"], first["table_number"]) == (event["presentations"][1]["id"], None)
    assert first["reason"] == "not-at-the-event"


async def test_two_previews_side_by_side(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await evening(organiser, hub.hub_id, seats=1, people=2)
    one, two = event["people"]
    await wish(organiser, event, one, 1, 2)
    fair = await preview(organiser, event)
    poor = await preview(organiser, event, forbidden=[_seat(one, 1), _seat(one, 2)])
    compared = await look(organiser, fair, f"comparison?with={poor['id']}")
    assert (compared["better"], compared["better_off"], compared["worse_off"]) == ("this", 1, 0)
    assert compared["levels"][0] == {"level": "at least 1 of their wishes", "this": 1, "other": 0}
    assert (compared["figures"]["first_choice"], compared["other_figures"]["first_choice"]) == (1, 0)
    refused(await organiser.get(f"/v1/allocations/{fair['id']}/comparison"), "not-found")
    backwards = await look(organiser, poor, "comparison")
    assert backwards["other_id"] == fair["id"]
    backwards = await look(organiser, poor, f"comparison?with={fair['id']}")
    assert (backwards["better"], backwards["worse_off"]) == ("other", 1)
    there = {each["registration_id"]: each["rounds"] for each in compared["items"]}
    back = {each["registration_id"]: each["rounds"] for each in backwards["items"]}
    assert there.keys() == back.keys()
    for each, rounds in there.items():
        assert [(r["round"], r["to_table"], r["from_table"]) for r in rounds] == [
            (r["round"], r["from_table"], r["to_table"]) for r in back[each]
        ]
    other = await evening(organiser, hub.hub_id, people=1)
    foreign = await preview(organiser, other)
    path = f"/v1/allocations/{fair['id']}/comparison?with={foreign['id']}"
    refused(await organiser.get(path), "invalid-request", "with")
    assert two["id"] in there


async def test_itineraries_and_changes_come_by_the_page(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await wishing(organiser, hub)
    found = await preview(organiser, event)
    for what, whole in (("itineraries", found["itineraries"]), ("changes", None)):
        page = await look(organiser, found, f"{what}?limit=3")
        items = page["items"]
        assert len(items) == 3
        page = await look(organiser, found, f"{what}?limit=3&cursor={page['next_cursor']}")
        items += page["items"]
        assert page["next_cursor"] is None
        assert [each["registration_id"] for each in items] == sorted(each["id"] for each in event["people"])
        assert whole is None or items == whole
    changes = await look(organiser, found, "changes")
    assert (changes["moved"], changes["gained"], changes["lost"]) == (0, 4, 0)
    assert changes["items"][0]["rounds"][0]["from_table"] is None
    tampered = f"/v1/allocations/{found['id']}/itineraries?cursor=AAAA"
    refused(await organiser.get(tampered), "invalid-request", "cursor")


async def test_pictures_name_nobody(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await wishing(organiser, hub)
    found = await preview(organiser, event)
    for picture in ("satisfaction.svg", "heat-map.svg"):
        answer = await organiser.get(f"/v1/allocations/{found['id']}/{picture}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
        assert ET.fromstring(answer.text).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  # our own
        assert "Penhaligon" not in answer.text
        known = {"If-None-Match": answer.headers["etag"]}
        assert (await organiser.get(f"/v1/allocations/{found['id']}/{picture}", headers=known)).status_code == 304
    at = f"/v1/allocations/{found['id']}/satisfaction.svg"
    beside = await organiser.get(at, params={"beside": "first-come-first-served"})
    assert ("first come" in beside.text, "first come" in (await organiser.get(at)).text) == (True, False)
    refused(await organiser.get(at, params={"beside": "lots"}), "invalid-request", "beside")
    heat = (await organiser.get(f"/v1/allocations/{found['id']}/heat-map.svg")).text
    assert event["presentations"][0]["title"] in heat


async def test_the_last_twenty_are_kept_and_all_that_were_applied(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await evening(organiser, hub.hub_id, people=1)
    first = await preview(organiser, event)
    done(await organiser.post(f"/v1/allocations/{first['id']}/apply"))
    made_ = [await preview(organiser, event, seed=number) for number in range(21)]
    items = done(await organiser.get(f"/v1/events/{event['id']}/allocations?limit=200"))["items"]
    assert [each["id"] for each in items] == [*(each["id"] for each in made_[:0:-1]), first["id"]]
    assert {each["itineraries"] for each in items} == {None}
    refused(await organiser.get(f"/v1/allocations/{made_[0]['id']}"), "not-found")
    page = done(await organiser.get(f"/v1/events/{event['id']}/allocations?limit=2"))
    assert [each["options"]["seed"] for each in page["items"]] == [20, 19]
    assert page["next_cursor"]


async def test_asked_again_with_the_same_key(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await evening(organiser, hub.hub_id, people=1)
    at, key = f"/v1/events/{event['id']}/allocations", {"Idempotency-Key": "evening-1"}
    one, two = await asyncio.gather(*(organiser.post(at, json={}, headers=key) for _ in range(2)))
    assert one.json() == two.json()
    assert len(done(await organiser.get(at))["items"]) == 1
    refused(await organiser.post(at, json={"seed": 1}, headers=key), "idempotency-key-reused")


async def test_not_before_the_event_is_published_and_not_after_it(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    draft = await made.event(organiser, hub.hub_id, publish=False)
    at = f"/v1/events/{draft['id']}/allocations"
    key = {"Idempotency-Key": "too-early"}
    refused(await organiser.post(at, json={}, headers=key), "event-not-published")
    done(await organiser.post(f"/v1/events/{draft['id']}/publish"))
    refused(await organiser.post(at, json={}, headers=key), "event-not-published")
    refused(await organiser.post(at, json={}), "nothing-to-allocate")
    await made.presentation(organiser, draft)
    done(await organiser.post(at), 201)
    for transition in ("close", "complete"):
        done(await organiser.post(f"/v1/events/{draft['id']}/{transition}"))
    refused(await organiser.post(at, json={}), "event-over")


async def test_who_may_and_who_may_not(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, operator: Headers
) -> None:
    event = await evening(organiser, hub.hub_id, people=1)
    found = await preview(organiser, event)
    school = await made.school(organiser, hub.hub_id)
    bound = await make_key(
        client, hub.headers, hub.hub_id, scopes=["allocations:run", "events:read"], school_id=school["id"]
    )
    unable = await make_key(client, hub.headers, hub.hub_id, scopes=["events:read", "registrations:read"])
    able = await make_key(client, hub.headers, hub.hub_id, scopes=["allocations:run"])
    paths = [
        ("GET", f"/v1/events/{event['id']}/allocations"),
        ("POST", f"/v1/events/{event['id']}/allocations"),
        *(
            ("GET", f"/v1/allocations/{found['id']}{what}")
            for what in (
                "",
                "/itineraries",
                "/changes",
                f"/comparison?with={found['id']}",
                f"/explanations/{event['people'][0]['id']}",
                "/satisfaction.svg",
                "/heat-map.svg",
            )
        ),
        ("POST", f"/v1/allocations/{found['id']}/apply"),
    ]
    for method, path in paths:
        for headers in (bound, unable):
            refused(await client.request(method, path, headers=headers), "forbidden")
        refused(await client.request(method, path), "unauthenticated")
        refused(await client.request(method, path, headers=bearer("tm_nobody")), "unauthenticated")
        assert (await client.request(method, path, headers=able)).status_code in (200, 201), path
    refused(await client.post(f"/v1/allocations/{found['id']}/cancel", headers=bound), "forbidden")
