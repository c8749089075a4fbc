"""What belongs to another hub or school does not exist: the same bytes as for what was never there."""

import json

import httpx
import pytest

from tests.support import made
from tests.support.callers import Headers, Organiser, make_key
from tests.support.document import OPERATIONS, world_for
from tests.support.made import Thing, done
from tests.support.refusals import refused
from tests.support.services import calling
from tests.support.shared import new_hub

pytestmark = pytest.mark.anyio

MISSING = "01990000-0000-7000-8000-000000000000"
BODIES: dict[str, Thing] = {
    "change_hub": {"name": "Mine"},
    "create_school": {"name": "X", "urn": "990001"},
    "change_school": {"name": "Mine"},
    "create_teacher": {"given_name": "Ola", "school_id": MISSING},
    "change_teacher": {"given_name": "Mine"},
    "create_api_key": {"name": "K", "scopes": ["people:read"]},
    "create_event": made.event_body(),
    "change_event": {"name": "Mine"},
    "copy_event": {"starts_at": "2027-12-02T16:30:00+00:00"},
    "propose_presentation": {"title": "Mine", "presenter_ids": [MISSING]},
    "change_presentation": {"title": "Mine"},
    "change_table": {"zone": "Mine"},
    "accept_presentation": {},
    "register": {"teacher_id": MISSING},
    "register_batch": {"items": [{}]},
    "change_registration": {"dietary_requirements": "vegan"},
    "set_preferences": {"presentation_ids": []},
    "set_itinerary": {"bookings": []},
    "take_seat": {"table_number": 1},
    "place_presentation": {"presentation_id": MISSING},
}
THEIRS = ("hub_id", "school_id", "teacher_id", "key_id", "event_id", "presentation_id", "registration_id")


def told(answer: httpx.Response) -> bytes:
    """A refusal's bytes, without the two members that are each request's own."""
    body = refused(answer, "not-found")
    return json.dumps({name: value for name, value in body.items() if name not in ("request_id", "instance")}).encode()


async def test_another_hubs_things_do_not_exist(
    client: httpx.AsyncClient, operator: Headers, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    world = await world_for(organiser, hub)
    before = (await organiser.get(f"/v1/events/{world['event_id']}")).content
    stranger = await new_hub(client, operator)
    missing = {**world, **dict.fromkeys(THEIRS, MISSING)}
    asked = 0
    for operation in OPERATIONS.values():
        if not set(operation.names("path")) & set(THEIRS) or operation.name == "start_import":
            continue
        body = BODIES.get(operation.name)
        answers = [
            await client.request(operation.method, operation.address(place), json=body, headers=stranger.headers)
            for place in (world, missing)
        ]
        assert told(answers[0]) == told(answers[1]), operation.name
        lengths = [len(answer.content) - len(answer.json()["instance"]) for answer in answers]
        assert lengths[0] == lengths[1], operation.name
        asked += 1
    assert asked > 35
    assert (await organiser.get(f"/v1/events/{world['event_id']}")).content == before


async def test_a_key_of_a_school_sees_that_school(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    mine, theirs = [await made.teacher(organiser, hub.hub_id) for _ in range(2)]
    regs = [await made.registration(organiser, evening, each["id"]) for each in (mine, theirs)]
    everything = [
        "people:read",
        "people:write",
        "registrations:read",
        "registrations:write",
        "events:write",
        "keys:manage",
    ]
    headers = await make_key(organiser, hub.headers, hub.hub_id, scopes=everything, school_id=mine["school_id"])
    organiser.headers.update(headers)
    lead = organiser
    for kind, things in (
        ("teachers", (mine, theirs)),
        ("registrations", regs),
        ("schools", ({"id": mine["school_id"]}, {"id": theirs["school_id"]})),
    ):
        assert (await lead.get(f"/v1/{kind}/{things[0]['id']}")).status_code == 200
        missing = told(await lead.get(f"/v1/{kind}/{MISSING}"))
        assert told(await lead.get(f"/v1/{kind}/{things[1]['id']}")) == missing
    for path, own in (
        (f"/v1/hubs/{hub.hub_id}/schools", mine["school_id"]),
        (f"/v1/hubs/{hub.hub_id}/teachers", mine["id"]),
        (f"/v1/events/{evening['id']}/registrations", regs[0]["id"]),
    ):
        assert [each["id"] for each in done(await lead.get(path))["items"]] == [own]
    refused(await lead.patch(f"/v1/teachers/{theirs['id']}", json={"given_name": "Mine"}), "not-found")
    refused(await lead.post(f"/v1/registrations/{regs[1]['id']}/cancel"), "not-found")
    refused(await lead.put(f"/v1/registrations/{regs[1]['id']}/itinerary", json={"bookings": []}), "not-found")
    register = f"/v1/events/{evening['id']}/registrations"
    refused(await lead.post(register, json={"teacher_id": theirs["id"]}), "invalid-request", "/teacher_id")
    person = {"given_name": "Ola", "school_id": theirs["school_id"]}
    refused(await lead.post(f"/v1/hubs/{hub.hub_id}/teachers", json=person), "invalid-request", "/school_id")
    moved = await lead.patch(f"/v1/teachers/{mine['id']}", json={"school_id": theirs["school_id"]})
    refused(moved, "invalid-request", "/school_id")
    for method, path, body in (
        ("POST", f"/v1/hubs/{hub.hub_id}/schools", {"name": "X", "urn": "990001"}),
        ("PATCH", f"/v1/schools/{mine['school_id']}", {"name": "X"}),
        ("PATCH", f"/v1/hubs/{hub.hub_id}", {"name": "X"}),
        ("POST", f"/v1/hubs/{hub.hub_id}/api-keys", {"name": "K", "scopes": ["people:read"]}),
        ("POST", f"/v1/hubs/{hub.hub_id}/events", made.event_body()),
        ("POST", f"/v1/events/{evening['id']}/close", None),
        ("PATCH", f"/v1/teachers/{mine['id']}", {"roles": ["organiser"]}),
    ):
        refused(await lead.request(method, path, json=body), "forbidden")
    colleague = done(
        await lead.post(f"/v1/hubs/{hub.hub_id}/teachers", json={**person, "school_id": mine["school_id"]}), 201
    )
    assert done(await lead.post(register, json={"teacher_id": colleague["id"]}), 201)["status"] == "confirmed"


async def test_another_hubs_things_are_named_in_vain(
    client: httpx.AsyncClient, operator: Headers, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    other = await new_hub(client, operator)
    async with calling(client._transport.app, other.headers) as stranger:  # type: ignore[attr-defined]  # one service, two callers
        foreign = await world_for(stranger, other)
    evening = await made.event(organiser, hub.hub_id)
    registration = await made.registration(organiser, evening)
    at = f"/v1/events/{evening['id']}"
    for method, path, body in (
        ("POST", f"{at}/presentations", {"title": "T", "presenter_ids": ["{teacher_id}"]}),
        ("POST", f"{at}/registrations", {"teacher_id": "{teacher_id}"}),
        ("PUT", f"/v1/registrations/{registration['id']}/preferences", {"presentation_ids": ["{presentation_id}"]}),
        ("PUT", f"{at}/tables/1/presentation", {"presentation_id": "{presentation_id}"}),
        ("PATCH", f"/v1/teachers/{registration['teacher_id']}", {"school_id": "{school_id}"}),
    ):
        answers = []
        for ids in (foreign, dict.fromkeys(foreign, MISSING)):
            raw = json.dumps(body)
            for name, value in ids.items():
                raw = raw.replace("{" + name + "}", value)
            answer = await organiser.request(method, path, content=raw, headers={"Content-Type": "application/json"})
            answers.append({**refused(answer, "invalid-request"), "request_id": ""})
        assert answers[0] == answers[1], path
