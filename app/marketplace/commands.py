"""What one can do with presentations before they are at a table, and with what they say."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.events import queries as events
from app.events.models import Event
from app.events.rules import OPEN_TO_CHANGE
from app.kernel import outbox
from app.kernel.caller import Caller, Reach
from app.kernel.commands import Arguments, by, command
from app.kernel.ids import new_id
from app.kernel.problems import Fault, Forbidden, InvalidRequest, Members, NotFound, Problem
from app.marketplace import queries
from app.marketplace.models import Presentation, Presenter
from app.marketplace.rules import PresentationStatus
from app.marketplace.schemas import PresentationIn, PresentationOut
from app.people.models import Teacher
from app.people.queries import visible_teachers


class EventOver(Problem):
    """The evening is over, called off or put away, so nothing about it changes any more.

    Copy it to next year's draft, and change that.
    """

    status, title = 409, "The event is over"


class TablesFull(Problem):
    """Every table holds a presentation.

    Free one, or raise the event's `table_count`.
    """

    status, title = 409, "Every table is taken"
    example: ClassVar[Members] = {"capacity": 24, "taken": 24}


class TableTaken(Problem):
    """Another presentation is at that table.

    Choose another table, or free it first.
    """

    status, title = 409, "The table is taken"
    example: ClassVar[Members] = {"table_number": 7}


def events_of_presentations(session: Session, calls: Sequence[Arguments]) -> Sequence[UUID]:
    """Whose turn calls need that name a `presentation_id`."""
    ids = {call["presentation_id"] for call in calls}
    return session.scalars(select(Presentation.event_id).where(Presentation.id.in_(ids))).all()


@command(turns=by("event_id"))
def propose(
    session: Session, *, caller: Caller, now: datetime, event_id: UUID, body: PresentationIn
) -> PresentationOut:
    """Offers a presentation. Raises `NotFound`, `EventOver`, and `InvalidRequest` for presenters that are not there."""
    _must_be_able_to_offer(caller)
    event = events.own_event(session, caller=caller, event_id=event_id)
    must_be_open_to_change(event)
    check_presenters(session, caller=caller, event=event, presenter_ids=body.presenter_ids)
    presentation = Presentation(
        id=new_id(),
        event_id=event.id,
        status=str(PresentationStatus.PROPOSED),
        created_at=now,
        updated_at=now,
        **body.model_dump(mode="json", exclude={"presenter_ids"}),
    )
    session.add(presentation)
    session.flush()
    set_presenters(session, presentation, body.presenter_ids)
    tell(session, presentation, event=event, now=now, what="proposed")
    return queries.shown(session, [presentation])[0]


def own_presentation(session: Session, *, caller: Caller, presentation_id: UUID) -> tuple[Presentation, Event]:
    """A presentation that the caller may change, and its event: for its presenters, and for those who run the hub.

    Raises `NotFound`, `Forbidden`, `EventOver`.
    """
    _must_be_able_to_offer(caller)
    there = events.own_events(caller).with_only_columns(Event.id)
    statement = select(Presentation).where(Presentation.id == presentation_id, Presentation.event_id.in_(there))
    if caller.teacher_id is not None and not caller.runs_hub("events:write"):
        statement = statement.where(queries.presented_by(caller.teacher_id))
    found = session.scalar(statement)
    if found is None:
        raise NotFound
    event = session.get_one(Event, found.event_id)
    must_be_open_to_change(event)
    return found, event


def _must_be_able_to_offer(caller: Caller) -> None:
    """Presenters offer their own presentations, those who run the hub anybody's. Raises `Forbidden` to others."""
    if caller.reach_with("events:write") not in (Reach.SELF, Reach.HUB, Reach.EVERYTHING):
        raise Forbidden("This is for those who run the hub.")


def must_be_open_to_change(event: Event) -> None:
    """Raises `EventOver`."""
    if event.status not in OPEN_TO_CHANGE:
        raise EventOver(f"The event is {event.status}.")


def set_presenters(session: Session, presentation: Presentation, presenter_ids: Sequence[UUID]) -> None:
    """Names who gives a presentation, in order."""
    session.execute(delete(Presenter).where(Presenter.presentation_id == presentation.id))
    session.add_all(
        Presenter(
            presentation_id=presentation.id, teacher_id=teacher_id, event_id=presentation.event_id, position=position
        )
        for position, teacher_id in enumerate(presenter_ids, start=1)
    )
    session.flush()


def check_presenters(session: Session, *, caller: Caller, event: Event, presenter_ids: Sequence[UUID]) -> None:
    known = set(
        session.scalars(
            visible_teachers(caller, "events:write")
            .where(Teacher.id.in_(presenter_ids), Teacher.hub_id == event.hub_id)
            .with_only_columns(Teacher.id)
        )
    )
    faults = [
        Fault("is not a teacher of this hub", pointer=f"/presenter_ids/{index}")
        for index, teacher_id in enumerate(presenter_ids)
        if teacher_id not in known
    ]
    repeated = [
        Fault("is named more than once", pointer=f"/presenter_ids/{index}")
        for index, teacher_id in enumerate(presenter_ids)
        if teacher_id in presenter_ids[:index]
    ]
    if faults or repeated:
        raise InvalidRequest("Some values cannot be used.", errors=[*faults, *repeated])


def tell(session: Session, presentation: Presentation, *, event: Event, now: datetime, what: str) -> None:
    """Notes what happened to a presentation, for the outside world and for the public pages."""
    events.note_change(session, event.id)
    outbox.record(
        session,
        f"presentation.{what}",
        hub_id=event.hub_id,
        now=now,
        event_id=event.id,
        presentation_id=presentation.id,
    )
