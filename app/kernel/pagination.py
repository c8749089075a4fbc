"""Lists in pages, by keyset: the cursor holds the last row's sort values, so rows may come and go between pages."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.kernel.problems import Fault, InvalidRequest

LONGEST_CURSOR = 4_000
"""More than two names of a hundred letters each come to, whatever the script."""
_SIGNATURE_BYTES = 10


class CursorSigner:
    """Signs cursors, so that only those handed out come back."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.blake2b(key, person=b"teachmeet-cursor").digest()

    def sign(self, values: Sequence[object], *, listing: str) -> str:
        payload = json.dumps([_plain(value) for value in values], separators=(",", ":")).encode()
        return _text_of(self._mac(payload, listing) + payload)

    def open(self, cursor: str, *, listing: str) -> list[Any]:
        """The values inside. Raises `InvalidRequest` for a cursor that was tampered with or made for another list."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if _text_of(raw) != cursor:
            raw = b""  # other spellings of the same bytes were not handed out either
        payload = raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(raw[:_SIGNATURE_BYTES], self._mac(payload, listing)):
            fault = Fault("not a cursor that this list handed out", parameter="cursor")
            raise InvalidRequest("The cursor cannot be used.", errors=[fault])
        values = json.loads(payload)
        return values if isinstance(values, list) else []

    def _mac(self, payload: bytes, listing: str) -> bytes:
        keyed = hashlib.blake2b(listing.encode() + b"\0" + payload, key=self._key, digest_size=_SIGNATURE_BYTES)
        return keyed.digest()


def _text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of which list is wanted."""

    limit: int
    cursor: str | None
    listing: str
    signer: CursorSigner


@dataclass(frozen=True, slots=True)
class Page:
    """A page's rows and the cursor of the next one, None on the last."""

    items: Sequence[Any]
    next_cursor: str | None


async def _page_request(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200, description="How many items at most.")] = 50,
    cursor: Annotated[
        str | None, Query(max_length=LONGEST_CURSOR, description="`next_cursor` of the page before.")
    ] = None,
) -> PageRequest:
    filters = sorted(item for item in request.query_params.multi_items() if item[0] not in ("limit", "cursor"))
    return PageRequest(limit, cursor, f"{request.url.path}?{filters}", request.app.state.cursor_signer)


PageWanted = Annotated[PageRequest, Depends(_page_request)]


def link_to_next(request: Request, next_cursor: str | None) -> list[tuple[str, str]]:
    """The `Link` to the next page as a header field, none on the last (RFC 8288)."""
    if next_cursor is None:
        return []
    following = request.url.include_query_params(cursor=next_cursor)
    return [("Link", f'<{following.path}?{following.query}>; rel="next"')]


def paginate(
    session: Session,
    statement: Select[Any],
    *,
    order: Sequence[InstrumentedAttribute[Any]],
    page: PageRequest,
    newest_first: bool = False,
) -> Page:
    """One page of a statement's rows, in ascending `order` (or, newest first, descending), whose last column must be
    unique.

    A statement of a single entity gives entities, any other gives rows; the order's columns must be among its columns
    or attributes of its entity under their own names.
    """
    if page.cursor is not None:
        values = page.signer.open(page.cursor, listing=page.listing)
        after = [_typed(column, value) for column, value in zip(order, values, strict=True)]
        here, there = tuple_(*order), tuple_(*after)
        statement = statement.where(here < there if newest_first else here > there)
    columns = [column.desc() for column in order] if newest_first else order
    statement = statement.order_by(*columns).limit(page.limit + 1)
    single = len(statement.column_descriptions) == 1
    rows = list(session.scalars(statement) if single else session.execute(statement))
    if len(rows) <= page.limit:
        return Page(rows, None)
    last = rows[page.limit - 1]
    entity = last if single else last[0]
    values = [getattr(entity, str(column.key)) for column in order]
    return Page(rows[: page.limit], page.signer.sign(values, listing=page.listing))


def _typed(column: InstrumentedAttribute[Any], value: Any) -> Any:
    wanted = column.type.python_type
    if wanted is datetime:
        return datetime.fromisoformat(value)
    return UUID(value) if wanted is UUID else value
