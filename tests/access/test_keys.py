"""API keys: told once, kept as a digest, ended at once, and good for their scopes only."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from app.kernel.database import Base, reading_engine
from app.kernel.settings import Settings
from tests.support import made
from tests.support.callers import Headers, Organiser, bearer, make_key
from tests.support.made import done
from tests.support.refusals import refused
from tests.support.services import MovableClock, serving
from tests.support.shared import new_hub

pytestmark = pytest.mark.anyio


async def test_a_secret_is_told_once_and_kept_nowhere(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings
) -> None:
    body = {"name": "Staff directory", "scopes": ["people:read", "people:read"]}
    key = done(await organiser.post(f"/v1/hubs/{hub.hub_id}/api-keys", json=body), 201)
    secret = key["secret"]
    assert key["scopes"] == ["people:read"]
    assert secret.startswith(key["prefix"])
    assert len(secret) > 40
    assert (await client.get(f"/v1/hubs/{hub.hub_id}/schools", headers=bearer(secret))).status_code == 200
    listed = await organiser.get(f"/v1/hubs/{hub.hub_id}/api-keys")
    assert key["id"] in [each["id"] for each in listed.json()["items"]]
    assert secret.split("_", 2)[2] not in listed.text
    tail = secret[-20:]
    engine = reading_engine(settings)
    with engine.connect() as connection:
        for table in Base.metadata.tables:
            dump = connection.execute(text(f"SELECT * FROM {table}")).all()
            assert tail not in repr(dump), table
            assert tail.encode() not in b"".join(
                bytes(v) for row in dump for v in row if isinstance(v, bytes | memoryview)
            )
    engine.dispose()


async def test_a_key_ends_at_once(client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser) -> None:
    body = {"name": "MIS", "scopes": ["people:read", "people:write"]}
    key = done(await organiser.post(f"/v1/hubs/{hub.hub_id}/api-keys", json=body), 201)
    headers, path = bearer(key["secret"]), f"/v1/hubs/{hub.hub_id}/schools"
    assert (await client.get(path, headers=headers)).status_code == 200
    assert (await organiser.delete(f"/v1/api-keys/{key['id']}")).status_code == 204
    told = await client.get(path, headers=headers)
    refused(told, "unauthenticated")
    assert told.headers["www-authenticate"] == "Bearer"
    refused(await client.post(path, json={"name": "X", "urn": "990001"}, headers=headers), "unauthenticated")
    refused(await organiser.delete(f"/v1/api-keys/{key['id']}"), "not-found")
    listed = done(await organiser.get(f"/v1/hubs/{hub.hub_id}/api-keys"))["items"]
    assert key["id"] not in [each["id"] for each in listed]


async def test_a_key_expires(settings: Settings, operator: Headers) -> None:
    clock = MovableClock()
    async with serving(settings, clock=clock) as client:
        hub = await new_hub(client, operator)
        expires = clock.now + timedelta(hours=1)
        body = {"name": "MIS", "scopes": ["people:read"], "expires_at": expires.isoformat()}
        path = f"/v1/hubs/{hub.hub_id}/api-keys"
        key = done(await client.post(path, json=body, headers=hub.headers), 201)
        clock.now = expires - timedelta(seconds=1)
        assert (await client.get("/v1/me", headers=bearer(key["secret"]))).status_code == 200
        clock.now = expires
        refused(await client.get("/v1/me", headers=bearer(key["secret"])), "unauthenticated")
        late = await client.post(path, json=body, headers=hub.headers)
        refused(late, "invalid-request", "/expires_at")


async def test_one_gives_only_scopes_that_one_has(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    path = f"/v1/hubs/{hub.hub_id}/api-keys"
    manager = await make_key(client, hub.headers, hub.hub_id, scopes=["keys:manage", "people:read"])
    body = {"name": "K", "scopes": ["people:read", "people:write"]}
    refused(await client.post(path, json=body, headers=manager), "forbidden")
    done(await client.post(path, json={"name": "K", "scopes": ["people:read"]}, headers=manager), 201)
    refused(await organiser.post(path, json={"name": "K", "scopes": []}), "invalid-request", "/scopes")
    refused(await organiser.post(path, json={"name": "K", "scopes": ["all"]}), "invalid-request", "/scopes/0")
    for nowhere in (hub.hub_id, "01990000-0000-7000-8000-000000000000"):
        bound = {"name": "K", "scopes": ["people:read"], "school_id": nowhere}
        refused(await organiser.post(path, json=bound), "invalid-request", "/school_id")


async def test_who_manages_keys_binds_them_to_a_school(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    school = done(await organiser.post(f"/v1/hubs/{hub.hub_id}/schools", json={"name": "X", "urn": "990001"}), 201)
    manager = await make_key(client, hub.headers, hub.hub_id, scopes=["keys:manage"])
    body = {"name": "K", "scopes": ["keys:manage"], "school_id": school["id"]}
    made_by_it = done(await client.post(f"/v1/hubs/{hub.hub_id}/api-keys", json=body, headers=manager), 201)
    assert made_by_it["school_id"] == school["id"]


async def test_each_operation_asks_for_its_scope(client: httpx.AsyncClient, hub: Organiser) -> None:
    key = await make_key(client, hub.headers, hub.hub_id, scopes=["cpd:read"])
    evening_body = made.event_body()
    at = f"/v1/hubs/{hub.hub_id}"
    for method, path, body in (
        ("GET", f"{at}/schools", None),
        ("POST", f"{at}/schools", {"name": "X", "urn": "990001"}),
        ("GET", f"{at}/teachers", None),
        ("POST", f"{at}/events", evening_body),
        ("GET", f"{at}/api-keys", None),
        ("POST", f"{at}/api-keys", {"name": "K", "scopes": ["cpd:read"]}),
        ("PATCH", at, {"name": "Mine"}),
        ("GET", f"/v1/events/{hub.hub_id}/registrations", None),
    ):
        refused(await client.request(method, path, json=body, headers=key), "forbidden")
        refused(await client.request(method, path, json=body), "unauthenticated")
    assert (await client.get(at, headers=key)).status_code == 200


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Basic dTpw", "tm_00000000_x", "Bearer tm_0_x", "bearer a b"]
)
async def test_bad_credentials_are_no_credentials(client: httpx.AsyncClient, hub: Organiser, given: str) -> None:
    for path in ("/v1/me", f"/v1/hubs/{hub.hub_id}/events"):  # the second is open to those who show none
        answer = await client.get(path, headers={"Authorization": given})
        refused(answer, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_one_can_ask_who_one_is(client: httpx.AsyncClient, operator: Headers, hub: Organiser) -> None:
    school = await client.post(
        f"/v1/hubs/{hub.hub_id}/schools", json={"name": "X", "urn": "990001"}, headers=hub.headers
    )
    school_id = school.json()["id"]
    bound = await make_key(client, hub.headers, hub.hub_id, scopes=["people:read"], school_id=school_id)
    for headers, kind, hub_id, school_bound in (
        (operator, "operator", None, None),
        (hub.headers, "organiser", hub.hub_id, None),
        (bound, "integration", hub.hub_id, school_id),
    ):
        me = done(await client.get("/v1/me", headers=headers))
        assert (me["kind"], me["hub_id"], me["school_id"]) == (kind, hub_id, school_bound)
    assert done(await client.get("/v1/me", headers=bound))["scopes"] == ["people:read"]
    refused(await client.get("/v1/me"), "unauthenticated")
