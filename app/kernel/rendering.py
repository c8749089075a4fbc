"""An answer as bytes, made inside the transaction that it tells of, so that it can be kept with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pydantic import BaseModel
from starlette.responses import Response

from app.kernel.conditional import etag_of
from app.kernel.problems import MEDIA_TYPE, Problem

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A complete answer, ready to send or to keep."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str | None = JSON

    def with_headers(self, *more: tuple[str, str]) -> "Rendered":
        return replace(self, headers=(*self.headers, *more))

    def response(self) -> Response:
        response = Response(self.body, self.status, media_type=self.media_type)
        for name, value in self.headers:
            response.headers[name] = value
        return response


Render = Callable[[Any], Rendered]


def render_item(model: type[BaseModel], *, status: int = 200, location: str | None = None) -> Render:
    """Renders a command's or query's result as `model`, with its ETag and, where given, its `Location`.

    `location` is a path with the result's fields in braces, as `/v1/events/{id}`.
    """

    def render(result: Any) -> Rendered:
        shown = result if isinstance(result, model) else model.model_validate(result, from_attributes=True)
        body = shown.model_dump_json().encode()
        headers: list[tuple[str, str]] = [("ETag", etag_of(body))]
        if location is not None:
            headers.append(("Location", location.format_map(_Fields(shown))))
        return Rendered(status, body, tuple(headers))

    return render


class _Fields(dict[str, Any]):
    def __init__(self, shown: BaseModel) -> None:
        super().__init__()
        self._shown = shown

    def __missing__(self, name: str) -> Any:
        return getattr(self._shown, name)


def render_nothing(_result: Any) -> Rendered:
    """204, for what leaves nothing to show."""
    return Rendered(204, b"", media_type=None)


class Dialect(Protocol):
    """How refusals are told under addresses whose form another specification fixes."""

    def __call__(self, problem: Problem, *, instance: str, request_id: str) -> Rendered: ...


Dialects = Mapping[str, Dialect]
"""By the beginning of their addresses."""


def dialect_at(path: str, dialects: Dialects) -> Dialect:
    """How a refusal is told at an address: in this API's own form unless another is fixed there."""
    return next((dialects[prefix] for prefix in dialects if path.startswith(prefix)), render_problem)


def render_problem(problem: Problem, *, instance: str, request_id: str) -> Rendered:
    headers: Mapping[str, str] = problem.headers
    body = problem.encoded(instance=instance, request_id=request_id)
    return Rendered(problem.status, body, tuple(headers.items()), MEDIA_TYPE)
