"""Walking through a OneRoster list to its true end, however the server cuts it into pages.

Servers clamp the page size without a word, leave out totals and links, or repeat themselves; so the next page is the
one that the server names, else the one after the rows that came, and only an empty page is the end.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from app.mis.fetching.failing import NotUsableError
from app.mis.fetching.getting import Document, Getter, same_place

MOST_PAGES = 5_000
MOST_ROWS = 2_000_000


async def pages(
    getter: Getter, url: str, *, step: str, page_size: int, params: Mapping[str, str] | None = None
) -> AsyncIterator[list[Any]]:
    """The rows of each page. Raises `FetchError` when any page fails or the walk does not end."""
    walk = _Walk(step, counted="filter" not in (params or {}))
    here = _address(url, {**(params or {}), "limit": str(page_size), "offset": "0"})
    while True:
        document = await getter.get(here, step=f"{step}, page {walk.pages + 1}")
        rows = rows_in(document.content, step=step)
        if not rows:
            break
        walk.note(here, rows, document)
        yield rows
        if document.following is not None:
            here = same_place(here, document.following, step=step)
        else:
            here = _address(url, {**(params or {}), "limit": str(page_size), "offset": str(walk.rows)})
    walk.ended()


async def first_page(
    getter: Getter, url: str, *, step: str, page_size: int, params: Mapping[str, str] | None = None
) -> list[Any]:
    """The rows of the first page only."""
    here = _address(url, {**(params or {}), "limit": str(page_size), "offset": "0"})
    return rows_in((await getter.get(here, step=step)).content, step=step)


def rows_in(content: Any, *, step: str) -> list[Any]:
    """The one list in a document, whatever the server calls it. Raises `NotUsableError`."""
    lists = [value for value in content.values() if isinstance(value, list)] if isinstance(content, dict) else []
    if len(lists) != 1:
        raise NotUsableError(step, "what came is not the list that was asked for.")
    return lists[0]


class _Walk:
    """What has come so far, so that a walk in circles is noticed."""

    def __init__(self, step: str, *, counted: bool) -> None:
        self._step = step
        self._counted = counted  # of a filtered list some servers count what is not filtered
        self._addresses = set[str]()
        self._seen = set[bytes]()
        self._ids = set[str]()
        self._total: int | None = None
        self.pages = 0
        self.rows = 0

    def note(self, address: str, rows: list[Any], document: Document) -> None:
        digest = hashlib.blake2b(json.dumps(rows, sort_keys=True).encode(), digest_size=16).digest()
        if address in self._addresses or digest in self._seen:
            raise NotUsableError(self._step, "the system sends the same page again, so the list has no end.")
        self._addresses.add(address)
        self._seen.add(digest)
        self._ids.update(str(row.get("sourcedId")) for row in rows if isinstance(row, dict))
        self._total = document.total if document.total is not None else self._total
        self.pages += 1
        self.rows += len(rows)
        if self.pages >= MOST_PAGES or self.rows > MOST_ROWS:
            raise NotUsableError(self._step, f"the list is longer than {MOST_PAGES} pages or {MOST_ROWS} rows.")

    def ended(self) -> None:
        """Raises `NotUsableError` when the server itself counts more than came: somebody would look absent."""
        if self._counted and self._total is not None and len(self._ids) < self._total:
            raise NotUsableError(
                self._step, "fewer records came than the system counts. It may have changed meanwhile."
            )


def _address(url: str, params: Mapping[str, str]) -> str:
    return f"{url}?{urlencode(params, quote_via=quote)}"
