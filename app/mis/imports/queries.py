"""What one can ask about imports, whichever kind they are."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.caller import Caller
from app.mis.imports.schemas import SuggestedColumnsOut
from app.mis.reading.staff_columns import ColumnMap
from app.mis.syncing.models import StaffSync
from app.mis.syncing.queries import staff_sync
from app.mis.syncing.rules import must_be_allowed
from app.people import queries as people
from app.sheets import queries as sheets
from app.sheets.models import Sync


def sync(session: Session, *, caller: Caller, sync_id: UUID) -> StaffSync | Sync:
    """One import or sync within reach. Raises `NotFound`, `Forbidden`."""
    return staff_sync(session, caller=caller, sync_id=sync_id) or sheets.sync(session, caller=caller, sync_id=sync_id)


def columns(session: Session, *, caller: Caller, hub_id: str, suggested: ColumnMap) -> SuggestedColumnsOut:
    """What a staff list's headings would be taken for. Raises `NotFound`, `Forbidden`."""
    people.hub(session, caller=caller, hub_id=hub_id)
    must_be_allowed(caller)
    return SuggestedColumnsOut(
        taken=dict(suggested.taken),
        missing=list(suggested.missing),
        nearest=dict(suggested.nearest),
        ignored=list(suggested.ignored),
        dropped=list(suggested.dropped),
    )
