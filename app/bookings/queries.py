"""What one can ask about bookings."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bookings.schemas import BookingOut, ItineraryOut
from app.events.models import Round
from app.kernel.caller import Caller
from app.marketplace.models import Presentation, Seat, Table
from app.marketplace.schemas import TablePresentationOut
from app.registrations import queries as registrations


def itinerary(session: Session, *, caller: Caller, registration_id: UUID) -> ItineraryOut:
    """A registration's bookings. Raises `NotFound`."""
    found = registrations.registration_row(session, caller=caller, registration_id=registration_id)
    return itineraries(session, {found.id: found.event_id})[found.id]


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
