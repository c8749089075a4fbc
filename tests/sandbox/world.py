"""What a sandbox holds, to be compared; and who is who in it."""

from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Session

from app.kernel.database import Base
from app.sandbox.models import SandboxClock
from tests.support.callers import Headers, bearer

WINTER = "01a0a06e-a180-7002-8000-000000000001"
OPERATOR = bearer("tm_sandbox_operator")
ORGANISER = bearer("tm_sandbox_organiser")
SCHOOL_LEAD = bearer("tm_sandbox_school_lead")
INTEGRATION = bearer("tm_sandbox_integration")
TEACHER = bearer("tms_sandbox_teacher")
PRESENTER = bearer("tms_sandbox_presenter")
RIVERSIDE = bearer("tm_sandbox_riverside")
EVERYBODY: list[Headers] = [OPERATOR, ORGANISER, SCHOOL_LEAD, INTEGRATION, TEACHER, PRESENTER, RIVERSIDE]

World = dict[str, list[tuple[Any, ...]]]


async def world(app: FastAPI) -> World:
    """Every row of every table, but for what is sealed, which has something random in it, and the clock."""
    found: World = await app.state.reader.run(_everything)
    return found


def _everything(session: Session) -> World:
    held = {}
    for table in Base.metadata.sorted_tables:
        columns = [each for each in table.columns if each.name == "digest" or not isinstance(each.type, LargeBinary)]
        rows = session.connection().execute(select(*columns).order_by(*table.primary_key.columns))
        if table.name != SandboxClock.__tablename__:
            held[table.name] = [tuple(row) for row in rows]
    return held


async def evening(sandbox: httpx.AsyncClient, state: str) -> dict[str, Any]:
    """The evening that shows a state, as its organiser sees it."""
    known = (await sandbox.get("/v1/sandbox/known-hub")).json()
    (event_id,) = [each["id"] for each in known["events"] if each["state"] == state]
    found = await sandbox.get(f"/v1/events/{event_id}", headers=ORGANISER)
    assert found.status_code == 200
    shown: dict[str, Any] = found.json()
    return shown
