"""Many people at once: client processes that rush a service together, and what they were answered."""

import json
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.server import ROOT

PROCESSES = 4
LONGEST_RUSH_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    replayed: bool

    @property
    def acknowledged(self) -> bool:
        return 200 <= self.status < 300

    @property
    def problem(self) -> str:
        """The name of the problem, or nothing."""
        return str(self.body.get("type", "")).rpartition("/")[2] if isinstance(self.body, dict) else ""


Task = Sequence[Ask]
"""Requests that are sent one after another until one succeeds."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one task. `answers` ends with None when the last request was never answered."""

    task: Task
    answers: Sequence[Answer | None]

    @property
    def last(self) -> Answer | None:
        return self.answers[-1] if self.answers else None


class Crowd:
    """Client processes that wait for orders."""

    def __init__(self) -> None:
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.support.rush"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
            )
            for _ in range(PROCESSES)
        ]

    def rush(
        self, tasks: Sequence[Task], bases: Sequence[str], headers: Mapping[str, str], *, at_once: int = 16
    ) -> list[Told]:
        """Sends all of it from all processes at once; answers in the order of the tasks."""
        return self.start(tasks, bases, headers, at_once=at_once).finish()

    def start(
        self, tasks: Sequence[Task], bases: Sequence[str], headers: Mapping[str, str], *, at_once: int = 16
    ) -> "Rush":
        """Lets them loose; `finish` on what comes back waits for them."""
        for number, process in enumerate(self._processes):
            mine = [
                [[ask.method, ask.path, ask.body, dict(ask.headers)] for ask in task]
                for task in tasks[number::PROCESSES]
            ]
            turned = [*bases[number % len(bases) :], *bases[: number % len(bases)]]
            order = {"tasks": mine, "bases": turned, "headers": dict(headers), "at_once": at_once, "timeout": 60}
            _write(process, order)
        for process in self._processes:
            assert _read(process) == "ready"
        for process in self._processes:
            _write(process, "go")
        return Rush(tasks, self._processes)

    def dismiss(self) -> None:
        """Sends everybody home."""
        for process in self._processes:
            process.kill()
            process.wait(10)
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                pipe.close()


@dataclass(frozen=True, slots=True)
class Rush:
    """A rush under way."""

    tasks: Sequence[Task]
    processes: Sequence["subprocess.Popen[bytes]"]

    def finish(self) -> list[Told]:
        """Waits until everybody is done."""
        told: list[Told] = [Told(task, ()) for task in self.tasks]
        for number, process in enumerate(self.processes):
            for index, answers in enumerate(_read(process)):
                place = number + index * len(self.processes)
                told[place] = Told(self.tasks[place], [each and Answer(*each) for each in answers])
        return told


def _write(process: "subprocess.Popen[bytes]", what: object) -> None:
    assert process.stdin is not None
    line = memoryview(json.dumps(what).encode() + b"\n")
    while line:
        line = line[process.stdin.write(line) :]


def _read(process: "subprocess.Popen[bytes]") -> Any:
    assert process.stdout is not None
    parts: list[bytes] = []
    deadline = time.monotonic() + LONGEST_RUSH_SECONDS
    while not (parts and parts[-1].endswith(b"\n")):
        ready, _, _ = select.select([process.stdout], [], [], max(0, deadline - time.monotonic()))
        assert ready, f"a client did not come back in {LONGEST_RUSH_SECONDS} s"
        parts.append(process.stdout.read(1 << 20))
        assert parts[-1], "a client process ended"
    return json.loads(b"".join(parts))
