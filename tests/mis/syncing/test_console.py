"""`teachmeet import staff`: a plan in plain English, what was done, and an exit code that a script can go by."""

from pathlib import Path

import httpx
import pytest

from tests.mis.syncing.making import Desk, crowd, staff_csv
from tests.support.command_line import command

pytestmark = pytest.mark.anyio


def teachmeet(url: str, *arguments: str) -> tuple[int, str]:
    """The exit code and the output of a call."""
    done = command(url, *arguments)
    return done.returncode, done.stdout


async def test_staff_from_the_command_line(desk: Desk, database_url: str, tmp_path: Path) -> None:
    assert isinstance(desk.organiser, httpx.AsyncClient)
    file = tmp_path / "staff.csv"
    file.write_bytes(staff_csv(crowd(6)))
    call = ("import", "staff", str(file), "--format", "staff-csv", "--complete")
    assert teachmeet(database_url, *call, "--dry-run") == (0, "Staff: 6 new. Nothing has been written yet.\n")
    assert await desk.teachers() == {}
    assert teachmeet(database_url, *call) == (0, "Staff: 6 new.\n")
    file.write_bytes(staff_csv(crowd(2)))
    code, told = teachmeet(database_url, *call)
    assert (code, "4 of this source's 6 staff would leave" in told) == (1, True)
    assert teachmeet(database_url, *call, "--confirm")[0] == 0
    assert sum(each["active"] for each in (await desk.teachers()).values()) == 2
    assert teachmeet(database_url, "import", "staff", str(file))[0] == 2
    assert teachmeet(database_url, "sync", "no such connection")[0] == 2
