"""Fresh databases, quickly: each is a copy of one that has been migrated once."""

import contextlib
import itertools
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

import app.main
from app.kernel.migrations import upgrade
from app.kernel.settings import Settings
from tests.support.forms import form
from tests.support.postgres import postgresql

__all__ = ["app"]  # imported for its tables

NO_RATE_LIMITS = {"rate_limit_credential": 0, "rate_limit_anonymous": 0, "rate_limit_sign_in": 0}
"""A test is one client that asks for more than many do together; those that are about the limits set them."""
Backend = Literal["sqlite", "postgresql"]
BACKENDS: tuple[Backend, ...] = ("sqlite", "postgresql")
NewDatabase = Callable[..., str]
"""Makes a fresh, migrated database and answers with its URL; `new_database(migrated=False)` makes an empty one."""


TESTS_SECRET = "a secret for tests only"


def shared_out(names: Sequence[str]) -> list[tuple[str, Backend]]:
    """Each name on one of the databases in turn, in the full form on both.

    For tests of what is refused before any database is asked.
    """
    turns = list(zip(names, itertools.cycle(BACKENDS), strict=False))
    return form(short=turns, full=list(itertools.product(names, BACKENDS)))


def settings_for(url: str, **more: object) -> Settings:
    """Settings for a database, and nothing from the environment or a `.env` file."""
    return Settings(_env_file=None, database_url=url, **{"log_level": "warning", **NO_RATE_LIMITS, **more})  # type: ignore[arg-type]  # by name


class SqliteDatabases:
    """SQLite files under one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._template: Path | None = None
        self._numbers = itertools.count(1)

    def make(self, *, migrated: bool) -> str:
        # In a directory of its own: a deployment keeps its secret beside its database.
        file = self._directory / str(next(self._numbers)) / "teachmeet.sqlite"
        file.parent.mkdir()
        if migrated:
            shutil.copyfile(self._migrated(), file)
        return f"sqlite:///{file}"

    def drop(self, url: str) -> None:
        shutil.rmtree(Path(url.removeprefix("sqlite:///")).parent, ignore_errors=True)

    def _migrated(self) -> Path:
        if self._template is None:
            file = self._directory / "template.sqlite"
            upgrade(settings_for(f"sqlite:///{file}"))
            assert not file.with_name("template.sqlite-wal").exists(), "the last connection folds the log into the file"
            self._template = file
        return self._template


class PostgresDatabases:
    """Databases on one PostgreSQL server."""

    def __init__(self, server: URL) -> None:
        self._server = server
        self._admin = create_engine(server, isolation_level="AUTOCOMMIT", pool_size=1, max_overflow=0)
        self._run = secrets.token_hex(4)
        self._template: str | None = None
        self._numbers = itertools.count(1)

    def make(self, *, migrated: bool) -> str:
        name = f"teachmeet_{self._run}_{next(self._numbers)}"
        self._create(name, self._migrated() if migrated else "template0")
        return self._url(name)

    def drop(self, url: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{url_database(url)}" WITH (FORCE)')

    def close(self) -> None:
        if self._template is not None:
            self._execute(f'DROP DATABASE "{self._template}" WITH (FORCE)')
        self._admin.dispose()

    def _migrated(self) -> str:
        if self._template is None:
            name = f"teachmeet_{self._run}_template"
            self._create(name, "template0")
            upgrade(settings_for(self._url(name)))
            self._template = name
        return self._template

    def _create(self, name: str, template: str) -> None:
        """Bounded tries: a template is busy for a moment while its last visitor leaves."""
        for attempt in range(50):
            try:
                self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
            except OperationalError:
                if attempt == 49:
                    raise
                time.sleep(0.1)
            else:
                return

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def _url(self, database: str) -> str:
        return self._server.set(database=database).render_as_string(hide_password=False)


def url_database(url: str) -> str:
    """The database's name in a PostgreSQL URL."""
    return url.split("?", maxsplit=1)[0].rsplit("/", 1)[1]


class Databases:
    """Every database of one test process. The PostgreSQL server starts when the first test wants it."""

    def __init__(self, directory: Path, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._sqlite = SqliteDatabases(directory)
        self._postgres: PostgresDatabases | None = None

    @property
    def postgres(self) -> PostgresDatabases:
        if self._postgres is None:
            server = self._stack.enter_context(postgresql())
            self._postgres = PostgresDatabases(server)
            self._stack.callback(self._postgres.close)
        return self._postgres

    @contextlib.contextmanager
    def maker(self, backend: Backend) -> Iterator[NewDatabase]:
        """Makes databases for one test, and drops them after it."""
        kind = self._sqlite if backend == "sqlite" else self.postgres
        made: list[str] = []

        def make(*, migrated: bool = True) -> str:
            made.append(kind.make(migrated=migrated))
            return made[-1]

        try:
            yield make
        finally:
            for url in made:
                kind.drop(url)
