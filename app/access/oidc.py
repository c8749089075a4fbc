"""Who somebody is by the word of an OpenID Connect issuer: its ID tokens, verified.

One issuer is configured for a deployment. A token proves who signed in there; whom that is here is decided by the
subject that was linked before, never by an e-mail address alone.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from app.access.issuer_keys import ALGORITHMS, IssuerKeys
from app.kernel.clock import Clock
from app.kernel.outgoing import Outgoing
from app.kernel.problems import Unauthenticated

LEEWAY = timedelta(seconds=60)
"""By how much the issuer's clock and this one may differ."""
LONGEST_TOKEN = 16_384
_LONGEST_SUBJECT = 255
_LONGEST_EMAIL = 254
_LONGEST_NAME = 200
_LONGEST_KEY_ID = 256
_LAST_INSTANT = 253_402_300_799
"""The end of the year 9999, in seconds."""
_REQUIRED = ["iss", "sub", "aud", "exp", "iat"]


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who signed in at the issuer. `issuer` and `subject` together say who; the rest is what it tells."""

    issuer: str
    subject: str
    email: str | None = field(repr=False)
    email_verified: bool
    """True only when the issuer says so itself; one that leaves it out has not."""
    name: str | None = field(repr=False)
    expires_at: datetime
    digest: bytes = field(repr=False)
    """Of all that is signed, so that the same token is known again. The signature is left out of it: the same one can
    be written in more than one way."""


class IdentityProvider:
    """Verifies the ID tokens of one issuer that are meant for this service."""

    def __init__(self, *, issuer: str, client_id: str, outgoing: Outgoing, clock: Clock) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._clock = clock
        self._keys = IssuerKeys(issuer=issuer, outgoing=outgoing, clock=clock)

    async def verify(self, id_token: str) -> Identity:
        """Whom the token is about.

        Raises `Unauthenticated` for every token that is not good now, without saying why, and `Unavailable` when the
        issuer's keys cannot be had.
        """
        kid, algorithm = _named(id_token)
        key = await self._keys.find(kid, algorithm)
        if key is None:
            raise _no_good()
        claims = self._signed(id_token, key, algorithm)
        expires_at = self._in_time(claims)
        self._meant_for_us(claims)
        subject = _text(claims, "sub", _LONGEST_SUBJECT)
        if subject is None or not subject.isascii():
            raise _no_good()
        return Identity(
            issuer=self._issuer,
            subject=subject,
            email=_text(claims, "email", _LONGEST_EMAIL),
            email_verified=claims.get("email_verified") is True,
            name=_text(claims, "name", _LONGEST_NAME),
            expires_at=expires_at,
            digest=hashlib.sha256(id_token.rpartition(".")[0].encode()).digest(),
        )

    def _signed(self, id_token: str, key: jwt.PyJWK, algorithm: str) -> Mapping[str, Any]:
        """The claims of a token that the issuer signed. Times are left to this service's own clock."""
        try:
            return jwt.decode(
                id_token,
                key,
                algorithms=[algorithm],
                issuer=self._issuer,
                audience=self._client_id,
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except jwt.PyJWTError:
            raise _no_good() from None

    def _in_time(self, claims: Mapping[str, Any]) -> datetime:
        now = self._clock()
        expires_at, issued_at = _instant(claims["exp"]), _instant(claims["iat"])
        begins_at = _instant(claims.get("nbf", claims["iat"]))
        if expires_at + LEEWAY <= now or max(issued_at, begins_at) > now + LEEWAY:
            raise _no_good()
        return expires_at

    def _meant_for_us(self, claims: Mapping[str, Any]) -> None:
        """A token for several audiences must have been asked for by this one, and no other client may show its own."""
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self._client_id) != self._client_id:
            raise _no_good()


def _no_good() -> Unauthenticated:
    return Unauthenticated("Send an ID token of this service's issuer that is valid now.")


def _named(id_token: str) -> tuple[str | None, str]:
    """The key and the algorithm that a token names: what to look for, not yet what to believe.

    Keys that come with the token (`jwk`, `jku`, `x5c`, `x5u`) are never read.
    """
    if len(id_token) > LONGEST_TOKEN or not id_token.isascii() or id_token.count(".") != 2:
        raise _no_good()
    try:
        header = jwt.get_unverified_header(id_token)
    except jwt.PyJWTError:
        raise _no_good() from None
    kid, algorithm, kind = header.get("kid"), header.get("alg"), header.get("typ", "JWT")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise _no_good()
    if not isinstance(kind, str) or kind.upper() != "JWT" or "crit" in header:
        raise _no_good()
    if kid is not None and len(kid) > _LONGEST_KEY_ID:
        raise _no_good()
    return kid, algorithm


def _instant(claim: object) -> datetime:
    """A NumericDate. What is no number, no finite one or beyond all calendars is no time."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        raise _no_good()
    if not 0 <= claim < _LAST_INSTANT - LEEWAY.total_seconds():
        raise _no_good()
    return datetime.fromtimestamp(claim, UTC)


def _text(claims: Mapping[str, Any], name: str, longest: int) -> str | None:
    """A claim that is text of a bearable length, without control characters; anything else is as if it were missing."""
    value = claims.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= longest and value.isprintable() else None
