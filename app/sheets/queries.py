"""What planning an import asks about a hub and an event, and what one can ask about imports."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events import queries as events
from app.events.models import Event
from app.events.rules import is_open_for_registration
from app.kernel.caller import Caller
from app.kernel.problems import NotFound
from app.kernel.sealing import seal_of
from app.marketplace.models import Presentation, Presenter, Table
from app.people.models import Hub, School, Teacher
from app.people.reach import of_own_hub
from app.registrations import needs
from app.registrations.models import Needs, Preference, Registration
from app.sheets.columns import Format
from app.sheets.models import Sync
from app.sheets.rules import must_be_allowed
from app.sheets.state import Evening, KnownOffer, KnownRegistration, KnownSchool, KnownTeacher, State


def sync(session: Session, *, caller: Caller, sync_id: UUID) -> Sync:
    """One import of a hub within reach. Raises `NotFound`, `Forbidden`."""
    found = session.scalar(select(Sync).where(Sync.id == sync_id, of_own_hub(caller, Sync.hub_id)))
    if found is None:
        raise NotFound
    must_be_allowed(caller, Format(found.format))
    return found


def state(session: Session, *, hub: Hub, event: Event | None, now: datetime) -> State:
    """A hub, and an event of it, as they are now."""
    schools = session.scalars(select(School).where(School.hub_id == hub.id).order_by(School.name, School.id))
    teachers = session.scalars(select(Teacher).where(Teacher.hub_id == hub.id).order_by(Teacher.id))
    return State(
        hub_id=hub.id,
        schools=tuple(
            KnownSchool(each.id, each.name, each.urn, each.laestab, each.phase, each.postcode, each.website)
            for each in schools
        ),
        teachers=tuple(
            KnownTeacher(each.id, each.given_name, each.family_name, each.email, each.shared_email, each.school_id)
            for each in teachers
        ),
        evening=_evening(session, event, now) if event else None,
        offers=tuple(_offers(session, event.id)) if event else (),
        registrations=tuple(_registrations(session, event.id)) if event else (),
    )


def _evening(session: Session, event: Event, now: datetime) -> Evening:
    figures = events.figures_of(session, [event.id])[event.id]
    return Evening(
        id=event.id,
        name=event.name,
        timezone=event.timezone,
        table_count=event.table_count,
        places_left=event.attendee_capacity - figures.confirmed_count,
        waitlist_enabled=event.waitlist_enabled,
        status=event.status,
        takes_registrations=is_open_for_registration(
            status=event.status, opens_at=event.registration_opens_at, closes_at=event.registration_closes_at, now=now
        ),
    )


def _offers(session: Session, event_id: UUID) -> Iterable[KnownOffer]:
    presenters: dict[UUID, list[UUID]] = {}
    for row in session.scalars(select(Presenter).where(Presenter.event_id == event_id).order_by(Presenter.position)):
        presenters.setdefault(row.presentation_id, []).append(row.teacher_id)
    rows = session.execute(
        select(Presentation, Table.number)
        .outerjoin(Table, Table.id == Presentation.table_id)
        .where(Presentation.event_id == event_id)
        .order_by(Presentation.id)
    )
    for each, number in rows:
        yield KnownOffer(
            id=each.id,
            status=each.status,
            title=each.title,
            summary=each.summary,
            presenter_ids=tuple(presenters.get(each.id, ())),
            subjects=tuple(each.subjects),
            key_stages=tuple(each.key_stages),
            needs=tuple(each.needs),
            table_number=number,
        )


def _registrations(session: Session, event_id: UUID) -> Iterable[KnownRegistration]:
    wishes: dict[UUID, list[UUID]] = {}
    for wish in session.scalars(select(Preference).where(Preference.event_id == event_id).order_by(Preference.rank)):
        wishes.setdefault(wish.registration_id, []).append(wish.presentation_id)
    rows = session.execute(
        select(Registration, Needs)
        .outerjoin(Needs, Needs.registration_id == Registration.id)
        .where(Registration.event_id == event_id)
        .order_by(Registration.id)
    )
    latest: dict[UUID, KnownRegistration] = {}
    seal = seal_of(session)
    for each, kept in rows:
        before = latest.get(each.teacher_id)
        if before is not None and before.cancelled_at is None:
            continue
        latest[each.teacher_id] = KnownRegistration(
            id=each.id,
            teacher_id=each.teacher_id,
            is_presenter=each.role == "presenter",
            cancelled_at=each.cancelled_at,
            **(needs.opened(seal, kept) if kept else needs.NOTHING)._asdict(),
            wishes=tuple(wishes.get(each.id, ())),
        )
    return latest.values()
