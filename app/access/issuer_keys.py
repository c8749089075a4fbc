"""The keys with which an OpenID Connect issuer signs, as it publishes them: fetched when needed, kept for an hour."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
import structlog

from app.kernel.clock import Clock
from app.kernel.outgoing import Outgoing, OutgoingError
from app.kernel.problems import Problem, Unavailable
from app.kernel.strict_json import parse

ALGORITHMS = {
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
}
"""The algorithms that are taken, each with the kind of key and the curve that it needs. All are asymmetric."""
LIFETIME = timedelta(hours=1)
BETWEEN_FETCHES = timedelta(seconds=30)
"""However many tokens name keys that nobody knows, the issuer is not asked more often."""
AFTER_FAILURE = timedelta(seconds=5)
_MOST_BYTES = 200_000
_MOST_KEYS = 100
_LONGEST_MEMBER = 1_400
"""An RSA modulus of 8,192 bits, in base64."""
_FEWEST_RSA_BITS = 2_048
_PUBLIC_MEMBERS = ("kty", "crv", "n", "e", "x", "y")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Key:
    """One published key, for one algorithm that it fits."""

    kid: str | None
    algorithm: str
    key: jwt.PyJWK


@dataclass(frozen=True, slots=True)
class _Published:
    """What the issuer said, and when."""

    keys: tuple[_Key, ...]
    at: datetime

    def find(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        """The one key that fits; None when there is none, or more than one."""
        found = [each for each in self.keys if each.algorithm == algorithm and kid in (None, each.kid)]
        return found[0].key if len(found) == 1 else None


class _Unusable(Exception):
    """What the issuer said cannot be used; the message says which part of it."""


class IssuerKeys:
    """The present keys of one issuer. Those who ask at the same time share one fetch."""

    def __init__(self, *, issuer: str, outgoing: Outgoing, clock: Clock) -> None:
        self._issuer = issuer
        self._outgoing = outgoing
        self._clock = clock
        self._published: _Published | None = None
        self._failed_at: datetime | None = None
        self._fetching = asyncio.Lock()

    async def find(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        """The key that a token names, or the only one that fits when it names none; None when there is none.

        Raises `Unavailable` when the issuer cannot be asked and what is known of its keys does not do.
        """
        known = self._published
        if known is None or not self._within(LIFETIME, known.at):
            known = await self._renewed(known)
        found = known.find(kid, algorithm)
        if found is None and kid is not None and not self._within(BETWEEN_FETCHES, known.at):
            found = (await self._renewed(known)).find(kid, algorithm)
        return found

    async def _renewed(self, seen: _Published | None) -> _Published:
        async with self._fetching:
            if self._published is not None and self._published is not seen:
                return self._published
            if self._within(AFTER_FAILURE, self._failed_at):
                raise _unreachable()
            try:
                self._published = _Published(await self._fetch(), self._clock())
            except (OutgoingError, _Unusable) as error:
                self._failed_at = self._clock()
                _log.warning("issuer_unusable", reason=str(error))
                raise _unreachable() from None
            return self._published

    def _within(self, span: timedelta, since: datetime | None) -> bool:
        """Whether less than that has passed; a clock that went back tells nothing."""
        return since is not None and timedelta() <= self._clock() - since < span

    async def _fetch(self) -> tuple[_Key, ...]:
        described = await self._document(self._issuer.removesuffix("/") + "/.well-known/openid-configuration")
        if described.get("issuer") != self._issuer:
            raise _Unusable("its configuration names another issuer")
        where = described.get("jwks_uri")
        if not isinstance(where, str):
            raise _Unusable("its configuration names no keys")
        published = (await self._document(where)).get("keys")
        if not isinstance(published, list):
            raise _Unusable("its keys are not a JSON Web Key Set")
        return tuple(each for one in published[:_MOST_KEYS] for each in _read(one))

    async def _document(self, url: str) -> dict[str, Any]:
        answer = await self._outgoing.request(
            "GET", url, headers={"Accept": "application/json"}, max_bytes=_MOST_BYTES, seconds=5
        )
        if answer.status != 200:
            raise _Unusable(f"it answered {answer.status}")
        try:
            document = parse(answer.body)
        except Problem:
            raise _Unusable("its answer is not JSON") from None
        if not isinstance(document, dict):
            raise _Unusable("its answer is not a JSON object")
        return document


def _unreachable() -> Unavailable:
    return Unavailable(
        "The issuer of these sign-ins cannot be reached just now.", retry_after=int(AFTER_FAILURE.total_seconds())
    )


def _read(published: object) -> Iterator[_Key]:
    """A published key for each algorithm that it fits; nothing when it is not for signatures, or not usable."""
    if not isinstance(published, dict) or published.get("use", "sig") != "sig":
        return
    operations = published.get("key_ops", ["verify"])
    kid = published.get("kid")
    if not isinstance(operations, list) or "verify" not in operations or not isinstance(kid, str | None):
        return
    public = {name: published[name] for name in _PUBLIC_MEMBERS if name in published}
    if not all(isinstance(value, str) and len(value) <= _LONGEST_MEMBER for value in public.values()):
        return
    for algorithm, (kind, curve) in ALGORITHMS.items():
        if public.get("kty") != kind or curve not in (None, public.get("crv")):
            continue
        if published.get("alg", algorithm) != algorithm:
            continue
        try:
            key = jwt.PyJWK(public, algorithm)
        except (jwt.PyJWTError, ValueError, KeyError):
            continue
        if kind != "RSA" or key.key.key_size >= _FEWEST_RSA_BITS:
            yield _Key(kid, algorithm, key)
