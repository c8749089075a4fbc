"""What one can ask about presentations and tables. Every question begins with what its caller may see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.events import queries as events
from app.events.models import Event, Figures, Round
from app.events.rules import PUBLIC
from app.kernel.caller import Caller
from app.kernel.pagination import Page, PageRequest, paginate
from app.kernel.problems import NotFound
from app.marketplace.models import Presentation, Presenter, Seat, Slot, Table
from app.marketplace.rules import PresentationStatus
from app.marketplace.schemas import PresentationOut, PresenterOut, TableOut, TablePresentationOut, TableRoundOut
from app.people.models import School, Teacher


def visible_presentations(caller: Caller) -> Select[Presentation]:
    """Accepted ones for anyone who sees the event; offers for those who run the hub, and for who offers them."""
    statement = select(Presentation)
    if caller.runs_hub("events:read", "events:write"):
        return statement
    accepted = Presentation.status == PresentationStatus.ACCEPTED
    return (
        statement.where(or_(accepted, presented_by(caller.teacher_id)))
        if caller.teacher_id
        else statement.where(accepted)
    )


def presented_by(teacher_id: UUID) -> ColumnElement[bool]:
    """Presentations that a teacher gives."""
    return Presentation.id.in_(select(Presenter.presentation_id).where(Presenter.teacher_id == teacher_id))


def presentations(
    session: Session,
    *,
    caller: Caller,
    event_id: UUID,
    page: PageRequest,
    status: PresentationStatus | None = None,
) -> Page:
    """An event's presentations in the order in which they were offered. Raises `NotFound`."""
    event = events.event_row(session, caller=caller, event_id=event_id)
    statement = visible_presentations(caller).where(Presentation.event_id == event.id)
    if status is not None:
        statement = statement.where(Presentation.status == status)
    found = paginate(session, statement, order=[Presentation.id], page=page)
    return replace(found, items=shown(session, found.items))


def presentation_row(session: Session, *, caller: Caller, presentation_id: UUID) -> Presentation:
    """A presentation itself. Raises `NotFound`."""
    there = events.visible_events(caller).with_only_columns(Event.id)
    found = session.scalar(
        visible_presentations(caller).where(Presentation.id == presentation_id, Presentation.event_id.in_(there))
    )
    if found is None:
        raise NotFound
    return found


def presentation(session: Session, *, caller: Caller, presentation_id: UUID) -> PresentationOut:
    """Raises `NotFound`."""
    return shown(session, [presentation_row(session, caller=caller, presentation_id=presentation_id)])[0]


def presenters_of(session: Session, presentation_ids: Iterable[UUID]) -> Mapping[UUID, list[PresenterOut]]:
    """Who gives each presentation, in the order in which they were named."""
    rows = session.execute(
        select(
            Presenter.presentation_id,
            Presenter.teacher_id,
            Teacher.given_name,
            Teacher.family_name,
            Teacher.school_id,
            School.name.label("school_name"),
        )
        .join(Teacher, Teacher.id == Presenter.teacher_id)
        .join(School, School.id == Teacher.school_id)
        .where(Presenter.presentation_id.in_(list(presentation_ids)))
        .order_by(Presenter.position)
    )
    by_presentation: dict[UUID, list[PresenterOut]] = {}
    for row in rows:
        by_presentation.setdefault(row.presentation_id, []).append(PresenterOut.model_validate(row))
    return by_presentation


def shown(session: Session, found: Sequence[Presentation]) -> list[PresentationOut]:
    """Presentations as clients see them."""
    session.flush()
    presenters = presenters_of(session, [each.id for each in found])
    table_ids = [each.table_id for each in found if each.table_id is not None]
    numbers: dict[UUID | None, int] = dict(
        session.execute(select(Table.id, Table.number).where(Table.id.in_(table_ids))).all()
    )
    return [
        PresentationOut(
            id=each.id,
            event_id=each.event_id,
            status=PresentationStatus(each.status),
            title=each.title,
            summary=each.summary,
            presenter_ids=[presenter.teacher_id for presenter in presenters.get(each.id, [])],
            presenters=presenters.get(each.id, []),
            subjects=each.subjects,
            key_stages=each.key_stages,
            needs=each.needs,
            table_number=numbers.get(each.table_id),
            created_at=each.created_at,
            updated_at=each.updated_at,
        )
        for each in found
    ]


PageVersion = tuple[int, datetime | None, datetime | None]
"""What an event's public pages show: its own version, and when a presenter or a presenter's school last changed."""

_PAGE_VERSIONS = (
    select(Figures.event_id, Figures.version, func.max(Teacher.updated_at), func.max(School.updated_at))
    .outerjoin(Presenter, Presenter.event_id == Figures.event_id)
    .outerjoin(Teacher, Teacher.id == Presenter.teacher_id)
    .outerjoin(School, School.id == Teacher.school_id)
    .where(Figures.event_id.in_(bindparam("ids", expanding=True)))
    .group_by(Figures.event_id, Figures.version)
)


_PUBLIC_PAGE_VERSIONS = _PAGE_VERSIONS.join(Event, Event.id == Figures.event_id).where(Event.status.in_(PUBLIC))


def page_versions(
    session: Session, event_ids: Iterable[UUID], *, for_anyone: bool = False
) -> Mapping[UUID, PageVersion]:
    """The version of each event's public pages: another one when anything that they show has changed.

    `for_anyone` leaves out events that not everybody may see.
    """
    rows = session.connection().execute(
        _PUBLIC_PAGE_VERSIONS if for_anyone else _PAGE_VERSIONS, {"ids": list(event_ids)}
    )
    return {event_id: (version, teachers, schools) for event_id, version, teachers, schools in rows}


def table_row(session: Session, *, event_id: UUID, number: int) -> Table:
    """A table by its number. Raises `NotFound`."""
    found = session.scalar(select(Table).where(Table.event_id == event_id, Table.number == number))
    if found is None:
        raise NotFound
    return found


def table(session: Session, *, caller: Caller, event_id: UUID, number: int) -> TableOut:
    """Raises `NotFound`."""
    event = events.event_row(session, caller=caller, event_id=event_id)
    return tables_shown(session, [table_row(session, event_id=event.id, number=number)])[0]


def tables(session: Session, *, caller: Caller, event_id: UUID, page: PageRequest) -> Page:
    """An event's tables by number. Raises `NotFound`."""
    event = events.event_row(session, caller=caller, event_id=event_id)
    found = paginate(session, select(Table).where(Table.event_id == event.id), order=[Table.number], page=page)
    return replace(found, items=tables_shown(session, found.items))


def seats_taken(session: Session, table_ids: Iterable[UUID]) -> Mapping[UUID, int]:
    """Seats taken by slot, of these tables; slots in which nobody sits are missing."""
    rows = session.execute(
        select(Seat.slot_id, func.count())
        .where(Seat.table_id.in_(list(table_ids)), Seat.registration_id.is_not(None))
        .group_by(Seat.slot_id)
    )
    return dict(rows.all())


def tables_shown(session: Session, found: Sequence[Table]) -> list[TableOut]:
    """Tables as clients see them."""
    session.flush()
    ids = [each.id for each in found]
    taken = seats_taken(session, ids)
    rounds: dict[UUID, list[TableRoundOut]] = {}
    seats = {each.id: each.seats for each in found}
    slots = select(Slot, Round.number).join(Round, Round.id == Slot.round_id).where(Slot.table_id.in_(ids))
    for slot, number in session.execute(slots.order_by(Round.number)):
        rounds.setdefault(slot.table_id, []).append(
            TableRoundOut(
                number=number,
                seats=0 if slot.closed else seats[slot.table_id],
                seats_taken=taken.get(slot.id, 0),
                closed=slot.closed,
            )
        )
    held = {
        each.table_id: TablePresentationOut(id=each.id, title=each.title)
        for each in session.scalars(select(Presentation).where(Presentation.table_id.in_(ids)))
    }
    return [
        TableOut(
            event_id=each.event_id,
            number=each.number,
            seats=each.seats,
            zone=each.zone,
            x=each.x,
            y=each.y,
            closed_rounds=[slot.number for slot in rounds.get(each.id, []) if slot.closed],
            presentation=held.get(each.id),
            rounds=rounds.get(each.id, []),
        )
        for each in found
    ]
