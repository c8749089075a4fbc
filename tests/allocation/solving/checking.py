"""What holds for every plan, checked from outside: by ids, in loops, without anything of the solver."""

from collections import Counter

from app.allocation.solving import Attendee, Id, Itineraries, Problem
from tests.allocation.solving.independent import may_sit


def breaches(problem: Problem, plan: Itineraries) -> list[str]:
    """Every hard rule that a plan breaks."""
    seats = {
        (name, table.id): number
        for table in problem.tables
        for name, number in zip(problem.rounds, table.seats, strict=True)
    }
    taken = Counter(slot for own in plan.values() for slot in own.items())
    found = [
        f"{slot}: {many} people on {seats.get(slot, 0)} seats" for slot, many in taken.items() if many > seats[slot]
    ]
    if plan.keys() != {each.id for each in problem.attendees}:
        found.append("the plan is not about the people of the problem")
    for attendee in problem.attendees:
        found += [f"{attendee.id}: {what}" for what in _own_breaches(attendee, dict(plan[attendee.id]))]
    return found


def _own_breaches(attendee: Attendee, own: dict[Id, Id]) -> list[str]:
    found = [f"must not sit at {slot}" for slot in own.items() if not may_sit(attendee, *slot)]
    found += [f"was moved from {slot}" for slot in attendee.pinned if own.get(slot[0]) != slot[1]]
    if len(set(own.values())) < len(own):
        found.append("is at one table twice")
    if attendee.wanted is not None and len(own) > max(attendee.wanted, len(attendee.pinned)):
        found.append(f"wanted {attendee.wanted} rounds")
    return found


def idle_beside_a_seat(problem: Problem, plan: Itineraries) -> list[tuple[Id, Id, Id]]:
    """Who is idle in a round, and wants a seat, while one is free there that they could take."""
    taken = Counter(slot for own in plan.values() for slot in own.items())
    return [
        (attendee.id, name, table.id)
        for attendee in problem.attendees
        if attendee.wanted is None or len(plan[attendee.id]) < attendee.wanted
        for table in problem.tables
        for name, seats in zip(problem.rounds, table.seats, strict=True)
        if taken[name, table.id] < seats
        and name not in plan[attendee.id]
        and table.id not in plan[attendee.id].values()
        and may_sit(attendee, name, table.id)
    ]
