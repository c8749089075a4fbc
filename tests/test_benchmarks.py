"""The benchmarks run and print what the README says of them; their figures are nobody's business here."""

import subprocess
import sys

from tests.support.server import ROOT

SHORT = ("registrations", "pages")


def test_the_benchmarks_run() -> None:
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "benchmarks",
            "--seconds",
            "0.3",
            "--repeats",
            "1",
            "--databases",
            "sqlite",
            "--only",
            *SHORT,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    for heading in ("registrations of one event", "public pages"):
        assert f"sqlite: {heading}" in run.stdout
    for figure in (
        "no database",
        "teachmeet",
        "naive",
        "start to first answer",
        "marketplace",
        "programme",
    ):
        assert run.stdout.count(f"  {figure}") == 1
