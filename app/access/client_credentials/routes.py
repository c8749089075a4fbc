"""The token endpoint (RFC 6749, section 4.4), its refusals included (section 5.2)."""

import base64
import binascii
import json
from typing import Annotated, Literal
from urllib.parse import unquote_plus

from fastapi import Form, Header, Response

from app.access.client_credentials import commands
from app.access.client_credentials.commands import InvalidScope
from app.access.client_credentials.schemas import AccessTokenOut, OAuthErrorOut
from app.kernel.caller import digest_of
from app.kernel.openapi import answers
from app.kernel.operations import Writing, writes
from app.kernel.problems import Problem, Unauthenticated
from app.kernel.rendering import Rendered
from app.kernel.routing import router

routes = router("Access")
PATH = "/oauth/token"


@routes.post(PATH, **answers(AccessTokenOut, refusals=OAuthErrorOut))
async def get_access_token(
    write: Annotated[Writing, writes(public=True, own_credentials=True)],
    grant_type: Annotated[Literal["client_credentials"], Form()],
    scope: Annotated[
        str, Form(max_length=2_000, description="Scopes of OneRoster 1.2, separated by spaces; all there are, if none.")
    ] = "",
    client_id: Annotated[str, Form(max_length=200, description="The key's id, where no Basic header has it.")] = "",
    client_secret: Annotated[str, Form(max_length=200, description="The key itself.")] = "",
    authorization: Annotated[
        str,
        Header(max_length=2_000, description="`Basic`, of the key's id and the key itself.", include_in_schema=False),
    ] = "",
) -> Response:
    """Buy an access token with an API key, as OAuth 2 has it: for clients of OneRoster that expect to.

    The key's id, or its prefix, is the client's id; the key itself is its secret. The token lasts an hour, and no
    longer than its key. Everywhere else in this API the key is sent as it is.
    """
    shown = _basic(authorization) or (client_id, client_secret)
    if digest_of(shown[1]) in write.state.nobodys_credentials:
        raise Unauthenticated
    return await write(commands.buy, to=AccessTokenOut, client_id=shown[0], client_secret=shown[1], scope=scope)


def _basic(authorization: str) -> tuple[str, str] | None:
    """Client id and secret from a header: form-encoded first, then joined and in base64 (RFC 6749, section 2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Unauthenticated from None
    return unquote_plus(name), unquote_plus(secret)


_ERRORS = {401: "invalid_client", 429: "temporarily_unavailable", 503: "temporarily_unavailable", 500: "server_error"}


def oauth_error(problem: Problem, *, instance: str, request_id: str) -> Rendered:
    """A refusal in the form of RFC 6749, section 5.2."""
    error = "invalid_scope" if isinstance(problem, InvalidScope) else _ERRORS.get(problem.status, "invalid_request")
    if any(fault.pointer == "/grant_type" for fault in problem.errors):
        error = "unsupported_grant_type"
    status = 400 if problem.status == 422 else problem.status
    headers = {
        **problem.headers,
        **({"WWW-Authenticate": "Basic"} if status == 401 else {}),
        "Cache-Control": "no-store",
    }
    body = json.dumps({"error": error, "error_description": problem.detail}, ensure_ascii=False).encode()
    return Rendered(status, body, tuple(headers.items()))
