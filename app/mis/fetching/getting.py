"""Reading JSON from one system: signed in, with a new token once, and never from anywhere but that system."""

import asyncio
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from app.kernel.outgoing import Answer
from app.mis.fetching.failing import NotUsableError
from app.mis.fetching.sending import Sender
from app.mis.fetching.signing import SignIn

MOST_BYTES = 1_000_000_000
"""The most that one fetch reads in all."""
_PARSED_AT_ONCE = 100_000
_NEXT = re.compile(r'<([^<>]{1,4000})>((?:\s*;[^,<>]*?)*?)\s*;\s*rel\s*=\s*"?\s*next\s*"?\s*(?:[;,]|$)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document, and what its headers say of the one after it."""

    content: Any
    following: str | None
    total: int | None


class Getter:
    """Gets documents of one system."""

    def __init__(self, sender: Sender, sign_in: SignIn) -> None:
        self._sender = sender
        self._sign_in = sign_in
        self._bytes = 0

    async def get(self, url: str, *, step: str) -> Document:
        """What is at an address. Raises `FetchError`."""
        answer = await self._asked(url, step)
        if answer.status == 401 and self._sign_in.refused():
            answer = await self._asked(url, step)
        self._sender.good(answer, step=step)
        self._bytes += len(answer.body)
        if self._bytes > MOST_BYTES:
            raise NotUsableError(step, "the system sends more than is ever read.")
        return Document(
            content=await _parsed(answer.body, step),
            following=next_in(answer.headers.get("link")),
            total=_count(answer.headers.get("x-total-count")),
        )

    def is_listed(self, url: str) -> bool:
        """Whether the operator lets this host be called wherever it is."""
        return self._sender.is_listed(url)

    async def _asked(self, url: str, step: str) -> Answer:
        headers = {**await self._sign_in.headers(url), "Accept": "application/json"}
        return await self._sender.send("GET", url, step=step, headers=headers)


def next_in(link: str | None) -> str | None:
    """The address of the next page in a `Link` header (RFC 8288)."""
    found = _NEXT.search(link[:20_000]) if link else None
    return found[1] if found else None


def same_place(base: str, following: str, *, step: str) -> str:
    """The address of a next page, seen from the page before.

    Raises `NotUsableError` when it leads to another scheme, host or port: the credentials are for this one.
    """
    try:
        there = urljoin(base, following)
        strange = _origin(there) != _origin(base)
    except ValueError:
        strange = True
    if strange:
        raise NotUsableError(step, "the next page is said to be on another server, which is not asked.")
    return there


def _origin(url: str) -> tuple[str, str | None, int | None, str | None]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port, parts.username


def _count(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else None


async def _parsed(body: bytes, step: str) -> Any:
    try:
        if len(body) > _PARSED_AT_ONCE:
            return await asyncio.to_thread(json.loads, body)
        return json.loads(body)
    except (ValueError, RecursionError):
        raise NotUsableError(step, "what came is not JSON. Check the address.") from None
