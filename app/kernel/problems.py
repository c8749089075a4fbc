"""Failures as named things: small classes beside the code that raises them, told as RFC 9457 problem details."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: where (a JSON pointer into the body, or a parameter's name) and what."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None

    def as_member(self) -> dict[str, str]:
        where = {"parameter": self.parameter} if self.parameter is not None else {"pointer": self.pointer or ""}
        return {**where, "detail": self.detail}


class Problem(Exception):
    """A refusal with a name. Subclasses give it a status, a title and, in their docstring, cause and cure.

    Extra keyword arguments become members of the answer's body.
    """

    status: ClassVar[int]
    title: ClassVar[str]
    slug: ClassVar[str]
    known: ClassVar[dict[str, type["Problem"]]] = {}
    example: ClassVar[Mapping[str, str | int | None]] = {}
    """Members that its answers carry, as its page shows them."""

    def __init_subclass__(cls) -> None:
        cls.slug = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()
        Problem.known[cls.slug] = cls

    def __init__(
        self,
        detail: str,
        *,
        errors: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **members: str | int | None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.members = members

    def body(self, *, instance: str, request_id: str) -> dict[str, object]:
        return {
            "type": f"/problems/{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "request_id": request_id,
            **({"errors": [fault.as_member() for fault in self.errors]} if self.errors else {}),
            **self.members,
        }

    def encoded(self, *, instance: str, request_id: str) -> bytes:
        return json.dumps(self.body(instance=instance, request_id=request_id), ensure_ascii=False).encode(
            "utf-8", "backslashreplace"
        )


class InvalidRequest(Problem):
    """The request is understood but something in it cannot be used. `errors` names each place: a JSON pointer into the
    body, or the name of a query, path or header parameter. Mend those places and send it again."""

    status, title = 422, "The request has values that cannot be used"


class MalformedBody(Problem):
    """The body is not JSON in UTF-8, or nests deeper than anything here needs. Send one JSON document."""

    status, title = 400, "The body is not well-formed JSON"


class BadRequest(Problem):
    """The request line or its headers are not valid HTTP for this service."""

    status, title = 400, "The request is malformed"


class Unauthenticated(Problem):
    """No credentials, or none that are valid now: unknown, expired or revoked. Send `Authorization: Bearer …`."""

    status, title = 401, "Valid credentials are needed"

    def __init__(self, detail: str = "Send a valid API key as 'Authorization: Bearer …'.") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    """The credentials are valid but do not carry the scope that this operation needs."""

    status, title = 403, "Not allowed with these credentials"


class NotFound(Problem):
    """There is nothing at this address, or nothing that these credentials may know of."""

    status, title = 404, "Not found"

    def __init__(self, detail: str = "There is nothing here, or nothing that you may see.") -> None:
        super().__init__(detail)


class MethodNotAllowed(Problem):
    """The address exists but does not take this method; `Allow` names those that it takes."""

    status, title = 405, "This method is not allowed here"


class PreconditionFailed(Problem):
    """The thing has changed since the ETag in `If-Match` was handed out. Read it again, then decide again."""

    status, title = 412, "It has changed since you read it"


class ContentTooLarge(Problem):
    """The body is larger than this service takes."""

    status, title = 413, "The body is too large"


class HeadersTooLarge(Problem):
    """The request has more header fields than anything here needs, or longer ones; a very long address counts too."""

    status, title = 431, "The header fields are too large"


class UnsupportedMediaType(Problem):
    """The body is of a kind that this operation does not read. Send `Content-Type: application/json`."""

    status, title = 415, "This media type is not supported here"


class InternalError(Problem):
    """Something went wrong on our side. Nothing was half done. `request_id` finds the cause in the service's log."""

    status, title = 500, "Something went wrong on our side"


class Unavailable(Problem):
    """The service cannot take this just now: too much is waiting, or a lock was not to be had in time. Nothing was
    done. Wait as long as `Retry-After` says and send it again, with the same Idempotency-Key."""

    status, title = 503, "Not available just now"

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})
