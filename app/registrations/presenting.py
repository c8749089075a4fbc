"""Deciding about presentations: accepting gives a table and registers the presenters, the rest takes both back."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app.events.commands import PRESENTER, IllegalTransition
from app.events.models import Event, Round
from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.commands import command
from app.kernel.merge import merge
from app.kernel.problems import Fault, Forbidden, InvalidRequest
from app.marketplace import queries as marketplace
from app.marketplace.commands import (
    TablesFull,
    TableTaken,
    check_presenters,
    events_of_presentations,
    own_presentation,
    set_presenters,
    tell,
)
from app.marketplace.models import Presentation, Presenter, Seat, Slot, Table
from app.marketplace.rules import CAN_BE_ACCEPTED, CAN_BE_DECLINED, CAN_BE_WITHDRAWN, PresentationStatus
from app.marketplace.schemas import AcceptIn, PresentationChange, PresentationOut
from app.registrations import places
from app.registrations.models import Registration


@command(turns=events_of_presentations)
def accept(
    session: Session, *, caller: Caller, now: datetime, presentation_id: UUID, body: AcceptIn
) -> PresentationOut:
    """Accepts a presentation at a table, the lowest free one unless a number is given. Accepting twice is once.

    Raises `NotFound`, `EventOver`, `IllegalTransition`, `TablesFull`, `TableTaken`, `InvalidRequest`.
    """
    presentation, event = own_presentation(session, caller=caller, presentation_id=presentation_id)
    if presentation.status == PresentationStatus.ACCEPTED and _is_at(session, presentation, body.table_number):
        return marketplace.shown(session, [presentation])[0]
    if presentation.status not in CAN_BE_ACCEPTED:
        raise IllegalTransition(f"A presentation that is {presentation.status} cannot be accepted.")
    table = _table(session, event, body.table_number)
    seat_at(session, presentation, table, event=event, now=now)
    return marketplace.shown(session, [presentation])[0]


def seat_at(session: Session, presentation: Presentation, table: Table, *, event: Event, now: datetime) -> None:
    """Puts a presentation that is at no table at a free one, and registers its presenters."""
    presentation.status, presentation.table_id = str(PresentationStatus.ACCEPTED), table.id
    presentation.updated_at = now
    session.flush()
    for teacher_id in presenter_ids(session, presentation.id):
        places.new_presenter(session, event=event, teacher_id=teacher_id, now=now)
    call_presenters_back(session, table.id, event=event, now=now)
    tell(session, presentation, event=event, now=now, what="accepted")


def call_presenters_back(session: Session, table_id: UUID, *, event: Event, now: datetime) -> None:
    """Presenters give up seats at other tables in the rounds in which their own table is open."""
    own_rounds = select(Slot.round_id).where(Slot.table_id == table_id, Slot.closed.is_(False))
    registrations = (
        select(Registration.id)
        .join(Presenter, Presenter.teacher_id == Registration.teacher_id)
        .join(Presentation, Presentation.id == Presenter.presentation_id)
        .where(Presentation.table_id == table_id, Registration.live_event_id == event.id)
    )
    _empty_seats(session, Seat.round_id.in_(own_rounds), Seat.registration_id.in_(registrations), event=event, now=now)


def _is_at(session: Session, presentation: Presentation, number: int | None) -> bool:
    if number is None:
        return True
    return session.scalar(select(Table.number).where(Table.id == presentation.table_id)) == number


def _table(session: Session, event: Event, number: int | None) -> Table:
    taken = select(Presentation.table_id).where(Presentation.event_id == event.id, Presentation.table_id.is_not(None))
    if number is None:
        free = select(Table).where(Table.event_id == event.id, Table.id.not_in(taken)).order_by(Table.number).limit(1)
        lowest = session.scalar(free)
        if lowest is None:
            raise TablesFull("Every table holds a presentation.", capacity=event.table_count, taken=event.table_count)
        return lowest
    table = session.scalar(select(Table).where(Table.event_id == event.id, Table.number == number))
    if table is None:
        fault = Fault(f"the event has tables 1 to {event.table_count}", pointer="/table_number")
        raise InvalidRequest("There is no such table.", errors=[fault])
    must_be_free(session, table)
    return table


def must_be_free(session: Session, table: Table) -> None:
    """Raises `TableTaken`."""
    if session.scalar(select(Presentation.id).where(Presentation.table_id == table.id)):
        raise TableTaken(f"Another presentation is at table {table.number}.", table_number=table.number)


@command(turns=events_of_presentations)
def decline(session: Session, *, caller: Caller, now: datetime, presentation_id: UUID) -> PresentationOut:
    """Declines a presentation, also one that was accepted. Raises `NotFound`, `EventOver`, `IllegalTransition`."""
    return _end(session, presentation_id, CAN_BE_DECLINED, PresentationStatus.DECLINED, caller=caller, now=now)


@command(turns=events_of_presentations)
def withdraw(session: Session, *, caller: Caller, now: datetime, presentation_id: UUID) -> PresentationOut:
    """Withdraws a presentation for its presenter. Raises `NotFound`, `EventOver`, `IllegalTransition`."""
    return _end(session, presentation_id, CAN_BE_WITHDRAWN, PresentationStatus.WITHDRAWN, caller=caller, now=now)


def _end(
    session: Session,
    presentation_id: UUID,
    sources: Collection[PresentationStatus],
    target: PresentationStatus,
    *,
    caller: Caller,
    now: datetime,
) -> PresentationOut:
    presentation, event = own_presentation(session, caller=caller, presentation_id=presentation_id)
    if presentation.status != target:
        if presentation.status not in sources:
            raise IllegalTransition(f"A presentation that is {presentation.status} cannot become {target}.")
        take_from_table(session, presentation, event=event, now=now, status=target)
        tell(session, presentation, event=event, now=now, what=str(target))
    return marketplace.shown(session, [presentation])[0]


def take_from_table(
    session: Session, presentation: Presentation, *, event: Event, now: datetime, status: PresentationStatus
) -> None:
    """Takes a presentation away from its table, if it is at one: seats there are free, its presenters' registrations
    end unless they present something else too."""
    table_id = presentation.table_id
    presentation.status, presentation.table_id, presentation.updated_at = str(status), None, now
    session.flush()
    if table_id is not None:
        _empty_seats(session, Seat.table_id == table_id, Seat.registration_id.is_not(None), event=event, now=now)
        for teacher_id in presenter_ids(session, presentation.id):
            _end_presenting(session, event, teacher_id, now=now)


def _empty_seats(session: Session, *held: ColumnElement[bool], event: Event, now: datetime) -> None:
    there = (
        select(Seat.registration_id, Round.number)
        .join(Round, Round.id == Seat.round_id)
        .where(*held)
        .order_by(Round.number, Seat.registration_id)
    )
    rows = session.execute(there).all()
    session.execute(
        update(Seat)
        .where(*held)
        .values(registration_id=None, held_event_id=None)
        .execution_options(synchronize_session=False)
    )
    outbox.record_all(
        session,
        [
            outbox.fact(
                "booking.released",
                hub_id=event.hub_id,
                now=now,
                event_id=event.id,
                registration_id=row.registration_id,
                round=row.number,
                table_number=None,
            )
            for row in rows
        ],
    )


def presenter_ids(session: Session, presentation_id: UUID) -> list[UUID]:
    """Who gives a presentation, in the order in which they were named."""
    statement = (
        select(Presenter.teacher_id).where(Presenter.presentation_id == presentation_id).order_by(Presenter.position)
    )
    return list(session.scalars(statement))


def _end_presenting(session: Session, event: Event, teacher_id: UUID, *, now: datetime) -> None:
    """Ends a presenter's registration, unless an accepted presentation of the event still has them, or they have been
    checked in: who has come, has come."""
    still = session.scalar(
        select(Presenter.presentation_id)
        .join(Presentation, Presentation.id == Presenter.presentation_id)
        .where(
            Presenter.event_id == event.id,
            Presenter.teacher_id == teacher_id,
            Presentation.status == PresentationStatus.ACCEPTED,
        )
        .limit(1)
    )
    if still is not None:
        return
    registration = session.scalar(
        select(Registration).where(
            Registration.live_event_id == event.id,
            Registration.teacher_id == teacher_id,
            Registration.role == PRESENTER,
        )
    )
    if registration is not None and registration.checked_in_at is None:
        places.cancel_live(session, registration, event=event, now=now)


@command(turns=events_of_presentations)
def change_presentation(
    session: Session, *, caller: Caller, now: datetime, presentation_id: UUID, body: PresentationChange
) -> PresentationOut:
    """Changes a presentation; presenters that come and go are registered and released as on accepting.

    Raises `NotFound`, `EventOver`, `InvalidRequest`.
    """
    presentation, event = own_presentation(session, caller=caller, presentation_id=presentation_id)
    plain = body.model_dump(mode="json", exclude_unset=True, exclude={"presenter_ids"})
    changed = bool(merge(presentation, plain))
    before = presenter_ids(session, presentation.id)
    if body.presenter_ids is not None and body.presenter_ids != before:
        if not caller.runs_hub("events:write"):
            raise Forbidden("Ask those who run the hub to change who presents.")
        check_presenters(session, caller=caller, event=event, presenter_ids=body.presenter_ids)
        set_presenters(session, presentation, body.presenter_ids)
        if presentation.status == PresentationStatus.ACCEPTED:
            for teacher_id in body.presenter_ids:
                places.new_presenter(session, event=event, teacher_id=teacher_id, now=now)
            for teacher_id in before:
                if teacher_id not in body.presenter_ids:
                    _end_presenting(session, event, teacher_id, now=now)
            if presentation.table_id is not None:
                call_presenters_back(session, presentation.table_id, event=event, now=now)
        changed = True
    if changed:
        presentation.updated_at = now
        tell(session, presentation, event=event, now=now, what="updated")
    return marketplace.shown(session, [presentation])[0]
