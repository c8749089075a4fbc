"""Plans many people in a process of its own, which looks at the database by itself and writes nothing."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.orm import Session

from app.kernel.database import hold_still
from app.kernel.ids import new_id
from app.mis.apart import apart
from app.mis.syncing import incoming
from app.mis.syncing.looking import basis_of, look
from app.mis.syncing.models import StaffSync
from app.mis.syncing.planning import make_plan
from app.people.rules import email_key


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan for keeping, and the digest of what it rests on."""

    plan: bytes
    basis: str


def plan_apart(engine: Engine, *, sync_id: UUID, staff: bytes) -> Planned:
    """What a sync would do, worked out elsewhere; `engine` says where the database is."""
    url = engine.url.render_as_string(hide_password=False)
    return apart(_plan, url=url, sync_id=sync_id, staff=staff)


def _plan(url: str, sync_id: UUID, staff: bytes) -> Planned:
    told = incoming.decoded(staff)
    keys = sorted({email_key(each.email) for each in told.records if each.email})
    engine = _engine(url)
    with Session(engine) as session, session.begin():
        hold_still(session)
        sync = session.get_one(StaffSync, sync_id)
        state = look(session, hub_id=sync.hub_id, source_id=sync.source_id, email_keys=keys)
        basis = basis_of(session, source_id=sync.source_id, email_keys=keys)
    engine.dispose()
    return Planned(make_plan(told, state, new_id=new_id).encoded(), basis)


def _engine(url: str) -> Engine:
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        # As the readers have it: one moment for all that is read, and nothing can be written.
        event.listen(engine, "connect", _read_only)
        event.listen(engine, "begin", partial(_begin))
    return engine


def _read_only(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
