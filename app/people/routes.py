"""Hubs, schools and teachers over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Response

from app.kernel.csv_answers import CsvWanted, answers_csv
from app.kernel.openapi import answers
from app.kernel.operations import Reading, Writing, reads, showing, writes
from app.kernel.pagination import PageWanted
from app.kernel.problems import Forbidden, InvalidRequest, NotFound
from app.kernel.routing import router
from app.people import commands, queries
from app.people.schemas import (
    HubChange,
    HubIn,
    HubOut,
    SchoolChange,
    SchoolIn,
    SchoolOut,
    TeacherChange,
    TeacherIn,
    TeacherOut,
)

routes = router("Hubs, schools, teachers")
ReadPeople = Annotated[Reading, reads("people:read", own=True)]
HubRef = Annotated[str, Path(max_length=60, description="The hub's id or its slug.")]


@routes.post("/v1/hubs", **answers(HubOut, commands.SlugTaken, status=201))
async def create_hub(write: Annotated[Writing, writes(operator_only=True)], body: HubIn) -> Response:
    """Make a hub. Operators only."""
    return await write(commands.create_hub, to=HubOut, status=201, location="/v1/hubs/{id}", body=body)


@routes.get("/v1/hubs", **answers(HubOut, many=True))
async def list_hubs(read: Annotated[Reading, reads()], page: PageWanted) -> Response:
    """The hubs that you reach."""
    return await read.page(queries.hubs, to=HubOut, page=page)


@routes.get("/v1/hubs/{hub_id}", **answers(HubOut, NotFound))
async def get_hub(read: Annotated[Reading, reads()], hub_id: HubRef) -> Response:
    """One hub."""
    return await read(queries.hub, to=HubOut, hub_id=hub_id)


@routes.patch("/v1/hubs/{hub_id}", **answers(HubOut, NotFound, commands.SlugTaken, conditional=True))
async def change_hub(write: Annotated[Writing, writes("keys:manage")], hub_id: HubRef, body: HubChange) -> Response:
    """Change a hub's name or slug."""
    unchanged = showing(HubOut, queries.hub, hub_id=hub_id)
    return await write(commands.change_hub, to=HubOut, unchanged=unchanged, hub_id=hub_id, body=body)


@routes.post("/v1/hubs/{hub_id}/schools", **answers(SchoolOut, NotFound, commands.UrnTaken, status=201))
async def create_school(write: Annotated[Writing, writes("people:write")], hub_id: HubRef, body: SchoolIn) -> Response:
    """Add a school to the hub."""
    return await write(
        commands.create_school, to=SchoolOut, status=201, location="/v1/schools/{id}", hub_id=hub_id, body=body
    )


@routes.get("/v1/hubs/{hub_id}/schools", **answers_csv(SchoolOut, NotFound))
async def list_schools(read: ReadPeople, hub_id: HubRef, page: PageWanted, csv: CsvWanted) -> Response:
    """The schools of the hub that you reach, by name."""
    return await csv.page(read, queries.schools, to=SchoolOut, page=page, name="schools", hub_id=hub_id)


@routes.get("/v1/schools/{school_id}", **answers(SchoolOut, NotFound))
async def get_school(read: ReadPeople, school_id: UUID) -> Response:
    """One school."""
    return await read(queries.school, to=SchoolOut, school_id=school_id)


@routes.patch("/v1/schools/{school_id}", **answers(SchoolOut, NotFound, commands.UrnTaken, conditional=True))
async def change_school(
    write: Annotated[Writing, writes("people:write")], school_id: UUID, body: SchoolChange
) -> Response:
    """Change a school."""
    unchanged = showing(SchoolOut, queries.school, school_id=school_id)
    return await write(commands.change_school, to=SchoolOut, unchanged=unchanged, school_id=school_id, body=body)


@routes.delete("/v1/schools/{school_id}", **answers(None, NotFound, commands.SchoolInUse, conditional=True))
async def delete_school(write: Annotated[Writing, writes("people:write")], school_id: UUID) -> Response:
    """Delete a school that has no teachers."""
    unchanged = showing(SchoolOut, queries.school, school_id=school_id)
    return await write(commands.delete_school, unchanged=unchanged, school_id=school_id)


@routes.post(
    "/v1/hubs/{hub_id}/teachers",
    **answers(TeacherOut, NotFound, Forbidden, InvalidRequest, commands.EmailTaken, status=201),
)
async def create_teacher(
    write: Annotated[Writing, writes("people:write")], hub_id: HubRef, body: TeacherIn
) -> Response:
    """Add a teacher to the hub."""
    return await write(
        commands.create_teacher, to=TeacherOut, status=201, location="/v1/teachers/{id}", hub_id=hub_id, body=body
    )


@routes.get("/v1/hubs/{hub_id}/teachers", **answers_csv(TeacherOut, NotFound))
async def list_teachers(
    read: ReadPeople,
    hub_id: HubRef,
    page: PageWanted,
    csv: CsvWanted,
    school_id: UUID | None = None,
    q: Annotated[str | None, Query(max_length=100, description="Part of a name or an address; accents aside.")] = None,
) -> Response:
    """The teachers of the hub that you reach, by family name."""
    filters: dict[str, Any] = {"school_id": school_id, "q": q}
    return await csv.page(read, queries.teachers, to=TeacherOut, page=page, name="teachers", hub_id=hub_id, **filters)


@routes.get("/v1/teachers/{teacher_id}", **answers(TeacherOut, NotFound))
async def get_teacher(read: ReadPeople, teacher_id: UUID) -> Response:
    """One teacher."""
    return await read(queries.teacher, to=TeacherOut, teacher_id=teacher_id)


@routes.patch(
    "/v1/teachers/{teacher_id}",
    **answers(TeacherOut, NotFound, Forbidden, InvalidRequest, commands.EmailTaken, conditional=True),
)
async def change_teacher(
    write: Annotated[Writing, writes("people:write", own=True)], teacher_id: UUID, body: TeacherChange
) -> Response:
    """Change a teacher. Of themselves people change their name, job title, subjects and key stages."""
    unchanged = showing(TeacherOut, queries.teacher, teacher_id=teacher_id)
    return await write(commands.change_teacher, to=TeacherOut, unchanged=unchanged, teacher_id=teacher_id, body=body)
