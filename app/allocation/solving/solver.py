"""From a problem to a plan: the exact way where König's theorem holds, the general way where it does not."""

from collections.abc import Callable

import numpy as np

from app.allocation.solving import programme
from app.allocation.solving.arena import NOWHERE, Arena, Edges, Ints, arrange, itineraries, left, standing
from app.allocation.solving.ascent import climb, shake, without_fills
from app.allocation.solving.chains import fill_by_chains, insert_missing
from app.allocation.solving.fairness import Standing
from app.allocation.solving.filling import fill_idle, hand_out
from app.allocation.solving.flow import choose_wishes, choose_wishes_by_slot
from app.allocation.solving.plan import Method, Plan, Proof
from app.allocation.solving.polishing import polish
from app.allocation.solving.problem import Problem
from app.allocation.solving.timing import placed_by_urgency
from app.allocation.solving.uniform import join, tables_for_all, timed

MOST_AT_ONCE, MOST_WISHES, MOST_FILLS = 3_000, 40_000, 15_000
"""Up to how many variables the integer programme is asked: for everything, for the wishes, for the fill-ups at last."""

Progress = Callable[[float, str], None]
"""Told the share of the work that is done and what comes next. What it raises ends the work."""


def unheard(_share: float, _step: str) -> None:
    """Progress that nobody asked for."""


def solve(problem: Problem, progress: Progress = unheard) -> Plan:
    """The best plan by the stated order, with the proof of it or of how near it comes.

    The same problem gives the same plan in every process and on every machine, in whatever order its attendees and
    tables are listed. Where the proof says optimal, the standing does not depend on the seed or on anybody's id either.
    """
    progress(0.0, "numbering")
    arena = arrange(problem)
    at, bound, method = _exactly(arena, progress) if arena.uniform else _generally(arena, progress)
    progress(0.9, "polishing")
    at = polish(arena, at)
    plan = Plan(itineraries(arena, at), Proof(method, standing(arena, at), bound))
    progress(1.0, "done")
    return plan


def _exactly(arena: Arena, progress: Progress) -> tuple[Ints, Standing, Method]:
    progress(0.1, "choosing tables")
    edges, most = tables_for_all(arena)
    progress(0.6, "timing")
    at = fill_idle(arena, timed(arena, edges))
    reached = standing(arena, at)
    return at, Standing(reached.at_least, reached.ranks, max(most, reached.seats)), Method.FLOW_AND_COLOURING


def _generally(arena: Arena, progress: Progress) -> tuple[Ints, Standing, Method]:
    """The wishes that a flow chooses by tables, timed; where that falls short, those that one chooses by slots."""
    progress(0.1, "choosing tables")
    wishes = arena.wishes.where(choose_wishes(arena, arena.seats.sum(axis=1)))
    bound = bound_of(arena, wishes)
    progress(0.2, "timing")
    at = better(arena, _timed(arena, wishes), bound, wishes, laps=0)
    if standing(arena, at).wishes != bound.wishes:
        progress(0.4, "choosing slots")
        wishes = arena.wishes.where(choose_wishes_by_slot(arena))
        bound = bound_of(arena, wishes)
        progress(0.5, "bettering round by round")
        at = max(at, better(arena, _timed(arena, wishes), bound, wishes), key=lambda plan: standing(arena, plan).key)
    if standing(arena, at) == bound:
        return at, bound, Method.FLOW_AND_ROUNDS
    progress(0.7, "closing the gap")
    return _closed(arena, at, bound)


def bound_of(arena: Arena, wishes: Edges) -> Standing:
    """As good as no plan can exceed: these wishes, which a flow chose, and every seat that can be taken."""
    people, _, rounds = arena.size
    counts = arena.granted + np.bincount(wishes.people, minlength=people)
    pinned = standing(arena, arena.pinned)
    return Standing(
        tuple(int((counts >= number).sum()) for number in range(1, rounds + 1)),
        pinned.ranks + int(wishes.ranks.sum()),
        pinned.seats + min(int(arena.need.sum()), _usable(arena)),
    )


def _usable(arena: Arena) -> int:
    """How many seats can be taken, when in no round more people sit than are free in it."""
    return int(np.minimum(arena.seats.sum(axis=0), arena.free.sum(axis=0)).sum())


def _timed(arena: Arena, wishes: Edges) -> Ints:
    """The wishes, and fill-ups where there is room, each in a round; pins included."""
    people, tables, _ = arena.size
    welcome = ~arena.barred
    welcome[wishes.people, wishes.tables] = False
    need = arena.need - np.bincount(wishes.people, minlength=people)
    spare = arena.seats.sum(axis=1) - np.bincount(wishes.tables, minlength=tables)
    everything = join(wishes, hand_out(need, spare, welcome))
    at = insert_missing(arena, placed_by_urgency(arena, everything), everything)
    return np.where(arena.pinned == NOWHERE, at, arena.pinned)


def better(arena: Arena, at: Ints, bound: Standing, wishes: Edges, *, laps: int | None = None) -> Ints:
    """The plan, its wishes bettered unless they are best (shaken so often), and its idle rounds filled."""
    if standing(arena, at).wishes != bound.wishes:
        found = climb(arena, insert_missing(arena, without_fills(arena, at), wishes), bound)
        at = restored(arena, shake(arena, found, bound, laps), at)
    return filled(arena, at)


def filled(arena: Arena, at: Ints) -> Ints:
    """The plan with its idle rounds filled, if need be by coming to other tables in other rounds."""
    return fill_idle(arena, fill_by_chains(arena, fill_idle(arena, at)))


def restored(arena: Arena, at: Ints, before: Ints) -> Ints:
    """The plan with every seat of the one before that is still free for its holder."""
    at, spare, rounds = at.copy(), left(arena, at), arena.size[2]
    for number in range(rounds):
        for person in np.flatnonzero((at[:, number] == NOWHERE) & (before[:, number] != NOWHERE)).tolist():
            table = before[person, number]
            wanting = arena.need[person] > (at[person][arena.free[person]] != NOWHERE).sum()
            if spare[table, number] > 0 and wanting and table not in at[person]:
                at[person, number] = table
                spare[table, number] -= 1
    return at


def _closed(arena: Arena, at: Ints, bound: Standing) -> tuple[Ints, Standing, Method]:
    """The plan with the integer programme's last word, as far as the problem is small enough for it."""
    method = Method.FLOW_AND_ROUNDS
    for fills, most in ((True, MOST_AT_ONCE), (False, MOST_WISHES), (True, MOST_FILLS)):
        reached = standing(arena, at)
        open_wishes = reached.wishes != bound.wishes
        if reached == bound or (most == MOST_FILLS and open_wishes) or (most == MOST_WISHES and not open_wishes):
            continue
        outcome = programme.improve(arena, at, bound, fills=fills, most=most)
        if outcome is not None:
            found, bound = outcome
            found = filled(arena, restored(arena, found, at))
            at = max(at, found, key=lambda plan: standing(arena, plan).key)
            method = Method.INTEGER_PROGRAMME
    return at, bound, method
