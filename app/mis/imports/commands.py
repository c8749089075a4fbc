"""Applying what waits, whichever kind of import it is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.caller import Caller
from app.kernel.commands import command
from app.mis.syncing.commands import apply_staff_sync
from app.mis.syncing.models import StaffSync
from app.mis.syncing.schemas import ApplyIn
from app.sheets import commands as sheets
from app.sheets.models import Sync


@command(turns=sheets.apply_sync.turns)
def apply_sync(
    session: Session, *, caller: Caller, now: datetime, sync_id: UUID, body: ApplyIn | None
) -> StaffSync | Sync:
    """Carries out a planned import or sync, if its plan still holds.

    Raises `NotFound`, `Forbidden`, `SyncHeld`, `SyncNotPlanned`, `SyncStale`, and what stands against a sheet's plan.
    """
    wanted = body or ApplyIn(confirm=False, plan_digest=None)
    found = apply_staff_sync(session, caller=caller, now=now, sync_id=sync_id, body=wanted)
    return found or sheets.apply_sync(session, caller=caller, now=now, sync_id=sync_id)
