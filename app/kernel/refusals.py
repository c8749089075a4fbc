"""The framework's own refusals, told in this API's form: RFC 9457 problems that point at the place and echo nothing."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.kernel.middleware import problem_response
from app.kernel.problems import (
    BadRequest,
    ContentTooLarge,
    Fault,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    Problem,
)
from app.kernel.strict_json import pointer

MOST_FAULTS = 50


def install(app: FastAPI) -> None:
    """Registers the handlers that turn every refusal into a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error, request.scope)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problem = InvalidRequest("Some values cannot be used.", errors=faults_of(error.errors()))
    return problem_response(problem, request.scope)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return _wrong_method(request)
    return problem_response(_as_problem(error), request.scope)


def _wrong_method(request: Request) -> Response:
    """405 with all methods that the address takes; OPTIONS, which asks for just that, gets them as 204."""
    allow = {"Allow": ", ".join(_methods_at(request))}
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=allow)
    return problem_response(MethodNotAllowed("This address does not take that method.", headers=allow), request.scope)


def _methods_at(request: Request) -> list[str]:
    found = {"OPTIONS"}
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes):
            found.add(method)
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


def _as_problem(error: HTTPException) -> Problem:
    if error.status_code == 404:
        return NotFound()
    if error.status_code == 413:
        return ContentTooLarge("The body is too large.")
    if error.status_code < 500:
        return BadRequest("The request could not be read.")
    return InternalError("Nothing was half done. The request's id finds the cause in our log.")


def faults_of(errors: Sequence[Any], *, inside: tuple[str | int, ...] = ()) -> list[Fault]:
    """Pydantic's errors as faults with places, and without the values that were given."""
    return [_fault(error, inside) for error in errors[:MOST_FAULTS]]


def faults_in(error: ValidationError) -> list[Fault]:
    """The faults of a model that was validated by hand; the pointers start at that model."""
    return faults_of(error.errors(include_input=False, include_url=False), inside=("body",))


def _fault(error: Any, inside: tuple[str | int, ...]) -> Fault:
    location = (*inside, *error["loc"])
    detail = _plain(str(error["msg"]))
    if location and location[0] in ("query", "path", "header", "cookie"):
        return Fault(detail, parameter=str(location[-1]))
    return Fault(detail, pointer=pointer(*(_printable(part) for part in location[1:])))


def _plain(message: str) -> str:
    message = message.removeprefix("Value error, ").removeprefix("value is not a valid email address: ")
    if message.startswith("Expected UploadFile"):
        message = "must be a file, with a filename"
    return message[:1].lower() + message[1:].rstrip(".")


def _printable(part: str | int) -> str | int:
    return part if isinstance(part, int) else part.encode("utf-8", "replace").decode()[:100]
