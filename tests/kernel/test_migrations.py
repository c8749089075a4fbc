"""The numbered scripts: up, down, in step with the models, and harmless to interrupt or to race."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

import app.main
from app.kernel.database import Base
from app.kernel.migrations import downgrade, head, revision, schema_transaction, upgrade
from tests.support.databases import NewDatabase, settings_for
from tests.support.server import ROOT, environment

__all__ = ["app"]  # imported for its tables

BOUND = 60
UPGRADE = "from app.kernel.migrations import upgrade; from app.kernel.settings import read_settings; "
INTERRUPTED = """
import os, signal
from sqlalchemy import Engine, event
seen = 0

@event.listens_for(Engine, "after_cursor_execute")
def count(connection, cursor, statement, *rest):
    global seen
    if statement.split()[0] in ("CREATE", "ALTER", "INSERT", "UPDATE"):
        seen += 1
        if seen == {die_at}:
            os.kill(os.getpid(), signal.SIGKILL)

upgrade(read_settings())
print(seen)
"""


def tables(url: str) -> set[str]:
    with schema_transaction(settings_for(url)) as connection:
        return set(inspect(connection).get_table_names())


def run_python(code: str, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment(url),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=BOUND,
        check=False,
    )


def test_the_head_file_names_the_newest_script() -> None:
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    assert scripts.get_heads() == [head()]


def test_the_scripts_are_numbered_without_gaps_and_say_why() -> None:
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    numbers = [script.revision for script in scripts.walk_revisions()]
    assert numbers == [f"{number:04}" for number in range(len(numbers), 0, -1)]
    for script in scripts.walk_revisions():
        assert Path(script.path).name.startswith(f"{script.revision}_")
        assert "…" not in script.doc
        assert len(script.doc) > 20


def test_models_and_schema_are_the_same(database_url: str) -> None:
    with schema_transaction(settings_for(database_url)) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_down_to_nothing_and_up_again(database_url: str) -> None:
    settings = settings_for(database_url)
    before = tables(database_url)
    assert {"hubs", "alembic_version"} <= before
    downgrade(settings, "base")
    assert tables(database_url) == {"alembic_version"}
    upgrade(settings)
    assert tables(database_url) == before


def test_every_script_can_be_taken_back_by_itself(database_url: str) -> None:
    settings = settings_for(database_url)
    for number in range(int(head()) - 1, 0, -1):
        downgrade(settings, f"{number:04}")
        with schema_transaction(settings) as connection:
            assert revision(connection) == f"{number:04}"
    upgrade(settings)
    with schema_transaction(settings) as connection:
        assert revision(connection) == head()


def test_a_second_upgrade_changes_nothing_and_does_without_alembic(database_url: str) -> None:
    code = UPGRADE + "upgrade(read_settings()); import sys; print('alembic.command' in sys.modules)"
    done = run_python(code, database_url)
    assert done.stdout.strip() == "False", done.stderr


def test_a_kill_in_mid_upgrade_leaves_nothing_behind(new_database: NewDatabase) -> None:
    whole = run_python(UPGRADE + INTERRUPTED.format(die_at=0), new_database(migrated=False))
    assert whole.returncode == 0, whole.stderr
    statements = int(whole.stdout)
    url = new_database(migrated=False)
    for die_at in sorted({2, statements // 2, statements}):
        killed = run_python(UPGRADE + INTERRUPTED.format(die_at=die_at), url)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert tables(url) == set()
    upgrade(settings_for(url))
    with schema_transaction(settings_for(url)) as connection:
        assert revision(connection) == head()


def test_processes_that_start_at_once_upgrade_it_once(new_database: NewDatabase) -> None:
    url = new_database(migrated=False)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE + "upgrade(read_settings())"],
            env=environment(url),
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    told = [process.communicate(timeout=BOUND)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, told
    with schema_transaction(settings_for(url)) as connection:
        assert revision(connection) == head()


def test_a_table_is_altered_under_rows_that_refer_to_it(new_database: NewDatabase) -> None:
    settings = settings_for(new_database(migrated=False))
    with schema_transaction(settings) as connection:
        connection.execute(text("CREATE TABLE owner (id INTEGER PRIMARY KEY)"))
        connection.execute(
            text(
                "CREATE TABLE thing (id INTEGER PRIMARY KEY, owner_id INTEGER REFERENCES owner (id) ON DELETE CASCADE)"
            )
        )
        connection.execute(text("INSERT INTO owner (id) VALUES (1)"))
        connection.execute(text("INSERT INTO thing (id, owner_id) VALUES (7, 1)"))
    with (
        schema_transaction(settings) as connection,
        Operations(MigrationContext.configure(connection)).batch_alter_table("owner") as batch,
    ):
        batch.create_check_constraint("positive", text("id > 0"))
    with schema_transaction(settings) as connection:
        assert connection.execute(text("SELECT owner_id FROM thing")).scalars().all() == [1]
    with pytest.raises(IntegrityError), schema_transaction(settings) as connection:
        connection.execute(text("INSERT INTO owner (id) VALUES (-1)"))


def test_an_upgrade_that_breaks_a_reference_is_undone(new_database: NewDatabase) -> None:
    settings = settings_for(new_database())
    columns = "id, hub_id, name, urn, created_at, updated_at"
    orphan = text(f"INSERT INTO schools ({columns}) VALUES (:id, :hub, 'A', '123456', :at, :at)")
    values = {"id": "a" * 32, "hub": "b" * 32, "at": "2026-11-01 12:00:00"}
    with pytest.raises((RuntimeError, IntegrityError)), schema_transaction(settings) as connection:
        connection.execute(orphan, values)
    with schema_transaction(settings) as connection:
        assert connection.execute(text("SELECT count(*) FROM schools")).scalar() == 0


def test_the_environment_of_a_child_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEACHMEET_SANDBOX", "true")
    assert "TEACHMEET_SANDBOX" not in environment("sqlite://")
    assert os.environ["TEACHMEET_SANDBOX"] == "true"
