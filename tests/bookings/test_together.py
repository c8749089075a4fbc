"""Many moves in the room served together come to the same as one after another: verdicts, seats and facts."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import Executable, select

from app.bookings.schemas import ItineraryIn, SeatIn
from app.bookings.seating import leave_seat, set_itinerary, take_seat
from app.bookings.tables import change_table
from app.events.commands import change_status
from app.events.models import Round
from app.events.rules import Transition
from app.kernel.caller import HERE
from app.kernel.commands import Command
from app.kernel.settings import Settings
from app.marketplace.models import Seat, Table
from app.marketplace.schemas import TableChange
from app.registrations.models import Registration
from app.registrations.registering import register
from app.registrations.schemas import RegistrationIn
from tests.support.forms import form
from tests.support.together import NOW, Bench, bench, organiser_of

UNKNOWN = UUID(int=7)
NAMES = ("Ada", "Bo", "Cai", "Dee")
rounds = st.sampled_from([1, 1, 1, 1, 2, 2, 2, 3])
tables = st.sampled_from([1, 1, 1, 1, 2, 2, 2, 3, 4])


class Room:
    """One event with two presentations at three tables, one of them closed in a round, another over, a stranger's."""

    def __init__(self, here: Bench) -> None:
        self.bench = here
        hub, other_hub = here.hub("one-hub"), here.hub("another-hub")
        schools = [here.school(hub, "990001"), here.school(hub, "990002")]
        elsewhere = here.school(other_hub, "990003")
        teachers = [here.teacher(hub, schools[index % 2], name) for index, name in enumerate(NAMES)]
        hosts = [here.teacher(hub, schools[0], name) for name in ("Hal", "Hope")]
        stranger = here.teacher(other_hub, elsewhere, "Una")
        event = here.event(hub, attendee_capacity=3, seats_per_table=1, rounds=3)
        over = here.event(hub)
        foreign = here.event(other_hub)
        for host in hosts:
            here.presentation(event, host)
        here.do(change_table, event_id=event, number=1, body=TableChange(closed_rounds=[3]))
        attending = [self._register(event, each) for each in teachers]
        gone = self._register(over, teachers[0])
        here.do(change_status, event_id=over, transition=Transition.CANCEL)
        presenting = here.connection.execute(
            select(Registration.id).where(Registration.event_id == event, Registration.role == "presenter")
        ).scalars()
        self.registrations = [*attending, *presenting, gone, self._register(foreign, stranger), UNKNOWN]
        self.callers = [HERE, organiser_of(hub), organiser_of(hub, school_id=schools[0]), organiser_of(other_hub)]
        self.events = (event, over, foreign)

    def _register(self, event_id: UUID, teacher_id: UUID) -> UUID:
        made: UUID = self.bench.do(register, event_id=event_id, body=RegistrationIn(teacher_id=teacher_id)).id
        return made

    def calls(
        self, more: dict[str, st.SearchStrategy[Any]], *, least: int = 0
    ) -> st.SearchStrategy[list[dict[str, Any]]]:
        """Groups of calls, most of them by those who attend."""
        call = st.fixed_dictionaries(
            {
                "caller": st.sampled_from([*self.callers[:2] * 8, *self.callers]),
                "now": st.just(NOW),
                "registration_id": st.sampled_from([*self.registrations[:3] * 6, *self.registrations]),
                **more,
            }
        )
        return st.lists(call, min_size=least, max_size=8)

    def state(self) -> dict[str, Executable]:
        """Who sits where. Which of a slot's seats it is, nobody sees."""
        return {
            "seats": select(Seat.registration_id, Round.number, Table.number)
            .join(Round, Round.id == Seat.round_id)
            .join(Table, Table.id == Seat.table_id)
            .where(Seat.event_id.in_(self.events), Seat.registration_id.is_not(None))
            .order_by(Seat.registration_id, Round.number)
        }


@pytest.fixture
def room(settings: Settings) -> Iterator[Room]:
    with bench(settings) as here:
        yield Room(here)


SEAT = {"round_number": rounds | st.just(4), "body": st.builds(SeatIn, table_number=tables)}
ITINERARY = st.lists(st.fixed_dictionaries({"round": rounds, "table_number": tables}), max_size=3).map(
    lambda bookings: ItineraryIn.model_validate({"bookings": bookings})
)
COMMANDS: dict[str, tuple[Command[..., Any], dict[str, st.SearchStrategy[Any]]]] = {
    "taking seats": (take_seat, SEAT),
    "leaving seats": (leave_seat, {"round_number": SEAT["round_number"]}),
    "whole itineraries": (set_itinerary, {"itinerary": ITINERARY}),
}
ADA, BO, CAI, DEE, HAL, GONE, NOBODY = 0, 1, 2, 3, 4, 6, -1
EVERY_VERDICT = (
    (ADA, 1, 1, None),
    (BO, 1, 1, "table-full"),
    (ADA, 2, 1, "table-already-visited"),
    (BO, 3, 1, "table-closed"),
    (BO, 1, 3, "table-closed"),
    (BO, 1, 4, "invalid-request"),
    (DEE, 1, 1, "registration-not-confirmed"),
    (HAL, 1, 2, "presenting-in-round"),
    (GONE, 1, 1, "event-over"),
    (NOBODY, 1, 1, "not-found"),
    (ADA, 1, 2, None),
    (CAI, 1, 1, None),
)
"""Whose registration, the round, the table, and what becomes of it, one after another."""


def test_a_group_in_which_every_verdict_comes(room: Room) -> None:
    calls = [
        {"caller": HERE, "now": NOW, "registration_id": room.registrations[who], "round_number": number}
        | {"body": SeatIn(table_number=table)}
        for who, number, table, _ in EVERY_VERDICT
    ]
    together, alone = room.bench.both_ways(take_seat, calls, room.state())
    told = [each["type"].rpartition("/")[2] if "type" in each else None for each in together["verdicts"]]
    assert told == [verdict for *_, verdict in EVERY_VERDICT]
    assert together == alone


@pytest.mark.parametrize("what", COMMANDS)
def test_together_is_one_after_another(room: Room, what: str) -> None:
    command, arguments = COMMANDS[what]

    @hypothesis.settings(
        max_examples=form(short=40, full=3_000),
        derandomize=form(short=True, full=False),
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(before=room.calls(SEAT, least=2), calls=room.calls(arguments, least=4))
    def compared(before: list[dict[str, Any]], calls: list[dict[str, Any]]) -> None:
        with room.bench.undone():
            room.bench.one_after_another(take_seat, before)
            together, alone = room.bench.both_ways(command, calls, room.state())
        assert together == alone

    compared()
