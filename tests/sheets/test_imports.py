"""Imports over HTTP, on both databases: planned, applied, applied again, and refused."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.sheets.making import (
    PRESENTERS_HEADER,
    SCHOOLS,
    SCHOOLS_HEADER,
    SIGN_UPS_HEADER,
    answer,
    counted,
    imported,
    needing,
    new_event,
    offer,
    publish,
    send,
    sheet,
)
from tests.support.callers import Organiser, make_key, make_organiser

pytestmark = pytest.mark.anyio

SCHOOLS_SHEET = sheet(SCHOOLS_HEADER, *SCHOOLS)
PRESENTERS_SHEET = sheet(
    PRESENTERS_HEADER,
    offer(second="Bo Lind, b.lind@stwilfrids.example"),
    offer("Cy Marsh", "c.marsh@foxglove.example", title="Singing in the rain", table="1"),
    offer("Di Fox", "d.fox@stwilfrids.example", "St Wilfrid's", title="Juggling", decision="no"),
    offer("Ed Roe", "e.roe@stwilfrids.example", "St Wilfrid's", title="Knots", decision="waiting"),
)
ANSWERS = (
    answer("Una Vale", "u.vale@foxglove.example", wishes="Singing in the rain;Maps, and how to draw them"),
    answer("Tom Quill", "", at="02/11/2026 08:00:00", diet="vegan"),
    answer("Cy Marsh", "C.MARSH@foxglove.example", at="03/11/2026 08:00:00", wishes="Maps, and how to draw them"),
)
SIGN_UPS_SHEET = sheet(SIGN_UPS_HEADER, *ANSWERS)


async def items(organiser: httpx.AsyncClient, path: str, **filters: str) -> list[dict[str, Any]]:
    answered = await organiser.get(path, params={"limit": "200", **filters})
    assert answered.status_code == 200, answered.text
    found: list[dict[str, Any]] = answered.json()["items"]
    return found


async def registered(organiser: httpx.AsyncClient, event_id: str) -> dict[str, dict[str, Any]]:
    """Registrations by given name."""
    found = await items(organiser, f"/v1/events/{event_id}/registrations")
    return {each["teacher"]["given_name"]: each for each in found}


async def an_evening(organiser: httpx.AsyncClient, hub_id: str, **more: Any) -> str:
    """A published evening with schools and presenters imported; answers with its id."""
    await imported(organiser, hub_id, "schools", SCHOOLS_SHEET)
    event_id = await new_event(organiser, hub_id, **more)
    await imported(organiser, hub_id, "presenters", PRESENTERS_SHEET, event_id=event_id)
    await publish(organiser, event_id)
    return event_id


async def test_from_three_sheets_to_an_evening_and_again_without_a_change(
    organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    event_id = await an_evening(organiser, hub.hub_id, attendee_capacity=1)
    presentations = await items(organiser, f"/v1/events/{event_id}/presentations")
    assert {each["title"]: (each["status"], each["table_number"]) for each in presentations} == {
        "Maps, and how to draw them": ("accepted", 2),
        "Singing in the rain": ("accepted", 1),
        "Juggling": ("declined", None),
        "Knots": ("proposed", None),
    }
    sync = await imported(organiser, hub.hub_id, "sign-ups", SIGN_UPS_SHEET, event_id=event_id)
    assert counted(sync) == (2, 1, 0)
    people = await registered(organiser, event_id)
    title = {each["id"]: each["title"] for each in presentations}
    shown = {
        name: (each["role"], each["status"], [title[wish] for wish in each["preferences"]])
        for name, each in people.items()
    }
    assert shown == {
        "Ana": ("presenter", "confirmed", []),
        "Bo": ("presenter", "confirmed", []),
        "Cy": ("presenter", "confirmed", ["Maps, and how to draw them"]),
        "Tom": ("attendee", "confirmed", []),
        "Una": ("attendee", "waitlisted", ["Singing in the rain", "Maps, and how to draw them"]),
    }
    assert people["Tom"]["dietary_requirements"] == "vegan"
    before = (presentations, people, await items(organiser, f"/v1/hubs/{hub.hub_id}/teachers"))
    for kind, content, size, event in (
        ("schools", SCHOOLS_SHEET, 3, None),
        ("presenters", PRESENTERS_SHEET, 4, event_id),
        ("sign-ups", SIGN_UPS_SHEET, 3, event_id),
    ):
        assert counted(await imported(organiser, hub.hub_id, kind, content, event_id=event)) == (0, 0, size)
    after = (
        await items(organiser, f"/v1/events/{event_id}/presentations"),
        await registered(organiser, event_id),
        await items(organiser, f"/v1/hubs/{hub.hub_id}/teachers"),
    )
    assert after == before


async def test_one_later_answer_changes_just_that(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event_id = await an_evening(organiser, hub.hub_id)
    await imported(organiser, hub.hub_id, "sign-ups", SIGN_UPS_SHEET, event_id=event_id)
    before = await registered(organiser, event_id)
    later = answer("Una Vale", "u.vale@foxglove.example", at="09/11/2026 10:00:00", access="step-free")
    sync = await imported(organiser, hub.hub_id, "sign-ups", sheet(SIGN_UPS_HEADER, *ANSWERS, later), event_id=event_id)
    assert counted(sync) == (0, 1, 2)
    assert "  Row 5: Una Vale: access, wishes." in sync["summary"]
    after = await registered(organiser, event_id)
    una = after.pop("Una")
    assert (una["id"], una["access_requirements"], una["preferences"]) == (before.pop("Una")["id"], "step-free", [])
    assert after == before


async def test_an_address_that_comes_later_finds_its_person(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event_id = await an_evening(organiser, hub.hub_id)
    mistyped = answer("Tom Quill", "t.quill(at)foxglove.example")
    sync = await imported(organiser, hub.hub_id, "sign-ups", sheet(SIGN_UPS_HEADER, mistyped), event_id=event_id)
    assert needing(sync) == [2]
    corrected = sheet(SIGN_UPS_HEADER, answer("Tom Quill", "t.quill@foxglove.example"))
    sync = await imported(organiser, hub.hub_id, "sign-ups", corrected, event_id=event_id)
    assert (counted(sync), needing(sync)) == ((0, 1, 0), [])
    (tom,) = await items(organiser, f"/v1/hubs/{hub.hub_id}/teachers", q="quill")
    assert tom["email"] == "t.quill@foxglove.example"


async def test_a_shared_inbox_is_nobodys_own(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event_id = await an_evening(organiser, hub.hub_id)
    rows = (answer("Una Vale", "c.marsh@foxglove.example"), answer("Jo Ford", "office@foxglove.example"))
    sync = await imported(organiser, hub.hub_id, "sign-ups", sheet(SIGN_UPS_HEADER, *rows), event_id=event_id)
    assert needing(sync) == [2]
    teachers = {
        each["given_name"]: (each["email"], each["shared_email"])
        for each in await items(organiser, f"/v1/hubs/{hub.hub_id}/teachers")
    }
    assert teachers["Una"] == teachers["Cy"] == (None, "c.marsh@foxglove.example")
    assert teachers["Jo"] == ("office@foxglove.example", None)


async def test_who_cancelled_stays_cancelled_until_a_later_answer(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event_id = await an_evening(organiser, hub.hub_id)
    await imported(organiser, hub.hub_id, "sign-ups", SIGN_UPS_SHEET, event_id=event_id)
    una = (await registered(organiser, event_id))["Una"]["id"]
    assert (await organiser.post(f"/v1/registrations/{una}/cancel")).status_code == 200
    sync = await imported(organiser, hub.hub_id, "sign-ups", SIGN_UPS_SHEET, event_id=event_id)
    assert counted(sync) == (0, 0, 2)
    assert (await registered(organiser, event_id))["Una"]["status"] == "cancelled"
    later = answer("Una Vale", "u.vale@foxglove.example", at="09/11/2126 10:00:00")
    again = sheet(SIGN_UPS_HEADER, *ANSWERS, later)
    assert counted(await imported(organiser, hub.hub_id, "sign-ups", again, event_id=event_id)) == (1, 0, 2)
    assert (await registered(organiser, event_id))["Una"]["status"] == "confirmed"


async def test_presentations_swap_tables_when_there_is_a_free_one_between(
    organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    event_id = await an_evening(organiser, hub.hub_id)
    moved = sheet(
        PRESENTERS_HEADER,
        offer(second="Bo Lind, b.lind@stwilfrids.example", table="1"),
        offer("Cy Marsh", "c.marsh@foxglove.example", title="Singing in the rain", table="3"),
    )
    sync = await imported(organiser, hub.hub_id, "presenters", moved, event_id=event_id)
    assert counted(sync) == (0, 2, 0)
    tables = {
        each["title"]: each["table_number"] for each in await items(organiser, f"/v1/events/{event_id}/presentations")
    }
    assert (tables["Maps, and how to draw them"], tables["Singing in the rain"]) == (1, 3)


async def test_a_preview_writes_nothing_and_is_applied_once(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    shown = await send(organiser, hub.hub_id, "schools", SCHOOLS_SHEET, mode="preview")
    assert (shown.status_code, shown.json()["status"], counted(shown.json())) == (202, "planned", (3, 0, 0))
    assert await items(organiser, f"/v1/hubs/{hub.hub_id}/schools") == []
    where = shown.headers["location"]
    assert where == f"/v1/syncs/{shown.json()['id']}"
    assert (await organiser.get(where)).json() == shown.json()
    applied = await organiser.post(f"{where}/apply")
    assert (applied.status_code, applied.json()["status"]) == (200, "applied")
    assert applied.json()["applied_at"] is not None
    assert len(await items(organiser, f"/v1/hubs/{hub.hub_id}/schools")) == 3
    again = await organiser.post(f"{where}/apply")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/sync-not-planned")


async def test_a_plan_that_is_no_longer_the_one_shown_is_not_applied(
    organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    shown = (await send(organiser, hub.hub_id, "schools", SCHOOLS_SHEET, mode="preview")).json()
    taken = {"name": "Foxglove", "urn": "990501"}
    assert (await organiser.post(f"/v1/hubs/{hub.hub_id}/schools", json=taken)).status_code == 201
    stale = await organiser.post(f"/v1/syncs/{shown['id']}/apply")
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/sync-stale")
    assert len(await items(organiser, f"/v1/hubs/{hub.hub_id}/schools")) == 1


async def test_before_the_event_is_published_nobody_is_registered_and_nothing_is_half_done(
    organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    await imported(organiser, hub.hub_id, "schools", SCHOOLS_SHEET)
    event_id = await new_event(organiser, hub.hub_id)
    shown = (await send(organiser, hub.hub_id, "sign-ups", SIGN_UPS_SHEET, mode="preview", event_id=event_id)).json()
    assert shown["report"][0]["row"] is None
    assert "draft" in shown["report"][0]["what"]
    refused = await organiser.post(f"/v1/syncs/{shown['id']}/apply")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/registration-not-open")
    failed = (await send(organiser, hub.hub_id, "sign-ups", SIGN_UPS_SHEET, event_id=event_id)).json()
    assert (failed["status"], counted(failed)[:2]) == ("failed", (0, 0))
    assert await items(organiser, f"/v1/hubs/{hub.hub_id}/teachers") == []


async def test_the_same_key_imports_once_though_the_boundary_is_drawn_anew(
    organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    key = {"Idempotency-Key": "schools-1"}
    first = await send(organiser, hub.hub_id, "schools", SCHOOLS_SHEET, headers=key)
    again = await send(organiser, hub.hub_id, "schools", SCHOOLS_SHEET, headers=key)
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await send(organiser, hub.hub_id, "schools", sheet(SCHOOLS_HEADER, SCHOOLS[0]), headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


@pytest.mark.parametrize(
    ("kind", "content", "fields", "status", "problem"),
    [
        ("schools", b"Name\r\nA\r\n", {}, 422, "sheet-refused"),
        ("schools", b"", {}, 422, "sheet-refused"),
        ("staff", SCHOOLS_SHEET, {}, 422, "invalid-request"),
        ("schools", SCHOOLS_SHEET, {"mode": "guess"}, 422, "invalid-request"),
        ("schools", SCHOOLS_SHEET, {"colour": "red"}, 422, "invalid-request"),
        ("sign-ups", SIGN_UPS_SHEET, {}, 422, "invalid-request"),
        ("sign-ups", SIGN_UPS_SHEET, {"event_id": "01900000-0000-7000-8000-000000000000"}, 422, "invalid-request"),
        ("schools", SCHOOLS_SHEET, {"event_id": "01900000-0000-7000-8000-000000000000"}, 422, "invalid-request"),
    ],
)
async def test_what_cannot_be_imported_is_refused_with_the_place(
    organiser: httpx.AsyncClient,
    hub: Organiser,
    kind: str,
    content: bytes,
    fields: Mapping[str, str],
    status: int,
    problem: str,
) -> None:
    data = {"format": f"{kind}-sheet", "mode": "apply", **fields}
    refused = await organiser.post(
        f"/v1/hubs/{hub.hub_id}/imports", data=data, files={"file": ("sheet.csv", content, "text/csv")}
    )
    assert (refused.status_code, refused.json()["type"]) == (status, f"/problems/{problem}")
    (fault,) = refused.json()["errors"]
    assert fault["pointer"] in ("/file", "/format", "/mode", "/colour", "/event_id")


async def test_a_body_that_is_no_form_is_415(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    refused = await organiser.post(f"/v1/hubs/{hub.hub_id}/imports", json={"format": "schools-sheet"})
    assert (refused.status_code, refused.json()["type"]) == (415, "/problems/unsupported-media-type")


async def test_an_import_asks_for_the_scopes_that_its_work_would_need(
    client: httpx.AsyncClient, operator: dict[str, str], hub: Organiser, organiser: httpx.AsyncClient
) -> None:
    event_id = await an_evening(organiser, hub.hub_id)
    people_only = await make_key(client, hub.headers, hub.hub_id, scopes=["mis:sync", "people:write"])
    without = await make_key(client, hub.headers, hub.hub_id, scopes=["people:write"])
    other = await make_organiser(client, operator, slug="elsewhere", name="Elsewhere")
    allowed = await send(client, hub.hub_id, "schools", SCHOOLS_SHEET, headers=people_only)
    refused = await send(client, hub.hub_id, "sign-ups", SIGN_UPS_SHEET, event_id=event_id, headers=people_only)
    statuses = [
        allowed.status_code,
        refused.status_code,
        (await send(client, hub.hub_id, "schools", SCHOOLS_SHEET, headers=without)).status_code,
        (await send(client, hub.hub_id, "schools", SCHOOLS_SHEET, headers=other.headers)).status_code,
        (await client.get(allowed.headers["location"], headers=other.headers)).status_code,
        (await client.get(allowed.headers["location"], headers=people_only)).status_code,
        (await client.get(allowed.headers["location"])).status_code,
    ]
    assert statuses == [202, 403, 403, 404, 404, 200, 401]
    school = (await items(organiser, f"/v1/hubs/{hub.hub_id}/schools"))[0]["id"]
    bound = await make_key(client, hub.headers, hub.hub_id, scopes=["mis:sync", "people:write"], school_id=school)
    assert (await send(client, hub.hub_id, "schools", SCHOOLS_SHEET, headers=bound)).status_code == 403
