"""Teachers: with an address that is theirs alone in the hub, or none, and found however their names are typed."""

import httpx
import pytest

from tests.support import made
from tests.support.callers import Headers, Organiser
from tests.support.made import done
from tests.support.refusals import refused
from tests.support.shared import new_hub

pytestmark = pytest.mark.anyio


async def test_a_teacher_is_made_with_everything(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    school = await made.school(organiser, hub.hub_id)
    full = {
        "given_name": "Siân",
        "family_name": "Penhaligon",
        "email": "S.Penhaligon@Larkspur.example",
        "school_id": school["id"],
        "job_title": "Year 4 teacher",
        "subjects": ["English", "Oracy"],
        "key_stages": ["KS1", "KS2"],
        "roles": ["school_lead"],
    }
    teacher = done(await organiser.post(f"/v1/hubs/{hub.hub_id}/teachers", json=full), 201)
    assert {name: teacher[name] for name in full} == {**full, "email": "S.Penhaligon@larkspur.example"}
    assert (teacher["active"], teacher["shared_email"], teacher["hub_id"]) == (True, None, hub.hub_id)
    assert done(await organiser.get(f"/v1/teachers/{teacher['id']}")) == teacher


async def test_a_teacher_needs_no_address_and_no_second_name(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    school = await made.school(organiser, hub.hub_id)
    for _ in range(2):
        body = {"given_name": "Madonna", "school_id": school["id"]}
        teacher = done(await organiser.post(f"/v1/hubs/{hub.hub_id}/teachers", json=body), 201)
        assert (teacher["email"], teacher["family_name"]) == (None, "")


async def test_an_address_is_one_teachers_whatever_its_case(
    client: httpx.AsyncClient, operator: Headers, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    first = await made.teacher(organiser, hub.hub_id, email="o.adeyemi@larkspur.example")
    second = await made.teacher(organiser, hub.hub_id)
    body = {"given_name": "Ola", "email": "O.ADEYEMI@Larkspur.Example", "school_id": first["school_id"]}
    refused(await organiser.post(f"/v1/hubs/{hub.hub_id}/teachers", json=body), "email-taken")
    taken = {"email": "O.Adeyemi@larkspur.example"}
    refused(await organiser.patch(f"/v1/teachers/{second['id']}", json=taken), "email-taken")
    own = done(await organiser.patch(f"/v1/teachers/{first['id']}", json=taken))
    assert own["email"] == "O.Adeyemi@larkspur.example"
    other = await new_hub(client, operator)
    school = await client.post(
        f"/v1/hubs/{other.hub_id}/schools", json={"name": "Elsewhere", "urn": "990301"}, headers=other.headers
    )
    elsewhere = await client.post(
        f"/v1/hubs/{other.hub_id}/teachers", json={**body, "school_id": school.json()["id"]}, headers=other.headers
    )
    assert elsewhere.status_code == 201


async def test_an_address_that_is_given_up_is_free(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    first = await made.teacher(organiser, hub.hub_id, email="o.adeyemi@larkspur.example")
    given_up = done(await organiser.patch(f"/v1/teachers/{first['id']}", json={"email": None}))
    assert given_up["email"] is None
    second = await made.teacher(organiser, hub.hub_id, email="o.adeyemi@larkspur.example")
    assert second["email"] == "o.adeyemi@larkspur.example"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", "a@b@larkspur.example"),
        pytest.param("email", "ﷺ" * 21 + "@larkspur.example", id="email-that-grows-when-compared"),
        pytest.param("email", "x" * 250 + "@larkspur.example", id="email-too-long"),
        ("key_stages", ["KS9"]),
        ("roles", ["operator"]),
        ("subjects", "English"),
        ("subjects", ["x"] * 31),
        ("given_name", ""),
        ("job_title", 4),
    ],
)
async def test_a_teacher_who_cannot_be(organiser: httpx.AsyncClient, hub: Organiser, field: str, value: object) -> None:
    school = await made.school(organiser, hub.hub_id)
    body = {"given_name": "Siân", "school_id": school["id"], field: value}
    answer = await organiser.post(f"/v1/hubs/{hub.hub_id}/teachers", json=body)
    (fault,) = refused(answer, "invalid-request")["errors"]
    assert fault["pointer"].startswith(f"/{field}")


async def test_the_school_must_be_of_the_hub(
    client: httpx.AsyncClient, operator: Headers, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    other = await new_hub(client, operator)
    foreign = await client.post(
        f"/v1/hubs/{other.hub_id}/schools", json={"name": "Elsewhere", "urn": "990301"}, headers=other.headers
    )
    missing = "01990000-0000-7000-8000-000000000000"
    bodies = []
    for school_id in (foreign.json()["id"], missing):
        body = {"given_name": "Siân", "school_id": school_id}
        answer = await organiser.post(f"/v1/hubs/{hub.hub_id}/teachers", json=body)
        told = refused(answer, "invalid-request", "/school_id")
        bodies.append({name: value for name, value in told.items() if name != "request_id"})
    assert bodies[0] == bodies[1]
    teacher = await made.teacher(organiser, hub.hub_id)
    moved = await organiser.patch(f"/v1/teachers/{teacher['id']}", json={"school_id": missing})
    refused(moved, "invalid-request", "/school_id")


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("sian", ["Siân Llŷr"]),
        ("SIÂN", ["Siân Llŷr"]),
        ("llyr", ["Siân Llŷr"]),
        ("n llŷ", ["Siân Llŷr"]),
        ("łukasz", ["Łukasz Wójcik"]),
        ("lukasz wojcik", ["Łukasz Wójcik"]),
        ("strasse", ["Ute Straße"]),
        ("larkspur.EXAMPLE", ["Siân Llŷr"]),
        ("%", []),
        ("_", []),
        ("nobody", []),
    ],
)
async def test_names_are_found_however_they_are_typed(
    organiser: httpx.AsyncClient, hub: Organiser, q: str, found: list[str]
) -> None:
    school = await made.school(organiser, hub.hub_id)
    for given, family, email in (
        ("Siân", "Llŷr", "s.llyr@larkspur.example"),
        ("Łukasz", "Wójcik", None),
        ("Ute", "Straße", None),
    ):
        await made.teacher(organiser, hub.hub_id, school["id"], given_name=given, family_name=family, email=email)
    listed = done(await organiser.get(f"/v1/hubs/{hub.hub_id}/teachers", params={"q": q}))
    assert [f"{each['given_name']} {each['family_name']}" for each in listed["items"]] == found


async def test_teachers_are_listed_by_family_name_and_by_school(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    school = await made.school(organiser, hub.hub_id)
    for name in ("Zhang", "Émile", "Eaton", "adeyemi"):
        await made.teacher(organiser, hub.hub_id, school["id"], family_name=name)
    await made.teacher(organiser, hub.hub_id, family_name="Elsewhere")
    path = f"/v1/hubs/{hub.hub_id}/teachers"
    everyone = done(await organiser.get(path))["items"]
    assert [each["family_name"] for each in everyone] == ["adeyemi", "Eaton", "Elsewhere", "Émile", "Zhang"]
    ours = done(await organiser.get(path, params={"school_id": school["id"]}))["items"]
    assert [each["family_name"] for each in ours] == ["adeyemi", "Eaton", "Émile", "Zhang"]


async def test_a_teacher_changes(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    teacher = await made.teacher(organiser, hub.hub_id, subjects=["English"], job_title="Head")
    path = f"/v1/teachers/{teacher['id']}"
    changes = {"family_name": "Wójcik", "subjects": [], "key_stages": ["EYFS"], "active": False, "job_title": None}
    changed = done(await organiser.patch(path, json=changes))
    assert {name: changed[name] for name in changes} == changes
    found = done(await organiser.get(f"/v1/hubs/{hub.hub_id}/teachers", params={"q": "wojcik"}))
    assert [each["id"] for each in found["items"]] == [teacher["id"]]
    for field in ("given_name", "subjects", "active", "school_id"):
        refused(await organiser.patch(path, json={field: None}), "invalid-request", f"/{field}")
