"""Schools: known nationally by URN and LAESTAB, one of each URN in a hub."""

import httpx
import pytest

from tests.support import made
from tests.support.callers import Headers, Organiser, make_key
from tests.support.made import done
from tests.support.refusals import refused
from tests.support.shared import new_hub

pytestmark = pytest.mark.anyio


async def test_a_school_is_made_shown_and_listed_by_name(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    full = {
        "name": "  Zeal Primary School ",
        "urn": "990101",
        "laestab": "202/2901",
        "phase": "Primary",
        "postcode": "NW3 3BY",
        "website": "https://www.zeal.example",
    }
    school = await made.school(organiser, hub.hub_id, **full)
    assert {name: school[name] for name in full} == {**full, "name": "Zeal Primary School"}
    assert school["hub_id"] == hub.hub_id
    first = await made.school(organiser, hub.hub_id, name="Aster Primary School")
    assert done(await organiser.get(f"/v1/schools/{school['id']}")) == school
    listed = done(await organiser.get(f"/v1/hubs/{hub.hub_id}/schools"))
    assert [each["id"] for each in listed["items"]] == [first["id"], school["id"]]
    assert {first[name] for name in ("laestab", "phase", "postcode", "website")} == {None}


@pytest.mark.parametrize("written", ["202/2901", "2022901", "202-2901", "202 2901", " 202/2901 "])
async def test_a_laestab_is_taken_in_the_forms_in_use(
    organiser: httpx.AsyncClient, hub: Organiser, written: str
) -> None:
    assert (await made.school(organiser, hub.hub_id, laestab=written))["laestab"] == "202/2901"


@pytest.mark.parametrize("written", ["www.zeal.example", "HTTP://zeal.example/a?b#c", "zeal.example:8080"])
async def test_a_website_is_taken_with_or_without_its_scheme(
    organiser: httpx.AsyncClient, hub: Organiser, written: str
) -> None:
    assert (await made.school(organiser, hub.hub_id, website=written))["website"] == written


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("urn", "99010"),
        ("urn", "9901011"),
        ("urn", "99010a"),
        ("urn", "٩٩٠١٠١"),
        ("urn", 990101),
        ("laestab", "2022/901"),
        ("laestab", "202_2901"),
        ("name", "   "),
        ("name", "x" * 201),
        ("name", "two\nlines"),
        ("postcode", "NW3 3BY XX"),
        ("website", "x" * 401),
        ("website", "javascript:alert(1)"),
        ("website", "data:text/html,x"),
        ("website", "two words"),
    ],
)
async def test_a_school_that_cannot_be(organiser: httpx.AsyncClient, hub: Organiser, field: str, value: object) -> None:
    body = {"name": "Larkspur Primary School", "urn": "990101", field: value}
    refused(await organiser.post(f"/v1/hubs/{hub.hub_id}/schools", json=body), "invalid-request", f"/{field}")


async def test_a_urn_is_one_schools_in_a_hub_and_free_in_another(
    client: httpx.AsyncClient, operator: Headers, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    first = await made.school(organiser, hub.hub_id, urn="990201")
    second = await made.school(organiser, hub.hub_id, urn="990202")
    again = {"name": "Twice", "urn": "990201"}
    refused(await organiser.post(f"/v1/hubs/{hub.hub_id}/schools", json=again), "urn-taken")
    refused(await organiser.patch(f"/v1/schools/{second['id']}", json={"urn": "990201"}), "urn-taken")
    same = done(await organiser.patch(f"/v1/schools/{first['id']}", json={"urn": "990201"}))
    assert same == first
    other = await new_hub(client, operator)
    elsewhere = await client.post(f"/v1/hubs/{other.hub_id}/schools", json=again, headers=other.headers)
    assert elsewhere.status_code == 201


async def test_null_removes_what_may_be_missing_and_nothing_else(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    school = await made.school(organiser, hub.hub_id, laestab="202/2901", phase="Primary", postcode="NW3 3BY")
    path = f"/v1/schools/{school['id']}"
    changed = done(await organiser.patch(path, json={"laestab": None, "phase": "Infant"}))
    assert (changed["laestab"], changed["phase"], changed["postcode"]) == (None, "Infant", "NW3 3BY")
    assert changed["updated_at"] > school["updated_at"]
    refused(await organiser.patch(path, json={"name": None, "urn": None}), "invalid-request", "/name", "/urn")
    assert done(await organiser.patch(path, json={})) == changed


async def test_a_school_is_deleted_when_nobody_belongs_to_it(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    school = await made.school(organiser, hub.hub_id)
    teacher = await made.teacher(organiser, hub.hub_id, school["id"])
    path = f"/v1/schools/{school['id']}"
    refused(await organiser.delete(path), "school-in-use")
    other = await made.school(organiser, hub.hub_id)
    done(await organiser.patch(f"/v1/teachers/{teacher['id']}", json={"school_id": other["id"]}))
    gone = await organiser.delete(path)
    assert (gone.status_code, gone.content) == (204, b"")
    refused(await organiser.get(path), "not-found")
    refused(await organiser.delete(path), "not-found")


async def test_a_school_with_a_key_of_its_own_is_not_deleted(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    school = await made.school(organiser, hub.hub_id)
    await make_key(organiser, hub.headers, hub.hub_id, scopes=["people:read"], school_id=school["id"])
    refused(await organiser.delete(f"/v1/schools/{school['id']}"), "school-in-use")
    assert done(await organiser.get(f"/v1/schools/{school['id']}")) == school
