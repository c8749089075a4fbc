"""Signing in to other systems: what each request carries to say who asks."""

import base64
import json
from typing import Protocol
from urllib.parse import quote_plus, urlencode

from oauthlib import oauth1

from app.mis.fetching.details import ClientCredentials, Credentials, SignedRequests, Token, Version
from app.mis.fetching.failing import NotSignedInError, NotUsableError
from app.mis.fetching.sending import Sender

_SCOPES = {
    Version.V1_1: ("https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly",),
    Version.V1_2: (
        "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly",
        "https://purl.imsglobal.org/spec/or/v1p2/scope/roster.readonly",
    ),
}
"""What is asked for when nobody says otherwise. Demographics are never asked for."""
_STEP = "the access token"
_MOST_BYTES = 100_000
_LONGEST_TOKEN = 20_000


class SignIn(Protocol):
    """A way of signing in."""

    async def headers(self, url: str) -> dict[str, str]:
        """What a GET of `url` carries. Raises `FetchError`."""

    def refused(self) -> bool:
        """What was carried last was refused. Whether it is worth trying once more."""


class _Bearer:
    """The same token each time."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def headers(self, _url: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def refused(self) -> bool:
        return False


class _Signing:
    """A new signature each time (RFC 5849)."""

    def __init__(self, credentials: SignedRequests) -> None:
        self._client = oauth1.Client(
            credentials.consumer_key,
            client_secret=credentials.consumer_secret,
            signature_method=str(credentials.method),
        )

    async def headers(self, url: str) -> dict[str, str]:
        try:
            _, headers, _ = self._client.sign(url)
        except ValueError:
            raise NotUsableError("the next page", "its address cannot be signed.") from None
        return {name: str(value) for name, value in headers.items()}

    def refused(self) -> bool:
        return False


class _Exchanging:
    """A token from the token endpoint, and a new one when it has died."""

    def __init__(self, credentials: ClientCredentials, version: Version, sender: Sender) -> None:
        self._credentials = credentials
        self._scopes = _SCOPES[version] if credentials.scopes is None else credentials.scopes
        self._sender = sender
        self._token: str | None = None

    async def headers(self, _url: str) -> dict[str, str]:
        if self._token is None:
            self._token = await self._exchanged()
        return {"Authorization": f"Bearer {self._token}"}

    def refused(self) -> bool:
        self._token = None
        return True

    async def _exchanged(self) -> str:
        """A new token (RFC 6749, section 4.4), by Basic authentication of the client (section 2.3.1)."""
        known = self._credentials
        pair = f"{quote_plus(known.client_id)}:{quote_plus(known.client_secret)}"
        form = {"grant_type": "client_credentials", **({"scope": " ".join(self._scopes)} if self._scopes else {})}
        answer = await self._sender.send(
            "POST",
            known.token_url,
            step=_STEP,
            headers={
                "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
            content=urlencode(form).encode(),
            max_bytes=_MOST_BYTES,
        )
        if answer.status in (400, 401):
            # RFC 6749 has 400 for most of what is wrong with the client, and 401 for the rest.
            raise NotSignedInError(_STEP, "the system did not accept the client id and secret. Enter them again.")
        return _token_in(self._sender.good(answer, step=_STEP).body)


def _token_in(body: bytes) -> str:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    token = document.get("access_token") if isinstance(document, dict) else None
    usable = isinstance(token, str) and 0 < len(token) <= _LONGEST_TOKEN and token.isascii() and token.isprintable()
    if not usable:
        raise NotUsableError(_STEP, "what came back holds no token. Check the token address.")
    return str(token)


def sign_in(credentials: Credentials, version: Version, sender: Sender) -> SignIn:
    """The way that these credentials ask for."""
    match credentials:
        case ClientCredentials():
            return _Exchanging(credentials, version, sender)
        case SignedRequests():
            return _Signing(credentials)
        case Token(token=token):
            return _Bearer(token)
