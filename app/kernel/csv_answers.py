"""Lists as spreadsheets: the same route answers with CSV to who asks for it by `Accept: text/csv`.

RFC 4180: commas, CRLF, quotes doubled; UTF-8. A cell that a spreadsheet would take for a formula is made text by a
leading apostrophe (OWASP, CSV injection).
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.kernel.conditional import etag_of
from app.kernel.openapi import answers
from app.kernel.operations import Query as Asked
from app.kernel.operations import Reading
from app.kernel.pagination import Page, PageRequest, link_to_next
from app.kernel.problems import Problem
from app.kernel.rendering import Rendered

CSV, JSON = "text/csv", "application/json"
MEDIA_TYPE = f"{CSV}; charset=utf-8"
BOM = "\ufeff"
MOST_ROWS = 50_000
"""In one answer; beyond them a `Link` leads on."""
MOST_A_PAGE = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LIST = "; "


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: what stands at its head, and what it says of an item."""

    header: str
    value: Callable[[Any], object]


def columns_of(model: type[BaseModel], *, prefix: str = "", path: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """A column for each field of a model, in order; those of a model within are beside it, as `teacher_given_name`."""
    columns: list[Column] = []
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        if inner is not None:
            columns += columns_of(inner, prefix=f"{prefix}{name}_", path=(*path, name))
        else:
            columns.append(Column(prefix + (field.serialization_alias or name), _reader((*path, name))))
    return tuple({column.header: column for column in reversed(columns)}.values())[::-1]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field holds, if it holds one or nothing."""
    if get_origin(annotation) is Annotated:
        return _model_in(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        found = [each for each in get_args(annotation) if each is not type(None)]
        return _model_in(found[0]) if len(found) == 1 else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _reader(path: Sequence[str]) -> Callable[[Any], object]:
    def read(item: Any) -> object:
        for name in path:
            if item is None:
                return None
            item = getattr(item, name)
        return item

    return read


def sheet(columns: Sequence[Column], items: Iterable[Any], *, bom: bool = False) -> bytes:
    """A whole sheet, with its header."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([harmless(column.header) for column in columns])
    writer.writerows([[cell(column.value(item)) for column in columns] for item in items])
    # What no encoding can say is somebody's broken input: it must not cost everybody the sheet.
    return ((BOM if bom else "") + text.getvalue()).encode("utf-8", "replace")


def cell(value: object) -> str:
    """A value as the text of a cell. Numbers stay numbers, also below zero; of texts, formulas are made harmless."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return harmless(_LIST.join(cell(each) for each in value))
    if isinstance(value, BaseModel):
        return harmless(value.model_dump_json())
    return str(value) if isinstance(value, (int, float)) else harmless(str(value))


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def prefers_csv(accept: str | None) -> bool:
    """Whether an `Accept` header asks for CSV rather than JSON (RFC 9110, section 12.5.1).

    What is named outright comes before what a wildcard takes in, and of two that are equal, what is named first.
    """
    sheet_, plain = _wish(accept, CSV), _wish(accept, JSON)
    return sheet_ is not None and (plain is None or sheet_ > plain)


def _wish(accept: str | None, media_type: str) -> tuple[float, int, int] | None:
    """How much a media type is wished for; None when it is not."""
    kind = media_type.partition("/")[0]
    ranges = {media_type: 2, f"{kind}/*": 1, "*/*": 0}
    best: tuple[int, float, int] | None = None
    for place, entry in enumerate((accept or "").lower().split(",")):
        name, *parameters = (part.strip() for part in entry.split(";"))
        if name in ranges and (best is None or ranges[name] > best[0]):
            best = (ranges[name], _quality(parameters), -place)
    return None if best is None or best[1] <= 0 else (best[1], best[0], best[2])


def _quality(parameters: Iterable[str]) -> float:
    for each in parameters:
        name, _, value = each.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


@dataclass(frozen=True, slots=True)
class CsvWish:
    """Whether this request wants a sheet, and how."""

    wanted: bool
    bom: bool
    whole: bool
    """All pages in one sheet: neither `limit` nor `cursor` was given."""

    async def page(
        self,
        read: Reading,
        query: Asked,
        *,
        to: type[BaseModel],
        page: PageRequest,
        name: str,
        columns: Sequence[Column] | None = None,
        **arguments: Any,
    ) -> Response:
        """What `Reading.page` answers, or the same list as a sheet called `name`.

        Without `columns` it has one for each field of `to`.
        """
        if self.wanted:
            response = await self.sheet(
                read, query, to=to, page=page, name=name, columns=columns or columns_of(to), **arguments
            )
        else:
            response = await read.page(query, to=to, page=page, **arguments)
        return varying(response, read)

    async def sheet(
        self,
        read: Reading,
        query: Asked,
        *,
        to: type[BaseModel],
        page: PageRequest,
        name: str,
        columns: Sequence[Column],
        **arguments: Any,
    ) -> Response:
        """A list as a sheet."""

        def render(found: Page) -> Rendered:
            items = (to.model_validate(each, from_attributes=True) for each in found.items)
            body = sheet(columns, items, bom=self.bom)
            headers = (
                ("ETag", etag_of(body)),
                ("Content-Disposition", f'attachment; filename="{name}.csv"'),
                *link_to_next(read.request, found.next_cursor),
            )
            return Rendered(200, body, headers, MEDIA_TYPE)

        def rows(session: Session, **given: Any) -> Page:
            return all_of(query, session, page=page, **given) if self.whole else query(session, page=page, **given)

        return await read.rendered(rows, render, **arguments)


def all_of(query: Asked, session: Session, *, page: PageRequest, **arguments: Any) -> Page:
    """All pages of a list as one, in the one transaction; of a very long one its first `MOST_ROWS` rows."""
    items: list[Any] = []
    for found in _pages(query, session, page=replace(page, limit=MOST_A_PAGE), **arguments):
        items += found.items
        if len(items) >= MOST_ROWS:
            return Page(items, found.next_cursor)
    return Page(items, None)


def _pages(query: Asked, session: Session, *, page: PageRequest, **arguments: Any) -> Iterator[Page]:
    while True:
        found: Page = query(session, page=page, **arguments)
        yield found
        if found.next_cursor is None:
            return
        page = replace(page, cursor=found.next_cursor)


def varying(response: Response, read: Reading) -> Response:
    """Tells caches that the answer depends on `Accept`, and where anyone may call, on who does."""
    response.headers["Vary"] = "Accept, Authorization" if read.policy.public else "Accept"
    return response


async def _csv_wish(
    request: Request,
    bom: Annotated[
        bool, Query(description="With `Accept: text/csv`: begin with a byte order mark, which Excel needs for accents.")
    ] = False,
) -> CsvWish:
    whole = not {"limit", "cursor"} & request.query_params.keys()
    return CsvWish(prefers_csv(request.headers.get("accept")), bom, whole)


CsvWanted = Annotated[CsvWish, Depends(_csv_wish)]
"""What a route declares that can answer with a sheet."""


def answers_csv(model: type[BaseModel], *problems: type[Problem]) -> dict[str, Any]:
    """`answers` of a list that can be had as a sheet, too."""
    return also_csv(answers(model, *problems, many=True))


def also_csv(declared: dict[str, Any]) -> dict[str, Any]:
    """What a route answers, and that it does so as a sheet, too."""
    text = {"schema": {"type": "string", "description": "RFC 4180, UTF-8, with a header. All pages, without `limit`."}}
    responses = declared["responses"]
    success = {**responses.get(200, {})}
    success["content"] = {**success.get("content", {}), CSV: text}
    return {**declared, "responses": {**responses, 200: success}}
