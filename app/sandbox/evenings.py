"""The known hub's small evenings, one in each state that a screen has to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.attendance.commands import check_in
from app.attendance.reflecting import reflect
from app.attendance.schemas import CheckInIn, ReflectionIn
from app.bookings.schemas import BookingIn, ItineraryIn
from app.bookings.seating import seat_together
from app.events.commands import PRESENTER, change_status
from app.events.rules import EventKind, Transition
from app.events.schemas import EventIn, EventOut, RoundIn, Venue
from app.kernel.problems import Problem
from app.marketplace.commands import propose
from app.marketplace.evenings import create_event
from app.marketplace.models import Presentation, Table
from app.marketplace.schemas import AcceptIn, PresentationIn
from app.people.rules import KeyStage
from app.registrations.models import Registration
from app.registrations.presenting import accept
from app.registrations.registering import register_together
from app.registrations.schemas import RegistrationIn, RegistrationOut
from app.sandbox.story import Story

T = TypeVar("T")
LONDON = ZoneInfo("Europe/London")
TABLES, SEATS = 6, 4
FIRST_ROUND = timedelta(minutes=15)
ROUND, BREAK = timedelta(minutes=15), timedelta(minutes=5)
TITLES = (
    ("Reading aloud, every day", "English", KeyStage.KS1),
    ("Fractions with paper strips", "Maths", KeyStage.KS2),
    ("A museum in a shoebox", "History", KeyStage.KS2),
    ("Marking less, telling more", "Assessment", KeyStage.KS2),
    ("Songs for tidying up", "Music", KeyStage.EYFS),
    ("The pond in the playground", "Science", KeyStage.KS1),
)


def local(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A local time in London, as the instant that it is."""
    return datetime(year, month, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


def rounds(starts_at: datetime, how_many: int) -> list[RoundIn]:
    """Rounds of a quarter of an hour with breaks of five minutes, the first a quarter of an hour after the start."""
    begin = [starts_at + FIRST_ROUND + number * (ROUND + BREAK) for number in range(how_many)]
    return [RoundIn(number=number, starts_at=at, ends_at=at + ROUND) for number, at in enumerate(begin, start=1)]


@dataclass(frozen=True, slots=True)
class Plan:
    """A small evening: when it is set up and signed up for, who presents and who comes, in the order of their wish.

    `sitting` is how many of those who come have booked a table in each round. `arriving` of them, and all presenters,
    are checked in at `doors_at`. `then` is what becomes of the event in the end, and when; after that come
    `reflections`, on the evening and on the presentation at table 1.
    """

    state: str
    name: str
    starts_at: datetime
    set_up_at: datetime
    capacity: int = 20
    kind: EventKind = EventKind.TEACHMEET
    tables: int = TABLES
    venue: str = "Bramble Hill Primary School"
    presenters: Sequence[UUID] = ()
    comers: Sequence[UUID] = ()
    sitting: int = 0
    published: bool = True
    arriving: int = 0
    doors_at: datetime | None = None
    then: Sequence[tuple[Transition, datetime]] = ()
    reflections: Sequence[tuple[str, str]] = ()

    def event(self) -> EventIn:
        return EventIn(
            name=self.name,
            kind=self.kind,
            venue=Venue(name=self.venue, address="London"),
            starts_at=self.starts_at,
            ends_at=self.starts_at + timedelta(hours=1, minutes=30),
            attendee_capacity=self.capacity,
            table_count=self.tables,
            seats_per_table=SEATS,
            rounds=rounds(self.starts_at, 3) if self.tables else [],
        )


def tell(story: Story, plan: Plan, *, hub_id: str, chapter: int) -> EventOut:
    """One evening, from its draft to its state."""
    with story.chapter(chapter, plan.set_up_at):
        event = create_event(story.session, **story.here, hub_id=hub_id, body=plan.event())
        for number, teacher_id in enumerate(plan.presenters, start=1):
            _present(story, event.id, number, teacher_id, accepted=plan.published)
        if plan.published:
            change_status(story.session, **story.here, event_id=event.id, transition=Transition.PUBLISH)
        coming = _register(story, event.id, plan.comers)
        _seat(story, coming[: plan.sitting])
        for transition, at in plan.then:
            if plan.doors_at is None or at <= plan.doors_at:
                _change_status(story, event.id, transition, at)
        if plan.doors_at is not None:
            _let_in(story, event.id, coming[: plan.arriving], plan.doors_at)
            for transition, at in plan.then:
                if at > plan.doors_at:
                    _change_status(story, event.id, transition, at)
        for registration, (well, better) in zip(coming, plan.reflections, strict=False):
            _reflect(story, event.id, registration, well, better)
    return event


def _change_status(story: Story, event_id: UUID, transition: Transition, at: datetime) -> None:
    story.now = at
    change_status(story.session, **story.here, event_id=event_id, transition=transition)


def _let_in(story: Story, event_id: UUID, coming: Sequence[RegistrationOut], at: datetime) -> None:
    story.now = at
    presenting = select(Registration.id).where(Registration.event_id == event_id, Registration.role == PRESENTER)
    arriving = [*story.session.scalars(presenting.order_by(Registration.id)), *(each.id for each in coming)]
    for registration_id in arriving:
        body = CheckInIn(registration_id=registration_id)
        check_in(story.session, **story.here, event_id=event_id, body=body)


def _reflect(story: Story, event_id: UUID, registration: RegistrationOut, well: str, better: str) -> None:
    at_table_1 = (
        select(Presentation.id)
        .join(Table, Table.id == Presentation.table_id)
        .where(Presentation.event_id == event_id, Table.number == 1)
    )
    for about in (None, story.session.scalars(at_table_1).one()):
        body = ReflectionIn(
            registration_id=registration.id, presentation_id=about, what_went_well=well, even_better_if=better
        )
        reflect(story.session, **story.here, event_id=event_id, body=body)


def _present(story: Story, event_id: UUID, number: int, teacher_id: UUID, *, accepted: bool) -> None:
    title, subject, stage = TITLES[(number - 1) % len(TITLES)]
    body = PresentationIn(title=title, presenter_ids=[teacher_id], subjects=[subject], key_stages=[stage])
    offered = propose(story.session, **story.here, event_id=event_id, body=body)
    if accepted:
        accept(story.session, **story.here, presentation_id=offered.id, body=AcceptIn(table_number=number))


def _register(story: Story, event_id: UUID, teachers: Sequence[UUID]) -> list[RegistrationOut]:
    calls = [{**story.here, "event_id": event_id, "body": RegistrationIn(teacher_id=each)} for each in teachers]
    return [_done(each) for each in register_together(story.session, calls)] if calls else []


def _seat(story: Story, coming: Sequence[RegistrationOut]) -> None:
    """Everybody at another table in each round; the first four at table 1 in the first, which is full with that."""
    calls = [
        {**story.here, "registration_id": each.id, "itinerary": _itinerary(number)}
        for number, each in enumerate(coming)
    ]
    for outcome in seat_together(story.session, calls) if calls else []:
        _done(outcome)


def _itinerary(guest: int) -> ItineraryIn:
    first = guest // SEATS
    return ItineraryIn(
        bookings=[BookingIn(round=number + 1, table_number=(first + number) % TABLES + 1) for number in range(3)]
    )


def _done(outcome: T | Problem) -> T:
    if isinstance(outcome, Problem):
        raise outcome
    return outcome
