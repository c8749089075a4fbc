"""Schemathesis against a sandbox: all phases, all checks, with a credential of each role and with none.

In the usual run each credential tries its share of the operations, another one each, and what is drawn is always the
same. With `TEACHMEET_TEST_FULL=1` each tries everything, drawn anew.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from app.sandbox import credentials
from tests.support.document import DOCUMENT
from tests.support.server import ROOT

FULL = os.environ.get("TEACHMEET_TEST_FULL") == "1"
HERE = Path(__file__).parent
SECRETS = {each.role: each.secret for each in credentials.ALL} | {"nobody": ""}
OPERATIONS = sorted(each["operationId"] for methods in DOCUMENT["paths"].values() for each in methods.values())
SHARES = 16
DRAWN = () if FULL else ("--generation-deterministic",)
MOST_SECONDS = 1_800 if FULL else 240


def schemathesis(url: str, secret: str, place: Path, *options: str, document: str | None = None) -> str:
    """Runs it, and answers with what it tells at the end. Fails with all that it tells when it finds anything."""
    command = ["st", "--config-file", str(HERE / "schemathesis.toml"), "run", document or f"{url}/openapi.json"]
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": "tests.contract.schemathesis_hooks",
        "TEACHMEET_TEST_CREDENTIAL": secret,
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        [*command, "--checks", "all", "--continue-on-failure", "--warnings", "off", *DRAWN, *options],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-12_000:]
    return done.stdout


def only(names: list[str]) -> list[str]:
    """The option that leaves out all other operations."""
    return ["--include-operation-id-regex", f"^({'|'.join(map(re.escape, names))})$"]


@pytest.mark.parametrize("role", SECRETS)
def test_every_credential(sandbox_url: str, tmp_path: Path, role: str) -> None:
    place = list(SECRETS).index(role)
    share = [] if FULL else only(OPERATIONS[place::SHARES])
    told = schemathesis(sandbox_url, SECRETS[role], tmp_path, "-n", "50" if FULL else "2", *share)
    assert all(f"✅  {phase}" in told for phase in ("Examples", "Coverage", "Fuzzing")), told


def test_a_fault_is_noticed(sandbox_url: str, tmp_path: Path) -> None:
    """The control: a document that says of an answer what it is not."""
    document = httpx.get(f"{sandbox_url}/openapi.json").json()
    document["components"]["schemas"]["Health"]["properties"]["status"] = {"type": "integer"}
    wrong = tmp_path / "openapi.json"
    wrong.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(AssertionError, match="Response violates schema"):
        schemathesis(sandbox_url, "", tmp_path, "--url", sandbox_url, *only(["is_live"]), document=str(wrong))
