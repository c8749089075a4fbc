"""An evening as the specification tells it, in plain Python: no database, no HTTP, no ids, nobody else around.

Teachers and presentations go by names ("Ada", "p1"), tables and rounds by their numbers. What is refused raises
`Refused`, and then nothing has changed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.model.words import Presentation, Refused, Registration, Table, must_be_usable

FROM_WHERE_TO_WHERE = {
    "publish": (("draft",), "published"),
    "close": (("published",), "closed"),
    "reopen": (("closed",), "published"),
    "complete": (("closed",), "completed"),
    "cancel": (("draft", "published", "closed"), "cancelled"),
    "archive": (("completed", "cancelled"), "archived"),
}
AHEAD = ("draft", "published", "closed")


@dataclass
class Evening:
    """One event with all that belongs to it."""

    teachers: set[str]
    capacity: int
    rounds: int
    seats_per_table: int
    tables: dict[int, Table]
    waitlist_enabled: bool = True
    status: str = "draft"
    presentations: dict[str, Presentation] = field(default_factory=dict)
    registrations: list[Registration] = field(default_factory=list)
    waitlist: list[Registration] = field(default_factory=list)

    # What is so.

    def confirmed(self) -> list[Registration]:
        return [each for each in self.registrations if each.role == "attendee" and each.status == "confirmed"]

    def live(self, teacher: str) -> Registration | None:
        return next((each for each in self.registrations if each.live and each.teacher == teacher), None)

    def at(self, table: int, round_: int) -> list[Registration]:
        return [each for each in self.registrations if each.seats.get(round_) == table]

    def busiest(self, table: int) -> int:
        return max((len(self.at(table, each)) for each in self.all_rounds()), default=0)

    def all_rounds(self) -> range:
        return range(1, self.rounds + 1)

    def table_of(self, presentation: str) -> int | None:
        return next((number for number, table in self.tables.items() if table.holds == presentation), None)

    def presents_in(self, teacher: str) -> set[int]:
        """The rounds in which an own table is open."""
        return {
            round_
            for table in self.tables.values()
            if table.holds is not None and teacher in self.presentations[table.holds].presenters
            for round_ in self.all_rounds()
            if round_ not in table.closed
        }

    def presents(self, teacher: str) -> bool:
        return any(each.status == "accepted" and teacher in each.presenters for each in self.presentations.values())

    def _must_be_ahead(self) -> None:
        if self.status not in AHEAD:
            raise Refused(409, "event-over")

    # Places and the waitlist.

    def register(self, teacher: str, wishes: Sequence[str] = ()) -> Registration:
        """Registers a teacher; one that the hub does not know yet is made."""
        must_be_usable(self._wish_faults(wishes, (), "/preferences"))
        if self.live(teacher):
            raise Refused(409, "already-registered")
        if self.status != "published":
            raise Refused(409, "registration-not-open")
        taken = len(self.confirmed())
        if taken >= self.capacity and not self.waitlist_enabled:
            raise Refused(409, "event-full", capacity=self.capacity, taken=taken)
        self.teachers.add(teacher)
        made = Registration(teacher, "attendee", "waitlisted", list(wishes))
        self.registrations.append(made)
        self.waitlist.append(made)
        self._promote()
        return made

    def _promote(self) -> None:
        while self.waitlist and len(self.confirmed()) < self.capacity:
            self.waitlist.pop(0).status = "confirmed"

    def _end(self, registration: Registration) -> None:
        if registration in self.waitlist:
            self.waitlist.remove(registration)
        registration.status = "cancelled"
        registration.seats.clear()
        self._promote()

    def cancel(self, registration: Registration) -> None:
        if not registration.live:
            return
        self._must_be_ahead()
        if registration.role == "presenter":
            raise Refused(409, "still-presenting")
        self._end(registration)

    def wish(self, registration: Registration, wishes: Sequence[str]) -> None:
        if not registration.live:
            raise Refused(409, "registration-cancelled")
        self._must_be_ahead()
        must_be_usable(self._wish_faults(wishes, registration.wishes, "/presentation_ids"))
        registration.wishes = list(wishes)

    def _wish_faults(self, wishes: Sequence[str], before: Sequence[str], where: str) -> list[str]:
        possible = {name for name, each in self.presentations.items() if each.status == "accepted"} | set(before)
        return [
            f"{where}/{index}" for index, each in enumerate(wishes) if each not in possible or each in wishes[:index]
        ]

    # Seats.

    def _must_be_under_way(self) -> None:
        if self.status == "draft":
            raise Refused(409, "event-not-published")
        if self.status not in ("published", "closed"):
            raise Refused(409, "event-over")

    def sit(self, registration: Registration, round_: int, table: int) -> None:
        self._must_be_under_way()
        self._must_have_round(round_)
        self._sit(registration, round_, table)

    def get_up(self, registration: Registration, round_: int) -> None:
        self._must_be_under_way()
        self._must_have_round(round_)
        registration.seats.pop(round_, None)

    def _must_have_round(self, round_: int) -> None:
        if round_ not in self.all_rounds():
            raise Refused(404, "not-found")

    def _sit(self, registration: Registration, round_: int, number: int) -> None:
        if registration.status != "confirmed":
            raise Refused(409, "registration-not-confirmed")
        if round_ in self.presents_in(registration.teacher):
            raise Refused(409, "presenting-in-round", round=round_)
        table = self.tables.get(number)
        if table is None:
            raise Refused(422, "invalid-request", places=["/table_number"])
        if registration.seats.get(round_) == number:
            return
        if round_ in table.closed or table.holds is None:
            raise Refused(409, "table-closed")
        for other, visited in registration.seats.items():
            if other != round_ and visited == number:
                raise Refused(409, "table-already-visited", round=other)
        if len(self.at(number, round_)) >= table.seats:
            raise Refused(409, "table-full", capacity=table.seats, taken=table.seats)
        registration.seats[round_] = number

    def plan(self, registration: Registration, itinerary: Sequence[tuple[int, int]]) -> None:
        """Replaces a whole itinerary, all or nothing."""
        self._must_be_under_way()
        must_be_usable(list(self._itinerary_faults(itinerary)))
        wanted, before = dict(itinerary), dict(registration.seats)
        registration.seats = {each: table for each, table in before.items() if wanted.get(each) == table}
        try:
            for round_, table in wanted.items():
                if round_ not in registration.seats:
                    self._sit(registration, round_, table)
        except Refused:
            registration.seats = before
            raise

    def _itinerary_faults(self, itinerary: Sequence[tuple[int, int]]) -> Iterator[str]:
        for index, (round_, table) in enumerate(itinerary):
            if round_ not in self.all_rounds() or round_ in [each for each, _ in itinerary[:index]]:
                yield f"/bookings/{index}/round"
            elif table not in self.tables:
                yield f"/bookings/{index}/table_number"

    # Presentations and their tables.

    def propose(self, name: str, presenters: Sequence[str]) -> None:
        self._must_be_ahead()
        must_be_usable(self._presenter_faults(presenters))
        self.presentations[name] = Presentation(list(presenters))

    def _presenter_faults(self, presenters: Sequence[str]) -> list[str]:
        return [
            f"/presenter_ids/{index}"
            for index, each in enumerate(presenters)
            if each not in self.teachers or each in presenters[:index]
        ]

    def accept(self, name: str, number: int | None) -> None:
        self._must_be_ahead()
        presentation, here = self.presentations[name], self.table_of(name)
        if here is not None and number in (None, here):
            return
        if presentation.status not in ("proposed", "declined"):
            raise Refused(409, "illegal-transition")
        if number is None:
            free = [each for each, table in self.tables.items() if table.holds is None]
            if not free:
                raise Refused(409, "tables-full", capacity=len(self.tables), taken=len(self.tables))
            number = min(free)
        if number not in self.tables:
            raise Refused(422, "invalid-request", places=["/table_number"])
        if self.tables[number].holds is not None:
            raise Refused(409, "table-taken", table_number=number)
        self._put(name, number)

    def _put(self, name: str, number: int) -> None:
        self.tables[number].holds = name
        self.presentations[name].status = "accepted"
        for teacher in self.presentations[name].presenters:
            self._make_presenter(teacher)
        self._call_presenters_back()

    def _make_presenter(self, teacher: str) -> None:
        """A presenter has a registration outside the attendees' capacity; an attendee gives up place and seats."""
        registration = self.live(teacher)
        if registration is None:
            self.registrations.append(Registration(teacher, "presenter", "confirmed"))
        elif registration.role == "attendee":
            if registration in self.waitlist:
                self.waitlist.remove(registration)
            registration.role, registration.status = "presenter", "confirmed"
            registration.seats.clear()
            self._promote()

    def _call_presenters_back(self) -> None:
        for each in self.registrations:
            for round_ in self.presents_in(each.teacher) & each.seats.keys():
                del each.seats[round_]

    def _end_presenting(self, teacher: str) -> None:
        registration = self.live(teacher)
        if registration is not None and registration.role == "presenter" and not self.presents(teacher):
            self._end(registration)

    def end(self, name: str, target: str) -> None:
        """Declines or withdraws."""
        self._must_be_ahead()
        presentation = self.presentations[name]
        if presentation.status == target:
            return
        if presentation.status == "withdrawn":
            raise Refused(409, "illegal-transition")
        self._take_away(name, target)

    def _take_away(self, name: str, status: str) -> None:
        number = self.table_of(name)
        self.presentations[name].status = status
        if number is None:
            return
        self.tables[number].holds = None
        for each in self.registrations:
            each.seats = {round_: table for round_, table in each.seats.items() if table != number}
        for teacher in self.presentations[name].presenters:
            self._end_presenting(teacher)

    def name_presenters(self, name: str, presenters: Sequence[str]) -> None:
        self._must_be_ahead()
        presentation, before = self.presentations[name], self.presentations[name].presenters
        must_be_usable([] if list(presenters) == before else self._presenter_faults(presenters))
        presentation.presenters = list(presenters)
        if presentation.status == "accepted":
            for teacher in presenters:
                self._make_presenter(teacher)
            for teacher in before:
                self._end_presenting(teacher)
            self._call_presenters_back()

    def place(self, name: str, number: int) -> None:
        """Puts a presentation at a table; those who have seats with it move along."""
        self._must_have_table(number)
        if name not in self.presentations:
            raise Refused(422, "invalid-request", places=["/presentation_id"])
        here, table = self.table_of(name), self.tables[number]
        if here == number:
            return
        if table.holds is not None:
            raise Refused(409, "table-taken", table_number=number)
        if self.presentations[name].status == "withdrawn":
            raise Refused(409, "illegal-transition")
        if here is not None:
            self._move(here, number)
        self._put(name, number)

    def _move(self, here: int, there: int) -> None:
        table = self.tables[there]
        coming = {round_: len(self.at(here, round_)) for round_ in self.all_rounds()}
        room = {round_: 0 if round_ in table.closed else table.seats for round_ in self.all_rounds()}
        for round_ in self.all_rounds():
            if coming[round_] > room[round_]:
                raise Refused(409, "capacity-below-taken", capacity=room[round_], taken=coming[round_])
        self.tables[here].holds = None
        for each in self.registrations:
            each.seats = {round_: there if table == here else table for round_, table in each.seats.items()}

    def clear(self, number: int) -> None:
        """Takes the presentation away from a table; it is an offer again."""
        self._must_have_table(number)
        name = self.tables[number].holds
        if name is None:
            raise Refused(404, "not-found")
        self._take_away(name, "proposed")

    def _must_have_table(self, number: int) -> None:
        self._must_be_ahead()
        if number not in self.tables:
            raise Refused(404, "not-found")

    def change_table(self, number: int, *, seats: int | None = None, closed: Sequence[int] | None = None) -> None:
        self._must_have_table(number)
        table = self.tables[number]
        if seats is not None and seats < self.busiest(number):
            raise Refused(409, "capacity-below-taken", capacity=seats, taken=self.busiest(number))
        if closed is not None:
            must_be_usable([f"/closed_rounds/{i}" for i, each in enumerate(closed) if each not in self.all_rounds()])
            for round_ in self.all_rounds():
                self._may_be(number, round_, closed=round_ in closed)
            table.closed = set(closed)
        table.seats = table.seats if seats is None else seats

    def _may_be(self, number: int, round_: int, *, closed: bool) -> None:
        table, there = self.tables[number], self.at(number, round_)
        if closed and there:
            raise Refused(409, "capacity-below-taken", capacity=0, taken=len(there))
        if not closed and round_ in table.closed and table.holds is not None:
            hosts = [self.live(each) for each in self.presentations[table.holds].presenters]
            if any(host is not None and round_ in host.seats for host in hosts):
                raise Refused(409, "presenting-in-round")

    # The event.

    def move_on(self, transition: str) -> None:
        sources, target = FROM_WHERE_TO_WHERE[transition]
        if self.status not in sources:
            raise Refused(409, "illegal-transition")
        self.status = target

    def resize(self, changes: Mapping[str, int]) -> None:
        """Changes sizes by the names they have in the API; `rounds` is how many. Whole or not at all."""
        self._must_be_ahead()
        new = {**self.sizes(), **changes}
        must_be_usable(["/rounds"] if new["table_count"] and not new["rounds"] else [])
        self._must_not_go_below("attendee_capacity", new, len(self.confirmed()))
        seated = [round_ for each in self.registrations for round_ in each.seats]
        self._must_not_go_below("rounds", new, max(seated, default=0))
        usual = [number for number, table in self.tables.items() if table.seats == self.seats_per_table]
        if "seats_per_table" in changes:
            self._must_not_go_below("seats_per_table", new, max(map(self.busiest, usual), default=0))
        holding = [number for number, table in self.tables.items() if table.holds is not None]
        self._must_not_go_below("table_count", new, max(holding, default=0))
        self.capacity, self.rounds = new["attendee_capacity"], new["rounds"]
        self.waitlist_enabled = bool(new["waitlist_enabled"])
        for number in usual:
            self.tables[number].seats = new["seats_per_table"]
        self.seats_per_table = new["seats_per_table"]
        numbers = range(1, new["table_count"] + 1)
        self.tables = {number: self.tables.get(number) or Table(self.seats_per_table) for number in numbers}
        for table in self.tables.values():
            table.closed &= set(self.all_rounds())
        self._promote()

    def sizes(self) -> dict[str, int]:
        return {
            "attendee_capacity": self.capacity,
            "rounds": self.rounds,
            "seats_per_table": self.seats_per_table,
            "table_count": len(self.tables),
            "waitlist_enabled": self.waitlist_enabled,
        }

    def _must_not_go_below(self, name: str, new: Mapping[str, int], taken: int) -> None:
        if new[name] < taken:
            raise Refused(409, "capacity-below-taken", capacity=new[name], taken=taken)
