"""What routes declare of their operations beyond types: problems, policy, the headers they honour, their going.

`app.kernel.document` makes the OpenAPI document of it.
"""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, Field, create_model

from app.kernel.caller import Policy
from app.kernel.deprecation import Deprecation
from app.kernel.problem_schemas import MARK
from app.kernel.problems import Problem

BEARER = "bearer"
FOREIGN = ("4XX", "5XX")
"""The statuses of refusals in another form than this API's."""


_pages: dict[type[BaseModel], type[BaseModel]] = {}


def page_of(model: type[BaseModel]) -> type[BaseModel]:
    """The body of a list of `model`, in the document."""
    if model not in _pages:
        fields: dict[str, Any] = {
            "items": (list[model], ...),  # type: ignore[valid-type]  # made at run time
            "next_cursor": (str | None, Field(description="Send it as `cursor` for the next page; null on the last.")),
        }
        name = f"{model.__name__.removesuffix('Out')}Page"
        _pages[model] = create_model(name, __doc__="One page of a list.", **fields)
    return _pages[model]


def answers(
    model: type[BaseModel] | None,
    *problems: type[Problem],
    many: bool = False,
    status: int = 200,
    conditional: bool = False,
    deprecation: Deprecation | None = None,
    refusals: type[BaseModel] | None = None,
) -> dict[str, Any]:
    """What a route answers, as keyword arguments of its decorator.

    `many` is a page of `model`; `conditional` says that `If-Match` is honoured; `deprecation` that it will go;
    `refusals` is the form of its errors where another standard than RFC 9457 rules.
    """
    shown = page_of(model) if model and many else model
    extra = deprecation.shown() if deprecation else {}
    return {
        "status_code": status if model else 204,
        "response_model": shown,
        "responses": {**described(problems), **_foreign(refusals)},
        "openapi_extra": {"parameters": [_IF_MATCH], **extra} if conditional else extra,
    }


def described(problems: Iterable[type[Problem]]) -> dict[int | str, dict[str, Any]]:
    """Problems as a route's responses. Those that any operation may meet need not be named."""
    by_status: dict[int | str, list[str]] = {}
    for problem in problems:
        by_status.setdefault(problem.status, []).append(problem.slug)
    return {status: {"description": "", MARK: names} for status, names in by_status.items()}


def _foreign(form: type[BaseModel] | None) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": form, "description": ""} for status in FOREIGN} if form else {}


def policy_extra(policy: Policy, *, method: str, writes: bool) -> dict[str, Any]:
    """What the document says of an operation's policy and of the headers that its method brings."""
    required: list[dict[str, list[str]]] = [{BEARER: []}]
    extra: dict[str, Any] = {"security": [{}, *required] if policy.public else required}
    if policy.own_credentials:
        extra["security"] = []
    if policy.operator_only:
        extra["x-operator-only"] = True
    elif policy.scope:
        extra["x-scope"] = policy.scope
    if policy.own:
        extra["x-own"] = True
    extra["parameters"] = [_IF_NONE_MATCH] if method == "GET" else []
    if method == "POST" and writes:
        extra["parameters"] = [_IDEMPOTENCY_KEY]
    return extra


def _header(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "schema": {"type": "string", **schema},
        "description": description,
    }


IF_MATCH = "If-Match"
_IF_MATCH = _header(IF_MATCH, "Only if its ETag is still this one; else 412.")
_IF_NONE_MATCH = _header("If-None-Match", "304 when the ETag is still this one.")
_IDEMPOTENCY_KEY = _header(
    "Idempotency-Key",
    "Send the same key to retry safely: the first answer comes again, for a day.",
    pattern="^[!-~]{1,255}$",
)
