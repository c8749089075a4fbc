"""The OpenAPI document as tests walk it: every operation, its parameters, its body, and an address where it works."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from app.main import create_app
from tests.support import made
from tests.support.callers import Organiser, make_key
from tests.support.databases import settings_for

Schema = dict[str, Any]
DOCUMENT: Schema = create_app(
    settings_for("postgresql://nobody@nowhere.example/nothing", secret_key="a secret for the document only")
).openapi()
"""Made without a database: nothing connects before the service is started."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document."""

    name: str
    method: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    """Where each is (`path`, `query`, `header`) and its name."""
    body: Schema | None
    body_required: bool
    operator_only: bool

    def names(self, where: str) -> list[str]:
        return [name for place, name in self.parameters if place == where]

    def address(self, world: Mapping[str, str], **instead: str) -> str:
        """Its path in a world; `instead` takes the place of what is there."""
        return re.sub(r"\{(\w+)\}", lambda found: instead.get(found[1]) or world[found[1]], self.path)


def resolved(schema: Schema) -> Schema:
    """A schema, or the one that it refers to."""
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def alternatives(schema: Schema) -> list[Schema]:
    """The schemas one of which a value must fit."""
    schema = resolved(schema)
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return [each for option in options for each in alternatives(option)]
    return [schema]


def _has_no_end(operation: Schema) -> bool:
    """A stream's answer goes on for ever; its headers do not."""
    return "text/event-stream" in operation["responses"].get("200", {}).get("content", {})


def _operations() -> Iterator[Operation]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            yield Operation(
                name=operation["operationId"],
                method="HEAD" if _has_no_end(operation) else method.upper(),
                path=path,
                parameters=tuple((each["in"], each["name"]) for each in operation.get("parameters", ())),
                body=next((each for each in alternatives(schema) if each.get("type") == "object"), None)
                if schema
                else None,
                body_required=operation.get("requestBody", {}).get("required", False),
                operator_only=operation.get("x-operator-only", False),
            )


OPERATIONS = {operation.name: operation for operation in _operations()}


async def world_for(organiser: httpx.AsyncClient, hub: Organiser) -> dict[str, str]:
    """One of everything, as the values of path parameters."""
    evening = await made.event(organiser, hub.hub_id)
    presentation = await made.presentation(organiser, evening)
    registration = await made.registration(organiser, evening)
    await make_key(organiser, hub.headers, hub.hub_id, scopes=["people:read"])
    keys = (await organiser.get(f"/v1/hubs/{hub.hub_id}/api-keys")).json()["items"]
    allocation = made.done(await organiser.post(f"/v1/events/{evening['id']}/allocations"), 201)
    address = {"url": "https://hooks.larkspur.example/in", "types": ["hub.created"]}
    webhook = made.done(await organiser.post(f"/v1/hubs/{hub.hub_id}/webhooks", json=address), 201)
    delivery = made.done(await organiser.post(f"/v1/webhooks/{webhook['id']}/ping"), 202)
    feeds = f"/v1/hubs/{hub.hub_id}/calendar-feeds"
    feed = made.done(await organiser.post(feeds, json={"kind": "hub"}), 201)
    nobody = {"base_url": "https://mis.larkspur.example", "credentials": {"method": "token", "token": "a-token"}}
    mis = {"name": "A system that is not there", "kind": "wonde", **nobody}
    connection = made.done(await organiser.post(f"/v1/hubs/{hub.hub_id}/mis-connections", json=mis), 201)
    made.done(await organiser.post(f"/v1/mis-connections/{connection['id']}/pause"))
    return {
        "hub_id": hub.hub_id,
        "school_id": (await made.school(organiser, hub.hub_id))["id"],
        "teacher_id": registration["teacher_id"],
        "event_id": evening["id"],
        "presentation_id": presentation["id"],
        "registration_id": registration["id"],
        "allocation_id": allocation["id"],
        "webhook_id": webhook["id"],
        "connection_id": connection["id"],
        "delivery_id": delivery["id"],
        "key_id": keys[-1]["id"],
        "sync_id": evening["id"],
        "source_id": evening["id"],
        "feed_id": feed["id"],
        "token": feed["url"].rpartition("/")[2].removesuffix(".ics"),
        "number": "1",
        "round": "1",
    }
