"""Measures everything in one run and prints it as ratios: `python -m benchmarks`; `--help` tells how to narrow it."""

import argparse
import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from pathlib import Path

from sqlalchemy import create_engine, text

from app.kernel.settings import Settings
from benchmarks.allocation import allocation
from benchmarks.evening import Evening, set_up
from benchmarks.load import Outcome, press, request
from benchmarks.process import FLOOR, NAIVE, OURS, Running, server
from benchmarks.reckoning import median, rate
from benchmarks.slow import siege
from benchmarks.staff import staff
from benchmarks.stream import registering, stream
from tests.support.postgres import postgresql

MANY = 100_000
SLOW = 200
"""Slow clients of each of two kinds."""
OTHERS = 16
EVERYTHING = ["registrations", "size", "pages", "slow-clients", "stream", "staff", "allocation"]


def main() -> None:
    """The one command."""
    options = _options()
    if "allocation" in options.only:
        allocation(repeats=options.repeats)
    with _databases(options.databases if set(options.only) - {"allocation"} else []) as databases:
        for name, fresh in databases.items():
            if "registrations" in options.only:
                _registrations(name, fresh, seconds=options.seconds, repeats=options.repeats)
            if "size" in options.only:
                _size(name, fresh, seconds=options.seconds, repeats=options.repeats)
            if "pages" in options.only:
                _pages(name, fresh, seconds=options.seconds, repeats=options.repeats)
            if "slow-clients" in options.only:
                _slow_clients(name, fresh, seconds=options.seconds, repeats=options.repeats)
            if "stream" in options.only:
                stream(name, fresh, seconds=options.seconds, repeats=options.repeats)
            if "staff" in options.only:
                staff(name, fresh, seconds=options.seconds, repeats=options.repeats)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of load in each measurement")
    parser.add_argument("--repeats", type=int, default=3, help="of each measurement; medians are printed")
    parser.add_argument("--only", nargs="+", default=EVERYTHING)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    return parser.parse_args()


Fresh = Callable[[], str]
"""Makes an empty database and gives its URL."""


@contextlib.contextmanager
def _databases(wanted: Sequence[str]) -> Iterator[dict[str, Fresh]]:
    with tempfile.TemporaryDirectory(prefix="teachmeet-bench-") as directory, contextlib.ExitStack() as stack:
        numbers = iter(range(1_000))
        databases: dict[str, Fresh] = {}
        if "sqlite" in wanted:
            databases["sqlite"] = lambda: f"sqlite:///{Path(directory) / f'{next(numbers)}.sqlite'}"
        if "postgresql" in wanted:
            url = stack.enter_context(postgresql())
            admin = create_engine(url, isolation_level="AUTOCOMMIT")
            stack.callback(admin.dispose)

            def fresh() -> str:
                name = f"bench_{next(numbers)}"
                with admin.connect() as connection:
                    connection.execute(text(f"CREATE DATABASE {name}"))
                return url.set(database=name).render_as_string(hide_password=False)

            databases["postgresql"] = fresh
        yield databases


def _rush(factory: str, url: str, evening: Evening, *, seconds: float) -> tuple[Outcome, Running]:
    with server(factory, url) as running:
        outcome = press(running.port, registering(evening), seconds=seconds)
        if set(outcome.statuses) != {201}:
            raise RuntimeError(f"not everything was accepted: {outcome.statuses}")
        return outcome, running


def _registrations(name: str, fresh: Fresh, *, seconds: float, repeats: int) -> None:
    """Durable registrations a second of a hot event, beside the floor and beside the naive variant."""
    rates: dict[str, list[Outcome]] = {FLOOR: [], OURS: [], NAIVE: []}
    starts = []
    for _ in range(repeats):
        for factory, outcomes in rates.items():
            url = fresh()
            evening = set_up(Settings(database_url=url), teachers=int(seconds * 5_000))
            outcome, running = _rush(factory, url, evening, seconds=seconds)
            outcomes.append(outcome)
            starts.append(running.started_in)
    print(f"\n{name}: registrations of one event, 64 connections, every one durable before its answer")
    floor = rate(rates[FLOOR])
    for factory, label in ((FLOOR, "no database"), (OURS, "teachmeet"), (NAIVE, "naive ORM session each")):
        outcomes = rates[factory]
        p50, spread = median(o.p50 for o in outcomes), median(o.spread for o in outcomes)
        print(
            f"  {label:24} {rate(outcomes):7.0f}/s  {rate(outcomes) / floor:5.2f} of no database"
            f"   p50 {p50:6.1f} ms   p99 {spread:4.1f} times p50"
        )
    print(f"  start to first answer    {median(starts):.2f} s")


def _size(name: str, fresh: Fresh, *, seconds: float, repeats: int) -> None:
    """The same rate at 100,000 registrations as at 100, and what the process weighs afterwards."""
    few: list[Outcome] = []
    many: list[Outcome] = []
    weights = []
    for _ in range(repeats):
        for registered, outcomes in ((100, few), (MANY - int(seconds * 2_500), many)):
            url = fresh()
            left = int(seconds * 2_500) if registered > 100 else int(seconds * 5_000)
            evening = set_up(Settings(database_url=url), teachers=registered + left, registered=registered)
            with server(OURS, url) as running:
                outcomes.append(press(running.port, registering(evening), seconds=seconds))
                if registered > 100:
                    weights.append(running.megabytes)
    print(f"\n{name}: at 100 registrations and towards {MANY:,}")
    print(f"  rate at many / at few    {rate(many) / rate(few):5.2f}   ({rate(few):.0f}/s, {rate(many):.0f}/s)")
    print(f"  memory of the process    {max(weights):.0f} MB")


def _pages(name: str, fresh: Fresh, *, seconds: float, repeats: int) -> None:
    """The public pages, beside a route of the same app that answers constant bytes."""
    url = fresh()
    evening = set_up(Settings(database_url=url), teachers=200, registered=120)
    paths = {page: f"/v1/events/{evening.event_id}/{page}" for page in ("marketplace", "programme")}
    rates: dict[str, list[Outcome]] = {"constant": [], **{page: [] for page in paths}}
    for _ in range(repeats):
        with server(FLOOR, url) as running:
            for page, path in {"constant": "/constant", **paths}.items():
                press(running.port, repeat(request("GET", path)), seconds=0.5)
                rates[page].append(press(running.port, repeat(request("GET", path)), seconds=seconds))
    print(f"\n{name}: public pages, 64 connections")
    for page, outcomes in rates.items():
        print(f"  {page:24} {rate(outcomes):7.0f}/s  {rate(outcomes) / rate(rates['constant']):5.2f} of constant bytes")


def _slow_clients(name: str, fresh: Fresh, *, seconds: float, repeats: int) -> None:
    """How long others wait while hundreds of clients are slow on purpose, beside how long they wait without them."""
    url = fresh()
    evening = set_up(Settings(database_url=url), teachers=200, registered=120)
    page = request("GET", f"/v1/events/{evening.event_id}/marketplace")
    alone: list[Outcome] = []
    besieged: list[Outcome] = []
    with server(OURS, url) as running:
        press(running.port, repeat(page), connections=OTHERS, seconds=0.5)
        for _ in range(repeats):
            alone.append(press(running.port, repeat(page), connections=OTHERS, seconds=seconds))
            with siege(running.port, how_many=SLOW):
                besieged.append(press(running.port, repeat(page), connections=OTHERS, seconds=seconds))
    if {status for outcome in besieged for status in outcome.statuses} != {200}:
        raise RuntimeError(f"not everyone was answered: {[outcome.statuses for outcome in besieged]}")
    before, during = median(each.p99 for each in alone), median(each.p99 for each in besieged)
    print(f"\n{name}: {SLOW} half-open connections and {SLOW} bodies at a byte a second, {OTHERS} other clients")
    print(
        f"  p99 of the others        {during:.1f} ms, {during / before:.2f} times as long as without ({before:.1f} ms)"
    )
    print(f"  rate of the others       {rate(besieged) / rate(alone):.2f} of that without ({rate(alone):.0f}/s)")


if __name__ == "__main__":
    main()
