"""Where a race is run: server processes on one database, a hub on them, and the crowd."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import httpx

from tests.support.crowd import Answer, Crowd, Task, Told
from tests.support.evening import Hub, check, found_hub
from tests.support.forms import FULL
from tests.support.server import SERVICE, Server, servers

Faults = list[str]
"""What went wrong, in words; a race that was fair has none."""
TRIES = 10
"""How often a control may run until it fails as it must: a race is not lost every time."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that a race needs."""

    database_url: str
    processes: Sequence[Server]
    hub: Hub
    crowd: Crowd

    @property
    def backend(self) -> str:
        return self.database_url.partition(":")[0].partition("+")[0]

    @property
    def bases(self) -> list[str]:
        return [each.url for each in self.processes]

    def rush(self, tasks: Sequence[Task], *, at_once: int = 16) -> list[Told]:
        """Sends these from four processes to all servers at once."""
        return self.crowd.rush(tasks, self.bases, self.hub.headers, at_once=at_once)

    def check(self) -> Faults:
        """What `teachmeet check` finds."""
        done = check(self.database_url)
        return [] if done.returncode == 0 else [f"teachmeet check: {done.stdout}{done.stderr}"]


Race = Callable[[Stage, int], Faults]
"""One race, with a seed: sets up an evening of its own, lets them loose, and says what went wrong."""


def run(race: Race, on: Stage, *, seeds: int) -> Faults:
    """Runs a race with each seed. The check is of everything in the database, so the short form makes it once."""
    faults: Faults = []
    for seed in range(seeds):
        faults += [f"seed {seed}: {fault}" for fault in race(on, seed)]
        if FULL or seed == seeds - 1:
            faults += on.check()
    return faults


class Unanswered(AssertionError):
    """A request was never answered, so there is no verdict."""


def lost(race: Race, on: Stage, *, signs: tuple[str, ...]) -> bool:
    """Whether a race shows a fault that begins like one of these, in one of a few tries."""
    return any(fault.startswith(signs) for seed in range(TRIES) for fault in _tried(race, on, seed))


def _tried(race: Race, on: Stage, seed: int) -> Faults:
    """Without its guards a service may also leave somebody waiting for ever; that try shows nothing."""
    with suppress(Unanswered):
        return race(on, seed)
    return []


@contextmanager
def stage(database_url: str, crowd: Crowd, *, service: str = SERVICE, processes: int | None = None) -> Iterator[Stage]:
    """One server process on SQLite, two on PostgreSQL, unless told otherwise."""
    count = processes or (1 if database_url.startswith("sqlite") else 2)
    with (
        servers(database_url, count=count, service=service) as started,
        httpx.Client(base_url=started[0].url, timeout=30) as http,
    ):
        yield Stage(database_url, started, found_hub(database_url, http), crowd)


def final_answers(told: Sequence[Told]) -> list[Answer]:
    """The last answer of every task; there must be one."""
    answers = [answer for each in told if (answer := each.last)]
    if len(answers) < len(told):
        raise Unanswered
    return answers


def all_answers(told: Iterable[Told]) -> list[Answer]:
    return [answer for each in told for answer in each.answers if answer is not None]


def unexpected(told: Iterable[Told], expected: Collection[str]) -> Faults:
    """Answers that are neither 2xx nor one of these problems."""
    strange = Counter(
        f"{answer.status} {answer.problem}"
        for answer in all_answers(told)
        if not answer.acknowledged and answer.problem not in expected
    )
    return [f"{how_many} × {what}" for what, how_many in strange.items()]


def differ(what: str, found: object, wanted: object) -> Faults:
    """A fault when these are not the same."""
    return [] if found == wanted else [f"{what}: {found} instead of {wanted}"]
