"""The same request with the same Idempotency-Key is carried out once, and answered alike each time, for a day."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy.orm import Session

from app.kernel.database import writing_engine
from app.kernel.idempotency import take_slots
from app.kernel.settings import Settings
from tests.support import made
from tests.support.callers import Headers, Organiser, make_key, make_operator
from tests.support.databases import Databases, settings_for
from tests.support.made import done
from tests.support.refusals import refused
from tests.support.services import MovableClock, serving
from tests.support.shared import new_hub

pytestmark = pytest.mark.anyio

KEY = {"Idempotency-Key": "one-and-only"}
SCHOOL = {"name": "Larkspur Primary School", "urn": "990401"}


def replayed(again: httpx.Response, first: httpx.Response) -> bool:
    """Whether an answer is the first one again, to the byte, and says so."""
    same = again.status_code == first.status_code and again.content == first.content
    alike = all(again.headers.get(name) == first.headers.get(name) for name in ("etag", "location", "content-type"))
    return same and alike and again.headers.get("idempotency-replayed") == "true"


async def test_a_retry_gets_the_first_answer_again(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    path = f"/v1/hubs/{hub.hub_id}/schools"
    first = await organiser.post(path, json=SCHOOL, headers=KEY)
    assert first.status_code == 201
    assert "idempotency-replayed" not in first.headers
    for _ in range(2):
        assert replayed(await organiser.post(path, json=SCHOOL, headers=KEY), first)
    assert len(done(await organiser.get(path))["items"]) == 1


async def test_every_post_takes_a_key(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    draft = await made.event(organiser, hub.hub_id, publish=False)
    offer = await made.presentation(organiser, draft, accept=False)
    at = f"/v1/events/{draft['id']}"
    done(await organiser.post(f"{at}/publish"))
    registration = await made.registration(organiser, draft)
    new = {"teacher_id": (await made.teacher(organiser, hub.hub_id))["id"]}
    for number, (path, body) in enumerate(
        (
            (f"/v1/presentations/{offer['id']}/accept", {"table_number": 2}),
            (f"/v1/presentations/{offer['id']}/decline", None),
            (f"/v1/presentations/{offer['id']}/withdraw", None),
            (f"/v1/registrations/{registration['id']}/cancel", None),
            (f"{at}/registrations/batch", {"items": [new]}),
            (f"{at}/copy", {"starts_at": "2027-12-02T16:30:00+00:00"}),
            (f"{at}/close", None),
            (f"{at}/reopen", None),
            (f"{at}/cancel", None),
            (f"{at}/archive", None),
            (f"/v1/hubs/{hub.hub_id}/api-keys", {"name": "MIS", "scopes": ["people:read"]}),
        )
    ):
        headers = {"Idempotency-Key": f"every-post-{number}"}
        first, again = [await organiser.post(path, json=body, headers=headers) for _ in range(2)]
        assert first.status_code in (200, 201), first.text
        assert replayed(again, first), path


async def test_a_key_belongs_to_its_request(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    path = f"/v1/hubs/{hub.hub_id}/schools"
    done(await organiser.post(path, json=SCHOOL, headers=KEY), 201)
    other_body = await organiser.post(path, json={**SCHOOL, "name": "Other"}, headers=KEY)
    other_path = await organiser.post(f"/v1/hubs/{hub.slug}/schools", json=SCHOOL, headers=KEY)
    for answer in (other_body, other_path):
        refused(answer, "idempotency-key-reused")
    assert len(done(await organiser.get(path))["items"]) == 1


@pytest.mark.parametrize("key", [b"", b" ", b"a b", b"a\tb", b"caf\xc3\xa9", b"x" * 256, b"\x7f"])
async def test_a_key_is_visible_ascii(organiser: httpx.AsyncClient, hub: Organiser, key: bytes) -> None:
    answer = await organiser.post(f"/v1/hubs/{hub.hub_id}/schools", json=SCHOOL, headers={b"Idempotency-Key": key})
    refused(answer, "invalid-request", "Idempotency-Key")
    longest = {"Idempotency-Key": "~!" + "x" * 253}
    done(await organiser.post(f"/v1/hubs/{hub.hub_id}/schools", json=SCHOOL, headers=longest), 201)


async def test_a_refusal_is_an_answer_too(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    path = f"/v1/hubs/{hub.hub_id}/schools"
    school = done(await organiser.post(path, json=SCHOOL), 201)
    first = await organiser.post(path, json=SCHOOL, headers={**KEY, "X-Request-ID": "the-first"})
    refused(first, "urn-taken")
    assert (await organiser.delete(f"/v1/schools/{school['id']}")).status_code == 204
    again = await organiser.post(path, json=SCHOOL, headers={**KEY, "X-Request-ID": "the-second"})
    assert replayed(again, first)
    assert (again.json()["request_id"], again.headers["x-request-id"]) == ("the-first", "the-second")
    done(await organiser.post(path, json=SCHOOL), 201)


async def test_a_request_that_was_not_understood_uses_up_no_key(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    path = f"/v1/hubs/{hub.hub_id}/schools"
    refused(await organiser.post(path, json={}, headers=KEY), "invalid-request", "/name", "/urn")
    done(await organiser.post(path, json=SCHOOL, headers=KEY), 201)


async def test_each_caller_has_keys_of_their_own(
    client: httpx.AsyncClient, operator: Headers, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    path = f"/v1/hubs/{hub.hub_id}/schools"
    colleague = await make_key(client, hub.headers, hub.hub_id, scopes=["people:write"])
    other = await new_hub(client, operator)
    done(await organiser.post(path, json=SCHOOL, headers=KEY), 201)
    refused(await client.post(path, json=SCHOOL, headers={**colleague, **KEY}), "urn-taken")
    elsewhere = await client.post(f"/v1/hubs/{other.hub_id}/schools", json=SCHOOL, headers={**other.headers, **KEY})
    assert done(elsewhere, 201)["hub_id"] == other.hub_id
    assert "idempotency-replayed" not in elsewhere.headers


async def test_credentials_are_looked_at_before_a_replay(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    made_key = await organiser.post(f"/v1/hubs/{hub.hub_id}/api-keys", json={"name": "K", "scopes": ["people:write"]})
    key = done(made_key, 201)
    headers = {"Authorization": f"Bearer {key['secret']}", **KEY}
    path = f"/v1/hubs/{hub.hub_id}/schools"
    done(await client.post(path, json=SCHOOL, headers=headers), 201)
    assert (await organiser.delete(f"/v1/api-keys/{key['id']}")).status_code == 204
    refused(await client.post(path, json=SCHOOL, headers=headers), "unauthenticated")


async def test_fifty_at_once_are_one(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    body = {"teacher_id": (await made.teacher(organiser, hub.hub_id))["id"]}
    path = f"/v1/events/{evening['id']}/registrations"
    answers = await asyncio.gather(*(organiser.post(path, json=body, headers=KEY) for _ in range(50)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert len(done(await organiser.get(path))["items"]) == 1
    clash = [organiser.post(path, json={**body, "access_requirements": str(n)}, headers=KEY) for n in range(5)]
    for answer in await asyncio.gather(*clash):
        refused(answer, "idempotency-key-reused")


async def test_two_services_on_one_database_carry_it_out_once(
    organiser: httpx.AsyncClient, hub: Organiser, settings: Settings
) -> None:
    path = f"/v1/hubs/{hub.hub_id}/schools"
    async with serving(settings) as second:
        second.headers.update(hub.headers)
        for number in range(10):
            body = {"name": "Namesake", "urn": f"99{number:04}"}
            key = {"Idempotency-Key": f"both-{number}"}
            answers = await asyncio.gather(
                *(client.post(path, json=body, headers=key) for client in (organiser, second) * 2)
            )
            assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert len(done(await organiser.get(path))["items"]) == 10


async def test_an_answer_is_kept_for_a_day(settings: Settings, operator: Headers) -> None:
    clock = MovableClock()
    async with serving(settings, clock=clock) as client:
        hub = await new_hub(client, operator)
        client.headers.update(hub.headers)
        path = f"/v1/hubs/{hub.hub_id}/schools"
        first = await client.post(path, json=SCHOOL, headers=KEY)
        clock.move(timedelta(hours=24) - timedelta(seconds=1))
        assert replayed(await client.post(path, json=SCHOOL, headers=KEY), first)
        clock.move(timedelta(seconds=2))
        refused(await client.post(path, json=SCHOOL, headers=KEY), "urn-taken")
        new = await client.post(path, json={**SCHOOL, "urn": "990402"}, headers={"Idempotency-Key": "another"})
        assert done(new, 201)["urn"] == "990402"


async def test_while_the_first_one_runs_elsewhere_one_is_told_so(databases: Databases) -> None:
    with databases.maker("postgresql") as make:
        settings = settings_for(make(), secret_key="a secret for tests only", lock_wait_seconds=0.3)
        engine = writing_engine(settings)
        async with serving(settings) as client:
            hub = await new_hub(client, make_operator(settings))
            client.headers.update(hub.headers)
            path = f"/v1/hubs/{hub.hub_id}/schools"
            (key,) = done(await client.get(f"/v1/hubs/{hub.hub_id}/api-keys"))["items"]
            # As another process does that carries out the first one.
            with engine.begin() as connection, Session(connection) as elsewhere:
                take_slots(elsewhere, [(f"key:{key['id']}", "one-and-only")])
                answer = await client.post(path, json=SCHOOL, headers=KEY)
                refused(answer, "idempotency-in-progress")
                assert answer.headers["retry-after"] == "1"
                done(await client.post(path, json={**SCHOOL, "urn": "990499"}), 201)
            done(await client.post(path, json=SCHOOL, headers=KEY), 201)
        engine.dispose()
