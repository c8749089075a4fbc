"""What is shipped: the wheel is complete, the image's recipe is sound, its health check means something."""

import json
import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import uv_build

from app.kernel.settings import PREFIX, Settings
from tests.support.databases import settings_for
from tests.support.server import ROOT, Server, free_port

BOUND = 60
COMPOSE = (ROOT / "compose.yaml").read_text()


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def last(name: str) -> str:
    return next(rest for given, rest in reversed(instructions()) if given == name)


def health_check(port: int) -> int:
    command = json.loads(last("HEALTHCHECK").partition(" CMD ")[2])
    there = [part.replace(":8000/", f":{port}/") for part in command[1:]]
    return subprocess.run([sys.executable, *there], stderr=subprocess.DEVNULL, timeout=BOUND, check=False).returncode


def test_the_wheel_has_everything_the_service_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv(
        "PATH", str(Path(sys.executable).parent), prepend=os.pathsep
    )  # the backend looks for its program
    wheel = tmp_path / uv_build.build_wheel(str(tmp_path))
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    for package in ("app", "migrations"):
        there = {
            str(path.relative_to(ROOT))
            for path in (ROOT / package).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert there <= inside
    assert not [name for name in inside if name.startswith(("tests/", "benchmarks/", "docs/"))]
    assert any(name.endswith("licenses/LICENSE") for name in inside)


def test_the_image_is_made_of_files_that_are_there_and_sent_to_the_builder() -> None:
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [
        source
        for name, rest in instructions()
        if name == "COPY" and "--from" not in rest
        for source in shlex.split(rest)[:-1]
    ]
    assert sorted(copied) == sorted(sent)
    assert all((ROOT / source).exists() for source in copied)


def test_the_image_has_two_stages_and_does_not_run_as_root() -> None:
    assert [rest for name, rest in instructions() if name == "FROM"] == [
        "python:3.13-slim AS build",
        "python:3.13-slim",
    ]
    user = last("USER")
    assert user not in ("root", "0")
    assert any(
        name == "RUN" and rest.startswith("useradd") and rest.endswith(f" {user}") for name, rest in instructions()
    )


def test_the_image_keeps_its_database_where_its_user_may_write() -> None:
    url = re.search(r"TEACHMEET_DATABASE_URL=(\S+)", last("ENV"))
    assert url is not None
    assert str(settings_for(url[1]).state_directory) == last("VOLUME") == last("WORKDIR")


def test_the_images_command_is_one_that_the_command_line_takes() -> None:
    program, command, *options = json.loads(last("CMD"))
    assert program == "teachmeet"
    shown = subprocess.run(
        [str(Path(sys.executable).with_name("teachmeet")), command, "--help"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=BOUND,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert all(option in shown.stdout for option in options if option.startswith("--"))


def test_the_health_check_tells_a_living_service_from_a_dead_one(database_url: str) -> None:
    server = Server(database_url)
    try:
        server.start()
        assert health_check(server.port) == 0
        server.kill()
        assert health_check(server.port) != 0
    finally:
        server.discard()
    assert health_check(free_port()) != 0


def test_compose_sets_real_settings_and_takes_its_secrets_from_outside() -> None:
    given = dict(re.findall(r"^\s+(TEACHMEET_\w+): (.*)$", COMPOSE, flags=re.MULTILINE))
    assert given.keys() <= {PREFIX + name.upper() for name in Settings.model_fields}
    assert given["TEACHMEET_SECRET_KEY"].startswith("${TEACHMEET_SECRET_KEY:?")
    assert re.search(r"POSTGRES_PASSWORD: \$\{POSTGRES_PASSWORD:\?", COMPOSE)
    url = re.sub(r"\$\{POSTGRES_PASSWORD:\?[^}]*\}", "secret", given["TEACHMEET_DATABASE_URL"])
    database = settings_for(url).database
    assert (database.get_backend_name(), database.host) == ("postgresql", "database")
    assert re.search(r"^  database:\n    image: postgres:18$", COMPOSE, flags=re.MULTILINE)


def test_the_check_of_all_checks_is_runnable_and_installs_what_is_locked() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text()
    assert "set -euo pipefail" in text
    assert "-r requirements-dev.txt" in text
    assert subprocess.run(["bash", "-n", str(script)], check=False, timeout=BOUND).returncode == 0
