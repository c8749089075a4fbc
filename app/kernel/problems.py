"""Failures as named things: small classes beside the code that raises them, told as RFC 9457 problem details."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

MEDIA_TYPE = "application/problem+json"
Members = Mapping[str, str | int | None]


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
    example: ClassVar[Members] = {}
    """Members that its answers carry, with values as its page shows them; the document takes their types from these."""
    sometimes: ClassVar[frozenset[str]] = frozenset()
    """Those of them that may be missing."""
    points: ClassVar[bool] = False
    """Whether its answers name the places that cannot be used, as `errors`."""

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
    body, or the name of a query, path or header parameter.

    Mend those places and send it again.
    """

    status, title = 422, "The request has values that cannot be used"
    points = True


class MalformedBody(Problem):
    """The body is not JSON in UTF-8, or nests deeper than anything here needs.

    Send one JSON document, written by a JSON library rather than by hand.
    """

    status, title = 400, "The body is not well-formed JSON"
    points = True


class BadRequest(Problem):
    """The request line or its header fields are not valid HTTP for this service.

    Send it with an ordinary HTTP library, and look at what stands between you and the service: this is mostly the work
    of a hand-made client or a broken proxy.
    """

    status, title = 400, "The request is malformed"


class Unauthenticated(Problem):
    """No credentials, or none that are valid now: unknown, expired or revoked.

    Send `Authorization: Bearer …` with an API key or an access token. In a frontend: let people sign in again.
    """

    status, title = 401, "Valid credentials are needed"

    def __init__(self, detail: str = "Send a valid API key as 'Authorization: Bearer …'.") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    """The credentials are valid but do not carry the scope that this operation needs.

    `GET /v1/me` says what they may do. Ask the organiser for a key with that scope, or do not offer this to that
    person.
    """

    status, title = 403, "Not allowed with these credentials"


class NotFound(Problem):
    """There is nothing at this address, or nothing that these credentials may know of; the two look the same on
    purpose.

    Look at the id and at whose credentials these are: what belongs to another hub, or to another school for a school
    lead, does not exist for them.
    """

    status, title = 404, "Not found"

    def __init__(self, detail: str = "There is nothing here, or nothing that you may see.") -> None:
        super().__init__(detail)


class MethodNotAllowed(Problem):
    """The address exists but does not take this method.

    `Allow` names those that it takes.
    """

    status, title = 405, "This method is not allowed here"


class PreconditionFailed(Problem):
    """The thing has changed since the ETag in `If-Match` was handed out.

    Read it again, then decide again.
    """

    status, title = 412, "It has changed since you read it"


class ContentTooLarge(Problem):
    """The body is larger than this service takes; `max_bytes` says how much that is.

    Send less at a time: a batch can be cut in two, a file in parts.
    """

    status, title = 413, "The body is too large"
    example: ClassVar[Members] = {"max_bytes": 2_000_000}
    sometimes = frozenset({"max_bytes"})


class HeadersTooLarge(Problem):
    """The request has more header fields than anything here needs, or longer ones; a very long address counts too.

    Send less in the header: a filter with many values can be asked for in parts.
    """

    status, title = 431, "The header fields are too large"


class UnsupportedMediaType(Problem):
    """The body is of a kind that this operation does not read.

    Send `Content-Type: application/json`, or for a file a form (`multipart/form-data`).
    """

    status, title = 415, "This media type is not supported here"


class InternalError(Problem):
    """Something went wrong on our side. Nothing was half done.

    Send it again later, with the same Idempotency-Key. If it stays, tell the operator the `request_id`: it finds the
    cause in the service's log.
    """

    status, title = 500, "Something went wrong on our side"


class Unavailable(Problem):
    """The service cannot take this just now: too much is waiting, or a lock was not to be had in time. Nothing was
    done.

    Wait as long as `Retry-After` says and send it again, with the same Idempotency-Key.
    """

    status, title = 503, "Not available just now"

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})
