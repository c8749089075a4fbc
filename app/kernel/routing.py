"""How a request reaches a route: only known parameters, only JSON where JSON is read, parsed strictly."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.params import File, Form
from fastapi.routing import APIRoute

from app.kernel.caller import Policy
from app.kernel.deprecation import declared
from app.kernel.openapi import policy_extra
from app.kernel.operations import Reading, Writing
from app.kernel.problems import Fault, InvalidRequest, MalformedBody, UnsupportedMediaType
from app.kernel.strict_json import parse

JSON_TYPES = ("application/json", "application/merge-patch+json")
UPLOAD_TYPES = ("multipart/form-data",)
FORM_TYPES = ("application/x-www-form-urlencoded",)
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


_STREAMED = "__streamed__"
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def streamed(endpoint: Endpoint) -> Endpoint:
    """Marks a route that takes large files: its form goes to disk as it comes in, and is never in memory as a whole.

    A writing route says in `write.body` what stands for the body, for requests that are sent again.
    """
    setattr(endpoint, _STREAMED, True)
    return endpoint


class StrictRoute(APIRoute):
    """A route that refuses what it does not know: parameters, repeated parameters, media types, ambiguous JSON."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        # A route's own tag takes the place of its router's: a use case may live in another room than its URL.
        options["tags"] = (options.get("tags") or [])[-1:]
        super().__init__(path, endpoint, **options)
        self.policy = _declared_policy(self.dependant)
        self.writes = any(getattr(each.call, "kind", None) is Writing for each in self.dependant.dependencies)
        self.streamed = getattr(endpoint, _STREAMED, False)
        self.deprecation = declared(self.openapi_extra)
        if self.policy is not None:
            extra = policy_extra(self.policy, method=min(self.methods or {"GET"}), writes=self.writes)
            given = self.openapi_extra or {}
            parameters = [*given.get("parameters", []), *extra["parameters"]]
            self.openapi_extra = {**given, **extra, "parameters": parameters}

    async def _prepare_form(self, request: Request) -> None:
        if not self.streamed:
            await request.body()  # kept, so that it can be looked at again after the form has been parsed
        elif self.policy is not None:
            await Reading(request, self.policy).admit()  # it is large: not taken from those who may not send it

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        known = frozenset(_query_names(self.dependant))
        field = self.body_field
        reads_form = field is not None and isinstance(field.field_info, (Form, File))
        takes_files = field is not None and isinstance(field.field_info, File)
        reads_json = field is not None and not reads_form

        async def read(request: Request) -> Response:
            _check_path(request)
            if request.scope["query_string"]:
                _check_query(request, known)
            if reads_form:
                _check_media_type(request, UPLOAD_TYPES if takes_files else FORM_TYPES)
                await self._prepare_form(request)
            if reads_json:
                _check_media_type(request, JSON_TYPES)
                body = await request.body()
                if body:
                    # Where Starlette keeps a parsed body: the framework's own, laxer parser then never runs.
                    request._json = parse(body)
            return await handle(request)

        async def strictly(request: Request) -> Response:
            try:
                return await read(request)
            except (RequestValidationError, InvalidRequest, MalformedBody, UnsupportedMediaType):
                # Who may not do this at all is told so, and not what is wrong with how they ask for it.
                if self.policy is not None and not self.policy.public:
                    await Reading(request, self.policy).admit()
                raise

        return strictly


def router(tag: str) -> APIRouter:
    """A router for one room, all of whose operations carry one tag in the docs."""
    return APIRouter(
        tags=[tag], route_class=StrictRoute, redirect_slashes=False, generate_unique_id_function=_operation_id
    )


def _operation_id(route: APIRoute) -> str:
    """The function's name: what generated clients call the operation."""
    return route.name


def _declared_policy(dependant: Dependant) -> Policy | None:
    policies = [getattr(each.call, "policy", None) for each in dependant.dependencies]
    return next((policy for policy in policies if isinstance(policy, Policy)), None)


def _query_names(dependant: Dependant) -> set[str]:
    names = {field.alias for field in dependant.query_params}
    return names.union(*(_query_names(each) for each in dependant.dependencies))


def _check_path(request: Request) -> None:
    for name, value in request.path_params.items():
        if "\0" in value:
            fault = Fault("the text has a NUL character", parameter=name)
            raise InvalidRequest("The path has parameters that cannot be used.", errors=[fault])


def _check_query(request: Request, known: frozenset[str]) -> None:
    faults = []
    seen = set()
    for name, value in request.query_params.multi_items():
        shown = name.encode("utf-8", "replace").decode()[:100]
        if name not in known:
            faults.append(Fault("there is no such parameter here", parameter=shown))
        elif name in seen:
            faults.append(Fault("given more than once", parameter=shown))
        elif "\0" in value:
            faults.append(Fault("the text has a NUL character", parameter=shown))
        seen.add(name)
    if faults:
        raise InvalidRequest("The query has parameters that cannot be used.", errors=faults[:50])


def _check_media_type(request: Request, known: tuple[str, ...]) -> None:
    given = request.headers.get("content-type")
    media_type = (given or "").partition(";")[0].strip().lower()
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if media_type not in known and (given is not None or has_body):
        raise UnsupportedMediaType(f"Send the body as 'Content-Type: {known[0]}'.")
