"""What one can ask about bookings."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bookings.schemas import BookingOut, GuestOut, GuestsOut, ItineraryOut, PresentationGuestsOut
from app.events.commands import ATTENDEE
from app.events.models import Round
from app.events.queries import rounds_of
from app.kernel.caller import Caller
from app.kernel.problems import Forbidden
from app.marketplace.models import Presentation, Seat, Table
from app.marketplace.queries import presentation_row
from app.marketplace.schemas import TablePresentationOut
from app.people.models import School, Teacher
from app.registrations import queries as registrations
from app.registrations.models import Registration
from app.registrations.presenting import presenter_ids


def itinerary(session: Session, *, caller: Caller, registration_id: UUID) -> ItineraryOut:
    """A registration's bookings. Raises `NotFound`."""
    found = registrations.registration_row(session, caller=caller, registration_id=registration_id)
    return itineraries(session, {found.id: found.event_id})[found.id]


def guests(session: Session, *, caller: Caller, presentation_id: UUID) -> PresentationGuestsOut:
    """Who comes to a presentation's table: first names and schools, for its presenters and those who run the hub.

    Raises `NotFound`, `Forbidden`.
    """
    found = presentation_row(session, caller=caller, presentation_id=presentation_id)
    if not caller.runs_hub("registrations:read") and caller.teacher_id not in presenter_ids(session, found.id):
        raise Forbidden("This is for the presenters, and for those who run the hub.")
    rounds = {
        each.id: GuestsOut(round=each.number, starts_at=each.starts_at, ends_at=each.ends_at, guests=[])
        for each in rounds_of(session, [found.event_id]).get(found.event_id, [])
    }
    seated = session.execute(
        select(Seat.round_id, Teacher.given_name, School.name)
        .join(Registration, Registration.id == Seat.registration_id)
        .join(Teacher, Teacher.id == Registration.teacher_id)
        .join(School, School.id == Teacher.school_id)
        .where(Seat.table_id == found.table_id, Registration.role == ATTENDEE)
        .order_by(Teacher.given_name, School.name, Registration.id)
    )
    for round_id, given_name, school_name in seated:
        rounds[round_id].guests.append(GuestOut(given_name=given_name, school_name=school_name))
    return PresentationGuestsOut(presentation_id=found.id, rounds=list(rounds.values()))


def itineraries(session: Session, event_ids: Mapping[UUID, UUID]) -> dict[UUID, ItineraryOut]:
    """The bookings of several registrations, each given with its event."""
    bookings = _bookings(session, event_ids)
    return {
        registration_id: ItineraryOut(
            registration_id=registration_id, event_id=event_id, bookings=bookings.get(registration_id, [])
        )
        for registration_id, event_id in event_ids.items()
    }


def _bookings(session: Session, registration_ids: Iterable[UUID]) -> dict[UUID, list[BookingOut]]:
    rows = session.execute(
        select(
            Seat.registration_id,
            Round.number.label("round"),
            Round.starts_at,
            Round.ends_at,
            Table.number.label("table_number"),
            Presentation.id,
            Presentation.title,
        )
        .join(Round, Round.id == Seat.round_id)
        .join(Table, Table.id == Seat.table_id)
        .outerjoin(Presentation, Presentation.table_id == Seat.table_id)
        .where(Seat.registration_id.in_(list(registration_ids)))
        .order_by(Round.number)
    )
    bookings: dict[UUID, list[BookingOut]] = {}
    for row in rows:
        held = TablePresentationOut(id=row.id, title=row.title) if row.id else None
        bookings.setdefault(row.registration_id, []).append(
            BookingOut(
                round=row.round,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                table_number=row.table_number,
                presentation=held,
            )
        )
    return bookings
