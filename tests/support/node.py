"""The tools that speak JavaScript: installed once for each lock file, outside the tree, run with the wheel's Node."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.server import ROOT

CLIENTS = ROOT / "tests" / "clients"
BIN = Path(sys.executable).parent
INSTALL_SECONDS = 300.0
RUN_SECONDS = 120.0


@cache
def node_modules() -> Path:
    """The directory with the tools, exactly those of the lock file. Whoever asks first installs them; others wait."""
    lock = (CLIENTS / "package-lock.json").read_bytes()
    place = _cache() / hashlib.sha256(lock).hexdigest()[:16]
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not place.exists():
            _install(place)
    return place / "node_modules"


@dataclass(frozen=True, slots=True)
class Chromium:
    """A browser out of a package, with the libraries that it wants of a system."""

    program: str
    environment: dict[str, str]


@cache
def chromium() -> Chromium:
    """For machines that have no browser of their own: unpacked beside the tools by whoever asks first."""
    place = node_modules().parent
    with (place / "unpacking.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        (place / "unpacked").mkdir(exist_ok=True)
        # The package hands out its libraries only where it believes to be at home.
        environment = {"TMPDIR": str(place / "unpacked"), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}
        script = ["node", "--input-type=module", "--eval", _UNPACK]
        found = json.loads(_run(script, cwd=place, environment=environment).splitlines()[-1])
    return Chromium(found["program"], found["environment"])


_UNPACK = """
import chromium from "@sparticuz/chromium";
const program = await chromium.executablePath();
const { LD_LIBRARY_PATH, FONTCONFIG_PATH } = process.env;
console.log(JSON.stringify({ program, environment: { LD_LIBRARY_PATH, FONTCONFIG_PATH } }));
"""


def _install(place: Path) -> None:
    """Under another name first, so that what is there is whole."""
    with tempfile.TemporaryDirectory(dir=place.parent, prefix="installing-") as temporary:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(CLIENTS / name, Path(temporary, name))
        command = ["npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"]
        _run(command, cwd=Path(temporary), seconds=INSTALL_SECONDS)
        whole = Path(temporary).with_name(f"{place.name}.whole")
        shutil.rmtree(whole, ignore_errors=True)
        Path(temporary).rename(whole)
        whole.rename(place)
        Path(temporary).mkdir()  # for the context to remove


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "teachmeet-tests"


def run_tool(name: str, *arguments: str | Path, cwd: Path) -> str:
    """Runs an installed tool in a directory, which is given the tools' `node_modules`; answers with what it printed.

    Raises with that when it fails.
    """
    given = cwd / "node_modules"
    if not given.exists():
        given.symlink_to(node_modules())
    return _run([str(node_modules() / ".bin" / name), *map(str, arguments)], cwd=cwd)


def run_node(script: Path, *, cwd: Path, **environment: str) -> str:
    """Runs a script, also one in TypeScript, whose types are then passed over; answers with what it printed."""
    return _run(["node", str(script)], cwd=cwd, environment=environment)


def _run(
    command: list[str], *, cwd: Path, seconds: float = RUN_SECONDS, environment: dict[str, str] | None = None
) -> str:
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    env = {**os.environ, "PATH": path, "NO_COLOR": "1", "REDOCLY_TELEMETRY": "off", **(environment or {})}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=seconds, check=False)
    printed = done.stdout + done.stderr
    assert done.returncode == 0, f"{json.dumps(command)} ended with {done.returncode}:\n{printed[-8_000:]}"
    return printed
