"""The known hub as rows: built once, in memory, then put in the place of whatever a sandbox's database holds.

Inserting some thousands of rows takes a fraction of a second where building them by commands takes one, on either
database; and what everybody knows is written nowhere but into sandboxes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import JSON, Connection, Table, delete, func, insert, select, text
from sqlalchemy.orm import Session

from app.kernel.database import Base, is_sqlite, scratch_engine
from app.kernel.outbox import Fact
from app.kernel.sealing import Seal
from app.sandbox.known_hub import KnownHub, build
from app.sandbox.story import BEGINS, PUBLISHING, Numbers
from app.webhooks.models import Change

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The known hub, and every row of it by table, in an order in which nothing refers to what is not there yet."""

    known: KnownHub
    rows: Sequence[tuple[Table, Sequence[Row]]]


@lru_cache(maxsize=1)
def built(sealing_keys: tuple[str, ...]) -> Snapshot:
    """The known hub for a deployment with these keys."""
    engine = scratch_engine(Seal(sealing_keys))
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            known = build(session)
            _publish(session)
            connection = session.connection()
            return Snapshot(known, [(table, _rows(connection, table)) for table in Base.metadata.sorted_tables])
    finally:
        engine.dispose()


def _publish(session: Session) -> None:
    """The facts' places in the changes feed: elsewhere triggers write them, with ids that are never the same."""
    session.flush()
    facts = session.scalars(select(Fact).order_by(Fact.id)).all()
    number = Numbers(PUBLISHING, BEGINS)
    session.add_all(Change(fact_id=each.id, position=each.id, hub_id=each.hub_id, id=number()) for each in facts)
    session.flush()


def _rows(connection: Connection, table: Table) -> list[Row]:
    """The rows in the order in which they were written, for those that refer to rows of their own table."""
    # Left out where it is null: written back, None would become the JSON value null.
    json = {column.name for column in table.columns if isinstance(column.type, JSON)}
    found = connection.execute(select(table).order_by(text("rowid"))).mappings()
    return [{name: value for name, value in row.items() if value is not None or name not in json} for row in found]


def put_in_place(session: Session, snapshot: Snapshot) -> None:
    """Empties all tables and fills them with the known hub. Readers see what was there until this is committed."""
    connection = session.connection()
    if not is_sqlite(connection):
        # What others have put off to the end of this transaction speaks of rows that will be gone by then.
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    with _letting_go(connection):
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(delete(table))
        for table, rows in snapshot.rows:
            for alike in _in_runs(rows):
                connection.execute(insert(table), alike)
    if not is_sqlite(connection):
        _count_on(connection)


def _in_runs(rows: Sequence[Row]) -> Iterator[list[Row]]:
    for _, alike in groupby(rows, key=lambda row: row.keys()):
        yield list(alike)


@contextmanager
def _letting_go(connection: Connection) -> Iterator[None]:
    """Inside it, what no row may be taken out of is like other tables; after it, as before, whatever happens: the
    database undoes both together."""
    if is_sqlite(connection):
        triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        taken_off = [f'DROP TRIGGER "{trigger.name}"' for trigger in triggers]
        put_on = [trigger.sql for trigger in triggers]
    else:
        tables = connection.scalars(_TABLES_WITH_TRIGGERS).all()
        taken_off = [f'ALTER TABLE "{table}" DISABLE TRIGGER USER' for table in tables]
        put_on = [f'ALTER TABLE "{table}" ENABLE TRIGGER USER' for table in tables]
    for statement in taken_off:
        connection.exec_driver_sql(statement)
    yield
    for statement in put_on:
        connection.exec_driver_sql(statement)


_TABLES_WITH_TRIGGERS = text(
    "SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace ORDER BY relname"
)


def _count_on(connection: Connection) -> None:
    """What counts by itself goes on from the rows that are there now; SQLite does so anyway."""
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            last = select(func.max(column)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            connection.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))
    connection.execute(select(func.setval("change_positions", select(func.max(Change.position)).scalar_subquery())))
