"""The service without what keeps it from overselling, to prove that the races would show it.

Nobody waits for a turn, and a claim takes the place or the seat that it names whether or not it is free. On SQLite,
where a writing transaction is alone by itself, each statement is a transaction of its own too. `strip` takes away the
constraints and triggers that would still have the last word.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI
from sqlalchemy import Connection, Engine, bindparam, create_engine, event, inspect, text, update
from sqlalchemy.orm import Session

from app import main
from app.bookings import room
from app.events.commands import ATTENDEE
from app.events.models import Place
from app.kernel import desk
from app.kernel.settings import Settings, read_settings
from app.marketplace.models import Seat
from app.registrations import books
from tests.support.databases import settings_for

SERVICE = "tests.support.unguarded:service"
TRIGGERS = (
    ("registrations_queued", "registrations"),
    ("registrations_requeued", "registrations"),
)
"""Those of tables that stay; the others go with their tables."""
_CLAIM = (
    update(Place)
    .where(Place.event_id == bindparam("at_event"), Place.role == ATTENDEE, Place.number == bindparam("at_number"))
    .values(registration_id=bindparam("holder"), held_event_id=bindparam("at_event"), held_role=ATTENDEE)
)
_SIT = (
    update(Seat)
    .where(Seat.slot_id == bindparam("at_slot"), Seat.number == bindparam("at_number"))
    .values(registration_id=bindparam("holder"), held_event_id=Seat.event_id)
)


def service() -> FastAPI:
    """The application, for a server process of its own: what is patched here stays so until the process ends."""
    settings = read_settings()
    patches: list[Any] = [
        patch.object(desk, "take_turns", lambda _session, _ids: None),
        patch.object(books, "_CLAIM", _CLAIM),
        patch.object(room, "_SIT", _SIT),
    ]
    if settings.database.get_backend_name() == "sqlite":
        patches += [patch.object(main, "writing_engine", _autocommit), patch.object(desk, "savepoint", _no_savepoint)]
    for each in patches:
        each.start()
    return main.create_app(settings)


def _autocommit(settings: Settings) -> Engine:
    engine = create_engine(settings.database, isolation_level="AUTOCOMMIT", connect_args={"timeout": 15})
    # So many commits would take long; what becomes of them in a power cut is not what this is for.
    event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF"))
    return engine


@contextmanager
def _no_savepoint(connection: Connection) -> Iterator[Session]:
    with Session(connection.engine, expire_on_commit=False) as session, session.begin():
        yield session


def strip(database_url: str) -> None:
    """Leaves places and seats as bare rows, and lets anybody queue."""
    engine = create_engine(settings_for(database_url).database)
    with engine.begin() as connection:
        on_table = {} if connection.dialect.name == "sqlite" else {name: f" ON {table}" for name, table in TRIGGERS}
        for name, _ in TRIGGERS:
            connection.execute(text(f"DROP TRIGGER {name}{on_table.get(name, '')}"))
        for table in ("seats", "places"):
            connection.execute(text(f"CREATE TABLE bare AS SELECT * FROM {table}"))
            connection.execute(text(f"DROP TABLE {table}"))
            connection.execute(text(f"ALTER TABLE bare RENAME TO {table}"))
        assert not inspect(connection).get_foreign_keys("seats")
    engine.dispose()
