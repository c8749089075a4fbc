"""What stands in each calendar, and what was shown of it before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.bookings.queries import itineraries
from app.bookings.schemas import BookingOut
from app.calendars.models import CalendarEntry, CalendarFeed
from app.calendars.queries import feed_behind
from app.calendars.rules import SHOWN_FOR, Entry, EntryStatus, FeedKind, Revision
from app.events.models import Event, Round
from app.events.rules import PUBLIC, EventStatus
from app.kernel import outbox
from app.kernel.caller import Caller
from app.marketplace.models import Presentation, Presenter, Slot, Table
from app.people import queries as people
from app.people.models import Hub, School, Teacher
from app.registrations.models import Registration
from app.registrations.queries import registration_row

Named = tuple[UUID, str]
"""An entry's owner and key."""
A_LOT = 200


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar as it is to be shown."""

    name: str
    description: str
    source: str | None
    entries: Sequence[Entry]
    revisions: Mapping[Named, Revision]
    news: Sequence[Entry]
    """Entries that were never shown like this; what they become is to be noted first."""


def hub_calendar(session: Session, *, caller: Caller, hub_id: str, public_url: str) -> Calendar:
    """A hub's published evenings. Raises `NotFound`."""
    hub = (
        people.public_hub(session, hub_id=hub_id)
        if caller.is_anyone
        else people.hub(session, caller=caller, hub_id=hub_id)
    )
    found = session.scalars(_evenings(session, hub.id).where(Event.status.in_(PUBLIC)))
    entries = [_of_an_evening(each, hub.id, f"event-{each.id}", public_url=public_url) for each in found]
    source = f"{public_url}/v1/hubs/{hub.id}/calendar.ics"
    return _calendar(session, entries, name=hub.name, description=f"The evenings of {hub.name}.", source=source)


def itinerary_calendar(session: Session, *, caller: Caller, registration_id: UUID, public_url: str) -> Calendar:
    """One registration's evening, and its rounds. Raises `NotFound`."""
    registration = registration_row(session, caller=caller, registration_id=registration_id)
    event = session.get_one(Event, registration.event_id)
    entries = _of_registrations(session, [(registration, event)], public_url=public_url)
    return _calendar(session, entries, name=event.name, description="Your evening, round by round.", vanishing=True)


def feed_calendar(session: Session, *, caller: Caller, token: str, public_url: str) -> Calendar:
    """The calendar at an address that nobody can guess. Raises `NotFound`."""
    feed = feed_behind(session, token)
    hub = session.get_one(Hub, feed.hub_id)
    if feed.kind == FeedKind.PERSON:
        return _persons(session, feed, hub, public_url=public_url)
    if feed.kind == FeedKind.SCHOOL:
        return _schools(session, feed, public_url=public_url)
    found = session.scalars(_evenings(session, hub.id).where(Event.status != EventStatus.ARCHIVED)).all()
    coming = _counts(session, found)
    entries = [
        _of_an_evening(each, hub.id, f"plan-{each.id}", public_url=public_url, said=_said(coming.get(each.id)))
        for each in found
    ]
    return _calendar(session, entries, name=f"{hub.name} (organisers)", description="All evenings, drafts too.")


def _evenings(session: Session, hub_id: UUID) -> Select[Event]:
    recent = outbox.now_of(session) - SHOWN_FOR
    return select(Event).where(Event.hub_id == hub_id, Event.ends_at > recent).order_by(Event.starts_at, Event.id)


def _persons(session: Session, feed: CalendarFeed, hub: Hub, *, public_url: str) -> Calendar:
    found = session.execute(
        select(Registration, Event)
        .join(Event, Event.id == Registration.event_id)
        .where(
            Registration.teacher_id == feed.teacher_id,
            Event.status.in_(PUBLIC),
            Event.ends_at > outbox.now_of(session) - SHOWN_FOR,
        )
        .order_by(Event.starts_at, Registration.id)
    ).all()
    entries = _of_registrations(session, [(row[0], row[1]) for row in found], public_url=public_url)
    return _calendar(session, entries, name=hub.name, description="Your evenings, round by round.", vanishing=True)


def _schools(session: Session, feed: CalendarFeed, *, public_url: str) -> Calendar:
    assert feed.school_id is not None
    school = session.get_one(School, feed.school_id)
    found = session.scalars(_evenings(session, feed.hub_id).where(Event.status.in_(PUBLIC))).all()
    coming = _counts(session, found, school_id=school.id)
    entries = [
        _of_an_evening(
            each, school.id, f"event-{each.id}", public_url=public_url, said=_said(coming.get(each.id, (0, 0)))
        )
        for each in found
    ]
    return _calendar(session, entries, name=school.name, description="How many of the school go to which evening.")


def _counts(session: Session, events: Iterable[Event], *, school_id: UUID | None = None) -> dict[UUID, tuple[int, int]]:
    """How many come and how many wait, by event: numbers, never names."""
    waits = func.coalesce(func.sum(case((Registration.queue_number.is_not(None), 1), else_=0)), 0)
    statement = (
        select(Registration.live_event_id, func.count(), waits)
        .where(Registration.live_event_id.in_([each.id for each in events]))
        .group_by(Registration.live_event_id)
    )
    if school_id is not None:
        statement = statement.join(Teacher, Teacher.id == Registration.teacher_id).where(Teacher.school_id == school_id)
    rows = session.execute(statement).all()
    return {event_id: (live - waiting, waiting) for event_id, live, waiting in rows if event_id is not None}


def _said(counts: tuple[int, int] | None) -> str:
    coming, waiting = counts or (0, 0)
    return f"{coming} coming" + (f", {waiting} on the waitlist" if waiting else "")


def _of_an_evening(
    event: Event, owner_id: UUID, key: str, *, public_url: str, said: str | None = None, **more: Any
) -> Entry:
    """An evening as an entry; `more` takes the place of what the event says."""
    status = EntryStatus.CONFIRMED
    if event.status == EventStatus.CANCELLED:
        status = EntryStatus.CANCELLED
    elif event.status == EventStatus.DRAFT:
        status = EntryStatus.TENTATIVE
    told: dict[str, Any] = {"summary": event.name, "status": status, "description": said, **more}
    return Entry(
        owner_id=owner_id,
        key=key,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        timezone=event.timezone,
        location=_location(event),
        url=f"{public_url}/v1/events/{event.id}/programme" if event.status in PUBLIC else None,
        **told,
    )


def _location(event: Event) -> str | None:
    return ", ".join(each for each in (event.venue_name, event.venue_address, event.venue_postcode) if each) or None


def _of_registrations(session: Session, found: Sequence[tuple[Registration, Event]], *, public_url: str) -> list[Entry]:
    """Evenings with their rounds, as those see them who come. Nobody else is named."""
    seats = itineraries(session, {registration.id: event.id for registration, event in found})
    hosting = _hosting(session, [registration for registration, _ in found])
    entries = []
    for registration, event in found:
        evening = _of_an_evening(
            event, registration.id, "evening", public_url=public_url, **_going(registration, event)
        )
        entries.append(evening)
        for each in seats[registration.id].bookings:
            title = each.presentation.title if each.presentation else "a table without a presentation"
            entries.append(_of_a_round(evening, each, f"Table {each.table_number}: {title}"))
        for each in hosting.get(registration.id, []):
            title = each.presentation.title if each.presentation else ""
            entries.append(_of_a_round(evening, each, f"You present at table {each.table_number}: {title}"))
    return entries


def _going(registration: Registration, event: Event) -> dict[str, Any]:
    """How somebody's own registration changes what the evening is to them."""
    if registration.live_event_id is None:
        return {"status": EntryStatus.CANCELLED, "description": "You have cancelled."}
    if registration.queue_number is not None:
        tentative = {} if event.status == EventStatus.CANCELLED else {"status": EntryStatus.TENTATIVE}
        return {**tentative, "description": "You are on the waitlist."}
    return {"description": "You present." if registration.role == "presenter" else "You have a place."}


def _of_a_round(evening: Entry, booking: BookingOut, summary: str) -> Entry:
    return Entry(
        owner_id=evening.owner_id,
        key=f"round-{booking.round}",
        summary=summary,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        timezone=evening.timezone,
        status=evening.status,
        location=evening.location,
        description=f"Round {booking.round} of {evening.summary}.",
        url=evening.url,
    )


def _hosting(session: Session, found: Sequence[Registration]) -> dict[UUID, list[BookingOut]]:
    """The rounds in which presenters stand at their own table, by registration."""
    rows = session.execute(
        select(Registration.id, Round, Table.number, Presentation)
        .join(Presenter, Presenter.event_id == Registration.live_event_id)
        .join(Presentation, Presentation.id == Presenter.presentation_id)
        .join(Table, Table.id == Presentation.table_id)
        .join(Slot, and_(Slot.table_id == Table.id, Slot.closed.is_(False)))
        .join(Round, Round.id == Slot.round_id)
        .where(Presenter.teacher_id == Registration.teacher_id, Registration.id.in_([each.id for each in found]))
        .order_by(Round.number, Table.number)
    )
    told: dict[UUID, list[BookingOut]] = {}
    for registration_id, round_, table_number, presentation in rows:
        there = told.setdefault(registration_id, [])
        if there and there[-1].round == round_.number:
            continue  # with two tables in one round, one is enough to find them
        there.append(
            BookingOut.model_validate(
                {
                    "round": round_.number,
                    "starts_at": round_.starts_at,
                    "ends_at": round_.ends_at,
                    "table_number": table_number,
                    "presentation": {"id": presentation.id, "title": presentation.title},
                }
            )
        )
    return told


def _calendar(
    session: Session,
    entries: list[Entry],
    *,
    name: str,
    description: str,
    source: str | None = None,
    vanishing: bool = False,
) -> Calendar:
    """`vanishing`: of what was shown and is no more, it is shown that it is cancelled."""
    owners = {each.owner_id for each in entries}
    kept = _kept(session, entries, owners if vanishing else set())
    present = {(each.owner_id, each.key) for each in entries}
    entries = entries + [_gone(each) for named, each in kept.items() if named not in present]
    news = [
        each
        for each in entries
        if (before := kept.get((each.owner_id, each.key))) is None or before.digest != each.digest()
    ]
    revisions = {named: Revision(each.sequence, each.modified_at) for named, each in kept.items()}
    return Calendar(name, description, source, entries, revisions, news)


def _kept(session: Session, entries: Sequence[Entry], owners: Iterable[UUID]) -> dict[Named, CalendarEntry]:
    """What was shown of these entries, and of all others of these owners."""
    found: dict[Named, CalendarEntry] = {}
    names = [(each.owner_id, each.key) for each in entries]
    for start in range(0, len(names), A_LOT):
        some = tuple_(CalendarEntry.owner_id, CalendarEntry.key).in_(names[start : start + A_LOT])
        found |= {(each.owner_id, each.key): each for each in session.scalars(select(CalendarEntry).where(some))}
    all_owners = list(owners)
    for start in range(0, len(all_owners), A_LOT):
        theirs = or_(CalendarEntry.owner_id.in_(all_owners[start : start + A_LOT]))
        rows = session.scalars(select(CalendarEntry).where(theirs).order_by(CalendarEntry.key))
        found |= {(each.owner_id, each.key): each for each in rows}
    return found


def _gone(kept: CalendarEntry) -> Entry:
    return Entry(
        owner_id=kept.owner_id,
        key=kept.key,
        summary="No seat in this round any more",
        starts_at=kept.starts_at,
        ends_at=kept.ends_at,
        timezone=kept.timezone,
        status=EntryStatus.CANCELLED,
    )


def years(entries: Iterable[Entry]) -> tuple[int, int]:
    """The years that a calendar's clocks have to be known for, with one to spare on either side."""
    spare = timedelta(days=366)
    moments: list[datetime] = [at for each in entries for at in (each.starts_at - spare, each.ends_at + spare)]
    return min(moments).year, max(moments).year
