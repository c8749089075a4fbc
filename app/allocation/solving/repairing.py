"""A plan fitted to what has changed, with as little disturbance as possible."""

from dataclasses import replace
from enum import StrEnum

import numpy as np

from app.allocation.solving.arena import NOWHERE, Arena, Ints, arrange, itineraries, lot, standing
from app.allocation.solving.ascent import Keeping, climb
from app.allocation.solving.fairness import Standing
from app.allocation.solving.filling import fill_idle
from app.allocation.solving.flow import choose_wishes
from app.allocation.solving.plan import Method, Plan, Proof
from app.allocation.solving.problem import Attendee, Id, Itineraries, Problem
from app.allocation.solving.solver import Progress, bound_of, solve, unheard

MOVED_FOR_EACH = 3
"""How many may be moved for each who leaves or comes, in a gentle repair."""


class Mode(StrEnum):
    ADD_ONLY = "add-only"
    GENTLE = "gentle"
    FAIR = "fair"


def repair(
    problem: Problem,
    current: Itineraries,
    *,
    mode: Mode = Mode.GENTLE,
    most_moved: int | None = None,
    progress: Progress = unheard,
) -> Plan:
    """The current plan fitted to the problem as it is now: cancelled attendees gone, newcomers in, seats pinned or
    forbidden, tables closed. A seat that is not possible any more is given up; beyond that,

    - add-only moves nobody: free seats are given to those who are idle, in the stated order;
    - gentle moves people where somebody is granted a further wish by it, and nobody loses one. No more than
      `most_moved` are moved (three for each who left or came, if nothing is said; those whose seat was given up not
      counted): if need be only for those who are worse off, and for them more people than for others;
    - fair goes as far up the stated order as single rounds can, and of the ways there takes those with fewest changes.
    """
    if mode is Mode.ADD_ONLY:
        return _added(problem, current, progress)
    progress(0.0, "numbering")
    arena, seats = arrange(problem), kept(problem, current)
    progress(0.2, "bettering round by round")
    before = as_array(arena, seats)
    bound = bound_of(arena, arena.wishes.where(choose_wishes(arena, arena.seats.sum(axis=1))))
    if mode is Mode.FAIR:
        at = fill_idle(arena, climb(arena, before, bound, Keeping(before)))
    else:
        at = _gently(arena, before, bound, _allowance(problem, current) if most_moved is None else most_moved)
    progress(1.0, "done")
    return Plan(itineraries(arena, at), Proof(Method.REPAIR, standing(arena, at), bound))


def _allowance(problem: Problem, current: Itineraries) -> int:
    now = {each.id for each in problem.attendees}
    return MOVED_FOR_EACH * max(1, len(now.symmetric_difference(current)))


def _gently(arena: Arena, before: Ints, bound: Standing, most_moved: int) -> Ints:
    """The plan at the lowest price for a change at which no more people than that are moved."""
    for price in (None, 3, 5, 7, 11, *range(13, 12 * arena.size[2] + 12, 11)):
        at = fill_idle(arena, climb(arena, before, bound, Keeping(before, protected=True, price=price)))
        if int(((before != NOWHERE) & (at != before)).any(axis=1).sum()) <= most_moved:
            return at
    return fill_idle(arena, before)


def kept(problem: Problem, current: Itineraries) -> Itineraries:
    """What of a plan is still possible, pins included; where too many sit at a slot, fill-ups give way first, then
    those with the most wishes granted."""
    spare = {
        (each, table.id): seats
        for table in problem.tables
        for each, seats in zip(problem.rounds, table.seats, strict=True)
    }
    seated: dict[Id, dict[Id, Id]] = {}
    for attendee in problem.attendees:
        seated[attendee.id] = dict(attendee.pinned)
        for slot in attendee.pinned:
            spare[slot] -= 1
    for _, _, attendee, slot in _claims(problem, current):
        own = seated[attendee.id]
        wanting = attendee.wanted is None or len(own) < attendee.wanted
        if wanting and slot[0] not in own and slot[1] not in own.values() and spare.get(slot, 0) > 0:
            own[slot[0]] = slot[1]
            spare[slot] -= 1
    return seated


def _claims(problem: Problem, current: Itineraries) -> list[tuple[bool, int, Attendee, tuple[Id, Id]]]:
    """Every seat of the plan that its holder may still have, those first that go first."""
    claims = []
    for attendee in problem.attendees:
        own = current.get(attendee.id, {})
        wishes = set(attendee.wishes)
        granted = sum(table in wishes for table in own.values())
        claims += [
            (table not in wishes, granted, attendee, (each, table))
            for each, table in own.items()
            if each not in attendee.away and table not in attendee.barred and (each, table) not in attendee.forbidden
        ]
    seed = problem.options.seed
    return sorted(claims, key=lambda claim: (claim[0], claim[1], lot(seed, "attendee", claim[2].id)))


def as_array(arena: Arena, seats: Itineraries) -> Ints:
    """A plan by ids as n × r tables."""
    columns = {table.id: number for number, table in enumerate(arena.tables)}
    rounds = {each: number for number, each in enumerate(arena.problem.rounds)}
    at = np.full((arena.size[0], arena.size[2]), NOWHERE, dtype=np.int64)
    for person, attendee in enumerate(arena.attendees):
        for each, table in seats.get(attendee.id, {}).items():
            at[person, rounds[each]] = columns[table]
    return at


def _added(problem: Problem, current: Itineraries, progress: Progress) -> Plan:
    """Everybody pinned where they are, and the rest solved."""
    seats = kept(problem, current)
    pinned = tuple(replace(each, pinned=tuple(seats[each.id].items())) for each in problem.attendees)
    plan = solve(replace(problem, attendees=pinned), progress)
    return Plan(plan.itineraries, replace(plan.proof, method=Method.ADD_ONLY))
