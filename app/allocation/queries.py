"""What one can ask about allocations. All of it is for those who run the hub."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.allocation.explaining import explanation
from app.allocation.keeping import unpacked_plan, unpacked_problem
from app.allocation.looking import look
from app.allocation.models import Allocation
from app.allocation.posing import Ask, Plan, Posed, faults_of, pose
from app.allocation.rules import MOST_SHOWN, Beside, Status, Wanted
from app.allocation.schemas import (
    AllocationIn,
    AllocationOut,
    ChangeOut,
    ChangesOut,
    ComparedLevelOut,
    ComparisonOut,
    ExplanationOut,
    PlannedItineraryOut,
    RoundChangeOut,
    SeatOut,
)
from app.allocation.solving.figures import Figures, figures, granted_ranks
from app.allocation.solving.first_come import first_come
from app.allocation.solving.problem import Problem as Question
from app.allocation.working import Difference, differences
from app.bookings.seating import EventNotPublished
from app.events import queries as events
from app.events.models import Event
from app.events.rules import UNDER_WAY, EventStatus
from app.kernel.caller import Caller
from app.kernel.pagination import Page, PageRequest, paginate
from app.kernel.problems import Fault, InvalidRequest, NotFound, Problem
from app.marketplace.commands import EventOver
from app.marketplace.models import Presentation
from app.people.reach import of_own_hub


class AllocationNotReady(Problem):
    """The allocation has no plan to look at or to apply: it is still running, or has failed, or was cancelled.

    Its `status` says which; wait, or ask for a new one.
    """

    status, title = 409, "The allocation has no plan"


class NothingToAllocate(Problem):
    """The event has no rounds, or no table with a presentation, so there is no seat to give to anybody.

    Accept presentations first; each gets a table.
    """

    status, title = 409, "The event has no seats to give out"


def ask(session: Session, *, caller: Caller, event_id: UUID, wanted: Wanted) -> Ask:
    """What has to be worked out for an event. Raises `NotFound`, `Forbidden`, `EventNotPublished`, `EventOver`,
    `NothingToAllocate`, and `InvalidRequest` for what no plan could respect."""
    caller.must_run_the_hub()
    must_be_under_way(events.own_event(session, caller=caller, event_id=event_id))
    return asked(session, event_id=event_id, wanted=wanted)


def asked(session: Session, *, event_id: UUID, wanted: Wanted) -> Ask:
    """`ask`, for those who have been let in."""
    evening = look(session, event_id)
    if not evening.rounds or not evening.tables:
        raise NothingToAllocate("The event has no rounds, or no table with a presentation.")
    base = None if wanted.based_on is None else _base(session, event_id, wanted.based_on)
    faults = faults_of(evening, wanted)
    if faults:
        raise InvalidRequest("No plan could respect all of this.", errors=faults[:50])
    return pose(evening, wanted, base=base)


def must_be_under_way(event: Event) -> None:
    """Raises `EventNotPublished` or `EventOver`: seats are given out while seats are taken."""
    if event.status == EventStatus.DRAFT:
        raise EventNotPublished("Seats are given out once the event is published.")
    if event.status not in UNDER_WAY:
        raise EventOver(f"The event is {event.status}.")


def _base(session: Session, event_id: UUID, allocation_id: UUID) -> Plan:
    found = session.get(Allocation, allocation_id)
    if found is None or found.event_id != event_id or found.plan is None:
        fault = Fault("is not an allocation of this event with a plan", pointer="/based_on")
        raise InvalidRequest("There is no such plan.", errors=[fault])
    return unpacked_plan(found.plan)


def allocation_row(session: Session, *, caller: Caller, allocation_id: UUID) -> Allocation:
    """An allocation within reach. Raises `Forbidden`, `NotFound`."""
    caller.must_run_the_hub()
    here = select(Allocation).where(Allocation.id == allocation_id, of_own_hub(caller, Allocation.hub_id))
    found = session.scalar(here)
    if found is None:
        raise NotFound
    return found


def allocation(session: Session, *, caller: Caller, allocation_id: UUID) -> AllocationOut:
    """One allocation, with its itineraries unless they are many. Raises `Forbidden`, `NotFound`."""
    found = allocation_row(session, caller=caller, allocation_id=allocation_id)
    ready = found.status == Status.READY
    return shown(found, stale=is_stale(session, found) if ready else None, whole=True)


def allocations(session: Session, *, caller: Caller, event_id: UUID, page: PageRequest) -> Page:
    """An event's allocations, the newest first. Raises `Forbidden`, `NotFound`."""
    caller.must_run_the_hub()
    event = events.own_event(session, caller=caller, event_id=event_id)
    statement = select(Allocation).where(Allocation.event_id == event.id)
    found = paginate(session, statement, order=[Allocation.id], page=page, newest_first=True)
    return replace(found, items=[shown(each, stale=None, whole=False) for each in found.items])


def is_stale(session: Session, found: Allocation) -> bool:
    """Whether something on which it rests has changed."""
    schools = AllocationIn.model_validate(found.options).spread_schools
    return look(session, found.event_id).fingerprint(schools=schools) != found.fingerprint


def shown(found: Allocation, *, stale: bool | None, whole: bool) -> AllocationOut:
    """An allocation as clients see it; `whole` with its itineraries, unless they are many."""
    outcome = found.outcome or {}
    few = bool(outcome) and outcome["figures"]["attendees"] <= MOST_SHOWN
    return AllocationOut(
        id=found.id,
        event_id=found.event_id,
        status=Status(found.status),
        progress=found.progress,
        step=found.step if found.status == Status.RUNNING else None,
        failure=found.failure,
        stale=stale,
        options=found.options,
        figures=outcome.get("figures"),
        proof=outcome.get("proof"),
        changes=outcome.get("changes"),
        itineraries=[_itinerary(*each) for each in sorted(plan_of(found).items())] if whole and few else None,
        created_at=found.created_at,
        finished_at=found.finished_at,
        applied_at=found.applied_at,
    )


def _itinerary(registration_id: UUID, own: Any) -> PlannedItineraryOut:
    seats = [SeatOut(round=number, table_number=table) for number, table in sorted(own.items())]
    return PlannedItineraryOut(registration_id=registration_id, bookings=seats)


def plan_of(found: Allocation) -> Plan:
    """The plan of an allocation. Raises `AllocationNotReady`."""
    if found.plan is None:
        raise AllocationNotReady(f"The allocation is {found.status}.")
    return unpacked_plan(found.plan)


def _posed(found: Allocation) -> Posed:
    if found.problem is None:
        raise AllocationNotReady(f"The allocation is {found.status}.")
    return unpacked_problem(found.problem)


def itineraries(session: Session, *, caller: Caller, allocation_id: UUID, page: PageRequest) -> Page:
    """An allocation's itineraries, by registration. Raises `Forbidden`, `NotFound`, `AllocationNotReady`."""
    plan = plan_of(allocation_row(session, caller=caller, allocation_id=allocation_id))
    part = _page(sorted(plan), page, by=lambda each: each)
    return replace(part, items=[_itinerary(each, plan[each]) for each in part.items])


def changes(session: Session, *, caller: Caller, allocation_id: UUID, page: PageRequest) -> ChangesOut:
    """What applying it would change in the bookings as they are now.

    Raises `Forbidden`, `NotFound`, `AllocationNotReady`.
    """
    found = allocation_row(session, caller=caller, allocation_id=allocation_id)
    plan = plan_of(found)
    now = {guest.id: dict(guest.held) for guest in look(session, found.event_id).guests if guest.id in plan}
    return ChangesOut(**_differing(now, plan, page))


def comparison(
    session: Session, *, caller: Caller, allocation_id: UUID, other_id: UUID | None, page: PageRequest
) -> ComparisonOut:
    """Two allocations of one event side by side; without `other_id` it is the one before that has a plan.

    Raises `Forbidden`, `NotFound`, `AllocationNotReady`, and `InvalidRequest` for an allocation of another event.
    """
    this = allocation_row(session, caller=caller, allocation_id=allocation_id)
    _after(page)  # a bad cursor is told of before anything else
    other = _other(session, this, other_id)
    plans, questions = [plan_of(each) for each in (this, other)], [_posed(each).problem for each in (this, other)]
    ours, theirs = [_satisfaction(question, plan) for question, plan in zip(questions, plans, strict=True)]
    levels = _levels(this, other)
    return ComparisonOut(
        allocation_id=this.id,
        other_id=other.id,
        better=_better(levels),
        levels=levels,
        better_off=sum(ours[each] > theirs[each] for each in ours.keys() & theirs.keys()),
        worse_off=sum(ours[each] < theirs[each] for each in ours.keys() & theirs.keys()),
        figures=(this.outcome or {})["figures"],
        other_figures=(other.outcome or {})["figures"],
        **_differing(plans[1], plans[0], page),
    )


def _other(session: Session, this: Allocation, other_id: UUID | None) -> Allocation:
    if other_id is None:
        before = select(Allocation).where(
            Allocation.event_id == this.event_id, Allocation.id < this.id, Allocation.outcome.is_not(None)
        )
        other = session.scalar(before.order_by(Allocation.id.desc()).limit(1))
        if other is None:
            raise NotFound("There is no allocation before this one.")
        return other
    other = session.get(Allocation, other_id)
    if other is None or other.event_id != this.event_id:
        fault = Fault("is not an allocation of this event", parameter="with")
        raise InvalidRequest("There is no such allocation.", errors=[fault])
    return other


def _satisfaction(question: Question, plan: Plan) -> dict[Any, tuple[int, int]]:
    """Of each attendee, how many wishes are granted and how dear they are: the more, the better."""
    ranks = {each.id: granted_ranks(each, plan) for each in question.attendees}
    return {each: (len(own), -sum(own)) for each, own in ranks.items()}


def _levels(this: Allocation, other: Allocation) -> list[ComparedLevelOut]:
    """The levels that both plans have, in the stated order."""
    ours, theirs = [
        {level["level"]: level["reached"] for level in (each.outcome or {})["proof"]["levels"]}
        for each in (this, other)
    ]
    return [ComparedLevelOut(level=each, this=ours[each], other=theirs[each]) for each in ours if each in theirs]


def _better(levels: Sequence[ComparedLevelOut]) -> Any:
    for each in levels:
        if each.this != each.other:
            more = each.this > each.other
            return "this" if more is not (each.level == "total of ranks") else "other"
    return "neither"


def _differing(before: Plan, after: Plan, page: PageRequest) -> dict[str, Any]:
    found = list(differences(before, after))
    kinds = [each.kind for each in found]
    part = _page(found, page, by=lambda each: each.registration_id)
    return {
        "moved": kinds.count("moved"),
        "gained": kinds.count("gained"),
        "lost": kinds.count("lost"),
        "items": [_change(each) for each in part.items],
        "next_cursor": part.next_cursor,
    }


def _change(each: Difference) -> ChangeOut:
    rounds = [RoundChangeOut(round=number, from_table=then, to_table=now) for number, then, now in each.rounds]
    return ChangeOut(registration_id=each.registration_id, change=each.kind, rounds=rounds)


def _after(page: PageRequest) -> UUID | None:
    """The id that the page before ended with. Raises `InvalidRequest` for a cursor that was not handed out."""
    return UUID(page.signer.open(page.cursor, listing=page.listing)[0]) if page.cursor is not None else None


def _page(items: Sequence[Any], page: PageRequest, *, by: Callable[[Any], UUID]) -> Page:
    """A page of what is in memory, in the order of ids."""
    after = _after(page)
    left = items if after is None else [each for each in items if by(each) > after]
    if len(left) <= page.limit:
        return Page(left, None)
    last = by(left[page.limit - 1])
    return Page(left[: page.limit], page.signer.sign([last], listing=page.listing))


def explanation_of(session: Session, *, caller: Caller, allocation_id: UUID, registration_id: UUID) -> ExplanationOut:
    """Why one attendee has what they have. Raises `Forbidden`, `NotFound`, `AllocationNotReady`."""
    found = allocation_row(session, caller=caller, allocation_id=allocation_id)
    posed, plan = _posed(found), plan_of(found)
    if registration_id not in plan:
        raise NotFound("The allocation is not about this registration.")
    return explanation(posed, plan, allocation_id=found.id, registration_id=registration_id)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a picture of an allocation shows."""

    figures: Figures
    titles: Mapping[int, str]
    """What is presented at each table."""
    beside: Figures | None = None

    def label(self, table: Any) -> str:
        """A table as the picture names it."""
        return f"{self.titles[table]} · {table}" if table in self.titles else f"Table {table}"


def drawn(session: Session, *, caller: Caller, allocation_id: UUID, beside: Beside | None = None) -> Drawn:
    """An allocation for drawing, and beside it what would have come of everybody clicking in the order in which they
    registered. Raises `Forbidden`, `NotFound`, `AllocationNotReady`."""
    found = allocation_row(session, caller=caller, allocation_id=allocation_id)
    posed = _posed(found)
    rows = session.execute(select(Presentation.id, Presentation.title).where(Presentation.event_id == found.event_id))
    titles = {row.id: row.title for row in rows}
    there = {table: titles[each] for table, each in posed.presentations.items() if each in titles}
    # The problem has its people by registration, which is the order in which they came.
    other = None if beside is None else figures(posed.problem, first_come(posed.problem))
    return Drawn(figures(posed.problem, plan_of(found)), there, other)
