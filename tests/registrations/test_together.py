"""Many registrations served together come to the same as one after another: verdicts, rows and facts."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import Executable, select

from app.events.models import Figures, Place
from app.kernel.caller import HERE
from app.kernel.settings import Settings
from app.people.models import Teacher
from app.registrations.models import Needs, Preference, Registration
from app.registrations.registering import register
from app.registrations.schemas import RegistrationIn
from tests.support.forms import form
from tests.support.together import NOW, Bench, bench, organiser_of

UNKNOWN = UUID(int=7)
NAMES = ("Ada", "Bo", "Cai", "Dee", "Eve")
STRANGERS = ("Ivy", "Jo")


class Hubs:
    """Two hubs with everything that a registration can be about, or should not be."""

    def __init__(self, here: Bench) -> None:
        self.bench = here
        hub, other_hub = here.hub("one-hub"), here.hub("another-hub")
        schools = [here.school(hub, "990001"), here.school(hub, "990002")]
        elsewhere = here.school(other_hub, "990003")
        self.hubs = (hub, other_hub)
        self.schools = [*schools, elsewhere, UNKNOWN]
        self.teachers = {name: here.teacher(hub, schools[index % 2], name) for index, name in enumerate(NAMES)}
        host, stranger = here.teacher(hub, schools[0], "Hal"), here.teacher(other_hub, elsewhere, "Una")
        self.teacher_ids = [*self.teachers.values(), host, stranger, UNKNOWN]
        self.events = [
            here.event(hub, attendee_capacity=2),
            here.event(hub, attendee_capacity=1, waitlist_enabled=False),
            here.event(hub, attendee_capacity=2, registration_closes_at=NOW + timedelta(minutes=30)),
            here.event(hub, publish=False),
            here.event(other_hub, attendee_capacity=1),
            UNKNOWN,
        ]
        self.wishes = [
            *(here.presentation(self.events[0], host) for _ in range(2)),
            here.presentation(self.events[0], host, accepted=False),
            here.presentation(self.events[1], host),
            UNKNOWN,
        ]
        self.callers = [
            HERE,
            organiser_of(hub),
            organiser_of(hub, school_id=schools[0]),
            organiser_of(other_hub),
        ]

    def calls(self, *, least: int = 0) -> st.SearchStrategy[list[dict[str, Any]]]:
        """Groups of calls, most of which stand a chance."""
        call = st.fixed_dictionaries(
            {
                "caller": _mostly(self.callers),
                "now": st.sampled_from([NOW, NOW, NOW + timedelta(hours=1)]),
                "event_id": _mostly(self.events),
                "body": st.one_of(self._by_id(), self._by_address(), self._by_address()),
            }
        )
        return st.lists(call, min_size=least, max_size=8)

    def _by_id(self) -> st.SearchStrategy[RegistrationIn]:
        return st.builds(RegistrationIn, teacher_id=_mostly(self.teacher_ids), preferences=self._wishes())

    def _by_address(self) -> st.SearchStrategy[RegistrationIn]:
        teacher = st.fixed_dictionaries(
            {
                "given_name": st.just("Sam"),
                "email": st.sampled_from([*NAMES, *STRANGERS]).flatmap(_spelt),
                "school_id": _mostly(self.schools),
            }
        )
        needs = st.none() | st.sampled_from(["", "vegan"])
        return st.builds(RegistrationIn, teacher=teacher, preferences=self._wishes(), dietary_requirements=needs)

    def _wishes(self) -> st.SearchStrategy[list[UUID]]:
        return st.just([]) | st.lists(st.sampled_from(self.wishes), max_size=2)

    def state(self) -> dict[str, Executable]:
        """What registering leaves behind."""
        mine = Registration.event_id.in_(self.events)
        live = (Registration.live_event_id, Registration.role, Registration.queue_number, Registration.created_at)
        whose = select(Registration.id).where(mine)
        return {
            "registrations": select(Registration.id, Registration.event_id, Registration.teacher_id, *live)
            .where(mine)
            .order_by(Registration.id),
            "places": select(Place.event_id, Place.role, Place.number, Place.registration_id)
            .where(Place.event_id.in_(self.events))
            .order_by(Place.event_id, Place.role, Place.number),
            "teachers": select(
                Teacher.id, Teacher.hub_id, Teacher.school_id, Teacher.given_name, Teacher.email, Teacher.email_key
            )
            .where(Teacher.hub_id.in_(self.hubs))
            .order_by(Teacher.id),
            "wishes": select(Preference.registration_id, Preference.rank, Preference.presentation_id)
            .where(Preference.registration_id.in_(whose))
            .order_by(Preference.registration_id, Preference.rank),
            "needs": select(Needs.registration_id, Needs)
            .where(Needs.registration_id.in_(whose))
            .order_by(Needs.registration_id),
            "figures": select(
                Figures.event_id, Figures.confirmed_count, Figures.waitlisted_count, Figures.next_queue_number
            )
            .where(Figures.event_id.in_(self.events))
            .order_by(Figures.event_id),
        }


def _mostly(choices: list[Any]) -> st.SearchStrategy[Any]:
    """Any of the choices, but rather one of the first two."""
    return st.sampled_from([*choices[:2] * 3, *choices])


def _spelt(name: str) -> st.SearchStrategy[str]:
    address = f"{name}@larkspur.example"
    return st.sampled_from([address, address.upper(), f" {address} "])


@pytest.fixture
def hubs(settings: Settings) -> Iterator[Hubs]:
    with bench(settings) as here:
        yield Hubs(here)


def test_together_is_one_after_another(hubs: Hubs) -> None:
    seen: set[str] = set()

    @hypothesis.settings(
        max_examples=form(short=50, full=3_000),
        derandomize=form(short=True, full=False),
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(before=hubs.calls(), calls=hubs.calls(least=3))
    def compared(before: list[dict[str, Any]], calls: list[dict[str, Any]]) -> None:
        with hubs.bench.undone():
            hubs.bench.one_after_another(register, before)
            together, alone = hubs.bench.both_ways(register, calls, hubs.state())
        seen.update(str(each.get("type", each.get("status"))).rpartition("/")[2] for each in alone["verdicts"])
        assert together == alone

    compared()
    expected = {"confirmed", "waitlisted", "not-found", "invalid-request", "already-registered", "event-full"}
    assert seen == expected | {"registration-not-open"}, "every verdict there is was among them"
