"""What one can do with feeds; and noting what is shown of entries."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.calendars import queries
from app.calendars.models import CalendarEntry, CalendarFeed
from app.calendars.queries import SCOPE
from app.calendars.rules import PREFIX_LENGTH, Entry, EntryStatus, FeedKind, new_token
from app.calendars.schemas import CalendarFeedIn, CalendarFeedOut, NewCalendarFeedOut
from app.kernel import outbox
from app.kernel.caller import Caller, Reach, digest_of
from app.kernel.commands import command
from app.kernel.ids import new_id
from app.kernel.problems import Fault, Forbidden, InvalidRequest
from app.people import queries as people
from app.people.commands import school_of_hub
from app.people.models import Hub, Teacher

MOST_AT_ONCE = 200
"""Entries looked up by one statement."""


@command()
def create_feed(
    session: Session, *, caller: Caller, now: datetime, hub_id: str, body: CalendarFeedIn, public_url: str
) -> NewCalendarFeedOut:
    """Makes a calendar at an address that nobody can guess. Raises `NotFound`, `Forbidden`, `InvalidRequest`."""
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    teacher_id, school_id = _whose(session, caller, hub, body)
    token = new_token()
    feed = CalendarFeed(
        id=new_id(),
        hub_id=hub.id,
        kind=str(body.kind),
        teacher_id=teacher_id,
        school_id=school_id,
        prefix=token[:PREFIX_LENGTH],
        digest=digest_of(token),
        created_at=now,
    )
    session.add(feed)
    session.flush()
    outbox.record(
        session, "calendar_feed.created", hub_id=hub.id, now=now, calendar_feed_id=feed.id, teacher_id=teacher_id
    )
    shown = CalendarFeedOut.model_validate(feed)
    return NewCalendarFeedOut(**shown.model_dump(), url=f"{public_url}/v1/calendars/{token}.ics")


def _whose(session: Session, caller: Caller, hub: Hub, body: CalendarFeedIn) -> tuple[UUID | None, UUID | None]:
    """The teacher or the school whose feed it is. Raises `Forbidden`, `InvalidRequest`."""
    for name, kind in (("teacher_id", FeedKind.PERSON), ("school_id", FeedKind.SCHOOL)):
        if getattr(body, name) is not None and body.kind is not kind:
            raise _unusable(f"is for a feed of the kind {kind}", f"/{name}")
    if body.kind is FeedKind.PERSON:
        return _teacher(session, caller, hub, body.teacher_id), None
    if body.kind is FeedKind.SCHOOL:
        return None, _school(session, caller, hub, body.school_id)
    if not caller.runs_hub(SCOPE):
        raise Forbidden("The hub's own feed is for those who run the hub.")
    return None, None


def _teacher(session: Session, caller: Caller, hub: Hub, teacher_id: UUID | None) -> UUID:
    """One's own feed; another's only for those who run the hub, because whoever makes a feed knows its address."""
    wanted = teacher_id or caller.teacher_id
    if wanted is None:
        raise _unusable("say whose, because these credentials are no person's", "/teacher_id")
    known = select(Teacher.id).where(Teacher.id == wanted, Teacher.hub_id == hub.id, Teacher.erased_at.is_(None))
    allowed = wanted == caller.teacher_id or caller.runs_hub(SCOPE)
    if not allowed or session.scalar(known) is None:
        raise _unusable("is not a teacher whose feed you can make", "/teacher_id")
    return wanted


def _school(session: Session, caller: Caller, hub: Hub, school_id: UUID | None) -> UUID:
    if caller.reach_with(SCOPE) not in (Reach.EVERYTHING, Reach.HUB, Reach.SCHOOL):
        raise Forbidden("A school's feed is for its leads, and for those who run the hub.")
    wanted = school_id or caller.school_id
    if wanted is None:
        raise _unusable("say which, because these credentials are no school's", "/school_id")
    return school_of_hub(
        session, caller=caller, hub_id=hub.id, school_id=wanted, pointer="/school_id", scopes=(SCOPE,)
    ).id


def _unusable(detail: str, pointer: str) -> InvalidRequest:
    return InvalidRequest("Some values cannot be used.", errors=[Fault(detail, pointer=pointer)])


@command()
def revoke_feed(session: Session, *, caller: Caller, now: datetime, feed_id: UUID) -> None:
    """Ends a feed: at its address there is nothing any more. Raises `NotFound`."""
    feed = queries.calendar_feed(session, caller=caller, feed_id=feed_id)
    session.delete(feed)
    outbox.record(
        session,
        "calendar_feed.revoked",
        hub_id=feed.hub_id,
        now=now,
        calendar_feed_id=feed.id,
        teacher_id=feed.teacher_id,
    )


@command()
def note_entries(session: Session, *, now: datetime, entries: Sequence[Entry]) -> None:
    """Notes how entries are shown from now on; those that have changed since are one revision further."""
    for start in range(0, len(entries), MOST_AT_ONCE):
        some = entries[start : start + MOST_AT_ONCE]
        keys = [(each.owner_id, each.key) for each in some]
        there = select(CalendarEntry).where(tuple_(CalendarEntry.owner_id, CalendarEntry.key).in_(keys))
        known = {(each.owner_id, each.key): each for each in session.scalars(there.with_for_update())}
        for each in some:
            _note(session, known.get((each.owner_id, each.key)), each, now=now)
        session.flush()


def _note(session: Session, kept: CalendarEntry | None, entry: Entry, *, now: datetime) -> None:
    digest = entry.digest()
    if kept is None:
        kept = CalendarEntry(owner_id=entry.owner_id, key=entry.key, sequence=0)
        session.add(kept)
    elif kept.digest == digest:
        return  # another process has noted it meanwhile
    else:
        kept.sequence += 1
    kept.digest, kept.modified_at = digest, now
    kept.starts_at, kept.ends_at, kept.timezone = entry.starts_at, entry.ends_at, entry.timezone
    kept.is_cancelled = entry.status is EntryStatus.CANCELLED
