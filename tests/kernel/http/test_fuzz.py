"""Bodies drawn from the document's own schemas, and bent a little: whatever comes, it is never our fault."""

from random import Random
from typing import Any

import httpx
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.support.databases import shared_out
from tests.support.document import OPERATIONS, Schema, alternatives
from tests.support.forms import form

pytestmark = pytest.mark.anyio

WITH_BODY = sorted(name for name, operation in OPERATIONS.items() if operation.body is not None)
"""An organiser may not make hubs, which is an answer too."""
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
MOMENTS = st.datetimes().map(lambda moment: moment.isoformat() + "Z") | st.sampled_from(
    ["1970-01-01T00:00:00+23:59", "2200-12-31T23:59:59-23:59", "2027-03-28T01:30:00+00:00", "2026-12-03T16:30:00+00:00"]
)
ADDRESSES = st.emails() | st.text(min_size=1, max_size=70).map(lambda local: f"{local}@larkspur.example")


def values(schema: Schema, ids: list[str]) -> st.SearchStrategy[Any]:
    """Values that fit a schema, more or less."""
    return st.one_of([_values(each, ids) for each in alternatives(schema)])


def _values(schema: Schema, ids: list[str]) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    by_format = {"uuid": st.sampled_from(ids), "date-time": MOMENTS, "email": ADDRESSES}
    if schema.get("format") in by_format:
        return by_format[schema["format"]]
    if schema.get("type") == "object":
        return _objects(schema, ids) if "properties" in schema else ANYTHING
    if schema.get("type") == "array":
        return st.lists(values(schema["items"], ids), max_size=4)
    least, most = schema.get("minimum", -(2**63)), schema.get("maximum", 2**63 - 1)
    plain: dict[str, st.SearchStrategy[Any]] = {
        "string": st.text(max_size=min(schema.get("maxLength", 30) + 1, 70)) | st.just("Europe/Paris"),
        "integer": st.integers(min(least, 0), min(most + 1, 2**63 - 1)) | st.integers(1, 5),
        "number": st.floats(-1, 1_001),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return plain[schema["type"]]


def _objects(schema: Schema, ids: list[str]) -> st.SearchStrategy[Any]:
    fields = {name: values(each, ids) for name, each in schema["properties"].items()}
    required = {name: each for name, each in fields.items() if name in schema.get("required", ())}
    return st.fixed_dictionaries(
        required, optional={name: each for name, each in fields.items() if name not in required}
    )


@pytest.mark.parametrize(("name", "backend"), shared_out(WITH_BODY), indirect=["backend"])
async def test_never_our_fault(client: httpx.AsyncClient, world: dict[str, str], name: str) -> None:
    operation = OPERATIONS[name]
    assert operation.body is not None
    ids = sorted(value for value in world.values() if len(value) == 36)
    for body in drawn(_objects(operation.body, ids)):
        answer = await client.request(operation.method, operation.address(world), json=body)
        assert answer.status_code < 500, f"{body!r}: {answer.text}"
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"


def drawn(bodies: st.SearchStrategy[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bodies, some of them with one value that is of no kind at all. Drawn beforehand: one test is one event loop."""
    found: list[dict[str, Any]] = []

    @settings(
        max_examples=form(short=25, full=1_000),
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(bodies, st.integers(0, 3), ANYTHING, st.randoms())
    def collect(body: dict[str, Any], chance: int, anything: Any, random: Random) -> None:
        if chance == 0 and body:
            body = {**body, random.choice(sorted(body)): anything}
        found.append(body)

    collect()
    return found
