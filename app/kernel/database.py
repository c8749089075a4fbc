"""The two databases: how they are opened, what every table shares, and the types that mean the same on both."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from app.kernel.sealing import OPTION
from app.kernel.secret import deployment_seal
from app.kernel.settings import Settings

BUSY_MILLISECONDS = 15_000


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware datetimes only, keeps UTC, gives UTC back, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The root of all tables. Constraints have names on both databases, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}


def is_sqlite(bind: Session | Connection) -> bool:
    connection = bind.connection() if isinstance(bind, Session) else bind
    return connection.dialect.name == "sqlite"


@contextmanager
def savepoint(connection: Connection) -> Iterator[Session]:
    """A session of its own inside the connection's transaction: what it writes stays, or all of it goes."""
    session = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
    with session, session.begin():
        yield session


def writing_engine(settings: Settings) -> Engine:
    """One connection that writes: on SQLite every transaction takes the write lock before it looks at anything."""
    if settings.database.get_backend_name() == "sqlite":
        return _sqlite(settings, begin="BEGIN IMMEDIATE", pool_size=1)
    return _postgresql(settings, pool_size=1)


def reading_engine(settings: Settings) -> Engine:
    """Connections for short read-only transactions of their own, never the writer's."""
    if settings.database.get_backend_name() == "sqlite":
        return _sqlite(settings, begin="BEGIN", pool_size=settings.reader_threads, read_only=True)
    engine = _postgresql(settings, pool_size=settings.reader_threads)
    return engine.execution_options(postgresql_readonly=True)


def _sqlite(settings: Settings, *, begin: str, pool_size: int, read_only: bool = False) -> Engine:
    if settings.database.database:
        Path(settings.database.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        settings.database,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        execution_options={OPTION: deployment_seal(settings)},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # Without this the driver begins transactions by itself, too late and without SAVEPOINT or DDL.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={settings.sqlite_synchronous}")
        connection.execute("PRAGMA foreign_keys=ON")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql(settings: Settings, *, pool_size: int) -> Engine:
    milliseconds = int(settings.lock_wait_seconds * 1000)
    return create_engine(
        settings.database,
        pool_size=pool_size,
        max_overflow=0,
        isolation_level="READ COMMITTED",
        hide_parameters=True,  # an error's text would have people's data in it
        execution_options={OPTION: deployment_seal(settings)},
        connect_args={"options": f"-c lock_timeout={milliseconds} -c timezone=UTC", "connect_timeout": 10},
    )
