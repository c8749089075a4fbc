"""The allocation: our solver beside first come, first served and beside a general solver, each in a process of its own.

python -m benchmarks.allocation sign-ups DIRECTORY [PICTURE]    the figures of a hub's own sign-ups, and their curve
"""

import csv
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from app.allocation.pictures import satisfaction_curve
from app.allocation.solving import Attendee, Mode, Plan, Problem, Table, changes, figures, first_come, repair, solve
from app.allocation.solving.arena import arrange
from benchmarks.integer_programme import ask_highs, worth_of
from tests.allocation.solving.instances import EVERYTHING, UNIFORM, Kind, evening

HIGHS_SECONDS = 60.0
LONG = 10.0
"""After so many seconds nothing is repeated."""
SINGLE = Kind(closed=0.05, differing=0.2, hosts=0.2, pins=0.1, forbidden=0.1)
"""An evening as it often is: some hosts away in their own rounds, some tables closed, some seats pinned."""
KINDS = {"all tables open": UNIFORM, "hosts, closed tables, pins": SINGLE, "the same, very much of it": EVERYTHING}


@dataclass(frozen=True, slots=True)
class Size:
    """An evening, and whether a general solver can be asked to do it."""

    people: int
    tables: int
    rounds: int
    seats: int
    general: bool = True

    def problem(self, kind: str) -> Problem:
        """The invented evening of this size."""
        return evening(self.people, self.tables, self.rounds, self.seats, kind=KINDS[kind])


SIZES = (Size(120, 24, 5, 6), Size(1_000, 60, 6, 18), Size(10_000, 300, 6, 34, general=False))


def allocation(*, repeats: int) -> None:
    """Prints everything."""
    for number, size in enumerate(SIZES):
        print(f"\nallocation: {size.people:,} people, {size.tables} tables, {size.rounds} rounds, 3 to 8 wishes each")
        for kind in KINDS:
            print(f"  {kind}")
            for who in ("first-come", "teachmeet", *(["HiGHS"] if size.general and kind == "all tables open" else [])):
                _print(who, _apart(who, number, kind, repeats))
    print("\nallocation: five of 120 cancel")
    for told in _apart("repair", 0, "all tables open", repeats)["ways"]:
        print(f"  {told}")


def _print(who: str, told: dict[str, Any]) -> None:
    print(f"    {who:11}{told['seconds'] * 1000:9.1f} ms {told['megabytes']:5.0f} MB   {told['words']}")


def _apart(who: str, number: int, kind: str, repeats: int) -> dict[str, Any]:
    """The measurement in a fresh process, so that its memory is its own."""
    asked = [sys.executable, "-m", "benchmarks.allocation", who, str(number), kind, str(repeats)]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _measured(run: Callable[[], Any], repeats: int) -> tuple[Any, float]:
    """What it gives, and how long the quickest took."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        outcome = run()
        times.append(time.perf_counter() - started)
        if sum(times) > LONG:
            break
    return outcome, min(times)


def _one(who: str, size: Size, kind: str, repeats: int) -> dict[str, Any]:
    problem = size.problem(kind)
    solve(Size(12, 4, 2, 3).problem(kind))
    told: dict[str, Any] = {}
    if who == "first-come":
        seats, told["seconds"] = _measured(lambda: first_come(problem), repeats)
        told["words"] = _in_words(problem, seats)
    elif who == "teachmeet":
        plan, told["seconds"] = _measured(lambda: solve(problem), repeats)
        told["words"] = f"{_in_words(problem, plan)}; {_proved(plan)}"
    elif who == "HiGHS":
        arena = arrange(problem)
        answer, told["seconds"] = _measured(lambda: ask_highs(arena, seconds=HIGHS_SECONDS), 1)
        ours = solve(problem).standing
        share = (worth_of(arena, ours.at_least, ours.ranks) - answer.worth) / abs(answer.worth)
        told["words"] = f"{answer.variables:,} variables; " + (
            "the same optimum" if not share else f"after {HIGHS_SECONDS:.0f} s, {share:.3%} below ours"
        )
    else:
        told["ways"] = _repairs(problem, repeats)
        told["seconds"] = 0.0
    told["megabytes"] = _peak()
    return told


def _peak() -> float:
    """The most memory that this process had, in MB. What the system keeps for children counts the parent in."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def _in_words(problem: Problem, plan: Any) -> str:
    told = figures(problem, plan)
    return (
        f"first choice {told.first_choice:,} of {told.with_wishes:,}; worst-off {told.worst_off}"
        f" ({len(told.worst_off_attendees):,}); {told.seats_taken - told.fill_ups:,} wishes,"
        f" {told.seats_taken:,} seats"
    )


def _proved(plan: Plan) -> str:
    gap = plan.proof.gap
    return f"{plan.proof.method}, " + ("optimal" if gap is None else f"gap {gap.share:.3%} at “{gap.level}”")


def _repairs(problem: Problem, repeats: int) -> list[str]:
    before = solve(problem).itineraries
    gone = {each.id for each in random.Random(1).sample(problem.attendees, 5)}
    now = replace(problem, attendees=tuple(each for each in problem.attendees if each.id not in gone))
    ways: dict[str, Callable[[], Plan]] = {
        "solved from scratch": partial(solve, now),
        **{f"repaired, {mode}": partial(repair, now, before, mode=mode) for mode in Mode},
    }
    told = []
    for name, way in ways.items():
        plan, seconds = _measured(way, repeats)
        moved = len(changes(before, plan.itineraries).moved)
        told.append(f"{name:22}{seconds * 1000:7.1f} ms   {moved:3} people moved; {_in_words(now, plan)}")
    return told


def signed_up(directory: Path) -> Problem:
    """A hub's sign-ups as its sheets have them, read plainly: the accepted tables, six seats in each of five rounds,
    and everybody's last answer, in the order in which they first came. Titles that are none keep their rank."""
    with (directory / "presenters.csv").open(encoding="cp1252", newline="") as file:
        titles = [row["Title"].strip() for row in csv.DictReader(file) if row["Decision"].strip().lower() == "yes"]
    wishes: dict[str, tuple[str, ...]] = {}
    with (directory / "sign-ups.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            name, ranked = row["Your name"].strip(), row["Which tables would you most like to visit? (best first)"]
            if name:
                wishes[name.casefold()] = tuple(part.strip() for part in ranked.split(";") if part.strip())
    rounds = tuple(range(1, 6))
    tables = tuple(Table(title, (6,) * len(rounds)) for title in titles)
    return Problem(tuple(Attendee(name, wishes=each) for name, each in wishes.items()), tables, rounds)


def _sign_ups(directory: Path, picture: Path | None) -> None:
    problem = signed_up(directory)
    plan, naive = solve(problem), first_come(problem)
    print(f"first come   {_in_words(problem, naive)}")
    print(f"teachmeet    {_in_words(problem, plan)}; {_proved(plan)}")
    if picture is not None:
        ours, theirs = figures(problem, plan), figures(problem, naive)
        picture.write_text(satisfaction_curve(ours, beside=theirs), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "sign-ups":
        _sign_ups(Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
    else:
        who, number, kind, repeats = sys.argv[1:]
        print(json.dumps(_one(who, SIZES[int(number)], kind, int(repeats))))
