"""What the hub knows already that helps to read a file."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.caller import Caller
from app.kernel.problems import Fault, InvalidRequest
from app.mis.imports.files import Known
from app.mis.imports.formats import Wanted
from app.mis.reading.schools import OrgKey
from app.mis.syncing.models import Source, StaffLink
from app.mis.syncing.rules import must_be_allowed
from app.people import queries as people
from app.people.models import School


def look_up(session: Session, *, caller: Caller, hub_id: str, wanted: Wanted) -> Known:
    """What reading needs to know. Raises `NotFound`, `Forbidden`, and `InvalidRequest` for an unknown school."""
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    must_be_allowed(caller)
    school = _school(session, hub.id, wanted.school_id)
    name = wanted.source or (f"{wanted.format} {school.urn}" if school else str(wanted.format))
    source = session.scalar(
        select(Source).where(Source.hub_id == hub.id, Source.kind == str(wanted.format), Source.name == name)
    )
    staff = select(StaffLink.record_id).where(StaffLink.source_id == source.id) if source else None
    ours = session.execute(select(School.urn, School.laestab).where(School.hub_id == hub.id))
    return Known(
        name=name,
        school=OrgKey(urn=school.urn, laestab=school.laestab, name=school.name) if school else None,
        columns=source.columns if source else None,
        staff=frozenset(session.scalars(staff)) if staff is not None else frozenset(),
        schools=frozenset(key for row in ours for key in row if key),
    )


def _school(session: Session, hub_id: UUID, school_id: UUID | None) -> School | None:
    if school_id is None:
        return None
    found = session.scalar(select(School).where(School.id == school_id, School.hub_id == hub_id))
    if found is None:
        fault = Fault("is not a school of this hub", pointer="/school_id")
        raise InvalidRequest("The school cannot be used.", errors=[fault])
    return found
