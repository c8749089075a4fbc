"""What the OpenAPI document says of an operation beyond its types: its problems, its policy, the headers it honours."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field, create_model

from app.kernel.caller import Policy
from app.kernel.problems import MEDIA_TYPE, Problem

BEARER = "bearer"


class FaultOut(BaseModel):
    """One place that cannot be used: `pointer` into the body, or `parameter` of the query, path or headers."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class ProblemOut(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(description="Its last segment is the problem's name; it opens a page that explains it.")
    title: str
    status: int
    detail: str = Field(description="What happened, in words for people.")
    instance: str
    request_id: str
    errors: list[FaultOut] | None = None
    capacity: int | None = Field(None, description="With capacity problems: how many fit.")
    taken: int | None = Field(None, description="With capacity problems: how many are taken.")


_pages: dict[type[BaseModel], type[BaseModel]] = {}


def page_of(model: type[BaseModel]) -> type[BaseModel]:
    """The body of a list of `model`, in the document."""
    if model not in _pages:
        fields: dict[str, Any] = {"items": (list[model], ...), "next_cursor": (str | None, ...)}  # type: ignore[valid-type]  # made at run time
        _pages[model] = create_model(f"{model.__name__.removesuffix('Out')}Page", **fields)
    return _pages[model]


def answers(
    model: type[BaseModel] | None,
    *problems: type[Problem],
    many: bool = False,
    status: int = 200,
    conditional: bool = False,
) -> dict[str, Any]:
    """What a route answers, as keyword arguments of its decorator.

    `many` is a page of `model`; `conditional` says that `If-Match` is honoured.
    """
    shown = page_of(model) if model and many else model
    return {
        "status_code": status if model else 204,
        "response_model": shown,
        "responses": described(problems),
        "openapi_extra": {"parameters": [_IF_MATCH]} if conditional else {},
    }


def described(problems: Iterable[type[Problem]]) -> dict[int | str, dict[str, Any]]:
    """Problems as OpenAPI responses, those of one status together."""
    by_status: dict[int | str, list[type[Problem]]] = {}
    for problem in problems:
        by_status.setdefault(problem.status, []).append(problem)
    return {
        status: {
            "description": " / ".join(f"`{problem.slug}`: {problem.title}" for problem in those),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
        }
        for status, those in by_status.items()
    }


def policy_extra(policy: Policy, *, method: str) -> dict[str, Any]:
    """What the document says of an operation's policy and of the headers that its method brings."""
    required: list[dict[str, list[str]]] = [{BEARER: []}]
    extra: dict[str, Any] = {"security": [{}, *required] if policy.public else required}
    if policy.operator_only:
        extra["x-operator-only"] = True
    elif policy.scope:
        extra["x-scope"] = policy.scope
    if policy.own:
        extra["x-own"] = True
    extra["parameters"] = [_IDEMPOTENCY_KEY] if method == "POST" else [_IF_NONE_MATCH] if method == "GET" else []
    return extra


def _header(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": description}


_IF_MATCH = _header("If-Match", "Only if the ETag is still this one; else 412.")
_IF_NONE_MATCH = _header("If-None-Match", "304 when the ETag is still this one.")
_IDEMPOTENCY_KEY = _header("Idempotency-Key", "Send the same key to retry safely: the first answer comes again.")


def install(app: FastAPI) -> None:
    """Adds to the document what FastAPI does not derive: the security scheme and the problem's schema."""
    generate = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = generate()
            components = schema.setdefault("components", {})
            components["securitySchemes"] = {
                BEARER: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, or the access token of a session.",
                },
            }
            components.setdefault("schemas", {}).update(_problem_schemas())
            _drop_the_frameworks_validation_error(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the documented way to extend the document


def _problem_schemas() -> dict[str, Any]:
    schema = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions: dict[str, Any] = schema.pop("$defs")
    return {"ProblemOut": schema, **definitions}


def _drop_the_frameworks_validation_error(schema: dict[str, Any]) -> None:
    """The framework documents 422 in its own form, which this API never answers with."""
    for operations in schema["paths"].values():
        for operation in operations.values():
            unprocessable = operation.get("responses", {}).get("422", {})
            if "application/json" in unprocessable.get("content", {}):
                unprocessable["description"] = "`invalid-request`: a value cannot be used; `errors` names each place."
                unprocessable["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    for name in ("HTTPValidationError", "ValidationError"):
        schema.get("components", {}).get("schemas", {}).pop(name, None)
