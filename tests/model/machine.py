"""Everything that people do to an evening, in any order, done to the service and to the model at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.model import service as seen
from tests.model import views
from tests.model.model import Evening
from tests.model.service import GUESTS, TEACHERS, Service
from tests.model.words import Refused, Registration, Table, agree_on_refusal
from tests.support.forms import form

STEPS_BETWEEN_FULL_LOOKS = form(short=6, full=1)
MOST_PRESENTATIONS = 5
START = datetime(2026, 12, 3, 17, 0, tzinfo=UTC)
STALE = '"of an earlier time"'

teachers = st.sampled_from(TEACHERS)
anybody = st.sampled_from(TEACHERS + GUESTS)
some_registration = st.integers(0, 11)
round_numbers = st.integers(1, 4)
table_numbers = st.integers(1, 4)
titles = st.sampled_from([f"p{number}" for number in range(1, MOST_PRESENTATIONS + 2)])
wishes = st.lists(titles, max_size=3)
presenters = st.lists(anybody, min_size=1, max_size=2)
conditions = st.sampled_from([None, None, None, "current", "stale", "*"])
sizes = st.fixed_dictionaries(
    {},
    optional={
        "attendee_capacity": st.integers(0, 5),
        "rounds": st.integers(0, 3),
        "seats_per_table": st.integers(1, 3),
        "table_count": st.integers(0, 4),
        "waitlist_enabled": st.booleans(),
    },
)
one_size = st.one_of(
    st.integers(0, 5).map(lambda number: {"attendee_capacity": number}),
    st.integers(1, 3).map(lambda number: {"rounds": number}),
    st.integers(1, 3).map(lambda number: {"seats_per_table": number}),
    st.integers(1, 4).map(lambda number: {"table_count": number}),
)


def timetable(rounds: int) -> list[dict[str, object]]:
    return [
        {
            "number": number,
            "starts_at": (START + timedelta(minutes=10 * number)).isoformat(),
            "ends_at": (START + timedelta(minutes=10 * number + 10)).isoformat(),
        }
        for number in range(1, rounds + 1)
    ]


class EveningMachine(RuleBasedStateMachine):
    """One evening. After each step the service and the model must have said and become the same."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        self.service = service
        self.steps = 0

    @initialize(
        capacity=st.integers(0, 4),
        seats=st.integers(1, 2),
        rounds=st.integers(2, 3),
        waitlist=st.sampled_from([True, True, True, False]),
        presenting=st.lists(st.lists(teachers, min_size=1, max_size=2, unique=True), max_size=3),
        accepted=st.integers(0, 3),
        published=st.sampled_from([True, True, True, False]),
        coming=st.lists(anybody, max_size=6, unique=True),
    )
    def set_up(
        self,
        capacity: int,
        seats: int,
        rounds: int,
        waitlist: bool,
        presenting: list[list[str]],
        accepted: int,
        published: bool,
        coming: list[str],
    ) -> None:
        self.evening = Evening(
            set(TEACHERS), capacity, rounds, seats, {number: Table(seats) for number in (1, 2, 3)}, waitlist
        )
        body = {
            "name": "Winter Teach Meet",
            "starts_at": START.isoformat(),
            "ends_at": (START + timedelta(hours=2)).isoformat(),
            **self.evening.sizes(),
            "rounds": timetable(rounds),
        }
        self.stage = self.service.new_evening(body)
        for each in presenting:
            self.propose(each)
        for number in range(1, min(accepted, len(presenting)) + 1):
            self.accept(f"p{number}", None)
        if published:
            self.move_on("publish")
        for teacher in coming:
            self.register(teacher, as_object=True, preferences=[])
        self.look_at_everything()

    # How a step is compared.

    def do(
        self,
        step: Callable[[], object],
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        status: int = 200,
        thing: str | None = None,
        condition: str | None = None,
    ) -> httpx.Response:
        """A step of the model and a call of the service. `thing` is where the answer can be read again."""
        headers = self._condition(thing or path, condition)
        refused = self._refusal(step, thing or path, condition)
        answer = self.service.call(method, path, body, headers)
        if refused is None:
            assert answer.status_code == status, f"the model allows it: {answer.text}"
            self._is_to_be_read_again(answer, thing)
        else:
            agree_on_refusal(answer.status_code, answer.json(), refused)
        return answer

    def _condition(self, thing: str, condition: str | None) -> dict[str, str]:
        if condition is None:
            return {}
        current = self.service.call("GET", thing).headers.get("ETag", "*")
        return {"If-Match": {"current": current, "stale": STALE}.get(condition, condition)}

    def _refusal(self, step: Callable[[], object], thing: str, condition: str | None) -> Refused | None:
        """A condition is looked at before anything else; it speaks of a thing that must be there."""
        if condition is not None and self.service.call("GET", thing).status_code == 404:
            return Refused(404, "not-found")
        if condition == "stale":
            return Refused(412, "precondition-failed")
        try:
            step()
        except Refused as refused:
            return refused
        return None

    def _is_to_be_read_again(self, answer: httpx.Response, thing: str | None) -> None:
        where = answer.headers.get("Location", thing)
        if where is not None and answer.status_code != 204:
            again = self.service.call("GET", where)
            assert (again.content, again.headers["ETag"]) == (answer.content, answer.headers["ETag"])

    @invariant()
    def look(self) -> None:
        """After each step the public marketplace is of this very moment; now and then everything is compared."""
        views.promises(self.evening)
        self.steps += 1
        if self.steps % STEPS_BETWEEN_FULL_LOOKS == 0:
            self.look_at_everything()
        marketplace = self.service.call_as_anyone(f"{self.stage.path}/marketplace")
        if views.is_public(self.evening):
            assert seen.marketplace(marketplace.json()) == views.marketplace(self.evening)
        else:
            assert marketplace.status_code == 404

    def look_at_everything(self) -> None:
        assert self.stage.everything() == views.everything(self.evening)

    def teardown(self) -> None:
        if hasattr(self, "stage"):
            self.look_at_everything()
            assert self.service.breaches() == []

    # Registering.

    def registration(self, index: int) -> tuple[Registration, str]:
        """One of the registrations and its path."""
        if len(self.stage.registrations) != len(self.evening.registrations):
            self.stage.note_registrations(self.stage.all_of("registrations"))
        index %= len(self.evening.registrations)
        return self.evening.registrations[index], f"/v1/registrations/{self.stage.registrations[index]}"

    def registration_body(self, teacher: str, *, as_object: bool, preferences: list[str]) -> dict[str, Any]:
        whose = (
            {"teacher": self.stage.new_teacher(teacher)}
            if as_object
            else {"teacher_id": self.stage.teacher_id(teacher)}
        )
        return {**whose, "preferences": [self.stage.presentation_id(each) for each in preferences]}

    def _register(self, teacher: str, *, as_object: bool, preferences: list[str]) -> Registration:
        if not as_object and teacher not in self.evening.teachers:
            raise Refused(422, "invalid-request", places=["/teacher_id"])
        return self.evening.register(teacher, preferences)

    @rule(teacher=anybody, as_object=st.booleans(), preferences=wishes)
    def register(self, teacher: str, as_object: bool, preferences: list[str]) -> None:
        answer = self.do(
            lambda: self._register(teacher, as_object=as_object, preferences=preferences),
            "POST",
            f"{self.stage.path}/registrations",
            self.registration_body(teacher, as_object=as_object, preferences=preferences),
            status=201,
        )
        if answer.status_code == 201:
            made = views.registration(self.evening, self.evening.registrations[-1])
            assert self.stage.registration(answer.json()) == made

    @rule(items=st.lists(st.tuples(anybody, st.booleans(), wishes) | st.none(), min_size=1, max_size=4))
    def register_batch(self, items: list[tuple[str, bool, list[str]] | None]) -> None:
        bodies = [
            {"teacher_id": 7}
            if each is None
            else self.registration_body(each[0], as_object=each[1], preferences=each[2])
            for each in items
        ]
        answer = self.service.call("POST", f"{self.stage.path}/registrations/batch", {"items": bodies})
        assert answer.status_code == 200, answer.text
        for each, told in zip(items, answer.json()["items"], strict=True):
            try:
                made = self._register_item(each)
            except Refused as refused:
                agree_on_refusal(told["status"], told["body"], refused)
            else:
                assert told["status"] == 201
                assert self.stage.registration(told["body"]) == views.registration(self.evening, made)

    def _register_item(self, item: tuple[str, bool, list[str]] | None) -> Registration:
        if item is None:
            raise Refused(422, "invalid-request", places=["/teacher_id"])
        return self._register(item[0], as_object=item[1], preferences=item[2])

    @precondition(lambda self: self.evening.registrations)
    @rule(index=some_registration)
    def cancel(self, index: int) -> None:
        registration, path = self.registration(index)
        self.do(lambda: self.evening.cancel(registration), "POST", f"{path}/cancel", thing=path)

    @precondition(lambda self: self.evening.registrations)
    @rule(index=some_registration, preferences=wishes, condition=conditions)
    def wish(self, index: int, preferences: list[str], condition: str | None) -> None:
        registration, path = self.registration(index)
        path = f"{path}/preferences"
        body = {"presentation_ids": [self.stage.presentation_id(each) for each in preferences]}
        self.do(
            lambda: self.evening.wish(registration, preferences), "PUT", path, body, thing=path, condition=condition
        )

    # Seats.

    @precondition(lambda self: self.evening.registrations)
    @rule(index=some_registration, round_=round_numbers, table=table_numbers, condition=conditions)
    def sit(self, index: int, round_: int, table: int, condition: str | None) -> None:
        registration, path = self.registration(index)
        path = f"{path}/itinerary"
        self.do(
            lambda: self.evening.sit(registration, round_, table),
            "PUT",
            f"{path}/{round_}",
            {"table_number": table},
            thing=path,
            condition=condition,
        )

    @precondition(lambda self: self.evening.registrations)
    @rule(index=some_registration, round_=round_numbers, condition=conditions)
    def get_up(self, index: int, round_: int, condition: str | None) -> None:
        registration, path = self.registration(index)
        path = f"{path}/itinerary"
        self.do(
            lambda: self.evening.get_up(registration, round_),
            "DELETE",
            f"{path}/{round_}",
            thing=path,
            condition=condition,
        )

    @precondition(lambda self: self.evening.registrations)
    @rule(
        index=some_registration,
        itinerary=st.lists(st.tuples(round_numbers, table_numbers), max_size=3),
        condition=conditions,
    )
    def plan(self, index: int, itinerary: list[tuple[int, int]], condition: str | None) -> None:
        registration, path = self.registration(index)
        path = f"{path}/itinerary"
        body = {"bookings": [{"round": round_, "table_number": table} for round_, table in itinerary]}
        self.do(lambda: self.evening.plan(registration, itinerary), "PUT", path, body, thing=path, condition=condition)

    # Presentations and tables.

    @precondition(lambda self: len(self.evening.presentations) < MOST_PRESENTATIONS)
    @rule(named=presenters)
    def propose(self, named: list[str]) -> None:
        name = f"p{len(self.evening.presentations) + 1}"
        body = {"title": name, "presenter_ids": [self.stage.teacher_id(each) for each in named]}
        path = f"{self.stage.path}/presentations"
        answer = self.do(lambda: self.evening.propose(name, named), "POST", path, body, status=201)
        if answer.status_code == 201:
            self.stage.presentations[name] = answer.json()["id"]

    def presentation(self, title: str) -> tuple[str, str]:
        """One of the presentations that there are, and its path."""
        name = f"p{int(title[1:]) % len(self.evening.presentations) + 1}"
        return name, f"/v1/presentations/{self.stage.presentations[name]}"

    @precondition(lambda self: self.evening.presentations)
    @rule(title=titles, table=st.none() | table_numbers)
    def accept(self, title: str, table: int | None) -> None:
        name, path = self.presentation(title)
        body = None if table is None else {"table_number": table}
        self.do(lambda: self.evening.accept(name, table), "POST", f"{path}/accept", body, thing=path)

    @precondition(lambda self: self.evening.presentations)
    @rule(title=titles, how=st.sampled_from([("decline", "declined"), ("withdraw", "withdrawn")]))
    def end(self, title: str, how: tuple[str, str]) -> None:
        name, path = self.presentation(title)
        self.do(lambda: self.evening.end(name, how[1]), "POST", f"{path}/{how[0]}", thing=path)

    @precondition(lambda self: self.evening.presentations)
    @rule(title=titles, named=presenters, condition=conditions)
    def name_presenters(self, title: str, named: list[str], condition: str | None) -> None:
        name, path = self.presentation(title)
        body = {"presenter_ids": [self.stage.teacher_id(each) for each in named]}
        self.do(lambda: self.evening.name_presenters(name, named), "PATCH", path, body, thing=path, condition=condition)

    @rule(title=titles, table=table_numbers, condition=conditions)
    def place(self, title: str, table: int, condition: str | None) -> None:
        path = f"{self.stage.path}/tables/{table}"
        body = {"presentation_id": self.stage.presentation_id(title)}
        self.do(
            lambda: self.evening.place(title, table),
            "PUT",
            f"{path}/presentation",
            body,
            thing=path,
            condition=condition,
        )

    @rule(table=table_numbers, condition=conditions)
    def clear(self, table: int, condition: str | None) -> None:
        path = f"{self.stage.path}/tables/{table}"
        self.do(
            lambda: self.evening.clear(table),
            "DELETE",
            f"{path}/presentation",
            status=204,
            thing=path,
            condition=condition,
        )

    @rule(
        table=table_numbers,
        seats=st.none() | st.integers(0, 3),
        closed=st.none() | st.lists(round_numbers, max_size=2),
        condition=conditions,
    )
    def change_table(self, table: int, seats: int | None, closed: list[int] | None, condition: str | None) -> None:
        path = f"{self.stage.path}/tables/{table}"
        given = {"seats": seats, "closed_rounds": closed}
        self.do(
            lambda: self.evening.change_table(table, seats=seats, closed=closed),
            "PATCH",
            path,
            {name: value for name, value in given.items() if value is not None},
            thing=path,
            condition=condition,
        )

    # The event.

    @rule(changes=one_size | sizes, condition=conditions)
    def resize(self, changes: dict[str, int], condition: str | None) -> None:
        body: dict[str, Any] = {**changes}
        if "rounds" in changes:
            body["rounds"] = timetable(changes["rounds"])
        path = self.stage.path
        self.do(lambda: self.evening.resize(changes), "PATCH", path, body, thing=path, condition=condition)

    @rule(transition=st.sampled_from(["publish", "close", "reopen"]))
    def move_on(self, transition: str) -> None:
        path = self.stage.path
        self.do(lambda: self.evening.move_on(transition), "POST", f"{path}/{transition}", thing=path)

    @precondition(lambda self: self.steps > 20)
    @rule(transition=st.sampled_from(["complete", "cancel", "archive"]))
    def bring_to_an_end(self, transition: str) -> None:
        self.move_on(transition)
