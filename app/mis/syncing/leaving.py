"""What follows when somebody leaves: their places are given back after a while, and an organiser hears of presenters.

After a while, because an export that was wrong yesterday is often right tomorrow: whoever is back by then keeps their
place. A presenter is never cancelled by itself; the evening is more than one person's.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.orm import Session

from app.events.models import Event
from app.events.rules import OPEN_TO_CHANGE
from app.kernel import jobs, outbox
from app.kernel.caller import HERE
from app.kernel.commands import Arguments, command
from app.marketplace.models import Presentation, Presenter
from app.marketplace.rules import CAN_BE_WITHDRAWN
from app.mis.syncing.models import Leaving, Source
from app.mis.syncing.plan import Plan
from app.people.models import Teacher
from app.registrations import commands as registrations
from app.registrations.models import Registration

RELEASE = "mis.release-places"
GRACE = timedelta(days=7)
_AT_ONCE = 500


def note(session: Session, plan: Plan, *, source: Source, now: datetime) -> None:
    """Writes down who leaves by a plan and who is back, and what follows later."""
    leavers = [UUID(each) for each in plan.leavers]
    for some in _some([*leavers, *(UUID(each) for each in plan.returners)]):
        session.execute(delete(Leaving).where(Leaving.teacher_id.in_(some)))
    if not leavers:
        return
    due = now + GRACE
    given = {"hub_id": source.hub_id, "source_id": source.id, "left_at": now, "release_at": due, "released_at": None}
    session.connection().execute(insert(Leaving), [{"teacher_id": each, **given} for each in leavers])
    jobs.enqueue(session, RELEASE, {"hub_id": source.hub_id}, now=now, due_at=due)
    facts = [
        outbox.fact("presenter.leaving", hub_id=source.hub_id, now=now, teacher_id=teacher_id, event_id=event_id)
        for some in _some(leavers)
        for teacher_id, event_id in session.execute(_presenting(some).order_by(Event.id, Presenter.teacher_id))
    ]
    outbox.record_all(session, facts)


def _some(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _presenting(teacher_ids: Sequence[UUID]) -> Select[UUID, UUID]:
    return (
        select(Presenter.teacher_id, Event.id)
        .join(Presentation, Presentation.id == Presenter.presentation_id)
        .join(Event, Event.id == Presentation.event_id)
        .where(
            Presenter.teacher_id.in_(teacher_ids),
            Event.status.in_(OPEN_TO_CHANGE),
            Presentation.status.in_(CAN_BE_WITHDRAWN),
        )
        .distinct()
    )


def due(session: Session, *, hub_id: UUID, now: datetime) -> list[UUID]:
    """Those who have left for long enough, and whose places have not been given back."""
    return list(
        session.scalars(
            select(Leaving.teacher_id)
            .where(Leaving.hub_id == hub_id, Leaving.released_at.is_(None), Leaving.release_at <= now)
            .order_by(Leaving.release_at, Leaving.teacher_id)
        )
    )


def _events_of_those_who_left(session: Session, calls: Sequence[Arguments]) -> Iterable[UUID]:
    ids = [call["teacher_id"] for call in calls]
    return set(session.scalars(select(Registration.event_id).where(Registration.teacher_id.in_(ids))))


@command(turns=_events_of_those_who_left)
def release_places(session: Session, *, teacher_id: UUID, now: datetime) -> int:
    """Cancels what somebody who has left was registered for, in the ordinary way; answers with how many that were.

    Nothing happens when they are back, or when it was done before.
    """
    leaving = session.scalar(
        select(Leaving).where(
            Leaving.teacher_id == teacher_id, Leaving.released_at.is_(None), Leaving.release_at <= now
        )
    )
    if leaving is None:
        return 0
    leaving.released_at = now
    if session.get_one(Teacher, teacher_id).active:
        return 0
    coming = session.scalars(
        select(Registration.id)
        .join(Event, Event.id == Registration.live_event_id)
        .where(
            Registration.teacher_id == teacher_id,
            Registration.role == "attendee",
            Registration.checked_in_at.is_(None),
            Event.status.in_(OPEN_TO_CHANGE),
            Event.starts_at > now,
        )
        .order_by(Registration.id)
    ).all()
    for registration_id in coming:
        registrations.cancel(session, caller=HERE, now=now, registration_id=registration_id)
    if coming:
        outbox.record(
            session,
            "teacher.places_released",
            hub_id=leaving.hub_id,
            now=now,
            teacher_id=teacher_id,
            registrations=len(coming),
        )
    return len(coming)


def still_presenting(hub_id: UUID) -> Any:
    """Those who have left by the word of the MIS and still present at an evening ahead, one row a presentation."""
    return (
        select(
            Presentation.id.label("presentation_id"),
            Presentation.title.label("title"),
            Presentation.status.label("status"),
            Event.id.label("event_id"),
            Event.name.label("event_name"),
            Event.starts_at.label("starts_at"),
            Teacher.id.label("teacher_id"),
            Teacher.given_name.label("given_name"),
            Teacher.family_name.label("family_name"),
            Leaving.left_at.label("left_at"),
        )
        .join(Presenter, Presenter.presentation_id == Presentation.id)
        .join(Event, Event.id == Presentation.event_id)
        .join(Teacher, Teacher.id == Presenter.teacher_id)
        .join(Leaving, Leaving.teacher_id == Teacher.id)
        .where(
            Leaving.hub_id == hub_id,
            ~Teacher.active,
            Event.status.in_(OPEN_TO_CHANGE),
            Presentation.status.in_(CAN_BE_WITHDRAWN),
        )
        .order_by(Event.starts_at, Presentation.id, Teacher.id)
    )
