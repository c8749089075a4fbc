"""First come, first served: what an allocation is compared with. Everybody clicks in turn, as at an open sign-up."""

from app.allocation.solving.problem import Attendee, Id, Itineraries, Problem


def first_come(problem: Problem) -> Itineraries:
    """Each attendee in the order of the problem takes the best that is left of their wishes, each in the first round
    that fits, and then whatever is free in the rounds that are still empty. Pinned seats are theirs beforehand."""
    spare = {
        (each, table.id): seats
        for table in problem.tables
        for each, seats in zip(problem.rounds, table.seats, strict=True)
    }
    for attendee in problem.attendees:
        for slot in attendee.pinned:
            spare[slot] -= 1
    tables = [table.id for table in problem.tables]
    return {each.id: _in_turn(each, problem.rounds, tables, spare) for each in problem.attendees}


def _in_turn(
    attendee: Attendee, rounds: tuple[Id, ...], tables: list[Id], spare: dict[tuple[Id, Id], int]
) -> dict[Id, Id]:
    own = dict(attendee.pinned)
    wanted = len(rounds) if attendee.wanted is None else attendee.wanted
    for table in (*attendee.wishes, *tables):
        if len(own) >= wanted:
            break
        if table in attendee.barred or table in own.values():
            continue
        for each in rounds:
            fits = each not in own and each not in attendee.away and (each, table) not in attendee.forbidden
            if fits and spare.get((each, table), 0) > 0:
                own[each] = table
                spare[each, table] -= 1
                break
    return own
