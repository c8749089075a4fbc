"""Whatever goes wrong, the answer is a problem, with the request's id, and it gives nothing away."""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

import httpx
import pytest
import structlog
from fastapi import Response
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.caller import Caller
from app.kernel.commands import command
from app.kernel.database import writing_engine
from app.kernel.logs import configure_logs
from app.kernel.operations import Writing, writes
from app.kernel.routing import router
from app.kernel.settings import Settings
from tests.support.callers import Headers, Organiser, bearer, make_key
from tests.support.made import done
from tests.support.refusals import refused
from tests.support.services import serving

pytestmark = pytest.mark.anyio

PERSON = "s.penhaligon@larkspur.example"
NO_HUB = "01990000-0000-7000-8000-000000000000"
faulty = router("Faulty")


@command()
def break_a_constraint(session: Session, *, caller: Caller, now: object) -> None:
    """Writes a person's data where the database refuses it, in a way that nobody foresaw."""
    values = {"id": NO_HUB, "name": PERSON}
    session.execute(text("INSERT INTO hubs (id, slug, name) VALUES (:id, NULL, :name)"), values)


@faulty.get("/faulty/read")
async def fail_while_reading() -> Response:
    """A route with a bug, whose message names a person."""
    raise RuntimeError(PERSON)


@faulty.post("/faulty/write")
async def fail_while_writing(write: Annotated[Writing, writes("people:write")]) -> Response:
    """A command with a bug, which the database refuses."""
    return await write(break_a_constraint)


@pytest.fixture
async def faulty_client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(settings, routes=faulty) as client:
        yield client


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """What is written, for tests that call `configure_logs`: it is undone after them."""
    root = logging.getLogger()
    before = root.handlers, root.level
    yield capsys
    structlog.reset_defaults()
    root.handlers, root.level = before


@pytest.mark.parametrize(("method", "path"), [("GET", "/faulty/read"), ("POST", "/faulty/write")])
async def test_a_bug_is_a_problem_without_a_trace_and_its_log_names_nobody(
    faulty_client: httpx.AsyncClient,
    operator: Headers,
    written: pytest.CaptureFixture[str],
    method: str,
    path: str,
) -> None:
    configure_logs("info")
    answer = await faulty_client.request(method, path, headers={**operator, "X-Request-ID": "find-me"})
    body = refused(answer, "internal-error")
    assert body["request_id"] == "find-me"
    assert "Traceback" not in answer.text
    assert PERSON not in answer.text
    logged = written.readouterr().err
    assert PERSON not in logged
    failures = [entry for line in logged.splitlines() if (entry := json.loads(line))["event"] == "a request failed"]
    assert [(entry["request_id"], entry["route"]) for entry in failures] == [("find-me", path)]
    assert "test_errors.py" in failures[0]["exception"]
    assert "Error" in failures[0]["exception"]


async def test_logs_tell_of_requests_and_never_of_what_is_in_them(
    client: httpx.AsyncClient, hub: Organiser, written: pytest.CaptureFixture[str]
) -> None:
    path = f"/v1/hubs/{hub.hub_id}/teachers"
    configure_logs("info")
    await client.get(f"{path}?q=Penhaligon", headers={**hub.headers, "X-Request-ID": "one"})
    await client.post(path, json={"given_name": "Siân", "email": PERSON}, headers=hub.headers)
    logged = written.readouterr().err
    first, second = [json.loads(line) for line in logged.splitlines()]
    assert (first["request_id"], first["method"], first["status"]) == ("one", "GET", 200)
    assert first["route"] == second["route"] == "/v1/hubs/{hub_id}/teachers"
    assert second["status"] == 422
    for secret in ("Penhaligon", "Siân", PERSON, hub.headers["Authorization"].split()[1], hub.hub_id):
        assert secret not in logged


async def test_an_unknown_path_is_a_problem(client: httpx.AsyncClient, hub: Organiser) -> None:
    for path in ("/", "/v1", "/v1/nothing", f"/v1/hubs/{hub.hub_id}/", "/v1/hubs//schools"):
        for method in ("GET", "POST", "DELETE", "OPTIONS"):
            body = refused(await client.request(method, path), "not-found")
            assert body["instance"] == path
    assert (await client.head("/v1/nothing")).status_code == 404


async def test_a_method_that_is_not_taken_names_those_that_are(client: httpx.AsyncClient, hub: Organiser) -> None:
    answer = await client.put(f"/v1/hubs/{hub.hub_id}")
    refused(answer, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, PATCH"
    answer = await client.delete(f"/v1/hubs/{hub.hub_id}/schools")
    refused(answer, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    refused(await client.request("PROPFIND", "/v1/hubs"), "method-not-allowed")


async def test_options_names_the_methods(client: httpx.AsyncClient, hub: Organiser) -> None:
    answer = await client.options(f"/v1/events/{hub.hub_id}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"


async def test_head_is_get_without_the_body(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    for path in (f"/v1/hubs/{hub.hub_id}", "/v1/me", "/health/live", "/openapi.json"):
        got, head = await organiser.get(path), await organiser.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(got.content))
        assert head.headers.get("etag") == got.headers.get("etag")


@pytest.mark.parametrize("path", ["/v1/hubs/{hub}/schools", "/v1/hubs/{hub}/events"])
async def test_a_body_must_be_announced_as_json(organiser: httpx.AsyncClient, hub: Organiser, path: str) -> None:
    path = path.format(hub=hub.hub_id)
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = await organiser.post(path, content=b"{}", headers={"Content-Type": media_type})
        refused(answer, "unsupported-media-type")
    refused(await organiser.post(path, content=b"{}"), "unsupported-media-type")
    for media_type in ("application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"):
        answer = await organiser.post(path, content=b"{}", headers={"Content-Type": media_type})
        refused(answer, "invalid-request")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1,", b"nonsense", b"{'a': 1}", b'{"a": 1,}', b"\xff\xfe{\x00}\x00", b"{}{}"]
)
async def test_a_body_that_is_not_json(organiser: httpx.AsyncClient, hub: Organiser, body: bytes) -> None:
    path, json_type = f"/v1/hubs/{hub.hub_id}/schools", {"Content-Type": "application/json"}
    answer = await organiser.post(path, content=body, headers=json_type)
    refused(answer, "malformed-body" if body else "invalid-request", "")


async def test_ten_megabytes_are_refused_however_they_come(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    path, json_type = f"/v1/hubs/{hub.hub_id}/schools", {"Content-Type": "application/json"}
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"name": "'
        for _ in range(160):
            sent += 1
            yield b"x" * 65_536

    announced = await organiser.post(path, content=b"x" * 10_000_000, headers=json_type)
    chunked = await organiser.post(path, content=chunks(), headers=json_type)
    for answer in (announced, chunked):
        assert refused(answer, "content-too-large")["max_bytes"] == 2_000_000
    assert sent < 40  # no more was read than it took to see


@pytest.mark.parametrize("given", ["abc-123", "a", "A" * 128, "0199f2c4-6f0e-7cc3-9a51-2b7d1f6e8a10", "a.b:c/d+e=f@g"])
async def test_a_sane_request_id_comes_back(client: httpx.AsyncClient, given: str) -> None:
    for path in ("/health/live", "/v1/me", "/nothing"):
        assert (await client.get(path, headers={"X-Request-ID": given})).headers["x-request-id"] == given
    assert refused(await client.get("/v1/me", headers={"X-Request-ID": given}), "unauthenticated")


@pytest.mark.parametrize("given", [b"", b"a b", b"A" * 129, b"caf\xe9", b'{"x":1}', b"a\tb", b"<script>"])
async def test_any_other_request_id_is_replaced(client: httpx.AsyncClient, given: bytes) -> None:
    answer = await client.get("/v1/me", headers={b"X-Request-ID": given})
    assert len(answer.headers["x-request-id"]) == 36
    assert answer.headers.get_list("x-request-id") == [answer.json()["request_id"]]


async def test_a_full_queue_says_when_to_come_back(settings: Settings, operator: Headers) -> None:
    narrow = settings.model_copy(update={"writer_queue_limit": 1})
    async with serving(narrow) as client:
        body = {"name": "South Downs", "slug": "south-downs"}
        with _nobody_else_writes(settings):
            asked = []
            for number in range(4):
                asked.append(
                    asyncio.create_task(
                        client.post("/v1/hubs", json={**body, "slug": f"full-{number}"}, headers=operator)
                    )
                )
                await asyncio.sleep(0.1)
        answers = await asyncio.gather(*asked)
        statuses = [answer.status_code for answer in answers]
        assert statuses == [201, 201, 503, 503]
        for answer in answers[2:]:
            refused(answer, "unavailable")
            assert answer.headers["retry-after"] == "1"
        assert done(await client.post("/v1/hubs", json={**body, "slug": "full-2"}, headers=operator), 201)


@contextlib.contextmanager
def _nobody_else_writes(settings: Settings) -> Iterator[None]:
    """Holds the database up, as a long transaction of another process does."""
    engine = writing_engine(settings)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("LOCK TABLE api_keys, hubs IN ACCESS EXCLUSIVE MODE"))
            yield
    finally:
        engine.dispose()


async def test_who_may_not_is_told_so_before_what_is_wrong_with_the_request(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    path = f"/v1/hubs/{hub.hub_id}/schools"
    reading = await make_key(client, hub.headers, hub.hub_id, scopes=["people:read"])
    nobody: Headers = {}
    made_up = bearer("tm_made_up")
    for headers, problem in ((made_up, "unauthenticated"), (nobody, "unauthenticated"), (reading, "forbidden")):
        refused(await client.post(path, json={"urn": 7}, headers=headers), problem)
        refused(await client.post(path, content="{", headers={**headers, "Content-Type": "application/json"}), problem)
        refused(await client.post(f"{path}?made=up", json={}, headers=headers), problem)
        refused(await client.post(path, content="x", headers={**headers, "Content-Type": "text/plain"}), problem)
    refused(await organiser.post(path, json={"urn": 7}), "invalid-request")


async def test_an_answer_tells_how_long_it_took_and_a_refusal_does_not(client: httpx.AsyncClient) -> None:
    timing = (await client.get("/health/live")).headers["server-timing"]
    found = re.fullmatch(r"app;dur=(\d+\.\d)", timing)
    assert found
    assert 0 <= float(found[1]) < 10_000  # milliseconds
    assert "server-timing" not in (await client.get("/v1/nowhere")).headers
