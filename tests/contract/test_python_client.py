"""Python: a client made of the document without a warning, and used against the service."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from tests.contract.recipes import recipe
from tests.support.node import CLIENTS

BIN = Path(sys.executable).parent


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    env = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}", **environment}
    done = subprocess.run([*command], cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_client_is_made_without_a_warning_and_works(tmp_path: Path, sandbox_url: str) -> None:
    (tmp_path / "teachmeet-client.yaml").write_text(recipe("yaml", at=sandbox_url), encoding="utf-8")
    _install, generate = recipe("sh", at=sandbox_url, containing="openapi-python-client").split("\n", 1)
    program, *arguments = shlex.split(generate.replace("\\\n", ""))
    told = run(BIN / program, *arguments, "--fail-on-warning", cwd=tmp_path)
    assert "WARNING" not in told
    (tmp_path / "recipe.py").write_text(recipe("python", at=sandbox_url), encoding="utf-8")
    given: dict[str, str] = {"PYTHONPATH": str(tmp_path), "BASE_URL": sandbox_url, "KEY": "tm_sandbox_organiser"}
    assert run(sys.executable, "recipe.py", cwd=tmp_path, **given) == "You are confirmed.\n"
    assert run(sys.executable, "recipe.py", cwd=tmp_path, **given).startswith("You are in: 01")
    printed = run(sys.executable, CLIENTS / "evening.py", cwd=tmp_path, **given)
    assert json.loads(printed.splitlines()[-1]) == {
        "status": "confirmed",
        "same": True,
        "type": "/problems/already-registered",
        "tables": [2],
    }
