"""Real server processes: started on a database, waited for, stopped or killed."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

from tests.support.databases import NO_RATE_LIMITS

START_SECONDS = 20.0
STOP_SECONDS = 15.0
SERVICE = "app.main:from_environment"
SECRET = "a secret that all processes of a test share"
ROOT = Path(__file__).resolve().parents[2]
BYTECODE = ROOT / ".pytest_cache" / "bytecode"
"""Kept between processes and runs, also where Python is told to keep none: half of a start is compiling."""


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(database_url: str, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a service process: this one's, but no other TEACHMEET_ settings than those given here."""
    inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith("TEACHMEET_")}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    return {
        **inherited,
        "PYTHONPYCACHEPREFIX": str(BYTECODE),
        "PYTHONPATH": str(ROOT),
        "TEACHMEET_DATABASE_URL": database_url,
        "TEACHMEET_SECRET_KEY": SECRET,
        "TEACHMEET_LOG_LEVEL": "warning",
        **{f"TEACHMEET_{name.upper()}": str(value) for name, value in NO_RATE_LIMITS.items()},
        **(env or {}),
    }


class Server:
    """One process of the service, or of a variant of it. It keeps its port when it is started again."""

    def __init__(
        self,
        database_url: str,
        *,
        env: Mapping[str, str] | None = None,
        port: int | None = None,
        service: str = SERVICE,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._env = environment(database_url, env)
        self._service = service
        self._directory = Path(tempfile.mkdtemp(prefix="teachmeet-server-"))
        self._log = self._directory / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> float:
        """Starts the process and waits until it is ready; answers with the seconds that took."""
        began = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.serve", self._service, str(self.port)],
                cwd=self._directory,  # no `.env` and no `./var` of the tree
                env=self._env,
                stdout=log,
                stderr=log,
            )
        if wait:
            self.wait_until_ready()
        return time.monotonic() - began

    def wait_until_ready(self) -> None:
        """Raises with the process's log when it ends, or is not ready in time."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise AssertionError(f"the server ended:\n{self.log}")
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200:
                    return
            time.sleep(0.02)
        raise AssertionError(f"the server was not ready in {START_SECONDS} s:\n{self.log}")

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Asks it to end, as an operator would; answers with its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(how)
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_SECONDS)
            raise AssertionError(f"the server did not end in {STOP_SECONDS} s:\n{self.log}") from None

    def discard(self) -> None:
        """Ends it whatever its state, and removes what it left."""
        if self.running:
            self.kill()
        self._log.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._directory.rmdir()


@contextlib.contextmanager
def servers(
    database_url: str, *, count: int = 1, env: Mapping[str, str] | None = None, service: str = SERVICE
) -> Iterator[list[Server]]:
    """Several processes on one database, all ready."""
    started = [Server(database_url, env=env, service=service) for _ in range(count)]
    try:
        for server in started:
            server.start(wait=False)
        for server in started:
            server.wait_until_ready()
        yield started
    finally:
        for server in started:
            server.discard()
