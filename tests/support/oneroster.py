"""A OneRoster server on loopback, with the manners of those in the wild; and what it tells of two schools."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from oauthlib import oauth1

from tests.support.listener import Call, Listener, answer, listening

CLIENT_ID, CLIENT_SECRET = "the-hub's client", "s3cret/of+the=client"
KEY, KEY_SECRET = "the-hubs-key", "secret-of-the-key"
STAFF, PUPILS, PARENTS = 230, 120, 40
SCHOOLS = (("org-1", "Larkspur Primary School", "990001"), ("org-2", "Fernhill Primary School", "202/2902"))
_GIVEN = ("Siân", "Ada", "Tomos", "Priya", "Zoë", "Kwame", "Mirela")
_FAMILY = ("Llŷr", "O'Brien", "Nwosu", "Kaur", "Ashdown", "Petrescu", "Vale", "Hollis")
Row = dict[str, Any]
Failing = Callable[[Call], tuple[str, bytes, dict[str, str]] | None]
"""What goes wrong with a request: the status line, the body and headers; None when nothing does."""


def orgs() -> list[Row]:
    """A trust and its schools."""
    trust: Row = {"sourcedId": "org-0", "status": "active", "name": "Two Schools Trust", "type": "district"}
    schools = [
        {"sourcedId": org, "status": "active", "name": name, "type": "school", "identifier": key, "parent": trust}
        for org, name, key in SCHOOLS
    ]
    return [trust, *schools]


def person(number: int, role: str = "teacher", *, version: str = "1.2", **more: Any) -> Row:
    """A user; the words are invented, and every secret of it is to be found nowhere."""
    org = {"href": "/orgs/org", "sourcedId": f"org-{1 + number % 2}", "type": "org"}
    roles: Row = {"roles": [{"roleType": "primary", "role": role, "org": org}]}
    if version == "1.1":
        roles = {"role": role, "orgs": [org]}
    return {
        "sourcedId": f"{role}-{number}",
        "status": "active",
        "dateLastModified": "2026-09-01T08:00:00.000Z",
        "enabledUser": "true",
        "givenName": _GIVEN[number % len(_GIVEN)],
        "familyName": f"{_FAMILY[number % len(_FAMILY)]}-{number}",
        "email": f"{role}.{number}@larkspur.example",
        "password": f"password-of-{number}",
        "userIds": [
            {"type": "staffCode", "identifier": f"S-{role}-{number}"},
            {"type": "TRN", "identifier": "7654321"},
        ],
        **roles,
        **more,
    }


def everybody(version: str = "1.2") -> list[Row]:
    """The staff of both schools among pupils and parents, not in any order."""
    kinds = [("teacher", STAFF - 30), ("aide", 25), ("administrator", 5), ("student", PUPILS), ("parent", PARENTS)]
    found = [person(number, role, version=version) for role, count in kinds for number in range(count)]
    return sorted(found, key=lambda row: str(row["familyName"]))


@dataclass(slots=True)
class Manners:
    """How a server behaves, beyond what is written down for all."""

    most_per_page: int = 500
    total: bool = False
    link: str = ""
    """`next`: where there is one. `always`: also on the last page, without a next."""
    wrapper: str = "users"
    heeds_filter: bool = True
    token_lasts: int | None = None
    """How many requests a token is good for."""
    sign_in: str = "oauth2"
    signature: str = "HMAC-SHA256"
    failing: Failing | None = None
    next_page: Callable[[str], str] | None = None
    """Makes something else of the address of the next page."""
    page: Callable[[list[Row], int], list[Row]] | None = None
    """Makes something else of a page, given its offset."""


@dataclass(slots=True)
class School:
    """The server's data, its manners, and what was asked of it."""

    manners: Manners = field(default_factory=Manners)
    users: list[Row] = field(default_factory=everybody)
    orgs: list[Row] = field(default_factory=orgs)
    listener: Listener = field(default_factory=Listener)
    tokens: list[str] = field(default_factory=list)
    waiting: asyncio.Event | None = None
    """Until this is set, nobody gets an answer."""
    _used: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.port}"

    @property
    def asked(self) -> list[str]:
        """The addresses that were asked for, in order."""
        return [unquote(call.path) for call in self.listener.calls]

    async def reply(self, call: Call, writer: asyncio.StreamWriter) -> None:
        """Answers a request as the manners say."""
        if self.waiting is not None:
            await self.waiting.wait()
        status, body, headers = self._answer(call)
        await answer(body, status, **{name.replace("-", "_"): value for name, value in headers.items()})(call, writer)

    def _answer(self, call: Call) -> tuple[str, bytes, dict[str, str]]:
        if self.manners.failing is not None and (failure := self.manners.failing(call)) is not None:
            return failure
        parts = urlsplit(call.path)
        if parts.path == "/token":
            return self._token(call)
        if not self._may(call):
            return refusal("401 Unauthorized")
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path.rpartition("/")[2]:
            case "users":
                return self._page(parts.path, self.manners.wrapper, self._wanted(asked), asked)
            case "orgs":
                return self._page(parts.path, "orgs", self.orgs, asked)
            case "schools":
                return self._page(parts.path, "schools", [org for org in self.orgs if org["type"] == "school"], asked)
            case _:
                return refusal("404 Not Found")

    def _wanted(self, asked: Mapping[str, str]) -> list[Row]:
        if not self.manners.heeds_filter or "filter" not in asked:
            return self.users
        name, _, moment = asked["filter"].partition(">")
        assert name == "dateLastModified"
        return [row for row in self.users if str(row["dateLastModified"]) > moment.strip("'")]

    def _page(
        self, path: str, wrapper: str, rows: list[Row], asked: Mapping[str, str]
    ) -> tuple[str, bytes, dict[str, str]]:
        offset, limit = int(asked["offset"]), min(int(asked["limit"]), self.manners.most_per_page)
        page = rows[offset : offset + limit]
        if self.manners.page is not None and wrapper == self.manners.wrapper:
            page = self.manners.page(page, offset)
        headers = {"X-Total-Count": str(len(rows))} if self.manners.total else {}
        extra = f"&filter={quote(asked['filter'])}" if "filter" in asked else ""
        following = f"{path}?limit={limit}&offset={offset + limit}{extra}"
        if self.manners.next_page is not None:
            following = self.manners.next_page(following)
        if self.manners.link and page and offset + limit < len(rows):
            headers["Link"] = f'<{path}?offset=0>; rel="first", <{following}>; rel="next"'
        elif self.manners.link == "always":
            headers["Link"] = f'<{path}?offset=0>; rel="first"'
        return "200 OK", json.dumps({wrapper: page}).encode(), headers

    def _token(self, call: Call) -> tuple[str, bytes, dict[str, str]]:
        scheme, _, pair = (call.header("authorization") or "").partition(" ")
        client_id, _, secret = base64.b64decode(pair).decode().partition(":")
        known = (unquote(client_id.replace("+", " ")), unquote(secret.replace("+", " "))) == (CLIENT_ID, CLIENT_SECRET)
        if scheme != "Basic" or not known or b"grant_type=client_credentials" not in call.body:
            return refusal("401 Unauthorized")
        assert b"demographics" not in call.body
        self.tokens.append(f"token-number-{len(self.tokens) + 1}")
        self._used = 0
        return "200 OK", json.dumps({"access_token": self.tokens[-1], "token_type": "Bearer"}).encode(), {}

    def _may(self, call: Call) -> bool:
        authorization = call.header("authorization") or ""
        if self.manners.sign_in == "oauth1":
            return self._is_signed(call, authorization)
        if self.manners.sign_in == "token":
            return authorization == "Bearer a-token-that-was-handed-over"
        self._used += 1
        alive = self.manners.token_lasts is None or self._used <= self.manners.token_lasts
        return alive and bool(self.tokens) and authorization == f"Bearer {self.tokens[-1]}"

    def _is_signed(self, call: Call, authorization: str) -> bool:
        """Signs the same request with the same nonce, and compares."""
        parts = {name: unquote(value.strip('"')) for name, _, value in _fields(authorization)}
        if parts.get("oauth_signature_method") != self.manners.signature or parts.get("oauth_consumer_key") != KEY:
            return False
        client = oauth1.Client(
            KEY,
            client_secret=KEY_SECRET,
            signature_method=self.manners.signature,
            nonce=parts["oauth_nonce"],
            timestamp=parts["oauth_timestamp"],
        )
        _, headers, _ = client.sign(f"{self.url}{call.path}")
        again = {name: unquote(value.strip('"')) for name, _, value in _fields(headers["Authorization"])}
        return again["oauth_signature"] == parts["oauth_signature"]


def _fields(authorization: str) -> list[tuple[str, str, str]]:
    return [each.strip().partition("=") for each in authorization.removeprefix("OAuth ").split(",")]


BARE = {"imsx_codeMajor": "failure", "imsx_severity": "error", "imsx_description": "larkspur-secret-words"}
FORMS: dict[str, bytes] = {
    "bare": json.dumps(BARE).encode(),
    "wrapped": json.dumps({"imsx_StatusInfo": BARE}).encode(),
    "its own": json.dumps({"error": "invalid_token", "detail": "larkspur-secret-words"}).encode(),
    "text": b"<html>larkspur-secret-words</html>",
}
"""The forms in which servers tell of errors. None of what they say may be seen again."""


def refusal(status: str, form: str = "bare", **headers: str) -> tuple[str, bytes, dict[str, str]]:
    """An error in one of its forms."""
    return status, FORMS[form], {name.replace("_", "-"): value for name, value in headers.items()}


def at_page(offset: int, *failures: tuple[str, bytes, dict[str, str]]) -> Failing:
    """Fails the users' page at an offset as often as there are failures, then no more."""
    left = list(failures)

    def fail(call: Call) -> tuple[str, bytes, dict[str, str]] | None:
        wanted = "/users?" in call.path and f"offset={offset}" in call.path
        return left.pop(0) if wanted and left else None

    return fail


@asynccontextmanager
async def school(manners: Manners | None = None, **data: Any) -> AsyncIterator[School]:
    """A server with these manners, for as long as the block lasts."""
    there = School(manners or Manners(), **data)
    async with listening(there.reply) as listener:
        there.listener = listener
        yield there
