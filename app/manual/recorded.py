"""The examples of the document: requests to the sandbox and what it answered, as they were recorded.

`examples/` has a file for each operation. They are asked again in the tests, so they are true; what is drawn at random
(secrets, signed cursors) is shown as `…`. Problems that nobody can bring about at will are shown as on their pages.
"""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from app.kernel.problem_schemas import SCHEMAS
from app.kernel.problems import MEDIA_TYPE, Problem
from app.manual.problem_pages import example_of

Schema = dict[str, Any]
EXAMPLES = files("app.manual").joinpath("examples")
MOST_CHARACTERS = 12_000
"""A longer answer is left out of the document; its file has it."""


def examples_of(operation: str) -> list[Schema]:
    """The recorded examples of an operation: for each its summary, whose credential, what was asked and answered."""
    file = EXAMPLES.joinpath(f"{operation}.json")
    found: list[Schema] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    return found


def with_examples(document: Schema) -> Schema:
    """A document with an example for each request and each answer."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for example in examples_of(operation["operationId"]):
                _show(operation, path, example)
            for response in operation["responses"].values():
                _fill(response)
    for response in document["components"].get("responses", {}).values():
        _fill(response)
    return document


def _show(operation: Schema, path: str, example: Schema) -> None:
    request, response = example["request"], example["response"]
    if response["status"] < 400:
        _show_parameters(operation, path, request)
        for media in operation.get("requestBody", {}).get("content", {}).values():
            sent = request.get("body", {**request.get("form", {}), **request.get("files", {})})
            if sent or "body" in request:
                _add(media, example["summary"], example["summary"], sent)
    responses, status = operation["responses"], str(response["status"])
    answer = responses.get(status) or responses.get(f"{status[0]}XX", {})
    media = answer.get("content", {}).get(response.get("media_type"))
    if media is not None and len(json.dumps(response["body"])) <= MOST_CHARACTERS:
        slug = response["body"]["type"].rpartition("/")[2] if response["media_type"] == MEDIA_TYPE else ""
        _add(media, slug or example["summary"], example["summary"], response["body"])


def _add(media: Schema, name: str, summary: str, value: Any) -> None:
    key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    media.setdefault("examples", {}).setdefault(key, {"summary": summary, "value": value})


def _show_parameters(operation: Schema, path: str, request: Schema) -> None:
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/?]+)", re.escape(path))
    found = re.match(pattern, request["path"])
    given = found.groupdict() if found else {}
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" and parameter["name"] in given and "example" not in parameter:
            value = given[parameter["name"]]
            parameter["example"] = int(value) if parameter["schema"].get("type") == "integer" else value


def _fill(response: Schema) -> None:
    """Adds what a problem's page shows, for those of its problems that have no recorded example."""
    media = response.get("content", {}).get(MEDIA_TYPE)
    if media is None:
        return
    for kind in _kinds(media["schema"]):
        if kind.slug not in media.get("examples", {}):
            _add(media, kind.slug, kind.title, example_of(kind))


def _kinds(schema: Schema) -> Iterator[type[Problem]]:
    by_name = {f"{SCHEMAS}{kind.__name__}Problem": kind for kind in Problem.known.values()}
    for each in schema.get("oneOf", [schema]):
        if (kind := by_name.get(each.get("$ref", ""))) is not None:
            yield kind
