"""The schema, brought up to date: numbered scripts, all of them in one transaction on both databases.

Killed in the middle, nothing has happened. Of two processes that start at once the second waits, then finds it done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import Connection, String, column, inspect, select, table, text

from app.kernel.database import writing_engine
from app.kernel.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = files("migrations")
VERSION_TABLE = "alembic_version"
WAIT_SECONDS = 300
"""How long a second process waits for the first one's upgrade."""
_LOCK = 0x7EAC4


def head() -> str:
    """The newest script's number. It has a file of its own, so that two branches that both add one collide there."""
    return SCRIPTS.joinpath("head").read_text(encoding="utf-8").strip()


def revision(connection: Connection) -> str | None:
    """The number of the last script that this database has been through; None for an empty one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(select(column("version_num", String)).select_from(table(VERSION_TABLE)))


def upgrade(settings: Settings, to: str = "head") -> None:
    """Runs the scripts that the database has not been through yet."""
    wanted = head() if to == "head" else to
    with schema_transaction(settings) as connection:
        if revision(connection) == wanted:
            return  # without loading Alembic, which takes longer than all the rest of an ordinary start
        from alembic import command  # noqa: PLC0415  # see above

        command.upgrade(configuration(connection), wanted)


def downgrade(settings: Settings, to: str) -> None:
    """Takes the scripts after `to` back, newest first; `base` takes back all of them."""
    from alembic import command  # noqa: PLC0415  # rarely needed, slow to load

    with schema_transaction(settings) as connection:
        command.downgrade(configuration(connection), to)


def configuration(connection: Connection) -> "Config":
    """Alembic's configuration for work inside this connection's transaction."""
    from alembic.config import Config  # noqa: PLC0415  # rarely needed, slow to load

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def schema_transaction(settings: Settings) -> Iterator[Connection]:
    """A transaction in which the schema may change, and in which nobody else's may.

    SQLite copies a table to alter it, and dropping the old one must not act on rows that refer to it. So foreign keys
    rest meanwhile and are checked as a whole before the commit, as SQLite's documentation advises.
    """
    engine = writing_engine(settings)
    sqlite = engine.dialect.name == "sqlite"
    try:
        with engine.connect() as connection:
            if sqlite:
                # Before the transaction begins: inside one, SQLite ignores the first of them.
                for pragma in ("foreign_keys=OFF", f"busy_timeout={WAIT_SECONDS * 1000}"):
                    connection.connection.cursor().execute(f"PRAGMA {pragma}")
            with connection.begin():
                if not sqlite:
                    connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'"))
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                yield connection
                if sqlite:
                    _check_foreign_keys(connection)
    finally:
        engine.dispose()


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise RuntimeError(f"The migration leaves rows of {broken[0]} that refer to nothing in {broken[2]}.")
