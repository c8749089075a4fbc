"""What one can ask about CPD records. Every question begins with what its caller may see."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.caller import Caller, Reach
from app.kernel.pagination import Page, PageRequest
from app.mis.cpd.looking import Around, Heard, around, changed_since, name_of, with_records
from app.mis.cpd.rules import NONE, CpdRole, CpdStatus, hours_of, record_id, revision_of
from app.mis.cpd.schemas import ArborRecordOut, CpdRecordOut
from app.people import queries as people
from app.people.models import Hub, School
from app.registrations.models import Registration

Place = tuple[UUID, int]
"""Where a record stands in the list: its registration, and its round; the event itself comes first, as round 0."""


def cpd_records(
    session: Session,
    *,
    caller: Caller,
    hub_id: str,
    page: PageRequest,
    public_url: str,
    updated_since: datetime | None = None,
    school_urn: str | None = None,
    event_id: UUID | None = None,
) -> Page:
    """Who attended what, in an order that stays. Raises `NotFound`."""
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    statement = with_records(caller, hub.id)
    if updated_since is not None:
        statement = statement.where(changed_since(updated_since))
    if school_urn is not None:
        statement = statement.where(School.urn == school_urn)
    if event_id is not None:
        statement = statement.where(Registration.event_id == event_id)
    after = _opened(page)
    if after is not None:
        statement = statement.where(Registration.id >= after[0])
    # One for what may be left of the page before, one to know whether there are more.
    found = session.execute(statement.order_by(Registration.id).limit(page.limit + 2)).all()
    beside = around(session, [row.Registration for row in found])
    records = [
        (place, record)
        for row in found
        for place, record in _records(row, beside, caller=caller, public_url=public_url)
        if (after is None or place > after) and (updated_since is None or record.updated_at >= updated_since)
    ]
    cursor = None
    if len(records) > page.limit:
        cursor = page.signer.sign(records[page.limit - 1][0], listing=page.listing)
    return Page([record for _, record in records[: page.limit]], cursor)


def _opened(page: PageRequest) -> Place | None:
    if page.cursor is None:
        return None
    registration_id, round_number = page.signer.open(page.cursor, listing=page.listing)
    return UUID(registration_id), round_number


def _records(row: Any, beside: Around, *, caller: Caller, public_url: str) -> Iterator[tuple[Place, CpdRecordOut]]:
    """The records behind one registration: of the event, and of each session."""
    registration, event, teacher, school = row
    status = _status(registration)
    heard = beside.sessions.get(registration.id, [])
    hours = _hours(heard, event.ends_at - event.starts_at, status)
    source, link = beside.links.get(teacher.id, (None, None))
    changes = [each.updated_at for each in (registration, event, teacher, school) if each is not None]
    changes += [link.changed_at] if link is not None else []
    common = {
        "staff_source": source,
        "staff_source_id": link.record_id if link else None,
        "staff_number": next(iter(link.second_ids), None) if link else None,
        "preferred_name": name_of(teacher),
        "work_email": teacher.email if _is_theirs(caller, teacher.school_id) else None,
        "school_urn": school.urn if school else None,
        "school_laestab": school.laestab if school else None,
        "event_id": event.id,
        "event_title": event.name,
        "location": _location(event),
        "status": status,
        "evidence_url": f"{public_url}/v1/registrations/{registration.id}",
    }
    for number, each in enumerate([None, *heard]):
        told = {**common, **(_of_the_event(registration, event) if each is None else _of_a_session(each, beside))}
        updated_at = max([*changes, *_changes(each, beside)])
        place = (registration.id, each.round_number if each else 0)
        yield (
            place,
            CpdRecordOut(
                record_id=record_id(*place),
                revision=revision_of(updated_at),
                hours=hours[number],
                updated_at=updated_at,
                **told,
            ),
        )


def _status(registration: Registration) -> CpdStatus:
    if registration.live_event_id is None:
        return CpdStatus.CANCELLED
    return CpdStatus.ATTENDED if registration.checked_in_at is not None else CpdStatus.ABSENT


def _hours(heard: Sequence[Heard], whole: timedelta, status: CpdStatus) -> list[Any]:
    """Hours of the event itself and of each session: what the sessions do not take is the event's."""
    if status is not CpdStatus.ATTENDED:
        return [NONE] * (1 + len(heard))
    lengths = [each.ends_at - each.starts_at for each in heard]
    return hours_of([whole - sum(lengths, timedelta()), *lengths])


def _is_theirs(caller: Caller, school_id: UUID) -> bool:
    """Whoever reaches one school is not told the address that somebody has at another one now."""
    return caller.reach_with("cpd:read") is not Reach.SCHOOL or caller.school_id == school_id


def _of_the_event(registration: Registration, event: Any) -> dict[str, Any]:
    return {
        "session_title": None,
        "presenter": None,
        "role": CpdRole(registration.role),
        "start": event.starts_at,
        "end": event.ends_at,
    }


def _of_a_session(heard: Heard, beside: Around) -> dict[str, Any]:
    given_by = beside.presenters.get(heard.presentation_id) if heard.presentation_id else None
    return {
        "session_title": heard.title,
        "presenter": given_by[0] if given_by else None,
        "role": CpdRole.PRESENTER if heard.presenting else CpdRole.ATTENDEE,
        "start": heard.starts_at,
        "end": heard.ends_at,
    }


def _changes(heard: Heard | None, beside: Around) -> list[datetime]:
    if heard is None or heard.presentation_id is None:
        return []
    given_by = beside.presenters.get(heard.presentation_id)
    return [each for each in (heard.changed_at, given_by[1] if given_by else None) if each is not None]


def _location(event: Any) -> str | None:
    return ", ".join(each for each in (event.venue_name, event.venue_address, event.venue_postcode) if each) or None


def arbor_records(session: Session, *, caller: Caller, hub_id: str, page: PageRequest, **filters: Any) -> Page:
    """The same records by Arbor's names. Raises `NotFound`."""
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    found = cpd_records(session, caller=caller, hub_id=hub_id, page=page, **filters)
    return Page([_as_arbor(each, hub) for each in found.items], found.next_cursor)


def _as_arbor(record: CpdRecordOut, hub: Hub) -> ArborRecordOut:
    return ArborRecordOut(
        record_id=record.record_id,
        revision=record.revision,
        trained_person=record.staff_source_id or record.work_email,
        training_course_title=record.event_title,
        training_course_description=f"{record.session_title} ({record.presenter})" if record.session_title else None,
        organizer=hub.name,
        training_event_title=record.session_title or record.event_title,
        start_datetime=record.start,
        end_datetime=record.end,
        location_text=record.location,
        expiry_date=None,
        hours=record.hours,
        status=record.status,
        updated_at=record.updated_at,
    )
