"""The recorded examples as a Postman collection (v2.1, which Bruno, Insomnia and others read too), for the sandbox.

Each example stands alone: before it the sandbox becomes the known hub again, and what it rests on is sent first.
"""

import asyncio
import json
from functools import cache
from typing import Any

from fastapi import APIRouter, Request, Response

from app.kernel.conditional import etag_of
from app.kernel.operations import conditional
from app.kernel.rendering import Rendered
from app.manual.provoking import ORIGIN
from app.manual.recorded import examples_of
from app.sandbox import credentials
from app.sandbox.story import BEGINS

Json = dict[str, Any]
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
PATH = "/docs/teachmeet.postman_collection.json"
HIDDEN = "…"
RESET = f"""
const base = pm.variables.get("baseUrl");
const still = {{ frozen: true, now: "{BEGINS.isoformat()}" }};
pm.sendRequest({{ url: base + "/v1/sandbox/reset", method: "POST" }}, () => pm.sendRequest({{
  url: base + "/v1/sandbox/clock", method: "PUT", header: {{ "Content-Type": "application/json" }},
  body: {{ mode: "raw", raw: JSON.stringify(still) }},
}}));
""".strip()
"""Sent ahead of an example."""

routes = APIRouter(include_in_schema=False, redirect_slashes=False)


@routes.get(PATH)
async def postman_collection(request: Request) -> Response:
    """The collection, with the sandbox's keys."""
    return conditional(await asyncio.to_thread(_rendered, json.dumps(request.app.openapi())), request)


@cache
def _rendered(document: str) -> Rendered:
    body = json.dumps(collection(json.loads(document)), ensure_ascii=False, indent=1).encode()
    return Rendered(200, body, (("ETag", etag_of(body)), ("Cache-Control", "no-cache")))


def collection(document: Json) -> Json:
    """The collection of a document's operations: a folder for each tag, in it one for each operation."""
    folders: dict[str, list[Json]] = {tag["name"]: [] for tag in document["tags"]}
    for methods in document["paths"].values():
        for operation in methods.values():
            if items := _examples(operation["operationId"]):
                told = {"name": operation["summary"], "description": operation["description"], "item": items}
                folders[operation["tags"][0]].append(told)
    descriptions = {tag["name"]: tag["description"] for tag in document["tags"]}
    keys = [{"key": _variable(each.role), "value": each.secret} for each in credentials.ALL]
    return {
        "info": {"name": document["info"]["title"], "description": document["info"]["description"], "schema": SCHEMA},
        "variable": [{"key": "baseUrl", "value": ORIGIN}, *keys],
        "item": [
            {"name": name, "description": descriptions[name], "item": items} for name, items in folders.items() if items
        ],
    }


def _examples(operation: str) -> list[Json]:
    items: list[Json] = []
    for example in examples_of(operation):
        if "before" not in example or not _can_be_sent(example):
            continue
        steps = [_item(f"First: {each['method']} {each['path']}", each) for each in example["before"]]
        shown = _item(example["summary"], example["request"], status=example["response"]["status"])
        first = [*steps, shown][0]
        first.setdefault("event", []).append(_script("prerequest", RESET))
        items += [*steps, shown]
    return items


def _can_be_sent(example: Json) -> bool:
    """Files and what is drawn at random are not in a collection."""
    requests = [example["request"], *example["before"]]
    return HIDDEN not in json.dumps(requests, ensure_ascii=False) and not any("files" in each for each in requests)


def _item(name: str, request: Json, *, status: int | None = None) -> Json:
    headers = [{"key": key, "value": _with_variables(value)} for key, value in request["headers"].items()]
    asked: Json = {"method": request["method"], "header": headers, "url": "{{baseUrl}}" + request["path"]}
    if "body" in request:
        raw = json.dumps(request["body"], ensure_ascii=False, indent=2)
        asked["body"] = {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}
        headers.append({"key": "Content-Type", "value": "application/json"})
    elif "form" in request:
        fields = [{"key": key, "value": value} for key, value in request["form"].items()]
        asked["body"] = {"mode": "urlencoded", "urlencoded": fields}
    expected = f"to.have.status({status})" if status else "to.be.success"
    test = f'pm.test("answered as expected", () => pm.response.{expected});'
    return {"name": name, "request": asked, "event": [_script("test", test)]}


def _script(when: str, text: str) -> Json:
    return {"listen": when, "script": {"type": "text/javascript", "exec": text.splitlines()}}


def _with_variables(value: str) -> str:
    for each in credentials.ALL:
        if value == f"Bearer {each.secret}":
            return f"Bearer {{{{{_variable(each.role)}}}}}"
    return value


def _variable(role: str) -> str:
    return role.replace(" ", "_")
