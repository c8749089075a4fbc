"""The two databases: how they are opened, what every table shares, and the types that mean the same on both."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import StaticPool
from sqlalchemy.types import TypeDecorator

from app.kernel.live import tell_with_commits
from app.kernel.sealing import OPTION, Seal
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
    engine = _postgresql(settings, pool_size=1)
    tell_with_commits(engine)
    return engine


def reading_engine(settings: Settings) -> Engine:
    """Connections for short read-only transactions of their own, never the writer's."""
    if settings.database.get_backend_name() == "sqlite":
        return _sqlite(settings, begin="BEGIN", pool_size=settings.reader_threads, read_only=True)
    engine = _postgresql(settings, pool_size=settings.reader_threads)
    # A sandbox is emptied and filled again in mid-reading: each reader sees one of the two worlds, as on SQLite.
    whole = {"isolation_level": "REPEATABLE READ"} if settings.sandbox else {}
    return engine.execution_options(postgresql_readonly=True, **whole)


def scratch_engine(seal: Seal) -> Engine:
    """A database in memory with all tables and nothing in them, gone with its engine."""
    engine = create_engine("sqlite://", poolclass=StaticPool, hide_parameters=True, execution_options={OPTION: seal})
    _let_transactions_be_explicit(engine, begin="BEGIN", pragmas=["foreign_keys=ON"])
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
    return engine


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

    pragmas = [
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        f"synchronous={settings.sqlite_synchronous}",
        "foreign_keys=ON",
        *(["query_only=ON"] if read_only else []),
    ]
    _let_transactions_be_explicit(engine, begin=begin, pragmas=pragmas)
    return engine


def _let_transactions_be_explicit(engine: Engine, *, begin: str, pragmas: Sequence[str]) -> None:
    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # Without this the driver begins transactions by itself, too late and without SAVEPOINT or DDL.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


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


def hold_still(session: Session) -> None:
    """All that this session reads is of one moment. SQLite reads so anyway; ask before anything else."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
