"""These tests keep to a hub of their own, or share one in which they change nothing that others rely on."""

from uuid import UUID

import httpx
import pytest
from sqlalchemy.orm import Session

from app.access.signing_in.models import TeacherIdentity
from app.kernel.clock import wall_clock
from app.kernel.database import writing_engine
from app.kernel.ids import new_id
from app.kernel.settings import Settings
from tests.support import made
from tests.support.callers import Headers, make_operator, sign_in
from tests.support.document import world_for
from tests.support.shared import database_url, hub, new_hub, shared_databases

__all__ = ["database_url", "hub", "shared_databases"]


def link_somehow(settings: Settings, teacher: made.Thing) -> str:
    """An identity of a teacher, without the issuer that it takes to link one."""
    identity = TeacherIdentity(
        id=new_id(),
        hub_id=UUID(teacher["hub_id"]),
        teacher_id=UUID(teacher["id"]),
        issuer="https://issuer.example",
        subject=teacher["id"],
        created_at=wall_clock(),
    )
    engine = writing_engine(settings)
    try:
        with Session(engine) as session, session.begin():
            session.add(identity)
            return str(identity.id)
    finally:
        engine.dispose()


_worlds: dict[str, tuple[Headers, dict[str, str]]] = {}
"""By database: an organiser's headers, and one of everything in their hub."""


@pytest.fixture
async def world(client: httpx.AsyncClient, settings: Settings) -> dict[str, str]:
    """One of everything, as the values of path parameters. `client` calls from here on as its organiser, signed in."""
    if settings.database_url not in _worlds:
        hub = await new_hub(client, make_operator(settings))
        client.headers.update(hub.headers)
        found = await world_for(client, hub)
        runs_it = await made.teacher(client, hub.hub_id, roles=["organiser"])
        headers = await sign_in(client, settings, runs_it)
        found |= {
            "session_id": made.done(await client.get("/v1/sessions/current", headers=headers))["id"],
            "identity_id": link_somehow(settings, runs_it),
        }
        _worlds[settings.database_url] = headers, found
    headers, found = _worlds[settings.database_url]
    client.headers.update(headers)
    return found
