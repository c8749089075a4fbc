"""API keys over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Response

from app.access import commands, queries
from app.access.schemas import ApiKeyIn, ApiKeyOut, CallerOut, NewApiKeyOut, RotationIn
from app.kernel.openapi import answers
from app.kernel.operations import Reading, Writing, reads, showing, writes
from app.kernel.pagination import PageWanted
from app.kernel.problems import Forbidden, InvalidRequest, NotFound
from app.kernel.routing import router
from app.people.routes import HubRef

routes = router("Access")


@routes.post(
    "/v1/hubs/{hub_id}/api-keys",
    **answers(NewApiKeyOut, NotFound, Forbidden, InvalidRequest, status=201),
)
async def create_api_key(write: Annotated[Writing, writes("keys:manage")], hub_id: HubRef, body: ApiKeyIn) -> Response:
    """Make an API key. Its secret is told in this answer and never again."""
    return await write(
        commands.create_api_key, to=NewApiKeyOut, status=201, location="/v1/api-keys/{id}", hub_id=hub_id, body=body
    )


@routes.get("/v1/hubs/{hub_id}/api-keys", **answers(ApiKeyOut, NotFound, many=True))
async def list_api_keys(read: Annotated[Reading, reads("keys:manage")], hub_id: HubRef, page: PageWanted) -> Response:
    """The hub's API keys: their prefix and when each was last used, never the secret."""
    return await read.page(queries.api_keys, to=ApiKeyOut, hub_id=hub_id, page=page)


@routes.get("/v1/api-keys/{key_id}", **answers(ApiKeyOut, NotFound))
async def get_api_key(read: Annotated[Reading, reads("keys:manage")], key_id: UUID) -> Response:
    """One API key, without its secret."""
    return await read(queries.api_key, to=ApiKeyOut, key_id=key_id)


@routes.delete("/v1/api-keys/{key_id}", **answers(None, NotFound, conditional=True))
async def revoke_api_key(write: Annotated[Writing, writes("keys:manage")], key_id: UUID) -> Response:
    """Revoke an API key, at once."""
    return await write(
        commands.revoke_api_key, unchanged=showing(ApiKeyOut, queries.api_key, key_id=key_id), key_id=key_id
    )


@routes.post("/v1/api-keys/{key_id}/rotate", **answers(NewApiKeyOut, NotFound, Forbidden, status=201))
async def rotate_api_key(
    write: Annotated[Writing, writes("keys:manage")], key_id: UUID, body: Annotated[RotationIn | None, Body()] = None
) -> Response:
    """Make a new key in the place of this one. Both work during the overlap, so that nothing stands still meanwhile."""
    return await write(
        commands.rotate_api_key,
        to=NewApiKeyOut,
        status=201,
        location="/v1/api-keys/{id}",
        key_id=key_id,
        body=body or RotationIn(),
    )


@routes.get("/v1/me", **answers(CallerOut))
async def get_me(read: Annotated[Reading, reads()]) -> Response:
    """Who you are and what you may do."""
    return await read(queries.me, to=CallerOut)
