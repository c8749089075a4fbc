"""What belongs to another hub or school does not exist, wherever it is named: in bodies, filters, batch items, cursors,
ETags and idempotency keys it comes to the same bytes as what was never there."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.kernel.settings import Settings
from tests.access.matrix_calls import REQUEST_ID, call, said, send
from tests.access.matrix_table import refused_for_others, role, rows
from tests.access.matrix_world import MISSING, SHEET, THEIRS, World, a_world
from tests.support.callers import Headers
from tests.support.document import OPERATIONS
from tests.support.made import Thing, done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio
ROWS = rows()


@pytest.fixture
async def world(app: FastAPI, client: httpx.AsyncClient, operator: Headers, settings: Settings) -> AsyncIterator[World]:
    async with a_world(app, client, operator, settings) as made:
        yield made


def headers_of(world: World, name: str) -> Headers:
    """A role's credentials; where it is a key, with the scope for registrations."""
    return {**world.headers(role(name), ROWS["register"]), "X-Request-ID": REQUEST_ID}


def filled(template: object, ids: Mapping[str, str]) -> Any:
    """A body or an address with ids in the place of their names in braces."""
    text = json.dumps(template)
    for name, value in ids.items():
        text = text.replace("{" + name + "}", value)
    return json.loads(text)


def one_of_each(world: World, target: str) -> Thing:
    """The ids of things that are not the caller's, or of none."""
    return {**world.place(ROWS["get_event"], role("organiser"), target), "email": "x.y@larkspur.example"}


IN_BODIES = (
    ("POST", "/v1/events/{e}/presentations", {"title": "T", "presenter_ids": ["{teacher_id}"]}),
    ("POST", "/v1/events/{e}/registrations", {"teacher_id": "{teacher_id}"}),
    (
        "POST",
        "/v1/events/{e}/registrations",
        {"teacher": {"given_name": "Ola", "email": "{email}", "school_id": "{school_id}"}},
    ),
    ("POST", "/v1/events/{e}/registrations", {"teacher_id": "{t}", "preferences": ["{presentation_id}"]}),
    ("PUT", "/v1/registrations/{r}/preferences", {"presentation_ids": ["{presentation_id}"]}),
    ("PUT", "/v1/events/{e}/tables/1/presentation", {"presentation_id": "{presentation_id}"}),
    ("PATCH", "/v1/presentations/{p}", {"presenter_ids": ["{teacher_id}"]}),
    ("PATCH", "/v1/teachers/{t}", {"school_id": "{school_id}"}),
    ("POST", "/v1/hubs/{h}/teachers", {"given_name": "Ola", "school_id": "{school_id}"}),
    ("POST", "/v1/hubs/{h}/api-keys", {"name": "K", "scopes": ["people:read"], "school_id": "{school_id}"}),
    ("POST", "/v1/events/{e}/allocations", {"based_on": "{allocation_id}"}),
    (
        "POST",
        "/v1/events/{e}/allocations",
        {"pinned": [{"registration_id": "{registration_id}", "round": 1, "table_number": 1}]},
    ),
    ("POST", "/v1/events/{e}/allocations", {"limits": [{"registration_id": "{registration_id}", "rounds": 1}]}),
    ("GET", "/v1/allocations/{a}/comparison?with={allocation_id}", None),
    ("GET", "/v1/allocations/{a}/explanations/{registration_id}", None),
    (
        "POST",
        "/v1/events/{e}/registrations/batch",
        {"items": [{"teacher_id": "{teacher_id}"}, {"teacher_id": "{t}", "preferences": ["{presentation_id}"]}]},
    ),
)
OF_A_SCHOOL = {
    ("POST", "/v1/events/{e}/registrations"),
    ("POST", "/v1/events/{e}/registrations/batch"),
    ("PATCH", "/v1/teachers/{t}"),
    ("POST", "/v1/hubs/{h}/teachers"),
}


@pytest.mark.parametrize(("name", "target"), [("organiser", "other hub"), ("school lead", "other school")])
async def test_in_a_body_it_is_named_in_vain(world: World, client: httpx.AsyncClient, name: str, target: str) -> None:
    ours = world.ours
    here = {
        "h": ours.hub_id,
        "e": ours.evening["id"],
        "t": ours.people["colleague"]["id"],
        "r": ours.registrations["colleague"],
        "p": ours.presentations["offers"],
        "a": ours.allocation_id,
    }
    headers, tried = {**world.headers(role(name), ROWS["get_me"]), "X-Request-ID": REQUEST_ID}, 0
    for method, path, body in IN_BODIES:
        if name == "school lead" and (method, path) not in OF_A_SCHOOL:
            continue
        told = []
        for ids in (one_of_each(world, target), one_of_each(world, "missing")):
            address = filled(filled(path, here), ids)
            answer = await client.request(method, address, json=filled(filled(body, here), ids), headers=headers)
            items = answer.json().get("items", [answer.json()])
            assert {each["status"] for each in items} <= {404, 422}, (method, path, answer.text)
            text = answer.text
            for named, each in ids.items():
                text = text.replace(each, "…") if f"{{{named}}}" in path else text
            told.append((answer.status_code, text))
        assert told[0] == told[1], (method, path)
        tried += 1
    assert tried == (len(IN_BODIES) if name == "organiser" else 6)


async def test_no_sheet_is_imported_into_an_evening_of_others(world: World, client: httpx.AsyncClient) -> None:
    told = []
    for event_id in (world.theirs.evening["id"], MISSING):
        form = {"format": "presenters-sheet", "mode": "apply", "event_id": event_id}
        answer = await world.ours.organiser.post(
            f"/v1/hubs/{world.ours.hub_id}/imports",
            data=form,
            files={"file": SHEET},
            headers={"X-Request-ID": REQUEST_ID},
        )
        told.append(refused(answer, "invalid-request", "/event_id"))
    assert told[0] == told[1]


async def test_no_filter_finds_it(world: World, client: httpx.AsyncClient) -> None:
    ours, theirs = world.ours, world.theirs
    here, registrations = f"/v1/hubs/{ours.hub_id}", f"/v1/events/{ours.evening['id']}/registrations"
    stranger, foreigner = ours.people["stranger"], theirs.people["stranger"]
    for name, filters in (
        (
            "organiser",
            (
                (f"{here}/teachers?school_id=", (theirs.school_id, MISSING)),
                (f"{here}/teachers?q=", (THEIRS, foreigner["email"], "nobody-at-all")),
                (f"{registrations}?school_id=", (theirs.school_id, MISSING)),
                (f"{registrations}?q=", (THEIRS, foreigner["family_name"], "nobody-at-all")),
                (f"{here}/audit?actor_id=", (foreigner["id"], MISSING)),
                (f"{here}/audit?about=", (theirs.evening["id"], theirs.registrations["stranger"], MISSING)),
            ),
        ),
        (
            "school lead",
            (
                (f"{here}/teachers?school_id=", (ours.other_school_id, theirs.school_id, MISSING)),
                (f"{here}/teachers?q=", (stranger["family_name"], stranger["email"], "nobody-at-all")),
                (f"{registrations}?school_id=", (ours.other_school_id, theirs.school_id, MISSING)),
                (f"{registrations}?q=", (stranger["family_name"], stranger["email"], "nobody-at-all")),
                (f"{registrations}?status=waitlisted&q=", (stranger["given_name"], "nobody-at-all")),
            ),
        ),
    ):
        for path, values in filters:
            headers = {**world.headers(role(name), ROWS["list_audit"]), "X-Request-ID": REQUEST_ID}
            answers = [await client.get(path + value, headers=headers) for value in values]
            assert done(answers[0]) == {"items": [], "next_cursor": None}, (name, path)
            assert {(each.content, each.headers["etag"]) for each in answers} == {
                (answers[0].content, answers[0].headers["etag"])
            }, (name, path)


async def test_lists_hold_what_is_within_reach_and_nothing_else(world: World, client: httpx.AsyncClient) -> None:
    ours = world.ours
    school = {name for name in ours.people if name not in ("stranger", "offers", "presents")}
    for name, people in (("school lead", school), ("school's key", school), ("teacher", {"teacher"})):
        for path, key, there in (
            (f"/v1/hubs/{ours.hub_id}/teachers", "people:read", {ours.people[each]["id"] for each in people}),
            (
                f"/v1/events/{ours.evening['id']}/registrations",
                "registrations:read",
                {ours.registrations[each] for each in people},
            ),
            (f"/v1/hubs/{ours.hub_id}/schools", "people:read", {ours.school_id}),
            ("/v1/hubs", "people:read", {ours.hub_id}),
        ):
            headers = world.keys[name, key] if name == "school's key" else headers_of(world, name)
            items = done(await client.get(f"{path}?limit=200", headers=headers))["items"]
            assert {each["id"] for each in items} == there, (name, path)


async def test_a_cursor_of_somebody_else_reaches_no_further(world: World, client: httpx.AsyncClient) -> None:
    ours, followed = world.ours, 0
    for path in (
        f"/v1/hubs/{ours.hub_id}/teachers",
        f"/v1/hubs/{ours.hub_id}/schools",
        f"/v1/events/{ours.evening['id']}/registrations",
    ):
        for name in ("school lead", "teacher"):
            headers = headers_of(world, name)
            own = {each["id"] for each in done(await client.get(path, headers=headers))["items"]}
            cursor = done(await ours.organiser.get(f"{path}?limit=1"))["next_cursor"]
            while cursor is not None:
                page = done(await client.get(f"{path}?limit=1&cursor={cursor}", headers=headers))
                assert {each["id"] for each in page["items"]} <= own, (path, name)
                cursor = done(await ours.organiser.get(f"{path}?limit=1&cursor={cursor}"))["next_cursor"]
                followed += 1
        cursor = done(await ours.organiser.get(f"{path}?limit=1"))["next_cursor"]
        refused(await world.theirs.organiser.get(f"{path}?cursor={cursor}"), "not-found")
        elsewhere = path.replace(ours.hub_id, world.theirs.hub_id).replace(
            ours.evening["id"], world.theirs.evening["id"]
        )
        refused(await world.theirs.organiser.get(f"{elsewhere}?cursor={cursor}"), "invalid-request", "cursor")
    assert followed > 20


async def test_an_etag_tells_nothing(world: World, client: httpx.AsyncClient) -> None:
    tried = 0
    for row, who, target in refused_for_others():
        names = OPERATIONS[row.operation].names("header")
        condition = next((each for each in names if each in ("If-Match", "If-None-Match")), None)
        if condition is None:
            continue
        theirs = await call(world, row, who, target, allowed=False)
        operation = OPERATIONS[row.operation]
        method = "HEAD" if operation.method == "HEAD" else "GET"
        seen = await client.request(method, operation.address(theirs.place), headers=world.operator)
        for etag in (seen.headers.get("etag", '"one-of-theirs"'), '"stale"', "*"):
            told = []
            for each in (target, "missing"):
                asked = await call(world, row, who, each, allowed=False)
                asked.headers[condition] = etag
                told.append(said(row, asked.place, await send(client, row, asked)))
            assert told[0] == told[1], (row.operation, who.name, target, etag)
            assert told[0][0] == 404
            tried += 1
    assert tried > 300


async def test_no_error_comes_before_the_question_whether_it_is_there(world: World, client: httpx.AsyncClient) -> None:
    tried = 0
    for row, who, target in refused_for_others():
        if OPERATIONS[row.operation].body is None:
            continue
        bodies: tuple[object, ...] = (
            {"no_such_field": 1},
            [],
            None,
            {"table_number": 9_999, "presentation_id": MISSING},
        )
        for body in bodies:
            told = []
            for each in (target, "missing"):
                asked = await call(world, row, who, each, allowed=False)
                asked.body = {"json": body}
                told.append(said(row, asked.place, await send(client, row, asked)))
            assert told[0] == told[1], (row.operation, who.name, target, body)
            tried += 1
    assert tried > 100


async def test_an_idempotency_key_is_its_callers_own(world: World, client: httpx.AsyncClient) -> None:
    ours, theirs = world.ours, world.theirs
    path, body = f"/v1/hubs/{ours.hub_id}/schools", {"name": "Larkspur Primary School", "urn": "990777"}
    key = {"Idempotency-Key": f"told-to-others-{ours.hub_id}"}
    first = await ours.organiser.post(path, json=body, headers=key)
    school_id = done(first, 201)["id"]
    again = await ours.organiser.post(path, json=body, headers=key)
    assert (again.headers["idempotency-replayed"], again.content) == ("true", first.content)
    for caller, address, status in (
        (theirs.organiser.headers["Authorization"], path, 404),
        (theirs.sessions["organiser signed in"][1]["Authorization"], f"/v1/hubs/{theirs.hub_id}/schools", 201),
        (headers_of(world, "school lead")["Authorization"], path, 403),
        (headers_of(world, "organiser signed in")["Authorization"], path, 409),
    ):
        answer = await client.post(address, json=body, headers={**key, "Authorization": caller})
        assert answer.status_code == status, answer.text
        assert "idempotency-replayed" not in answer.headers
        assert school_id not in answer.text


async def test_figures_count_what_is_within_reach(world: World, client: httpx.AsyncClient) -> None:
    ours, theirs = world.ours, world.theirs
    before = [done(await side.organiser.get(f"/v1/events/{side.evening['id']}/catering")) for side in (ours, theirs)]
    done(
        await theirs.organiser.patch(
            f"/v1/registrations/{theirs.registrations['stranger']}", json={"dietary_requirements": "vegan"}
        )
    )
    after = [done(await side.organiser.get(f"/v1/events/{side.evening['id']}/catering")) for side in (ours, theirs)]
    assert after[0] == before[0]
    assert after[1]["with_dietary_requirements"] == 1
    audit = done(await ours.organiser.get(f"/v1/hubs/{ours.hub_id}/audit?limit=200"))["items"]
    assert audit
    assert not [each for each in audit if set(map(str, each["subject"].values())) & theirs.ids()]
