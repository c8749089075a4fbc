"""Allocating on this machine, as the command line does. Nothing is printed here: it is handed back to tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.allocation import commands, queries
from app.allocation.keeping import unpacked_plan
from app.allocation.posing import Ask
from app.allocation.schemas import AllocationIn, AllocationOut
from app.allocation.solving.figures import figures
from app.allocation.solving.problem import InconsistentProblem
from app.allocation.working import Progress, Worked, no_progress, work_out
from app.events import queries as events
from app.kernel.caller import HERE
from app.kernel.database import hold_still
from app.kernel.problems import NotFound, Problem
from app.kernel.reader import Reader
from app.kernel.writer import Writer


class NoSuchEventError(ValueError):
    """The call names an event that is not there."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it, in plain English, and whether it was done."""

    lines: Sequence[str]
    done: bool

    @property
    def exit_code(self) -> int:
        """0: done; 1: refused, with the reason told."""
        return 0 if self.done else 1


def allocate(
    writer: Writer,
    reader: Reader,
    *,
    event_id: UUID,
    body: AllocationIn,
    dry_run: bool,
    now: datetime,
    progress: Progress = no_progress,
) -> Outcome:
    """Works out everybody's itinerary and books it, or with `dry_run` only tells of it. Raises `NoSuchEventError`."""
    try:
        name, ask = reader.run_and_wait(lambda session: _asked(session, event_id, body))
        worked = work_out(ask, progress)
        lines = [f"{name}:", *in_words(ask, worked)]
        if dry_run:
            return Outcome([*lines, "Nothing was booked."], done=True)
        here: dict[str, Any] = {"caller": HERE, "now": now}
        kept: AllocationOut = writer.run_and_wait(commands.keep, event_id=event_id, body=body, worked=worked, **here)
        writer.run_and_wait(commands.apply, allocation_id=kept.id, **here)
    except NotFound:
        raise NoSuchEventError(f"There is no event {event_id}.") from None
    except Problem as problem:
        faults = [fault.detail for fault in problem.errors if fault.detail != problem.detail]
        return Outcome(["Nothing was booked.", problem.detail, *faults], done=False)
    except InconsistentProblem as error:
        return Outcome(["Nothing was booked.", f"No plan could respect all of this: {error}."], done=False)
    return Outcome([*lines, f"All of it is booked, as allocation {kept.id}."], done=True)


def _asked(session: Session, event_id: UUID, body: AllocationIn) -> tuple[str, Ask]:
    hold_still(session)
    ask = queries.ask(session, caller=HERE, event_id=event_id, wanted=body.wanted())
    return events.own_event(session, caller=HERE, event_id=event_id).name, ask


def in_words(ask: Ask, worked: Worked) -> Iterator[str]:
    """A plan in plain English."""
    found, changed = worked.outcome["figures"], worked.outcome["changes"]
    problem = ask.posed.problem
    yield f"{found['attendees']} people, {len(problem.tables)} tables, {len(problem.rounds)} rounds."
    yield (
        f"Of {found['with_wishes']} people with wishes, {found['first_choice']} get their first choice, "
        f"{found['top_3']} one of their first three, {found['any_wish']} one of their wishes at all."
    )
    for granted, people in enumerate(found["wishes_granted"]):
        if people:
            yield f"  {_people(people)} get {granted} of their wishes."
    yield f"{found['seats_taken']} seats are taken, {found['seats_left']} are left."
    if found["not_placed_count"]:
        yield f"{_people(found['not_placed_count'])} could take more seats than there are for them."
    yield worked.outcome["proof"]["told"]
    yield (
        f"Compared with the bookings as they are, {_people(changed['moved'])} would move, "
        f"{changed['gained']} gain seats and {changed['lost']} lose some."
    )
    yield "How many come to each table, round by round:"
    slots: dict[object, list[str]] = {}
    for slot in figures(problem, unpacked_plan(worked.plan)).slots:
        slots.setdefault(slot.table, []).append(str(slot.taken) if slot.seats else "closed")
    for table, taken in slots.items():
        yield f"  table {table}: {', '.join(taken)}"


def _people(how_many: int) -> str:
    return "1 person" if how_many == 1 else f"{how_many} people"
