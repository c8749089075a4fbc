"""The endpoints of the OneRoster 1.2 rostering service that this one has, to read only."""

import json
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from app.access.client_credentials.rules import ROSTER, ROSTER_CORE
from app.kernel.conditional import etag_of
from app.kernel.openapi import answers
from app.kernel.operations import Reading, reads
from app.kernel.problems import Forbidden, InvalidRequest, NotFound
from app.kernel.rendering import Rendered
from app.kernel.routing import router
from app.mis.rostering import queries
from app.mis.rostering.queries import Found, Wanted
from app.mis.rostering.refusing import PREFIX, InvalidFilterField, InvalidSelectionField
from app.mis.rostering.resources import ORG_FIELDS, USER_FIELDS, Hrefs, Json
from app.mis.rostering.rules import LIMIT, MOST, UnknownFieldError, fields_in, pages
from app.mis.rostering.schemas import OrgDoc, OrgsDoc, StatusInfo, UserDoc, UsersDoc

ROOT = f"{PREFIX}rostering/v1p2"
routes = router("OneRoster")

CoreRead = Annotated[Reading, reads("people:read", instead=(ROSTER_CORE, ROSTER))]
FullRead = Annotated[Reading, reads("people:read", instead=(ROSTER,))]
Choice = Annotated[
    str | None,
    Query(max_length=500, description="Only these fields, separated by commas.", examples=["sourcedId,email"]),
]
_LIST = (InvalidFilterField, InvalidSelectionField, Forbidden, InvalidRequest)
_ONE = (NotFound, InvalidSelectionField, Forbidden)


def _wanted(
    limit: Annotated[int, Query(ge=1, description=f"How many at most; {MOST} and no more come at once.")] = LIMIT,
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="How many to leave out at the beginning.")] = 0,
    filter: Annotated[  # noqa: A002  # the parameter's name in the binding
        str | None,
        Query(
            max_length=1_000, description="Such as `familyName~'by' AND status='active'`.", examples=["status='active'"]
        ),
    ] = None,
    sort: Annotated[str | None, Query(max_length=100, examples=["familyName"])] = None,
    order_by: Annotated[Literal["asc", "desc"], Query(alias="orderBy")] = "asc",
) -> Wanted:
    return Wanted(min(limit, MOST), offset, filter, sort, order_by == "desc")


Listed = Annotated[Wanted, Depends(_wanted)]


@routes.get(f"{ROOT}/orgs", **answers(OrgsDoc, *_LIST, refusals=StatusInfo))
async def list_roster_orgs(read: CoreRead, wanted: Listed, fields: Choice = None) -> Response:
    """The hub and its schools, as organisations."""
    return await _list(read, "orgs", ORG_FIELDS, queries.orgs, wanted, fields)


@routes.get(f"{ROOT}/orgs/{{school_id}}", **answers(OrgDoc, *_ONE, refusals=StatusInfo))
async def get_roster_org(read: CoreRead, school_id: str, fields: Choice = None) -> Response:
    """One organisation: the hub or a school."""
    return await _one(read, "org", ORG_FIELDS, queries.org, school_id, fields)


@routes.get(f"{ROOT}/schools", **answers(OrgsDoc, *_LIST, refusals=StatusInfo))
async def list_roster_schools(read: CoreRead, wanted: Listed, fields: Choice = None) -> Response:
    """The hub's schools; `identifier` is the URN."""
    return await _list(read, "orgs", ORG_FIELDS, queries.schools, wanted, fields)


@routes.get(f"{ROOT}/schools/{{school_id}}", **answers(OrgDoc, *_ONE, refusals=StatusInfo))
async def get_roster_school(read: CoreRead, school_id: str, fields: Choice = None) -> Response:
    """One school."""
    return await _one(read, "org", ORG_FIELDS, queries.school, school_id, fields)


@routes.get(f"{ROOT}/schools/{{school_id}}/teachers", **answers(UsersDoc, *_LIST, NotFound, refusals=StatusInfo))
async def list_roster_teachers_of_school(
    read: FullRead, school_id: str, wanted: Listed, fields: Choice = None
) -> Response:
    """The staff of one school. A bought token needs the scope `roster.readonly` for it."""
    find = partial(queries.users_of_school, school_id=school_id)
    return await _list(read, "users", USER_FIELDS, find, wanted, fields)


@routes.get(f"{ROOT}/users", **answers(UsersDoc, *_LIST, refusals=StatusInfo))
async def list_roster_users(read: CoreRead, wanted: Listed, fields: Choice = None) -> Response:
    """The hub's staff. Those who have left have the status `tobedeleted`: a filter by date tells of them too."""
    return await _list(read, "users", USER_FIELDS, queries.users, wanted, fields)


@routes.get(f"{ROOT}/users/{{teacher_id}}", **answers(UserDoc, *_ONE, refusals=StatusInfo))
async def get_roster_user(read: CoreRead, teacher_id: str, fields: Choice = None) -> Response:
    """One member of staff."""
    return await _one(read, "user", USER_FIELDS, queries.user, teacher_id, fields)


@routes.get(f"{ROOT}/teachers", **answers(UsersDoc, *_LIST, refusals=StatusInfo))
async def list_roster_teachers(read: CoreRead, wanted: Listed, fields: Choice = None) -> Response:
    """The hub's staff again: to this service all of them are teachers."""
    return await _list(read, "users", USER_FIELDS, queries.users, wanted, fields)


@routes.get(f"{ROOT}/teachers/{{teacher_id}}", **answers(UserDoc, *_ONE, refusals=StatusInfo))
async def get_roster_teacher(read: CoreRead, teacher_id: str, fields: Choice = None) -> Response:
    """One member of staff."""
    return await _one(read, "user", USER_FIELDS, queries.user, teacher_id, fields)


async def _list(
    read: Reading, wrapper: str, known: tuple[str, ...], find: Any, wanted: Wanted, fields: str | None
) -> Response:
    chosen = _chosen(fields, known)

    def render(found: Found) -> Rendered:
        items = [_narrowed(each, chosen) for each in found.items]
        around = pages(offset=wanted.offset, limit=wanted.limit, total=found.total)
        links = ", ".join(f'<{_at(read.request, wanted, to)}>; rel="{rel}"' for rel, to in around.items())
        return _json({wrapper: items}).with_headers(("X-Total-Count", str(found.total)), ("Link", links))

    return await read.rendered(find, render, wanted=wanted, hrefs=_hrefs(read))


async def _one(
    read: Reading, wrapper: str, known: tuple[str, ...], find: Any, sourced_id: str, fields: str | None
) -> Response:
    chosen = _chosen(fields, known)
    return await read.rendered(
        find,
        lambda found: _json({wrapper: _narrowed(found, chosen)}),
        sourced_id=sourced_id,
        hrefs=_hrefs(read),
    )


def _chosen(fields: str | None, known: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return fields_in(fields or "", known)
    except UnknownFieldError as error:
        raise InvalidSelectionField(f"There is no field {str(error)[:60]}.") from None


def _narrowed(item: Json, chosen: tuple[str, ...]) -> Json:
    return {name: item[name] for name in chosen if name in item} if chosen else item


def _json(body: Json) -> Rendered:
    encoded = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Rendered(200, encoded, (("ETag", etag_of(encoded)),))


def _hrefs(read: Reading) -> Hrefs:
    return Hrefs(f"{read.state.settings.public_url.rstrip('/')}{ROOT}")


def _at(request: Request, wanted: Wanted, offset: int) -> str:
    asked = dict(request.query_params)
    query = urlencode({**asked, "limit": wanted.limit, "offset": offset})
    return f"{request.app.state.settings.public_url.rstrip('/')}{request.url.path}?{query}"
