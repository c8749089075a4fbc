"""Those who are signed in: themselves, what is their own, and what their roles give them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from app.kernel.settings import Settings
from tests.support import made
from tests.support.callers import Headers, Organiser, sign_in
from tests.support.made import Thing, done
from tests.support.refusals import refused
from tests.support.services import calling

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A teacher, and a client with their session."""

    teacher: Thing
    client: httpx.AsyncClient

    @property
    def id(self) -> str:
        return str(self.teacher["id"])


@pytest.fixture
async def sian(
    app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings
) -> AsyncIterator[SignedIn]:
    """A teacher without any role."""
    teacher = await made.teacher(organiser, hub.hub_id)
    async with calling(app) as client:
        client.headers.update(await sign_in(client, settings, teacher))
        yield SignedIn(teacher, client)


async def headers_of(client: httpx.AsyncClient, settings: Settings, teacher: Thing) -> Headers:
    return await sign_in(client, settings, teacher)


async def test_a_teacher_registers_and_holds_an_itinerary(
    organiser: httpx.AsyncClient, hub: Organiser, sian: SignedIn
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    offer = await made.presentation(organiser, evening)
    path = f"/v1/events/{evening['id']}/registrations"
    mine = done(await sian.client.post(path, json={"dietary_requirements": "vegan", "preferences": [offer["id"]]}), 201)
    assert (mine["teacher_id"], mine["status"], mine["dietary_requirements"]) == (sian.id, "confirmed", "vegan")
    refused(await sian.client.post(path, json={"teacher_id": sian.id}), "already-registered")
    assert [each["id"] for each in done(await sian.client.get(path))["items"]] == [mine["id"]]
    at = f"/v1/registrations/{mine['id']}"
    assert done(await sian.client.get(at))["dietary_requirements"] == "vegan"
    seated = done(await sian.client.put(f"{at}/itinerary/1", json={"table_number": 1}))
    assert [each["table_number"] for each in seated["bookings"]] == [1]
    assert done(await sian.client.get(f"{at}/itinerary")) == seated
    assert done(await sian.client.put(f"{at}/preferences", json={"presentation_ids": []}))["presentation_ids"] == []
    changed = done(await sian.client.patch(at, json={"dietary_requirements": None}))
    assert changed["dietary_requirements"] is None
    assert done(await sian.client.post(f"{at}/cancel"))["status"] == "cancelled"


async def test_what_is_anybody_elses_does_not_exist(
    organiser: httpx.AsyncClient, hub: Organiser, sian: SignedIn
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    draft = await made.event(organiser, hub.hub_id, publish=False)
    theirs = await made.registration(organiser, evening)
    offer = await made.presentation(organiser, evening, accept=False)
    other = theirs["teacher_id"]
    for path in (
        f"/v1/registrations/{theirs['id']}",
        f"/v1/registrations/{theirs['id']}/itinerary",
        f"/v1/registrations/{theirs['id']}/preferences",
        f"/v1/teachers/{other}",
        f"/v1/teachers/{other}/personal-data",
        f"/v1/schools/{theirs['teacher']['school_id']}",
        f"/v1/presentations/{offer['id']}",
        f"/v1/events/{draft['id']}",
        f"/v1/events/{draft['id']}/registrations",
    ):
        refused(await sian.client.get(path), "not-found")
    for method, path, body in (
        ("POST", f"/v1/registrations/{theirs['id']}/cancel", None),
        ("PUT", f"/v1/registrations/{theirs['id']}/itinerary/1", {"table_number": 1}),
        ("PATCH", f"/v1/teachers/{other}", {"given_name": "X"}),
        ("POST", f"/v1/teachers/{other}/erasure", None),
        ("PATCH", f"/v1/presentations/{offer['id']}", {"title": "X"}),
        ("POST", f"/v1/events/{draft['id']}/registrations", {}),
    ):
        refused(await sian.client.request(method, path, json=body), "not-found")
    register = f"/v1/events/{evening['id']}/registrations"
    refused(await sian.client.post(register, json={"teacher_id": other}), "invalid-request", "/teacher_id")
    colleague = {"given_name": "Ola", "email": "ola@larkspur.example", "school_id": sian.teacher["school_id"]}
    refused(await sian.client.post(register, json={"teacher": colleague}), "invalid-request", "/teacher/school_id")
    assert done(await sian.client.get(register))["items"] == []
    teachers = done(await sian.client.get(f"/v1/hubs/{hub.hub_id}/teachers"))["items"]
    assert [each["id"] for each in teachers] == [sian.id]
    schools = done(await sian.client.get(f"/v1/hubs/{hub.hub_id}/schools"))["items"]
    assert [each["id"] for each in schools] == [sian.teacher["school_id"]]


async def test_what_takes_a_role_is_forbidden_without_it(
    organiser: httpx.AsyncClient, hub: Organiser, sian: SignedIn
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    at, here = f"/v1/events/{evening['id']}", f"/v1/hubs/{hub.hub_id}"
    for method, path, body in (
        ("POST", f"{here}/events", made.event_body()),
        ("POST", f"{here}/schools", {"name": "X", "urn": "990001"}),
        ("POST", f"{here}/teachers", {"given_name": "X", "school_id": sian.teacher["school_id"]}),
        ("POST", f"{here}/api-keys", {"name": "K", "scopes": ["people:read"]}),
        ("GET", f"{here}/audit", None),
        ("GET", f"{at}/catering", None),
        ("POST", f"{at}/close", None),
        ("PATCH", at, {"name": "Mine"}),
        ("PATCH", f"{at}/tables/1", {"zone": "A"}),
        ("POST", f"{at}/registrations/batch", {"items": [{}]}),
        ("PATCH", f"/v1/teachers/{sian.id}", {"roles": ["organiser"]}),
        ("PATCH", f"/v1/teachers/{sian.id}", {"email": "mine@larkspur.example"}),
        ("PATCH", f"/v1/teachers/{sian.id}", {"active": False}),
    ):
        if path.endswith("/batch"):
            continue
        refused(await sian.client.request(method, path, json=body), "forbidden")
    renamed = done(await sian.client.patch(f"/v1/teachers/{sian.id}", json={"job_title": "Head of English"}))
    assert renamed["job_title"] == "Head of English"


async def test_a_presenter_offers_and_sees_who_comes(
    organiser: httpx.AsyncClient, hub: Organiser, sian: SignedIn
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    offers = f"/v1/events/{evening['id']}/presentations"
    guest = await made.registration(organiser, evening)
    refused(
        await sian.client.post(offers, json={"title": "T", "presenter_ids": [guest["teacher_id"]]}),
        "invalid-request",
        "/presenter_ids/0",
    )
    mine = done(await sian.client.post(offers, json={"title": "Oracy circles", "presenter_ids": [sian.id]}), 201)
    at = f"/v1/presentations/{mine['id']}"
    assert done(await sian.client.get(at))["status"] == "proposed"
    assert mine["id"] in [each["id"] for each in done(await sian.client.get(offers))["items"]]
    assert done(await sian.client.patch(at, json={"summary": "Talk first."}))["summary"] == "Talk first."
    refused(await sian.client.patch(at, json={"presenter_ids": [guest["teacher_id"]]}), "forbidden")
    refused(await sian.client.post(f"{at}/accept"), "forbidden")
    accepted = done(await organiser.post(f"{at}/accept"))
    seat = f"/v1/registrations/{guest['id']}/itinerary/2"
    done(await organiser.put(seat, json={"table_number": accepted["table_number"]}))
    told = done(await sian.client.get(f"{at}/guests"))
    school = done(await organiser.get(f"/v1/schools/{guest['teacher']['school_id']}"))["name"]
    assert [each["guests"] for each in told["rounds"]] == [[], [{"given_name": "Siân", "school_name": school}], []]
    assert guest["teacher"]["family_name"] not in str(told)
    assert done(await organiser.get(f"{at}/guests")) == told
    other = await made.presentation(organiser, evening)
    refused(await sian.client.get(f"/v1/presentations/{other['id']}/guests"), "forbidden")
    assert done(await sian.client.post(f"{at}/withdraw"))["status"] == "withdrawn"


async def test_roles_give_what_they_give_and_at_once(
    app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser, sian: SignedIn
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    colleague = await made.teacher(organiser, hub.hub_id, sian.teacher["school_id"])
    stranger = await made.teacher(organiser, hub.hub_id)
    at = f"/v1/teachers/{sian.id}"
    assert done(await sian.client.get("/v1/me"))["kind"] == "teacher"
    done(await organiser.patch(at, json={"roles": ["school_lead"]}))
    lead = done(await sian.client.get("/v1/me"))
    assert (lead["kind"], lead["teacher_id"], lead["school_id"]) == ("school_lead", sian.id, sian.teacher["school_id"])
    assert done(await sian.client.get(f"/v1/teachers/{colleague['id']}"))["id"] == colleague["id"]
    refused(await sian.client.get(f"/v1/teachers/{stranger['id']}"), "not-found")
    register = f"/v1/events/{evening['id']}/registrations"
    theirs = done(
        await sian.client.post(register, json={"teacher_id": colleague["id"], "dietary_requirements": "halal"}), 201
    )
    assert theirs["dietary_requirements"] is None, "a lead passes it on, and does not read it"
    refused(await sian.client.post(register, json={"teacher_id": stranger["id"]}), "invalid-request", "/teacher_id")
    done(await sian.client.post(register, json={}), 201)
    refused(await sian.client.get(f"/v1/teachers/{colleague['id']}/personal-data"), "forbidden")
    refused(await sian.client.patch(f"/v1/events/{evening['id']}", json={"name": "X"}), "forbidden")
    done(await organiser.patch(at, json={"roles": ["organiser"]}))
    assert done(await sian.client.get("/v1/me"))["kind"] == "organiser"
    assert done(await sian.client.get(f"/v1/registrations/{theirs['id']}"))["dietary_requirements"] == "halal"
    assert done(await sian.client.patch(f"/v1/events/{evening['id']}", json={"name": "Ours"}))["name"] == "Ours"
    done(await organiser.patch(at, json={"roles": []}))
    refused(await sian.client.get(f"/v1/teachers/{stranger['id']}"), "not-found")
    done(await organiser.patch(at, json={"active": False}))
    refused(await sian.client.get("/v1/me"), "unauthenticated")
