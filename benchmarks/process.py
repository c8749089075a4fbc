"""A server process to measure: started on a database, asked when it is ready, weighed, stopped."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from tests.support.server import environment, free_port

OURS = "app.main:from_environment"
FLOOR = "benchmarks.servers:floor"
NAIVE = "benchmarks.servers:naive"


COUNTED = {f"TEACHMEET_RATE_LIMIT_{name}": "100000000" for name in ("CREDENTIAL", "ANONYMOUS", "SIGN_IN")}
"""Requests are counted as they are for real, and never too many."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    port: int
    pid: int
    started_in: float
    """Seconds from the start of the process to its first answer."""

    @property
    def megabytes(self) -> float:
        """Memory that the process holds now."""
        return float(psutil.Process(self.pid).memory_info().rss) / 1_000_000


@contextmanager
def server(factory: str, database_url: str, *, env: dict[str, str] | None = None) -> Iterator[Running]:
    """A server as it is run for real, one process of it."""
    port = free_port()
    began = time.perf_counter()
    command = [sys.executable, "-m", "tests.support.serve", factory, str(port)]
    process = subprocess.Popen(command, env=environment(database_url, {**COUNTED, **(env or {})}))
    try:
        _wait(port, process)
        yield Running(port, process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.perf_counter() + 30
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the server ended before it answered")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=1)  # our own
        except urllib.error.HTTPError:
            return  # an answer all the same: the naive variant has no such page
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError("the server did not answer within 30 seconds")
