"""How problems stand in the OpenAPI document: a schema for each type, and answers that say which types may come.

A client switches on `type`, so each schema pins it, and where several may come they are told apart by it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.kernel.problems import MEDIA_TYPE, Problem

Schema = dict[str, Any]
SCHEMAS = "#/components/schemas/"
RESPONSES = "#/components/responses/"
FAULT = "Fault"
MARK = "x-problems"
"""Where a route's declared problems wait, by name, until the whole document is put together."""

SHARED = frozenset(
    {
        "bad-request",
        "malformed-body",
        "unauthenticated",
        "request-timeout",
        "content-too-large",
        "unsupported-media-type",
        "rate-limited",
        "headers-too-large",
        "internal-error",
        "unavailable",
    }
)
"""Problems that mean the same wherever they come: one answer for all operations, which refer to it."""

HEADERS: Mapping[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
WITH_RETRY = frozenset({"idempotency-in-progress"})

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DESCRIBED = {
    "capacity": "How many fit, or how many you asked to fit.",
    "taken": "How many are taken.",
    "round": "The number of the round.",
    "table_number": "The number of the table.",
    "registration_id": "The registration that is there already.",
    "max_bytes": "How many bytes are taken at most.",
}


def type_of(kind: type[Problem]) -> str:
    """The value of `type` in its answers."""
    return f"/problems/{kind.slug}"


def name_of(kind: type[Problem]) -> str:
    """The name of its schema, which becomes the name of a type in clients."""
    return f"{kind.__name__}Problem"


def schema_of(kind: type[Problem]) -> Schema:
    """Its body: the members of RFC 9457, this API's own, and those that only this problem has."""
    members = {name: _member(name, value) for name, value in kind.example.items()}
    required = ["type", "title", "status", "detail", "instance", "request_id"]
    properties: Schema = {
        "type": {"type": "string", "const": type_of(kind), "description": "The problem's name; opens its page."},
        "title": {"type": "string", "description": "The problem in a few words, always the same."},
        "status": {"type": "integer", "const": kind.status},
        "detail": {"type": "string", "description": "What happened this time, in words for people."},
        "instance": {"type": "string", "description": "The path of the request."},
        "request_id": {"type": "string", "description": "As in `X-Request-ID`: by it the log is searched."},
    }
    if kind.points:
        properties["errors"] = {
            "type": "array",
            "items": {"$ref": SCHEMAS + FAULT},
            "description": "Each place that cannot be used.",
        }
        required.append("errors")
    return {
        "type": "object",
        "description": " ".join((kind.__doc__ or kind.title).split()),
        "properties": {**properties, **members},
        "required": [*required, *(name for name in members if name not in kind.sometimes)],
    }


def _member(name: str, value: object) -> Schema:
    schema: Schema = {"description": _DESCRIBED[name]} if name in _DESCRIBED else {}
    if isinstance(value, bool):
        return {"type": "boolean", **schema}
    if isinstance(value, int):
        return {"type": "integer", **schema}
    if value is None:
        return {"type": ["string", "null"], **schema}
    return {"type": "string", **({"format": "uuid"} if _UUID.fullmatch(str(value)) else {}), **schema}


FAULT_SCHEMA: Schema = {
    "type": "object",
    "description": "One place that cannot be used: `pointer` into the body, or `parameter` of query, path or headers.",
    "properties": {
        "detail": {"type": "string", "description": "What is wrong there."},
        "pointer": {"type": "string", "description": "A JSON pointer (RFC 6901).", "examples": ["/rounds/0/starts_at"]},
        "parameter": {"type": "string", "description": "The name of a parameter.", "examples": ["limit"]},
    },
    "required": ["detail"],
}


def schemas(names: Iterable[str]) -> Schema:
    """The schemas of these problems, and of what they refer to."""
    kinds = [Problem.known[name] for name in sorted(names)]
    return {FAULT: FAULT_SCHEMA, **{name_of(kind): schema_of(kind) for kind in kinds}}


def shared_responses(names: Iterable[str]) -> Schema:
    """The answers that operations refer to, for those of these problems that are shared."""
    kinds = [Problem.known[name] for name in sorted(SHARED.intersection(names))]
    return {kind.__name__: _response([kind]) for kind in kinds}


def responses(names: Iterable[str]) -> Schema:
    """What an operation that may meet these problems answers, by status."""
    by_status: dict[int, list[type[Problem]]] = {}
    for kind in sorted((Problem.known[name] for name in set(names)), key=lambda kind: (kind.status, kind.slug)):
        by_status.setdefault(kind.status, []).append(kind)
    return {
        str(status): {"$ref": RESPONSES + kinds[0].__name__}
        if len(kinds) == 1 and kinds[0].slug in SHARED
        else _response(kinds)
        for status, kinds in by_status.items()
    }


def _response(kinds: list[type[Problem]]) -> Schema:
    lines = [f"`{kind.slug}`: {kind.title}." for kind in kinds]
    headers = {"X-Request-ID": _header("X-Request-ID")}
    named = HEADERS.get(kinds[0].status, ()) or (
        ("Retry-After",) if any(kind.slug in WITH_RETRY for kind in kinds) else ()
    )
    headers |= {name: _header(name) for name in named}
    return {
        "description": "\n".join(lines) if len(lines) == 1 else "\n".join(f"- {line}" for line in lines),
        "headers": headers,
        "content": {MEDIA_TYPE: {"schema": one_of(kinds)}},
    }


def one_of(kinds: list[type[Problem]]) -> Schema:
    """The schema of one of these problems."""
    references = [{"$ref": SCHEMAS + name_of(kind)} for kind in kinds]
    if len(references) == 1:
        return references[0]
    mapping = {type_of(kind): SCHEMAS + name_of(kind) for kind in kinds}
    return {"oneOf": references, "discriminator": {"propertyName": "type", "mapping": mapping}}


def _header(name: str) -> Schema:
    return {"$ref": f"#/components/headers/{name}"}
