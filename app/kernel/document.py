"""The OpenAPI document, put together: what the framework derives, completed with what the routes declare.

What every operation may answer (a wrong credential, too many requests, a body too large…) is worked out here from what
the operation is, so that no route has to name it. Nothing of the framework's own forms is left: no made-up titles, no
`HTTPValidationError`.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.params import File, Form

from app.kernel import problem_schemas, tidying
from app.kernel.caller import Policy
from app.kernel.deprecation import declared
from app.kernel.links import linked
from app.kernel.openapi import BEARER, FOREIGN, IF_MATCH
from app.kernel.problem_schemas import MARK
from app.kernel.problems import MEDIA_TYPE
from app.kernel.rate_limits import UNLIMITED
from app.kernel.routing import StrictRoute

Schema = dict[str, Any]
Finish = Callable[[Schema], Schema]

JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
SECURITY: Schema = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API key, or the access token of a session. `GET /v1/me` says whose it is and what it may do.",
}


def _field(description: str, *, example: str, **schema: Any) -> Schema:
    return {"description": description, "schema": {"type": "string", **schema}, "example": example}


HEADERS: Schema = {
    "X-Request-ID": _field("Yours when it is sane, else a new one; the service's log knows it.", example="my-form-17"),
    "ETag": _field(
        "Stands for exactly what was shown. Send it as `If-None-Match` to poll, as `If-Match` to change.",
        example='"0b6b21ee83f4a5b59fd0d2b2"',
    ),
    "Link": _field(
        'On all pages but the last: the next one, as `<…>; rel="next"`.', example='</v1/hubs?cursor=Zm9v>; rel="next"'
    ),
    "Location": _field(
        "The path of what was made.",
        example="/v1/registrations/0199f2c4-6f0e-7cc3-9a51-2b7d1f6e8a11",
        format="uri-reference",
    ),
    "Idempotency-Replayed": _field("`true` when this is the first answer to the same key again.", example="true"),
    "Retry-After": _field("After how many seconds to try again.", example="1", pattern="^[0-9]+$"),
    "WWW-Authenticate": _field("How to send credentials.", example="Bearer"),
    "RateLimit": _field("How many requests are left, and when there are more.", example='"credential";r=599;t=1'),
    "RateLimit-Policy": _field("How many requests there are in how many seconds.", example='"credential";q=600;w=60'),
    "Deprecation": _field("Since when this should not be used any more (RFC 9745).", example="@1798761600"),
    "Sunset": _field("When this goes (RFC 8594).", example="Sun, 01 Aug 2027 00:00:00 GMT"),
}
SUCCESS = {
    "201": "Made. `Location` says where it is.",
    "202": "Taken on; it goes on after this answer.",
    "204": "Done. There is nothing to show.",
}


def install(app: FastAPI, *, finish: Finish = lambda schema: schema) -> None:
    """Makes the completed document the one that the application serves. `finish` adds to it what only higher rooms
    know; it is called once, when the document is first asked for."""
    generate = app.openapi

    def document() -> Schema:
        if app.openapi_schema is None:
            routes = {route.unique_id: route for route in app.router.routes if isinstance(route, StrictRoute)}
            app.openapi_schema = finish(complete(generate(), routes))
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the documented way to extend the document


def operations(schema: Schema) -> Iterator[tuple[str, str, Schema]]:
    """Each operation of a document with its path and its method."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def complete(schema: Schema, routes: dict[str, StrictRoute]) -> Schema:
    """The framework's document of these routes, with all that they declare."""
    _name_forms(schema)
    schemas = schema["components"]["schemas"]
    met: set[str] = set()
    for _path, method, operation in operations(schema):
        route = routes[operation["operationId"]]
        names = set() if FOREIGN[0] in operation["responses"] else _declared(operation) | general_problems(route)
        met |= names
        _describe(operation, route)
        _answer(operation, route, method, names, schemas)
    components = {
        "schemas": {**schemas, **problem_schemas.schemas(met)},
        "responses": problem_schemas.shared_responses(met),
        "headers": HEADERS,
        "securitySchemes": {BEARER: SECURITY},
    }
    linked(schema)
    whole = {**schema, "jsonSchemaDialect": JSON_SCHEMA, "components": components}
    return tidying.without_the_unused(tidying.tidy(whole))


def general_problems(route: StrictRoute) -> set[str]:
    """What an operation may meet whatever it is for: the names of the problems."""
    names = {"headers-too-large", "internal-error"}
    if not route.path.startswith(UNLIMITED):
        names.add("rate-limited")
    if (policy := route.policy) is not None:
        names |= {"unauthenticated", "unavailable", "invalid-request"}
        if not policy.public and (policy.scope or policy.operator_only):
            names.add("forbidden")
        if "{" in route.path:
            names.add("not-found")
    if route.body_field is not None:
        names |= {"request-timeout", "content-too-large", "unsupported-media-type"}
        names.add("bad-request" if isinstance(route.body_field.field_info, (Form, File)) else "malformed-body")
    if route.writes and "POST" in (route.methods or ()):
        names |= {"idempotency-key-reused", "idempotency-in-progress"}
    if any(each["name"] == IF_MATCH for each in (route.openapi_extra or {}).get("parameters", ())):
        names.add("precondition-failed")
    return names


def _declared(operation: Schema) -> set[str]:
    """The problems that the route itself names; they and the framework's own 422 leave the operation."""
    found: set[str] = set()
    for status, response in list(operation["responses"].items()):
        if not status.startswith(("1", "2", "3")):
            found.update(response.pop(MARK, ()))
            if status == "422" or "content" not in response:
                del operation["responses"][status]
    return found


def _describe(operation: Schema, route: StrictRoute) -> None:
    parts = [" ".join(part.split()) for part in operation.get("description", "").split("\n\n")]
    operation["summary"] = re.split(r"(?<=[.!?])\s", parts[0])[0].rstrip(".").replace("`", "")
    if route.policy is not None:
        parts.append(who_may(route.policy))
    else:
        operation["security"] = []  # none is looked at
    if leaving := declared(route.openapi_extra):
        parts.append(f"Deprecated since {leaving.since}, gone on {leaving.sunset}. {leaving.instead}")
    operation["description"] = "\n\n".join(parts)


def who_may(policy: Policy) -> str:
    """The policy in a sentence."""
    if policy.operator_only:
        return "For operators only."
    if policy.public:
        more = f" Credentials with the scope `{policy.scope}` may see more." if policy.scope else ""
        return f"Open to anyone.{more}"
    signed_in = "Those who are signed in may call it for what is their own"
    if policy.scope is None:
        return f"{signed_in}." if policy.own else "Any valid credentials will do."
    return f"Needs the scope `{policy.scope}`." + (f" {signed_in} without it." if policy.own else "")


def _answer(operation: Schema, route: StrictRoute, method: str, names: set[str], schemas: Schema) -> None:
    responses: Schema = operation["responses"]
    refusals = {status: responses.pop(status) for status in list(responses) if status.startswith(("4", "5"))}
    if FOREIGN[0] in refusals:
        refusals = _foreign(refusals, schemas)
    leaving = ["Deprecation", "Sunset"] if declared(route.openapi_extra) else []
    limits = ["RateLimit", "RateLimit-Policy"] if "rate-limited" in names else []
    for status, response in responses.items():
        content = response.get("content", {})
        shown = schemas.get(_referred(content), {})
        if response.get("description", "") in ("", "Successful Response"):
            response["description"] = SUCCESS.get(status) or shown.get("description") or "What was asked for."
        fields = ["X-Request-ID", *limits, *leaving]
        if content and route.policy is not None and "text/event-stream" not in content:
            fields.append("ETag")
        if "next_cursor" in shown.get("properties", {}):
            fields.append("Link")
        if status in ("201", "202"):
            fields.append("Location")
        if route.writes and method == "post":
            fields.append("Idempotency-Replayed")
        response["headers"] = {
            **{name: {"$ref": f"#/components/headers/{name}"} for name in fields},
            **response.get("headers", {}),
        }
    if route.policy is not None and method == "get" and "ETag" in responses.get("200", {}).get("headers", {}):
        responses["304"] = {
            "description": "What you have, by `If-None-Match`, is still what there is.",
            "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
        }
    for status, response in problem_schemas.responses(names).items():
        refusals[status] = _besides(refusals[status], response) if status in refusals else response
    operation["responses"] = dict(sorted({**responses, **refusals}.items()))


def _foreign(refusals: Schema, schemas: Schema) -> Schema:
    """Refusals in a form that another standard rules; all that the framework made up beside them goes."""
    form = refusals[FOREIGN[0]]
    told = schemas[_referred(form["content"])]["description"]
    return {status: {**refusals[status], "description": told} for status in FOREIGN}


def _besides(own: Schema, problems: Schema) -> Schema:
    """A refusal in a form of the operation's own, which some standard asks for, beside the problems of that status."""
    reference = problems.get("$ref", "")
    media = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{reference.rpartition('/')[2]}Problem"}}}
    return {**own, "content": {**own["content"], **(media if reference else problems["content"])}}


def _referred(content: Schema) -> str:
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    return str(reference).rpartition("/")[2]


def _name_forms(schema: Schema) -> None:
    """Forms are named after what they are for, not as the framework names them; and they send no null."""
    schemas = schema["components"]["schemas"]
    for _path, _method, operation in operations(schema):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            name = str(media.get("schema", {}).get("$ref", "")).rpartition("/")[2]
            if name.startswith("Body_"):
                better = "".join(word.capitalize() for word in operation["operationId"].split("_")) + "Form"
                schemas[better] = schemas.pop(name)
                media["schema"] = {"$ref": f"#/components/schemas/{better}"}
                fields = schemas[better]["properties"]
                fields.update({field: tidying.never_null(shape) for field, shape in fields.items()})
