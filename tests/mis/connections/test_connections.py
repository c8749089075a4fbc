"""Connections: made, changed, looked at, and never telling a secret."""

from typing import Any

import httpx
import pytest

from tests.mis.connections.steps import Step
from tests.support.callers import Organiser
from tests.support.made import done
from tests.support.oneroster import CLIENT_ID, CLIENT_SECRET, KEY, KEY_SECRET, at_page, refusal
from tests.support.refusals import refused
from tests.support.wonde import TOKEN, employee, when, wonde

pytestmark = pytest.mark.anyio


async def test_what_is_made_is_shown_without_its_secrets(step: Step) -> None:
    made = await step.connect(schedule={}, leave_out=["*ACCOUNT*"])
    assert made["sign_in"] == {
        "method": "oauth2",
        "given": ["client_id", "client_secret"],
        "token_url": f"{step.mis.url}/token",
        "scopes": None,
        "signature_method": None,
    }
    assert made["schedule"] == {
        "full": "week",
        "changes": "day",
        "weekday": "sunday",
        "at": "02:00",
        "timezone": "Europe/London",
    }
    assert made["next_sync_at"] is not None
    assert await step.look(made) == made
    listed = done(await step.organiser.get(f"/v1/hubs/{step.hub_id}/mis-connections"))["items"]
    assert listed == [made]


CREDENTIALS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "oauth1": (
        {"method": "oauth1", "consumer_key": KEY, "consumer_secret": KEY_SECRET, "signature_method": "HMAC-SHA1"},
        ["consumer_key", "consumer_secret"],
    ),
    "token": ({"method": "token", "token": TOKEN}, ["token"]),
}


async def test_other_ways_of_signing_in(step: Step) -> None:
    for method, (credentials, given) in CREDENTIALS.items():
        made = await step.connect(name=method, version="1.1", credentials=credentials)
        assert (made["sign_in"]["method"], made["sign_in"]["given"]) == (method, given)
        address = f"/v1/mis-connections/{made['id']}"
        changed = done(await step.organiser.patch(address, json={"credentials": step.credentials()}))
        assert changed["sign_in"]["given"] == ["client_id", "client_secret"]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an address inside": ({"base_url": "https://10.0.0.1"}, "/base_url"),
    "plain http": ({"base_url": "http://mis.example"}, "/base_url"),
    "credentials in the address": ({"base_url": "https://a:b@mis.example"}, "/base_url"),
    "no address": ({"base_url": "mis"}, "/base_url"),
    "OneRoster without an address": ({"base_url": None}, ""),
    "a token address inside": ({"credentials": {"token_url": "https://192.168.1.1/token"}}, "/credentials/token_url"),
    "a secret of several lines": ({"credentials": {"client_secret": "a\nb"}}, "/credentials/oauth2/client_secret"),
    "an unknown way": ({"credentials": {"method": "guess"}}, "/credentials"),
    "signed requests for 1.2": ({"credentials": CREDENTIALS["oauth1"][0]}, "/credentials/method"),
    "an unknown version": ({"version": "2.0"}, "/version"),
    "an unknown kind": ({"kind": "other"}, "/kind"),
    "a time that is none": ({"schedule": {"at": "25:00"}}, "/schedule/at"),
    "a place that is none": ({"schedule": {"timezone": "Europe/Atlantis"}}, "/schedule/timezone"),
    "a client for Wonde": ({"kind": "wonde"}, "/credentials/method"),
}


async def test_what_cannot_be_used_is_refused_with_its_place(step: Step) -> None:
    for name, (changes, pointer) in REFUSED.items():
        given = changes.get("credentials")
        if given is not None and given.get("method") != "oauth1":
            changes = {**changes, "credentials": step.credentials(**given)}
        answer = await step.organiser.post(f"/v1/hubs/{step.hub_id}/mis-connections", json=step.body(**changes))
        problem = refused(answer, "invalid-request")
        assert pointer in [fault["pointer"] for fault in problem["errors"]], name
        assert CLIENT_SECRET not in answer.text
        assert KEY_SECRET not in answer.text


async def test_a_name_is_a_connections_own(step: Step) -> None:
    first = await step.connect()
    address = f"/v1/hubs/{step.hub_id}/mis-connections"
    refused(await step.organiser.post(address, json=step.body()), "connection-name-taken")
    second = await step.connect(name="Another")
    renaming = await step.organiser.patch(f"/v1/mis-connections/{second['id']}", json={"name": first["name"]})
    refused(renaming, "connection-name-taken")
    assert done(await step.organiser.patch(f"/v1/mis-connections/{second['id']}", json={"name": "A third"}))


async def test_credentials_are_for_one_server(step: Step) -> None:
    made = await step.connect()
    address = f"/v1/mis-connections/{made['id']}"
    elsewhere = "https://elsewhere.example"
    problem = refused(await step.organiser.patch(address, json={"base_url": elsewhere}), "invalid-request")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/credentials"]
    same = await step.organiser.patch(address, json={"base_url": f"{step.mis.url}/ims/oneroster/rostering/v1p2"})
    assert done(same)["base_url"].endswith("v1p2")
    both = {"base_url": elsewhere, "credentials": step.credentials(token_url=f"{elsewhere}/token")}
    assert done(await step.organiser.patch(address, json=both))["sign_in"]["token_url"] == f"{elsewhere}/token"


async def test_if_match_guards_a_change(step: Step) -> None:
    made = await step.connect()
    address = f"/v1/mis-connections/{made['id']}"
    etag = (await step.organiser.get(address)).headers["etag"]
    done(await step.organiser.patch(address, json={"name": "First"}, headers={"If-Match": etag}))
    refused(
        await step.organiser.patch(address, json={"name": "Second"}, headers={"If-Match": etag}), "precondition-failed"
    )


async def test_what_it_shows_when_tried(step: Step) -> None:
    made = await step.connect()
    found = done(await step.organiser.post(f"/v1/mis-connections/{made['id']}/test"))
    assert found["outcome"] == "ok"
    assert found["schools"] == ["Larkspur Primary School", "Fernhill Primary School"]
    assert found["summary"][0].startswith("It works: 2 schools on the first page, and ")
    assert found["staff_on_first_page"] > 0
    assert await step.teachers() == []


WHY_NOT = {
    "the secret": ({"client_secret": "not-it"}, "did not accept the client id and secret"),
    "the token's address": ({"token_url": "http://127.0.0.1:9/token"}, "could not be reached"),
}


async def test_why_it_shows_nothing_when_tried(step: Step) -> None:
    for name, (changes, why) in WHY_NOT.items():
        made = await step.connect(name=name, credentials=step.credentials(**changes))
        found = done(await step.organiser.post(f"/v1/mis-connections/{made['id']}/test"))
        assert (found["outcome"], found["schools"], found["staff_on_first_page"]) == ("failed", [], None)
        assert why in found["summary"][0]
        assert "not-it" not in str(found)
    step.mis.manners.failing = at_page(0, refusal("403 Forbidden"))
    made = await step.connect()
    found = done(await step.organiser.post(f"/v1/mis-connections/{made['id']}/test"))
    assert "may not read this (403)" in found["summary"][0]


async def test_removing_one_leaves_its_people_and_takes_its_secrets(step: Step) -> None:
    made = await step.connect(schedule={})
    assert (await step.sync(made))["status"] == "applied"
    people = len(await step.teachers())
    assert (await step.organiser.delete(f"/v1/mis-connections/{made['id']}")).status_code == 204
    refused(await step.organiser.get(f"/v1/mis-connections/{made['id']}"), "not-found")
    assert len(await step.teachers()) == people > 200
    again = await step.connect()
    assert again["source_id"] == made["source_id"], "one of the same name knows its people again"
    assert (await step.sync(again))["counts"]["unchanged"] == people


async def test_wonde_needs_no_address(step: Step) -> None:
    made = await step.connect(kind="wonde", base_url=None, credentials=CREDENTIALS["token"][0], name="Wonde")
    assert (made["base_url"], made["version"]) == ("https://api.wonde.com", None)


async def test_wonde_is_synced_alike(step: Step) -> None:
    staff = {"A191": [employee(number) for number in range(60)], "A192": [employee(number) for number in range(60, 90)]}
    async with wonde(staff=staff) as there:
        made = await step.connect(kind="wonde", base_url=there.url, credentials=CREDENTIALS["token"][0])
        found = done(await step.organiser.post(f"/v1/mis-connections/{made['id']}/test"))
        assert found["schools"] == ["School 1", "School 2"]
        assert (await step.sync(made))["counts"]["created"] == 90
        there.deletions["A191"] = [{"id": "A7", "type": "employee", "deleted_at": when("2199-01-01 00:00:00")}]
        changes = await step.sync(made, full=False)
        assert (changes["status"], changes["counts"]["deactivated"]) == ("applied", 1), changes
        there.staff["A192"] = []
        assert (await step.sync(made))["status"] == "held", "a whole school is gone"
    assert sum(each["active"] for each in await step.teachers()) == 89


async def test_the_audit_trail_tells_who_did_what_and_no_secret(step: Step, hub: Organiser) -> None:
    made = await step.connect()
    address = f"/v1/mis-connections/{made['id']}"
    done(await step.organiser.patch(address, json={"credentials": step.credentials(), "schedule": {}}))
    done(await step.organiser.post(f"{address}/test"))
    for _ in range(2):
        done(await step.organiser.post(f"{address}/pause"))
    done(await step.organiser.post(f"{address}/resume"))
    assert (await step.organiser.delete(address)).status_code == 204
    trail = await step.organiser.get(f"/v1/hubs/{step.hub_id}/audit", params={"limit": 200})
    kinds = [fact["what"] for fact in done(trail)["items"] if "mis_connection" in fact["what"]]
    assert sorted(kinds) == [
        f"mis_connection.{name}" for name in ("created", "deleted", "paused", "resumed", "tested", "updated")
    ]
    assert "credentials,schedule" in trail.text
    assert CLIENT_SECRET not in trail.text
    assert CLIENT_ID not in trail.text


async def test_the_same_key_begins_one_connection(client: httpx.AsyncClient, step: Step, hub: Organiser) -> None:
    headers = {**hub.headers, "Idempotency-Key": "one-connection"}
    address = f"/v1/hubs/{step.hub_id}/mis-connections"
    first, second = [await client.post(address, json=step.body(), headers=headers) for _ in range(2)]
    assert done(first, 201) == done(second, 201)
