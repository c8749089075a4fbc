"""OneRoster 1.2 out: the hub's schools and staff as another tool of the hub reads them."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.access.client_credentials.rules import ROSTER, ROSTER_CORE
from tests.support import made
from tests.support.callers import Headers, Organiser, bearer, make_key
from tests.support.made import Thing, done
from tests.support.refusals import refused
from tests.support.services import calling

pytestmark = pytest.mark.anyio
ROOT = "/ims/oneroster/rostering/v1p2"
TOKEN = "/oauth/token"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
async def tool(app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser) -> AsyncIterator[httpx.AsyncClient]:
    """Another tool of the hub, with a key that reads people."""
    headers = await make_key(organiser, hub.headers, hub.hub_id, scopes=["people:read"])
    async with calling(app, headers) as client:
        yield client


@pytest.fixture
async def staff(organiser: httpx.AsyncClient, hub: Organiser) -> list[Thing]:
    """Three people of two schools: one without an address, one who runs the hub, one who has left."""
    first, second = [await made.school(organiser, hub.hub_id) for _ in range(2)]
    people = [
        await made.teacher(organiser, hub.hub_id, first["id"], given_name="Siân", family_name="O'Neill", email=None),
        await made.teacher(
            organiser, hub.hub_id, first["id"], given_name="Ola", family_name="Byrne", roles=["organiser"]
        ),
        await made.teacher(organiser, hub.hub_id, second["id"], given_name="Ife", family_name="Abara"),
    ]
    people[2] = done(await organiser.patch(f"/v1/teachers/{people[2]['id']}", json={"active": False}))
    return people


async def found(tool: httpx.AsyncClient, path: str, **query: Any) -> list[Thing]:
    """The things of a list, whatever it is wrapped in."""
    (wrapped,) = done(await tool.get(f"{ROOT}{path}", params=query)).values()
    things: list[Thing] = wrapped
    return things


def refused_as(answer: httpx.Response, status: int, minor: str) -> None:
    """A refusal in the binding's form."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert (body["imsx_codeMajor"], body["imsx_severity"]) == ("failure", "error")
    (field,) = body["imsx_CodeMinor"]["imsx_codeMinorField"]
    assert field == {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}
    assert body["imsx_description"]


async def test_a_member_of_staff_is_a_user(tool: httpx.AsyncClient, staff: list[Thing]) -> None:
    sian, organiser, left = staff
    by_id = {each["sourcedId"]: each for each in await found(tool, "/users")}
    assert by_id.keys() == {each["id"] for each in staff}
    shown = by_id[organiser["id"]]
    school = shown["primaryOrg"]
    assert (shown["status"], shown["enabledUser"]) == ("active", "true")
    assert (shown["givenName"], shown["familyName"], shown["email"]) == (
        organiser["given_name"],
        "Byrne",
        organiser["email"],
    )
    assert INSTANT.fullmatch(shown["dateLastModified"])
    assert school["sourcedId"] == organiser["school_id"]
    assert school["href"].endswith(f"{ROOT}/schools/{organiser['school_id']}")
    assert shown["roles"] == [{"roleType": "primary", "role": "teacher", "org": school}], (
        "what one may do here is not told"
    )
    assert not {"email", "username"} & by_id[sian["id"]].keys()
    assert (by_id[left["id"]]["status"], by_id[left["id"]]["enabledUser"]) == ("tobedeleted", "false")
    for kind in ("users", "teachers"):
        assert done(await tool.get(f"{ROOT}/{kind}/{organiser['id']}")) == {"user": shown}
    assert await found(tool, f"/schools/{left['school_id']}/teachers") == [by_id[left["id"]]]


async def test_the_hub_stands_above_its_schools(tool: httpx.AsyncClient, staff: list[Thing], hub: Organiser) -> None:
    above, *schools = await found(tool, "/orgs")
    assert (above["sourcedId"], above["type"]) == (hub.hub_id, "local")
    assert [each["type"] for each in schools] == ["school"] * len(schools)
    assert [each["sourcedId"] for each in above["children"]] == [each["sourcedId"] for each in schools]
    assert {each["parent"]["sourcedId"] for each in schools} == {hub.hub_id}
    assert all(re.fullmatch(r"\d{6}", each["identifier"]) for each in schools)
    assert await found(tool, "/schools") == schools
    assert done(await tool.get(f"{ROOT}/orgs/{hub.hub_id}")) == {"org": above}
    for kind in ("orgs", "schools"):
        assert done(await tool.get(f"{ROOT}/{kind}/{schools[0]['sourcedId']}")) == {"org": schools[0]}


async def test_all_pages_together_are_the_list(
    tool: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, staff: list[Thing]
) -> None:
    for _ in range(4):
        await made.teacher(organiser, hub.hub_id, staff[0]["school_id"])
    for kind in ("users", "orgs"):
        everything = await found(tool, f"/{kind}")
        address: str | None = f"{ROOT}/{kind}?limit=2"
        walked: list[Thing] = []
        while address is not None:
            answer = await tool.get(address)
            (page,) = done(answer).values()
            assert answer.headers["x-total-count"] == str(len(everything))
            assert 0 < len(page) <= 2
            walked += page
            following = re.search(r'<([^>]+)>; rel="next"', answer.headers["link"])
            address = httpx.URL(following[1]).raw_path.decode() if following else None
        assert walked == everything
    assert await found(tool, "/users", offset=1_000) == []


@pytest.mark.parametrize(
    ("filter_", "who"),
    [
        ("status='active'", {0, 1}),
        ("enabledUser='false'", {2}),
        ("familyName='O''Neill'", {0}),
        ("familyName~'NEI'", {0}),
        ("givenName='Siân' OR familyName='Abara'", {0, 2}),
        ("status='active' AND familyName='Abara'", set()),
        ("dateLastModified>'2020-01-01T00:00:00.000Z'", {0, 1, 2}),
        ("dateLastModified>'2190-01-01'", set()),
        ("email=''", {0}),
        ("roles.role='teacher'", {0, 1, 2}),
        ("roles.role='student'", set()),
        ("sourcedId='of somewhere else'", set()),
    ],
)
async def test_a_filter_chooses(tool: httpx.AsyncClient, staff: list[Thing], filter_: str, who: set[int]) -> None:
    chosen = {each["sourcedId"] for each in await found(tool, "/users", filter=filter_)}
    assert chosen == {staff[number]["id"] for number in who}


async def test_a_filter_by_reference(tool: httpx.AsyncClient, staff: list[Thing]) -> None:
    for field in ("primaryOrg.sourcedId", "roles.org.sourcedId"):
        chosen = await found(tool, "/users", filter=f"{field}='{staff[2]['school_id']}'")
        assert [each["sourcedId"] for each in chosen] == [staff[2]["id"]]


async def test_lists_are_sorted_and_narrowed(tool: httpx.AsyncClient, staff: list[Thing]) -> None:
    wanted = {"sort": "familyName", "orderBy": "desc", "fields": "familyName,email"}
    shown = await found(tool, "/users", **wanted)
    assert [each["familyName"] for each in shown] == ["O'Neill", "Byrne", "Abara"]
    assert [set(each) for each in shown] == [{"familyName"}, {"familyName", "email"}, {"familyName", "email"}]
    up = await found(tool, "/users", sort="familyName", limit=1, offset=1)
    assert [each["familyName"] for each in up] == ["Byrne"]


async def test_refusals_are_in_the_bindings_form(tool: httpx.AsyncClient, staff: list[Thing], app: FastAPI) -> None:
    for filter_ in ("status=active", "password='x'", "sourcedId>'x'", "dateLastModified='soon'"):
        refused_as(await tool.get(f"{ROOT}/users", params={"filter": filter_}), 400, "invalid_filter_field")
    for choice in ({"fields": "password"}, {"sort": "roles"}):
        refused_as(await tool.get(f"{ROOT}/users", params=choice), 400, "invalid_selection_field")
    for wrong in ({"limit": "0"}, {"offset": "-1"}, {"orderBy": "up"}):
        refused_as(await tool.get(f"{ROOT}/users", params=wrong), 422, "invaliddata")
    for nowhere in ("/users/nobody", f"/schools/{staff[0]['id']}", "/students", "/orgs/x/y"):
        refused_as(await tool.get(f"{ROOT}{nowhere}"), 404, "unknownobject")
    async with calling(app) as stranger:
        refused_as(await stranger.get(f"{ROOT}/users"), 401, "unauthorisedrequest")


async def test_a_key_without_the_scope_reads_nobody(app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser) -> None:
    headers = await make_key(organiser, hub.headers, hub.hub_id, scopes=["events:read"])
    async with calling(app, headers) as other:
        refused_as(await other.get(f"{ROOT}/users"), 403, "forbidden")


async def test_a_schools_key_sees_its_school(
    app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser, staff: list[Thing]
) -> None:
    here = staff[2]["school_id"]
    headers = await make_key(organiser, hub.headers, hub.hub_id, scopes=["people:read"], school_id=here)
    async with calling(app, headers) as tool:
        assert [each["sourcedId"] for each in await found(tool, "/users")] == [staff[2]["id"]]
        above, only = await found(tool, "/orgs")
        assert [each["sourcedId"] for each in above["children"]] == [only["sourcedId"]] == [here]
        refused_as(await tool.get(f"{ROOT}/schools/{staff[0]['school_id']}/teachers"), 404, "unknownobject")


class Client:
    """A client that has an id and a secret, as OAuth 2 wants it."""

    def __init__(self, hub: Organiser, key: Thing, http: httpx.AsyncClient) -> None:
        self.hub, self.key, self.http = hub, key, http

    async def asks(self, *, basic: bool = True, grant: str = "client_credentials", scope: str = "") -> httpx.Response:
        pair = (self.key["id"], self.key["secret"])
        data = {"grant_type": grant, "scope": scope}
        if basic:
            return await self.http.post(TOKEN, data=data, auth=pair)
        return await self.http.post(TOKEN, data={**data, "client_id": pair[0], "client_secret": pair[1]})

    async def token(self, scope: str = "") -> Headers:
        return bearer(done(await self.asks(scope=scope))["access_token"])


@pytest.fixture
async def oauth(app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser) -> AsyncIterator[Client]:
    body = {"name": "Library", "scopes": ["people:read", "events:write"]}
    key = done(await organiser.post(f"/v1/hubs/{hub.hub_id}/api-keys", json=body), 201)
    async with calling(app) as http:
        yield Client(hub, key, http)


@pytest.mark.parametrize("basic", [True, False], ids=["header", "form"])
async def test_a_key_buys_a_token(oauth: Client, staff: list[Thing], basic: bool) -> None:
    answer = await oauth.asks(basic=basic)
    bought = done(answer)
    assert (bought["token_type"], bought["expires_in"]) == ("Bearer", 3600)
    assert set(bought["scope"].split()) == {ROSTER_CORE, ROSTER}
    assert answer.headers["cache-control"] == "no-store"
    headers = bearer(bought["access_token"])
    users = done(await oauth.http.get(f"{ROOT}/users", headers=headers))["users"]
    assert {each["sourcedId"] for each in users} == {each["id"] for each in staff}


async def test_a_token_does_what_its_scope_says_and_no_more(oauth: Client, staff: list[Thing]) -> None:
    core = await oauth.token(ROSTER_CORE)
    of_school = f"{ROOT}/schools/{staff[0]['school_id']}/teachers"
    assert (await oauth.http.get(f"{ROOT}/orgs", headers=core)).status_code == 200
    refused_as(await oauth.http.get(of_school, headers=core), 403, "forbidden")
    assert (await oauth.http.get(of_school, headers=await oauth.token(ROSTER))).status_code == 200
    at = f"/v1/hubs/{oauth.hub.hub_id}"
    refused(await oauth.http.get(f"{at}/teachers", headers=core), "forbidden")
    refused(await oauth.http.post(f"{at}/events", headers=core, json=made.event_body()), "forbidden")


async def test_a_token_ends_with_its_key(oauth: Client, organiser: httpx.AsyncClient) -> None:
    headers = await oauth.token()
    assert (await oauth.http.get(f"{ROOT}/orgs", headers=headers)).status_code == 200
    assert (await organiser.delete(f"/v1/api-keys/{oauth.key['id']}")).status_code == 204
    refused_as(await oauth.http.get(f"{ROOT}/orgs", headers=headers), 401, "unauthorisedrequest")
    assert (await oauth.asks()).json()["error"] == "invalid_client"


async def test_no_token_without_good_credentials(oauth: Client) -> None:
    for wrong in ("tm_00000000_x", oauth.key["id"], ""):
        answer = await oauth.http.post(TOKEN, data={"grant_type": "client_credentials"}, auth=(oauth.key["id"], wrong))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"] == "Basic"
    other = await oauth.http.post(TOKEN, data={"grant_type": "client_credentials"}, auth=("x", oauth.key["secret"]))
    assert (other.status_code, other.json()["error"]) == (401, "invalid_client")


async def test_other_grants_and_scopes_are_refused_by_name(oauth: Client) -> None:
    answer = await oauth.asks(grant="password")
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
    for scope in (ROSTER.replace("roster.", "roster-demographics."), "people:write"):
        answer = await oauth.asks(scope=scope)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    answer = await oauth.http.post(TOKEN, json={"grant_type": "client_credentials"})
    assert (answer.status_code, answer.json()["error"]) == (415, "invalid_request")
