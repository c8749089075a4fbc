"""What one can ask about events. Every question begins with what its caller may see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, bindparam, select, update
from sqlalchemy.orm import Session

from app.events.models import Event, Figures, Round
from app.events.rules import PUBLIC, EventKind, EventStatus
from app.events.schemas import EventOut, RoundOut, VenueOut
from app.kernel import live
from app.kernel.caller import Caller
from app.kernel.pagination import Page, PageRequest, paginate
from app.kernel.problems import NotFound
from app.people import queries as people
from app.people.reach import of_own_hub


def visible_events(caller: Caller) -> Select[Event]:
    """Published ones for anyone; with credentials, those of the own hub, drafts included where they may be read."""
    statement = select(Event)
    public: ColumnElement[bool] = Event.status.in_(PUBLIC)
    if caller.is_operator:
        return statement
    if caller.is_anyone:
        return statement.where(public)
    own = statement.where(Event.hub_id == caller.hub_id)
    return own if _sees_drafts(caller) else own.where(public)


def _sees_drafts(caller: Caller) -> bool:
    return caller.may("events:read") or caller.may("events:write")


def event_row(session: Session, *, caller: Caller, event_id: UUID) -> Event:
    """An event itself. Raises `NotFound`."""
    found = session.scalar(visible_events(caller).where(Event.id == event_id))
    if found is None:
        raise NotFound
    return found


def own_event(session: Session, *, caller: Caller, event_id: UUID) -> Event:
    """An event of the caller's hub, for changing it or what belongs to it. Raises `NotFound`."""
    found = session.scalar(own_events(caller).where(Event.id == event_id))
    if found is None:
        raise NotFound
    return found


def own_events(caller: Caller) -> Select[Event]:
    """The events that are there for a caller of the hub: to teachers, drafts are not."""
    own = select(Event).where(of_own_hub(caller, Event.hub_id))
    return own if _drafts_are_there(caller) else own.where(Event.status.in_(PUBLIC))


def may_see(caller: Caller, *, hub_id: UUID, status: str) -> bool:
    """The same question about one event that has been read already."""
    return caller.reaches(hub_id) and (status in PUBLIC or _drafts_are_there(caller))


def _drafts_are_there(caller: Caller) -> bool:
    return caller.teacher_id is None or _sees_drafts(caller)


def event(session: Session, *, caller: Caller, event_id: UUID) -> EventOut:
    """Raises `NotFound`."""
    return shown(session, [event_row(session, caller=caller, event_id=event_id)])[0]


def events(
    session: Session,
    *,
    caller: Caller,
    hub_id: str,
    page: PageRequest,
    status: EventStatus | None = None,
    kind: EventKind | None = None,
) -> Page:
    """A hub's events by when they begin. Raises `NotFound`."""
    hub = (
        people.public_hub(session, hub_id=hub_id)
        if caller.is_anyone
        else people.hub(session, caller=caller, hub_id=hub_id)
    )
    statement = visible_events(caller).where(Event.hub_id == hub.id)
    if status is not None:
        statement = statement.where(Event.status == status)
    if kind is not None:
        statement = statement.where(Event.kind == kind)
    found = paginate(session, statement, order=[Event.starts_at, Event.id], page=page)
    return replace(found, items=shown(session, found.items))


def rounds_of(session: Session, event_ids: Iterable[UUID]) -> Mapping[UUID, list[Round]]:
    """Rounds in order, by event."""
    by_event: dict[UUID, list[Round]] = {}
    statement = select(Round).where(Round.event_id.in_(list(event_ids))).order_by(Round.number)
    for each in session.scalars(statement):
        by_event.setdefault(each.event_id, []).append(each)
    return by_event


def figures_of(session: Session, event_ids: Iterable[UUID]) -> Mapping[UUID, Figures]:
    """Figures as they are in the database now, by event."""
    statement = select(Figures).where(Figures.event_id.in_(list(event_ids))).execution_options(populate_existing=True)
    return {each.event_id: each for each in session.scalars(statement)}


def shown(session: Session, found: Sequence[Event]) -> list[EventOut]:
    """Events as clients see them."""
    session.flush()
    ids = [each.id for each in found]
    rounds, figures = rounds_of(session, ids), figures_of(session, ids)
    return [_shown(each, figures[each.id], rounds.get(each.id, [])) for each in found]


def _shown(event: Event, figures: Figures, rounds: Sequence[Round]) -> EventOut:
    return EventOut(
        id=event.id,
        hub_id=event.hub_id,
        name=event.name,
        kind=EventKind(event.kind),
        status=EventStatus(event.status),
        venue=VenueOut(name=event.venue_name, address=event.venue_address, postcode=event.venue_postcode),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        timezone=event.timezone,
        attendee_capacity=event.attendee_capacity,
        table_count=event.table_count,
        seats_per_table=event.seats_per_table,
        rounds=[RoundOut.model_validate(each) for each in rounds],
        registration_opens_at=event.registration_opens_at,
        registration_closes_at=event.registration_closes_at,
        waitlist_enabled=event.waitlist_enabled,
        confirmed_count=figures.confirmed_count,
        waitlisted_count=figures.waitlisted_count,
        places_left=event.attendee_capacity - figures.confirmed_count,
        created_at=event.created_at,
        updated_at=event.updated_at,
    )


_NOTE = (
    update(Figures)
    .where(Figures.event_id == bindparam("event"))
    .values(
        confirmed_count=Figures.confirmed_count + bindparam("confirmed", type_=Integer),
        waitlisted_count=Figures.waitlisted_count + bindparam("waitlisted", type_=Integer),
        next_queue_number=Figures.next_queue_number + bindparam("queue_numbers", type_=Integer),
        version=Figures.version + 1,
    )
)


def note_change(
    session: Session, event_id: UUID, *, confirmed: int = 0, waitlisted: int = 0, queue_numbers: int = 0
) -> None:
    """Adds to an event's figures and marks its public pages as changed."""
    more = {"event": event_id, "confirmed": confirmed, "waitlisted": waitlisted, "queue_numbers": queue_numbers}
    session.flush()
    session.connection().execute(_NOTE, more)
    live.mark(session)
