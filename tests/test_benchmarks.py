"""The benchmarks run and print what the README says of them; their figures are nobody's business here."""

import subprocess
import sys

from tests.support.server import ROOT

SHORT = ("registrations", "pages", "slow-clients")


def test_the_benchmarks_run() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--seconds", "0.3", "--repeats", "1", "--only", *SHORT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    for database in ("sqlite", "postgresql"):
        assert f"{database}: registrations of one event" in run.stdout
        assert f"{database}: public pages" in run.stdout
        assert f"{database}: 200 half-open connections" in run.stdout
    for figure in (
        "no database",
        "teachmeet",
        "naive",
        "start to first answer",
        "marketplace",
        "programme",
        "p99 of the others",
    ):
        assert run.stdout.count(f"  {figure}") == 2
