"""The audit trail, subject access and erasure over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.kernel.fields import Instant
from app.kernel.openapi import answers
from app.kernel.operations import Reading, Writing, reads, writes
from app.kernel.pagination import PageWanted
from app.kernel.problems import Forbidden, NotFound
from app.kernel.routing import router
from app.people.routes import HubRef
from app.privacy.audit import audit
from app.privacy.erasure import erase
from app.privacy.personal_data import personal_data
from app.privacy.schemas import AuditEntryOut, ErasureOut, PersonalDataOut

routes = router("Privacy")


@routes.get("/v1/hubs/{hub_id}/audit", **answers(AuditEntryOut, NotFound, Forbidden, many=True))
async def list_audit(
    read: Annotated[Reading, reads("keys:manage")],
    hub_id: HubRef,
    page: PageWanted,
    actor_id: Annotated[UUID | None, Query(description="A key's or a teacher's: what happened through it.")] = None,
    about: Annotated[UUID | None, Query(description="Any thing's: what happened to it.")] = None,
    what: Annotated[str | None, Query(max_length=60, description="What happened, or how that begins.")] = None,
    since: Instant | None = None,
    until: Instant | None = None,
) -> Response:
    """Who did what when in the hub, newest first: changes, and each reading of what somebody needs."""
    filters = {"actor_id": actor_id, "about": about, "what": what, "since": since, "until": until}
    return await read.page(audit, to=AuditEntryOut, hub_id=hub_id, page=page, **filters)


@routes.get("/v1/teachers/{teacher_id}/personal-data", **answers(PersonalDataOut, NotFound, Forbidden))
async def get_personal_data(read: Annotated[Reading, reads("people:read", own=True)], teacher_id: UUID) -> Response:
    """All that is held about a person, for them, or for those who run the hub and answer for it."""
    return await read(personal_data, to=PersonalDataOut, teacher_id=teacher_id)


@routes.post("/v1/teachers/{teacher_id}/erasure", **answers(ErasureOut, NotFound, Forbidden))
async def erase_teacher(write: Annotated[Writing, writes("people:write", own=True)], teacher_id: UUID) -> Response:
    """Erase a person: their data goes everywhere at once, and for good. Counts and an anonymous history stay."""
    return await write(erase, to=ErasureOut, teacher_id=teacher_id)
