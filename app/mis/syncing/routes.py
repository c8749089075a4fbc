"""Sources of staff over HTTP: their schools, whom their records are, and what follows when people leave."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.kernel.openapi import answers
from app.kernel.operations import Reading, Writing, reads, writes
from app.kernel.pagination import PageWanted
from app.kernel.problems import Forbidden, InvalidRequest, NotFound
from app.kernel.routing import router
from app.mis.syncing import commands, queries
from app.mis.syncing.running import SyncRunning
from app.mis.syncing.schemas import (
    DecisionsIn,
    DecisionsOut,
    LeavingPresentersOut,
    LinkProposalOut,
    SourceSchoolsIn,
    SourceSchoolsOut,
    StaffSourceOut,
    TeacherSourcesOut,
)
from app.people.routes import HubRef

routes = router("Staff from the MIS")
ReadSync = Annotated[Reading, reads("mis:sync")]
WriteSync = Annotated[Writing, writes("mis:sync")]


@routes.get("/v1/hubs/{hub_id}/staff-sources", **answers(StaffSourceOut, NotFound, Forbidden, many=True))
async def list_staff_sources(read: ReadSync, hub_id: HubRef, page: PageWanted) -> Response:
    """Where the hub's staff come from: kinds of files, and connections."""
    return await read.page(queries.sources, to=StaffSourceOut, hub_id=hub_id, page=page)


@routes.get("/v1/staff-sources/{source_id}/schools", **answers(SourceSchoolsOut, NotFound, Forbidden))
async def list_source_schools(read: ReadSync, source_id: UUID) -> Response:
    """A source's schools and which of the hub's they are; those first that are not known.

    A school is known by its URN or its LAESTAB, or because somebody has said so, never by its name.
    """
    return await read(queries.schools, to=SourceSchoolsOut, source_id=source_id)


@routes.put("/v1/staff-sources/{source_id}/schools", **answers(SourceSchoolsOut, NotFound, Forbidden, InvalidRequest))
async def set_source_schools(write: WriteSync, source_id: UUID, body: SourceSchoolsIn) -> Response:
    """Say which of the hub's schools a source's schools are, or leave them aside. It counts from the next sync on."""
    return await write(commands.set_schools, to=SourceSchoolsOut, source_id=source_id, body=body)


@routes.get("/v1/hubs/{hub_id}/staff-link-proposals", **answers(LinkProposalOut, NotFound, Forbidden, many=True))
async def list_link_proposals(read: ReadSync, hub_id: HubRef, page: PageWanted) -> Response:
    """Records that might be somebody who is here already: of the same second id, or the same address and family name.

    They wait. Nobody's account is taken over because a value agrees.
    """
    return await read.page(queries.proposals, to=LinkProposalOut, hub_id=hub_id, page=page)


@routes.post(
    "/v1/hubs/{hub_id}/staff-link-proposals/decisions",
    **answers(DecisionsOut, NotFound, Forbidden, InvalidRequest, SyncRunning),
)
async def decide_link_proposals(write: WriteSync, hub_id: HubRef, body: DecisionsIn) -> Response:
    """Say of records whether they are the same person. They come in at once: as that person, or as somebody new."""
    return await write(commands.decide, to=DecisionsOut, hub_id=hub_id, body=body)


@routes.get("/v1/hubs/{hub_id}/leaving-presenters", **answers(LeavingPresentersOut, NotFound, Forbidden))
async def list_leaving_presenters(read: ReadSync, hub_id: HubRef) -> Response:
    """Those who have left by the word of the MIS and still present at an evening ahead. They are never cancelled by
    themselves: talk to them, then withdraw the presentation or give it to others."""
    return await read(queries.leaving_presenters, to=LeavingPresentersOut, hub_id=hub_id)


@routes.get("/v1/teachers/{teacher_id}/sources", **answers(TeacherSourcesOut, NotFound))
async def get_teacher_sources(read: Annotated[Reading, reads("people:read", own=True)], teacher_id: UUID) -> Response:
    """Where what is known of a person comes from: each source's own words, and which fact is whose."""
    return await read(queries.teacher_sources, to=TeacherSourcesOut, teacher_id=teacher_id)
