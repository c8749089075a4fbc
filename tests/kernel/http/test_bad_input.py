"""Bad input at every operation of the document: refused with its place, and not repeated to anyone."""

import json
from typing import Any

import httpx
import pytest

from tests.support.callers import Headers
from tests.support.databases import shared_out
from tests.support.document import OPERATIONS, Operation, Schema, alternatives

pytestmark = pytest.mark.anyio

MARK = "zq81xvalue"
JSON = {"Content-Type": "application/json"}
DEEP = 30_000
BODIES: dict[str, bytes] = {
    "lone surrogate": b'{"name": "%s\\ud800"}' % MARK.encode(),
    "lone surrogate in a name": b'{"a\\udfff": "%s"}' % MARK.encode(),
    "surrogates the wrong way round": b'{"name": "\\udc00\\ud800%s"}' % MARK.encode(),
    "NUL": b'{"name": "%s\\u0000"}' % MARK.encode(),
    "bare NUL": b'{"name": "%s\x00"}' % MARK.encode(),
    "NaN": b'{"name": NaN, "title": "%s"}' % MARK.encode(),
    "Infinity": b'{"name": [Infinity, -Infinity], "title": "%s"}' % MARK.encode(),
    "1e999": b'{"name": 1e999}',
    "2**63": b'{"attendee_capacity": 9223372036854775808}',
    "-2**63-1": b'{"name": {"a": -9223372036854775809}}',
    "5,000 digits": b'{"attendee_capacity": %s}' % (b"7" * 5_000),
    "invalid UTF-8": b'{"name": "%s\xff"}' % MARK.encode(),
    "a surrogate in UTF-8": b'{"name": "%s\xed\xa0\x80"}' % MARK.encode(),
    "a name twice": b'{"name": "%s", "name": "%s"}' % (MARK.encode(), MARK.encode()),
    "a name twice further in": b'{"venue": [{"a": {"b": "%s", "b": 1}}]}' % MARK.encode(),
    "deep arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b'"%s"' % MARK.encode() + b"}" * DEEP,
    "deep arrays without an end": b'{"items": ' + b"[" * DEEP,
    "rather deep": b'{"items": [{"teacher_id": ' + b"[" * 400 + b"]" * 400 + b'}], "name": "%s"}' % MARK.encode(),
    "a list": b'["%s"]' % MARK.encode(),
    "a text": b'"%s"' % MARK.encode(),
    "a number": b"12",
    "true": b"true",
    "an unknown field": b'{"no_such_field": "%s"}' % MARK.encode(),
    "a proto": b'{"__proto__": {"%s": 1}, "constructor": 1}' % MARK.encode(),
}
MOMENTS = [
    1_764_779_400,
    1_764_779_400.5,
    "1764779400",
    "-1764779400",
    "1764779400.5",
    "2026-12-03T16:30:00",
    "2026-12-03",
    "2026-13-03T16:30:00Z",
    "2026-12-03T16:30:00+99:00",
    "2026-02-30T16:30:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "Infinity",
    "٢٠٢٦",
    MARK,
]
WRONG: dict[str, list[Any]] = {
    "string": [12, True, 1.5, {"a": MARK}, [MARK], MARK * 30_000],
    "integer": [True, "12", 1.5, MARK, 2**62, -1, [12], {"a": 12}],
    "number": [True, "12", MARK, -0.5, 1e300, [1], {"a": 1}],
    "boolean": ["true", 1, 0, MARK, [True], {"a": True}],
    "array": [MARK, 12, True, {"a": MARK}, [[MARK]], [{"a": [MARK]}] * 300, [None]],
    "object": [MARK, 12, True, [MARK], {"no_such_field": MARK}],
    "date-time": MOMENTS,
    "uuid": [MARK, 12, "01990000-0000-7000-8000", "{0}", ["01990000-0000-7000-8000-000000000000"]],
    "email": [MARK, 12, f"{MARK}@", f"{MARK}@[127.0.0.1]", f"a b{MARK}@larkspur.example", f"{MARK}@" + "x" * 400],
    "iana-time-zone": [MARK, 12, True, "", "europe/london", "Europe/Atlantis"],
    "enum": [MARK, 12, True, "", ["draft"]],
}
NO_IDS = [MARK, "%00", "%FF", "7" * 5_000, "{}"]
NO_INSTANTS = [MARK, "%00", "2026-12-03T16:30:00", "1764779400", "2026-13-03T16:30:00Z"]
IN_A_QUERY = {
    "limit": [MARK, "0", "9223372036854775808", "7" * 5_000, "%00", "NaN", "1e999", "true"],
    "cursor": [MARK, "%00", "%ED%A0%80", "%FF", MARK * 200],
    "q": [f"{MARK}%00", MARK * 30],
    "status": [MARK, "%00", "%FF", ""],
    "kind": [MARK, "%00", "%FF", ""],
    "role": [MARK, "%00", "%FF", ""],
    "school_id": NO_IDS,
    "actor_id": NO_IDS,
    "about": NO_IDS,
    "what": [f"{MARK}%00", MARK * 30],
    "since": NO_INSTANTS,
    "until": NO_INSTANTS,
    "with": NO_IDS,
    "beside": [MARK, "%00", "%FF", ""],
    "start": [MARK, "%00", "%FF", ""],
    "bom": [MARK, "%00", "%FF", "2"],
    "checked_in": [MARK, "%00", "%FF", "2"],
    "columns": [f"{MARK}%00", MARK * 400],
    "form": [MARK, "%00", "%FF", ""],
    "type": [MARK, "%00", "%FF", ""],
    "updated_since": NO_INSTANTS,
    "school_urn": [MARK, "%00", "12345"],
    "event_id": NO_IDS,
    "message_id": NO_IDS,
    "presentation_id": NO_IDS,
}
IN_A_PATH = [MARK, "%00", f"{MARK}%00", "%ED%A0%80", "%FF", "9223372036854775808", "7" * 5_000, "NaN", "-1"]
IN_ANOTHER_FORM = ("/ims/", "/oauth/")
"""Where another specification fixes how refusals are told; see `tests/mis/rostering`."""
OURS = {
    name: each
    for name, each in OPERATIONS.items()
    if not each.path.startswith(IN_ANOTHER_FORM) and each.method != "HEAD"
}
WITH_BODY = [name for name, operation in OURS.items() if operation.body is not None]
WITH_PARAMETERS = [name for name, operation in OURS.items() if operation.parameters]
NOT_THERE_YET = ("undo_check_in",)
"""What they would change comes about on the evening only."""
ANY_TEXT = ("hub_id", "token")
"""Any text may be a slug, or an address's secret part; what is not one is not found."""


@pytest.fixture
def caller(client: httpx.AsyncClient, world: dict[str, str], operator: Headers, name: str) -> httpx.AsyncClient:
    """Somebody who may do what the operation does: else they would be told so first."""
    operation = OPERATIONS[name]
    if operation.operator_only:
        client.headers.update(operator)
    return client


def kinds(schema: Schema) -> list[str]:
    """What a value of this schema may be, as keys of `WRONG`."""
    return ["enum" if "enum" in each else str(each.get("format", each.get("type"))) for each in alternatives(schema)]


def check(answer: httpx.Response, what: str, *, echoes_path: bool = False) -> None:
    """A 4xx problem that names a place and repeats nothing."""
    assert 400 <= answer.status_code < 500, f"{what}: {answer.status_code} {answer.text[:300]}"
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json", what
    if echoes_path:  # `instance` is the path that was asked for
        body.pop("instance")
    assert MARK not in json.dumps(body), f"{what}: {body}"
    assert "7777777" not in json.dumps(body), what
    if answer.status_code in (400, 422):
        assert all("pointer" in fault or "parameter" in fault for fault in body["errors"]), what
        assert body["errors"], what


@pytest.mark.parametrize(("name", "backend"), shared_out(WITH_BODY), indirect=["backend"])
async def test_bodies_that_no_operation_can_use(
    caller: httpx.AsyncClient, world: dict[str, str], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    client, operation = caller, OPERATIONS[name]
    for what, body in BODIES.items():
        answer = await client.request(operation.method, operation.address(world), content=body, headers=JSON)
        assert answer.status_code in (400, 422), f"{what}: {answer.text[:300]}"
        check(answer, what)
    written = capsys.readouterr()
    assert MARK not in written.out + written.err


@pytest.mark.parametrize(("name", "backend"), shared_out(WITH_BODY), indirect=["backend"])
async def test_values_of_another_kind(
    caller: httpx.AsyncClient, world: dict[str, str], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    client, operation = caller, OPERATIONS[name]
    assert operation.body is not None
    for field, schema in operation.body["properties"].items():
        expected = kinds(schema)
        candidates = [value for kind in expected if kind != "null" for value in WRONG[kind]]
        for value in candidates:
            if any(_fits(value, kind) for kind in expected):
                continue
            answer = await client.request(operation.method, operation.address(world), json={field: value})
            what = f"{field} = {str(value)[:60]!r}"
            check(answer, what)
            if name == "sign_in" and answer.status_code == 401:
                continue  # any text may be a token; what is not one signs nobody in
            assert answer.status_code == 422, what
            places = [fault["pointer"] for fault in answer.json()["errors"]]
            assert any(place.startswith(f"/{field}") for place in places), f"{what}: {places}"
    written = capsys.readouterr()
    assert MARK not in written.out + written.err


def _fits(value: Any, kind: str) -> bool:
    """Whether a value that is wrong for one alternative is right for another."""
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1_000
    return kind == "integer" and isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1_000


@pytest.mark.parametrize(("name", "backend"), shared_out(WITH_PARAMETERS), indirect=["backend"])
async def test_parameters_that_cannot_be(
    caller: httpx.AsyncClient, world: dict[str, str], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    client, operation = caller, OPERATIONS[name]
    for parameter in operation.names("path"):
        for value in IN_A_PATH:
            answer = await _ask(client, operation, operation.address(world, **{parameter: value}))
            check(answer, f"{parameter} = {value[:60]}", echoes_path=True)
            if parameter not in ANY_TEXT:
                places = [fault.get("parameter") for fault in answer.json()["errors"]]
                assert parameter in places, f"{value[:60]}: {places}"
    for parameter in operation.names("query"):
        for value in IN_A_QUERY[parameter]:
            answer = await _ask(client, operation, f"{operation.address(world)}?{parameter}={value}")
            check(answer, f"{parameter} = {value[:60]}")
            assert [fault["parameter"] for fault in answer.json()["errors"]] == [parameter]
    answer = await _ask(client, operation, f"{operation.address(world)}?no_such_parameter={MARK}")
    check(answer, "an unknown parameter")
    assert answer.json()["errors"][0]["parameter"] == "no_such_parameter"
    written = capsys.readouterr()
    assert MARK not in written.out + written.err


async def _ask(client: httpx.AsyncClient, operation: Operation, address: str, **headers: Any) -> httpx.Response:
    """Asks with the least that could be a body, so that only the address can be wrong."""
    if operation.body is None:
        return await client.request(operation.method, address, headers=headers)
    return await client.request(operation.method, address, json={}, headers=headers)


@pytest.mark.parametrize(("name", "backend"), shared_out(WITH_PARAMETERS), indirect=["backend"])
async def test_headers_that_cannot_be(
    caller: httpx.AsyncClient, world: dict[str, str], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    client, operation = caller, OPERATIONS[name]
    address = operation.address(world)
    body: dict[str, Any] = {} if operation.body is None else {"json": {}}
    odd = [MARK.encode() + b"\xff", b"\x00", b"", MARK.encode() * 5_000, b"\xed\xa0\x80", b'W/"', b'"' + b"," * 3_000]
    for value in odd:
        wrong = {b"Authorization": value}
        answer = await client.request(operation.method, address, headers=wrong, **body)
        assert answer.status_code == 401, f"{value[:40]!r}: {answer.text[:300]}"
        check(answer, "Authorization")
        if "Idempotency-Key" in operation.names("header") and operation.path.startswith("/v1/events/{event_id}/c"):
            answer = await client.request(operation.method, address, headers={b"Idempotency-Key": value}, **body)
            assert answer.status_code < 500
        if "If-Match" in operation.names("header") and operation.body is None:
            answer = await client.request(operation.method, address, headers={b"If-Match": value})
            check(answer, "If-Match")
            assert answer.status_code == (404 if name in NOT_THERE_YET else 412)
        if "If-None-Match" in operation.names("header"):
            answer = await client.request(operation.method, address, headers={b"If-None-Match": value})
            assert answer.status_code in (200, 404)
    bearer: Headers = {"Authorization": f"Bearer {MARK}"}
    answer = await client.request(operation.method, address, headers=bearer, **body)
    check(answer, "an unknown key")
    if operation.body is None and operation.name != "start_import":
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    written = capsys.readouterr()
    assert MARK not in written.out + written.err


async def test_the_document_is_walked(client: httpx.AsyncClient) -> None:
    served = (await client.get("/openapi.json")).json()
    assert sum(len(methods) for methods in served["paths"].values()) == len(OPERATIONS) > 40
    assert len(WITH_BODY) > 15
