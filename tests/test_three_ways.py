"""The main job, three ways to one outcome: over HTTP, by `teachmeet import`, and inside `teachmeet demo`."""

import contextlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.kernel.secret import SANDBOXES_SECRET
from app.sandbox.snapshot import built
from app.sheets.files import Kind
from tests.sheets.making import new_event, publish
from tests.sheets.test_the_known_hub import HUB, by_http, outcome
from tests.support.callers import Organiser, bearer
from tests.support.command_line import command
from tests.support.server import environment, free_port

pytestmark = pytest.mark.anyio

PROGRAM = [sys.executable, "-c", "from app.cli import main; main()"]
READY_SECONDS = 60.0


async def over_http(organiser: httpx.AsyncClient, hub: Organiser) -> dict[str, Any]:
    event_id = await new_event(organiser, hub.hub_id, table_count=24)
    for kind in Kind:
        if kind is Kind.SIGN_UPS:
            await publish(organiser, event_id)
        await by_http(organiser, hub.hub_id, event_id, kind, mode="apply")
    return await outcome(organiser, hub.hub_id, event_id)


async def test_by_the_command_line_it_comes_to_the_same(
    organiser: httpx.AsyncClient,
    client: httpx.AsyncClient,
    operator: dict[str, str],
    hub: Organiser,
    database_url: str,
) -> None:
    expected = await over_http(organiser, hub)
    made = await client.post("/v1/hubs", json={"name": "Another hub", "slug": "another"}, headers=operator)
    async with httpx.AsyncClient(transport=client._transport, base_url=client.base_url, headers=operator) as operating:
        event_id = await new_event(operating, made.json()["id"], table_count=24)
        rest: tuple[str, ...] = ("--hub", "another")
        schools = command(database_url, "import", "schools", str(HUB / "schools.csv"), *rest)
        assert (schools.returncode, schools.stderr.strip()) == (0, "")
        assert "13 new" in schools.stdout
        rest = (*rest, "--event", event_id)
        presenters = command(database_url, "import", "presenters", str(HUB / "presenters.csv"), *rest)
        assert presenters.returncode == 0, presenters.stdout
        await publish(operating, event_id)
        sign_ups = ("import", "sign-ups", str(HUB / "sign-ups.csv"), *rest)
        planned = command(database_url, *sign_ups, "--dry-run")
        assert planned.returncode == 1, "some rows need a person"
        assert "Nothing has been written yet." in planned.stdout
        assert (await operating.get(f"/v1/events/{event_id}")).json()["confirmed_count"] == 0
        done = command(database_url, *sign_ups)
        assert done.returncode == 1
        assert "Done. People: 128 new" in done.stdout
        assert await outcome(operating, made.json()["id"], event_id) == expected
        again = command(database_url, *sign_ups)
        assert "Nothing changes: all 129 people are there already." in again.stdout


async def test_wrong_usage_of_the_import_is_exit_code_2(database_url: str) -> None:
    for arguments in (("pupils", "x.csv"), ("schools", "nothing.csv"), ("sign-ups", str(HUB / "sign-ups.csv"))):
        assert command(database_url, "import", *arguments).returncode == 2


async def test_the_demo_comes_to_the_same_and_leaves_nothing(
    organiser: httpx.AsyncClient, hub: Organiser, tmp_path: Path
) -> None:
    expected = await over_http(organiser, hub)
    with running_demo(tmp_path) as (address, told):
        keys = dict(re.findall(r"^  (operator|organiser|school lead|integration) +(tm_\S+)$", told, flags=re.MULTILINE))
        assert sorted(keys) == ["integration", "operator", "organiser", "school lead"]
        assert f"{address}/docs" in told
        event_id = re.findall(r"^Winter Teach Meet \d{4}: (\S+)$", told, flags=re.MULTILINE)[0]
        async with httpx.AsyncClient(base_url=address, headers=bearer(keys["organiser"])) as asking:
            me = (await asking.get("/v1/me")).json()
            assert await outcome(asking, me["hub_id"], event_id) == expected
            assert (await asking.get("/docs")).status_code == 200
            for role, secret in keys.items():
                seen = await asking.get("/v1/me", headers=bearer(secret))
                assert (role, seen.status_code) == (role, 200)
            listed = (await asking.get(f"/v1/events/{event_id}/registrations?limit=200")).json()["items"]
            assert {(each["id"], each["teacher_id"]) for each in listed} == known_registrations(event_id)
    assert left_in(tmp_path) == ["log"]


def known_registrations(event_id: str) -> set[tuple[str, str]]:
    """Who is registered, as this process builds the known hub: another one must come to the same ids."""
    (rows,) = [rows for table, rows in built((SANDBOXES_SECRET,)).rows if table.name == "registrations"]
    return {(str(row["id"]), str(row["teacher_id"])) for row in rows if str(row["event_id"]) == event_id}


@contextlib.contextmanager
def running_demo(directory: Path) -> Iterator[tuple[str, str]]:
    """The demo as a process: its address, and all that it has printed. It is ended as a person would, by Ctrl+C."""
    port, log = free_port(), directory / "log"
    env = {**environment("sqlite://"), "TMPDIR": str(directory)}
    del env["TEACHMEET_DATABASE_URL"]
    with log.open("wb") as out:
        demo = subprocess.Popen([*PROGRAM, "demo", "--port", str(port)], cwd=directory, env=env, stdout=out, stderr=out)
    try:
        yield f"http://127.0.0.1:{port}", _wait_for(demo, log, port)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(20)


def left_in(directory: Path) -> list[str]:
    return [each.name for each in directory.iterdir()]


def _wait_for(demo: "subprocess.Popen[bytes]", log: Path, port: int) -> str:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert demo.poll() is None, log.read_text()
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=2).status_code == 200:
                return log.read_text()
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the demo was not ready in {READY_SECONDS} s:\n{log.read_text()}")
