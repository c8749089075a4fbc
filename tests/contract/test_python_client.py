"""Python: a client made of the document without a warning, and used against the service."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.document import DOCUMENT
from tests.support.node import CLIENTS

BIN = Path(sys.executable).parent


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    env = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}", **environment}
    done = subprocess.run([*command], cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_client_is_made_without_a_warning_and_works(tmp_path: Path, sandbox_url: str) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
    generate: list[str | Path] = [BIN / "openapi-python-client", "generate", "--path", "openapi.json", "--meta", "none"]
    config = CLIENTS / "openapi-python-client.yaml"
    told = run(*generate, "--output-path", "teachmeet_client", "--config", config, "--fail-on-warning", cwd=tmp_path)
    assert "WARNING" not in told
    script = CLIENTS / "evening.py"
    printed = run(
        sys.executable, script, cwd=tmp_path, PYTHONPATH=str(tmp_path), BASE_URL=sandbox_url, KEY="tm_sandbox_organiser"
    )
    assert json.loads(printed.splitlines()[-1]) == {
        "status": "confirmed",
        "same": True,
        "type": "/problems/already-registered",
        "tables": [2],
    }
