"""What one can ask about connections."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.caller import Caller
from app.kernel.pagination import Page, PageRequest, paginate
from app.kernel.problems import NotFound
from app.mis.connections.keeping import details_of
from app.mis.connections.models import MisConnection
from app.mis.fetching.details import ConnectionDetails
from app.mis.syncing.models import StaffSync
from app.mis.syncing.running import Status
from app.people import queries as people
from app.people.reach import of_own_hub


def connection(session: Session, *, caller: Caller, connection_id: UUID) -> MisConnection:
    """One connection. Raises `NotFound`, `Forbidden`."""
    wanted = select(MisConnection).where(MisConnection.id == connection_id, of_own_hub(caller, MisConnection.hub_id))
    found = session.scalar(wanted)
    if found is None:
        raise NotFound
    caller.must_run_the_hub()
    return found


def connections(session: Session, *, caller: Caller, hub_id: str, page: PageRequest) -> Page:
    """A hub's connections, oldest first. Raises `NotFound`, `Forbidden`."""
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    caller.must_run_the_hub()
    wanted = select(MisConnection).where(MisConnection.hub_id == hub.id)
    return paginate(session, wanted, order=[MisConnection.id], page=page)


def details(session: Session, *, caller: Caller, connection_id: UUID) -> ConnectionDetails:
    """What is needed in order to ask the system. Never shown. Raises `NotFound`, `Forbidden`."""
    return details_of(session, connection(session, caller=caller, connection_id=connection_id))


def syncs(session: Session, *, caller: Caller, connection_id: UUID, page: PageRequest) -> Page:
    """A connection's syncs, newest first. Raises `NotFound`, `Forbidden`."""
    found = connection(session, caller=caller, connection_id=connection_id)
    wanted = select(StaffSync).where(StaffSync.source_id == found.source_id)
    return paginate(session, wanted, order=[StaffSync.id], page=page, newest_first=True)


@dataclass(frozen=True, slots=True)
class Errand:
    """What a running sync has to do: ask this, from there on."""

    details: ConnectionDetails
    since: datetime | None
    as_of: datetime
    """When the connection was changed last, as far as this knows."""


def errand(session: Session, *, connection_id: UUID, sync_id: UUID, full: bool) -> Errand | None:
    """None when nobody wants it any more. For jobs; raises `CannotOpenError`."""
    found = session.get(MisConnection, connection_id)
    sync = session.get(StaffSync, sync_id)
    if found is None or sync is None or sync.status != Status.RUNNING:
        return None
    return Errand(details_of(session, found), None if full else found.read_up_to, found.updated_at)
