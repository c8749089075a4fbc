"""Connections to staff systems over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.kernel.openapi import answers
from app.kernel.operations import Operation, Reading, Writing, reads, showing, writes
from app.kernel.outgoing import Outgoing
from app.kernel.pagination import PageWanted
from app.kernel.problems import Forbidden, InvalidRequest, NotFound
from app.kernel.routing import router
from app.mis.connections import commands, queries
from app.mis.connections.schemas import ConnectionChange, ConnectionIn, ConnectionOut, ConnectionTestOut, SyncIn
from app.mis.connections.testing import tested
from app.mis.syncing.running import SyncRunning
from app.mis.syncing.schemas import SyncOut
from app.people.routes import HubRef

routes = router("Staff systems")
Look = Annotated[Reading, reads("mis:sync")]
Change = Annotated[Writing, writes("mis:sync")]
_GONE = (NotFound, Forbidden)


def _outgoing(operation: Operation) -> Outgoing:
    return Outgoing(operation.state.settings.allowed_hosts_out)


@routes.post(
    "/v1/hubs/{hub_id}/mis-connections",
    **answers(ConnectionOut, *_GONE, InvalidRequest, commands.ConnectionNameTaken, status=201),
)
async def create_connection(write: Change, hub_id: HubRef, body: ConnectionIn) -> Response:
    """Connect a staff system. Nothing is asked of it yet: try `test`, then a sync with `mode: preview`."""
    return await write(
        commands.create_connection,
        to=ConnectionOut,
        status=201,
        location="/v1/mis-connections/{id}",
        hub_id=hub_id,
        body=body,
        check=_outgoing(write).check,
    )


@routes.get("/v1/hubs/{hub_id}/mis-connections", **answers(ConnectionOut, *_GONE, many=True))
async def list_connections(read: Look, hub_id: HubRef, page: PageWanted) -> Response:
    """The hub's connections to staff systems, without their credentials."""
    return await read.page(queries.connections, to=ConnectionOut, hub_id=hub_id, page=page)


@routes.get("/v1/mis-connections/{connection_id}", **answers(ConnectionOut, *_GONE))
async def get_connection(read: Look, connection_id: UUID) -> Response:
    """One connection, without its credentials: `sign_in.given` says which of them are set."""
    return await read(queries.connection, to=ConnectionOut, connection_id=connection_id)


@routes.patch(
    "/v1/mis-connections/{connection_id}",
    **answers(ConnectionOut, *_GONE, InvalidRequest, commands.ConnectionNameTaken, conditional=True),
)
async def change_connection(write: Change, connection_id: UUID, body: ConnectionChange) -> Response:
    """Change a connection. Credentials are for one server: for another, they must be given again."""
    return await write(
        commands.change_connection,
        to=ConnectionOut,
        unchanged=showing(ConnectionOut, queries.connection, connection_id=connection_id),
        connection_id=connection_id,
        body=body,
        check=_outgoing(write).check,
    )


@routes.delete("/v1/mis-connections/{connection_id}", **answers(None, *_GONE, conditional=True))
async def delete_connection(write: Change, connection_id: UUID) -> Response:
    """Remove a connection, with its credentials. The people that came through it stay as they are."""
    unchanged = showing(ConnectionOut, queries.connection, connection_id=connection_id)
    return await write(commands.delete_connection, unchanged=unchanged, connection_id=connection_id)


@routes.post("/v1/mis-connections/{connection_id}/test", **answers(ConnectionTestOut, *_GONE))
async def test_connection(write: Change, connection_id: UUID) -> Response:
    """Ask the system for its first schools and people, and tell what it shows, or why it shows nothing.

    Nothing is taken over. It takes a few seconds with a slow system, and half a minute with one that does not answer.
    """
    details = await write.state.reader.run(
        lambda session: queries.details(session, caller=write.caller(session), connection_id=connection_id)
    )
    found = await tested(_outgoing(write), details, now=write.state.clock())
    return await write(commands.note_test, to=ConnectionTestOut, connection_id=connection_id, found=found)


@routes.post("/v1/mis-connections/{connection_id}/pause", **answers(ConnectionOut, *_GONE))
async def pause_connection(write: Change, connection_id: UUID) -> Response:
    """Let a connection rest: nothing is asked until it is resumed. A sync that is under way ends, changing nothing."""
    return await write(commands.pause_connection, to=ConnectionOut, connection_id=connection_id)


@routes.post("/v1/mis-connections/{connection_id}/resume", **answers(ConnectionOut, *_GONE))
async def resume_connection(write: Change, connection_id: UUID) -> Response:
    """End a pause. The schedule goes on with its next time."""
    return await write(commands.resume_connection, to=ConnectionOut, connection_id=connection_id)


@routes.post(
    "/v1/mis-connections/{connection_id}/syncs",
    **answers(SyncOut, *_GONE, InvalidRequest, commands.ConnectionPaused, SyncRunning, status=202),
)
async def start_sync(write: Change, connection_id: UUID, body: SyncIn) -> Response:
    """Begin a sync: read the system to the end, plan, and with `mode: apply` carry the plan out, unless it is held.

    It runs by itself; look at it (`GET /v1/syncs/{sync_id}`) until it is no longer `running`. A page that fails fails
    all of it, with nothing changed.
    """
    return await write(
        commands.start_sync,
        to=SyncOut,
        status=202,
        location="/v1/syncs/{id}",
        connection_id=connection_id,
        body=body,
    )


@routes.get("/v1/mis-connections/{connection_id}/syncs", **answers(SyncOut, *_GONE, many=True))
async def list_connection_syncs(read: Look, connection_id: UUID, page: PageWanted) -> Response:
    """The connection's syncs, newest first."""
    return await read.page(queries.syncs, to=SyncOut, connection_id=connection_id, page=page)
