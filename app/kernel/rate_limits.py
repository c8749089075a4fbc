"""How much one client may ask for: a quota for each credential, for each address without one, and for signing in.

Each process counts for itself: with several, a client may use up to so many times the quota. Counting in the database
would cost every request more than most of them cost now, and what is kept from harm is a process.

The counting is our own (the generic cell rate algorithm: one number a key) and not the `limits` library's. That takes
8 µs to count a request and tell what is left of its quota, this takes one; and it keeps each key for a minute however
many there are, 0.3 kB each, where this keeps a bounded number.
"""

import math
import re
import time
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Network, ip_address

from starlette.types import Scope

from app.kernel.caller import Digest, Policy, credential_in
from app.kernel.problems import Problem, Unauthenticated
from app.kernel.settings import Settings

WINDOW_SECONDS = 60
KNOWN_SECONDS = 600.0
"""For so long after its last use, a credential that was accepted is told from one that was made up."""
MOST_KEYS = 50_000
"""Twice as many are kept at most. Beyond them the ones not seen for longest start anew: whoever commands so many
addresses is not held by a limit for each."""
UNLIMITED = "/health/"
_SIGNING_IN = re.compile(r"/v1/(?:hubs/[^/]+/sign-in-links|sessions)|/oauth/token")

HeaderFields = list[tuple[bytes, bytes]]


class RateLimited(Problem):
    """Too many requests in too short a time, by one credential, from one address without credentials (invalid ones
    count as none), or to sign in. Nothing was done.

    Wait as long as `Retry-After` says; `RateLimit` tells with each answer what is left, and `RateLimit-Policy` how much
    there is in how many seconds.
    """

    status, title = 429, "Too many requests"


class Buckets:
    """A quota for each of many keys. It may be used up at once; then it comes back evenly, over a minute."""

    def __init__(self, name: str, quota: int, *, kept_seconds: float = WINDOW_SECONDS) -> None:
        self.quota = quota
        self.name = name
        self.policy = f'"{name}";q={quota};w={WINDOW_SECONDS}'
        self._interval = WINDOW_SECONDS / quota if quota else 0.0
        self._kept_seconds = kept_seconds
        # When each key's bucket is full again. What is older than its bucket needs to fill can be forgotten, so there
        # are two generations: the older one is dropped as a whole.
        self._recent: dict[str | bytes, float] = {}
        self._older: dict[str | bytes, float] = {}
        self._turned_at = 0.0

    def knows(self, key: str | bytes) -> bool:
        """Whether the key was seen lately."""
        return key in self._recent or key in self._older

    def take(self, key: str | bytes, now: float) -> float:
        """Takes one from the key's quota and answers with 0; when none is left, with the seconds until there is."""
        full_at = max(self._full_at(key), now) + self._interval
        wait = full_at - now - WINDOW_SECONDS
        if wait > 1e-6:
            return wait
        self._recent[key] = full_at
        if len(self._recent) >= MOST_KEYS or now - self._turned_at > self._kept_seconds:
            self._older, self._recent, self._turned_at = self._recent, {}, now
        return 0.0

    def give_back(self, key: str | bytes) -> None:
        """Undoes a `take`."""
        self._recent[key] = self._full_at(key) - self._interval

    def forget(self, key: str | bytes) -> None:
        """As if the key had never been seen."""
        self._recent.pop(key, None)
        self._older.pop(key, None)

    def forget_all(self) -> None:
        """As if no key had ever been seen."""
        self._recent, self._older = {}, {}

    def left(self, key: str | bytes, now: float) -> str:
        """What is left of the key's quota, and in how many seconds all of it is back, as a `RateLimit` field."""
        lacking = max(self._full_at(key) - now, 0.0)
        left = int((WINDOW_SECONDS - lacking) / self._interval + 1e-6)
        return f'"{self.name}";r={left};t={math.ceil(lacking)}'

    def _full_at(self, key: str | bytes) -> float:
        found = self._recent.get(key)
        return found if found is not None else self._older.get(key, 0.0)


class RateLimits:
    """The quotas of this process, and who has used how much of them.

    A credential has a quota of its own once it was accepted by an operation that needs one. Until then, and when it is
    refused, its requests count as its address's: so one cannot have a new quota by making up a new credential, nor fill
    the memory with them.
    """

    def __init__(self, settings: Settings) -> None:
        self.credentials = Buckets("credential", settings.rate_limit_credential, kept_seconds=KNOWN_SECONDS)
        self.addresses = Buckets("address", settings.rate_limit_anonymous)
        self.sign_ins = Buckets("sign-in", settings.rate_limit_sign_in)
        self._idle = not (self.credentials.quota or self.addresses.quota or self.sign_ins.quota)

    def forget(self) -> None:
        """As if nobody had asked for anything yet."""
        for buckets in (self.credentials, self.addresses, self.sign_ins):
            buckets.forget_all()

    def admit(self, scope: Scope, headers: Mapping[bytes, bytes]) -> "Admission | None":
        """Counts a request. Raises `RateLimited`; answers with None where nothing is counted."""
        if self._idle or scope["path"].startswith(UNLIMITED):
            return None
        now = time.monotonic()
        address = client_network(scope)
        credential = _credential(headers)
        known = credential is not None and self.credentials.knows(credential)
        signing_in = scope["method"] == "POST" and _SIGNING_IN.fullmatch(scope["path"]) is not None
        taken: list[tuple[Buckets, str | bytes]] = []
        if signing_in:
            taken.append(_take(self.sign_ins, address, now))
        if known and credential is not None:
            taken.append(_take(self.credentials, credential, now))
        else:
            taken.append(_take(self.addresses, address, now))
        return Admission(self, taken, address, credential, known)


class Admission:
    """One request that was let in, until its answer shows whose quota it counts against."""

    __slots__ = ("_address", "_credential", "_known", "_limits", "_taken")

    def __init__(
        self,
        limits: RateLimits,
        taken: list[tuple[Buckets, str | bytes]],
        address: str,
        credential: Digest | None,
        known: bool,
    ) -> None:
        self._limits = limits
        self._taken = taken
        self._address = address
        self._credential = credential
        self._known = known

    def settle(self, status: int, policy: Policy | None) -> HeaderFields:
        """Counts the request where its answer says that it belongs, and tells what is left."""
        now = time.monotonic()
        if self._credential is not None:
            if self._known and status == 401:
                self._limits.credentials.forget(self._credential)
                self._limits.addresses.take(self._address, now)
            elif not self._known and _accepted(status, policy):
                self._limits.credentials.take(self._credential, now)
                self._limits.addresses.give_back(self._address)
                self._taken[-1] = (self._limits.credentials, self._credential)
        return _fields(self._taken, now)


def _take(buckets: Buckets, key: str | bytes, now: float) -> tuple[Buckets, str | bytes]:
    if wait := buckets.take(key, now):
        seconds = math.ceil(wait)
        told = {name.decode(): value.decode() for name, value in _fields([(buckets, key)], now)}
        raise RateLimited(
            f"More than {buckets.quota} requests in {WINDOW_SECONDS} seconds. Wait {seconds} s.",
            headers={"Retry-After": str(seconds), **told},
        )
    return buckets, key


def _fields(taken: list[tuple[Buckets, str | bytes]], now: float) -> HeaderFields:
    limited = [(buckets, key) for buckets, key in taken if buckets.quota]
    if not limited:
        return []
    return [
        (b"ratelimit-policy", ", ".join([buckets.policy for buckets, _ in limited]).encode()),
        (b"ratelimit", ", ".join([buckets.left(key, now) for buckets, key in limited]).encode()),
    ]


def _accepted(status: int, policy: Policy | None) -> bool:
    """Whether this answer proves that the credential is valid: only who has one gets so far."""
    return policy is not None and not policy.public and (status < 400 or status == 403)


def _credential(headers: Mapping[bytes, bytes]) -> Digest | None:
    """As an operation sees it, so that one credential is one however its header is written."""
    given = headers.get(b"authorization")
    try:
        return credential_in(given.decode("latin-1")) if given is not None else None
    except Unauthenticated:
        return None


def client_network(scope: Scope) -> str:
    """Who is counted as one without credentials: an IPv4 address, or the /64 that an IPv6 client has to itself."""
    client = scope.get("client")
    return _network(client[0]) if client else "unknown"


@lru_cache(maxsize=4_096)
def _network(host: str) -> str:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, 64), strict=False))
