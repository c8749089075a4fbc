"""The command line, as processes: what it prints, and how it ends."""

import json
import subprocess
import sys
import time
from pathlib import Path

import httpx
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.access.queries import callers
from app.kernel.caller import Kind, digest_of
from app.kernel.clock import wall_clock
from app.kernel.database import reading_engine, writing_engine
from tests.support.command_line import command
from tests.support.databases import NewDatabase, settings_for
from tests.support.server import environment, free_port

BOUND = 60
TEACHMEET = str(Path(sys.executable).with_name("teachmeet"))
BREAK = {
    "sqlite": ["PRAGMA foreign_keys=OFF", "PRAGMA ignore_check_constraints=ON"],
    "postgresql": ["SET session_replication_role = replica"],
}
FIGURES = (
    "INSERT INTO event_figures (event_id, confirmed_count, waitlisted_count, next_queue_number, version)"
    " VALUES (:id, 7, 0, 1, 1)"
)


def teachmeet(*arguments: str, url: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs the program to its end, away from the tree, with no settings but these."""
    return subprocess.run(
        [TEACHMEET, *arguments],
        env=environment(url, env),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=BOUND,
        check=False,
    )


def test_from_an_empty_database_to_a_key(new_database: NewDatabase) -> None:
    url = new_database(migrated=False)
    migrated = teachmeet("migrate", url=url)
    assert (migrated.returncode, migrated.stdout) == (0, "The schema is at head.\n")
    created = teachmeet("keys", "create", "--operator", "--name", "Me", url=url)
    assert created.returncode == 0, created.stderr
    (secret,) = created.stdout.splitlines()
    engine = reading_engine(settings_for(url))
    with Session(engine) as session:
        known = callers(session, {digest_of(secret)}, wall_clock())
        (dump,) = session.execute(text("SELECT * FROM api_keys")).all()
    engine.dispose()
    assert [caller.kind for caller in known.values()] == [Kind.OPERATOR]
    assert secret not in repr(dump)
    checked = teachmeet("check", url=url)
    assert checked.returncode == 0, checked.stdout
    lines = checked.stdout.splitlines()
    assert all(line.startswith("holds") for line in lines[:-1])
    assert lines[-1] == f"{len(lines) - 1} of {len(lines) - 1} promises hold."


def test_check_tells_what_is_broken(new_database: NewDatabase) -> None:
    url = new_database()
    engine = writing_engine(settings_for(url))
    values = {"id": "01990000000070008000000000000000"}
    with engine.connect() as connection:
        driver = connection.connection.cursor()  # outside any transaction, or SQLite ignores it
        for statement in BREAK[engine.dialect.name]:
            driver.execute(statement)
        connection.execute(text(FIGURES), values)
        connection.commit()
    engine.dispose()
    checked = teachmeet("check", url=url)
    assert checked.returncode == 1
    assert "BROKEN  The figures that are shown are those of the rows" in checked.stdout
    assert "confirmed_count 7" in checked.stdout
    total = len([line for line in checked.stdout.splitlines() if line.startswith(("holds", "BROKEN"))])
    assert checked.stdout.splitlines()[-1] == f"{total - 1} of {total} promises hold."


def test_serve_brings_the_schema_up_to_date_and_ends_when_asked(new_database: NewDatabase) -> None:
    url, port = new_database(migrated=False), free_port()
    process = subprocess.Popen(
        [TEACHMEET, "serve", "--port", str(port)],
        env=environment(url),
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        _wait_until_ready(process, f"http://127.0.0.1:{port}/health/ready")
        refusal = httpx.get(f"http://127.0.0.1:{port}/v1/hubs", timeout=5)
        assert refusal.json()["type"] == "/problems/unauthenticated"
        assert "server" not in refusal.headers
        process.terminate()
        assert process.wait(BOUND) in (0, -15)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=BOUND)


def _wait_until_ready(process: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + BOUND
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        try:
            if httpx.get(address, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the service was not ready in time")


NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def test_a_misspelt_setting_stops_the_start() -> None:
    for words in (["serve"], ["check"]):
        stopped = command(NOWHERE, *words, TEACHMEET_CORS_ORIGIN="https://a.example")
        assert stopped.returncode == 2
        assert "TEACHMEET_CORS_ORIGIN is not a setting. Did you mean TEACHMEET_CORS_ORIGINS?" in stopped.stderr
        assert stopped.stdout == ""


def test_a_setting_that_cannot_be_is_named_without_its_value() -> None:
    for name, value in (
        ("TEACHMEET_DATABASE_URL", "mysql://root:s3cret@db.example/x"),
        ("TEACHMEET_MAX_BODY_BYTES", "s3cret"),
        ("TEACHMEET_SMTP_URL", "http://somebody:s3cret@mail.example"),
    ):
        stopped = command(NOWHERE, "openapi", **{name: value})
        assert stopped.returncode == 2
        assert name in stopped.stderr
        assert "s3cret" not in stopped.stderr + stopped.stdout
    both = command(NOWHERE, "openapi", TEACHMEET_SANDBOX="true", TEACHMEET_SMTP_URL="smtp://mail.example")
    assert both.returncode == 2


def test_wrong_usage_is_2() -> None:
    for arguments in (
        ["no-such-command"],
        ["keys", "create", "--name", "Me"],
        ["serve", "--workers", "0"],
    ):
        assert command(NOWHERE, *arguments).returncode == 2, arguments
    two = command("sqlite:////tmp/never-made.sqlite", "serve", "--workers", "2")
    assert two.returncode == 2
    assert not Path("/tmp/never-made.sqlite").exists()  # noqa: S108  # nothing may be there


def test_openapi_prints_the_document_and_needs_no_database() -> None:
    printed = teachmeet("openapi", url=NOWHERE)
    assert printed.returncode == 0, printed.stderr
    document = json.loads(printed.stdout)
    assert document["openapi"].startswith("3.1")
    assert "/v1/events/{event_id}/registrations" in document["paths"]
