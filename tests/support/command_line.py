"""The command line without its processes: a start of the program is slow. `tests/test_cli.py` starts it for real."""

from dataclasses import dataclass

from typer.testing import CliRunner

from app.cli import cli
from tests.support.databases import TESTS_SECRET
from tests.support.server import environment


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a command."""

    returncode: int
    stdout: str
    stderr: str


def command(database_url: str, *arguments: str, **env: str) -> Ended:
    """Carries a command out in this process, with no settings but these."""
    given = environment(database_url, {"TEACHMEET_SECRET_KEY": TESTS_SECRET, **env})
    done = CliRunner().invoke(cli, arguments, env=given)
    return Ended(done.exit_code, done.stdout, done.stderr)
