"""The OpenAPI document: as it is committed, in this API's own words, and complete."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.kernel.problems import Problem
from tests.support.document import DOCUMENT

COMMITTED = Path(__file__).with_name("openapi.json")
OPERATIONS = {
    operation["operationId"]: (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def test_the_committed_document_is_this_one() -> None:
    """After a change: `teachmeet openapi > tests/contract/openapi.json`, and look at what is different."""
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == DOCUMENT


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for each in node.values():
            yield from nodes(each)
    elif isinstance(node, list):
        for each in node:
            yield from nodes(each)


def test_nothing_of_the_framework_is_left() -> None:
    text = json.dumps({**DOCUMENT, "info": {}})
    assert not re.search(r'HTTPValidationError|"Body_|app__|Successful Response|x-problems', text)
    schemas = DOCUMENT["components"]["schemas"]
    assert [name for name, schema in schemas.items() if isinstance(schema.get("title"), str)] == []
    assert [name for name in schemas if not re.fullmatch(r"[A-Z][A-Za-z0-9]+", name)] == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_told_completely(name: str) -> None:
    _path, method, operation = OPERATIONS[name]
    assert re.fullmatch(r"[a-z][a-z_]*", name)
    assert operation["summary"]
    assert operation["description"]
    assert len(operation["tags"]) == 1
    assert "security" in operation
    assert {each["name"] for each in DOCUMENT["tags"]} >= set(operation["tags"])
    body = operation.get("requestBody", {}).get("content", {})
    answers = [
        content for status, each in operation["responses"].items() if status[0] in "45" for content in _contents(each)
    ]
    assert all(media == "application/problem+json" or status_free(operation) for media, _ in answers)
    assert all("examples" in content for media, content in answers if media == "application/problem+json")
    if operation["security"] and not status_free(operation):
        assert "401" in operation["responses"]
    if body:
        assert "415" in operation["responses"] or status_free(operation)
    if method == "post" and operation["security"] and "409" in operation["responses"]:
        assert any(each["name"] == "Idempotency-Key" for each in operation["parameters"])


def status_free(operation: dict[str, Any]) -> bool:
    """Whether another standard rules what its refusals look like."""
    return "4XX" in operation["responses"]


def _contents(response: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return list(response["content"].items())


def test_every_tag_is_told_and_used() -> None:
    used = {tag for _path, _method, operation in OPERATIONS.values() for tag in operation["tags"]}
    assert {each["name"] for each in DOCUMENT["tags"]} == used
    assert all(each["description"] for each in DOCUMENT["tags"])


def test_every_problem_of_an_operation_is_a_type_of_its_own() -> None:
    schemas = {name: each for name, each in DOCUMENT["components"]["schemas"].items() if name.endswith("Problem")}
    types = [schema["properties"]["type"]["const"] for schema in schemas.values()]
    assert len(set(types)) == len(types)
    for schema in schemas.values():
        kind = Problem.known[schema["properties"]["type"]["const"].rpartition("/")[2]]
        assert schema["properties"]["status"]["const"] == kind.status
        assert kind.example.keys() <= schema["properties"].keys()


def test_where_several_problems_may_come_their_type_tells_them_apart() -> None:
    unions = [node for node in nodes(DOCUMENT["paths"]) if "oneOf" in node and "Problem" in json.dumps(node["oneOf"])]
    assert len(unions) > 50
    for union in unions:
        told = {each["$ref"] for each in union["oneOf"]}
        assert union["discriminator"]["propertyName"] == "type"
        assert set(union["discriminator"]["mapping"].values()) == told
