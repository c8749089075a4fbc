"""Word that something has changed, for those in any process who show it live.

Only that, never what: whoever hears it looks for themselves. On PostgreSQL it is a notification that goes out with the
commit, to all processes; SQLite has one process. Should the line be down, those who watch look now and then anyway.
"""

import asyncio
import contextlib
from typing import Any

import psycopg
import structlog
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

CHANNEL = "teachmeet_changed"
CHANGED = "something that is shown live has changed"
"""Noted on a database connection that has changed it."""
AGAIN_SECONDS = 2.0
"""How long until a lost line is made anew."""
_log = structlog.get_logger(__name__)


def mark(session: Session) -> None:
    """This transaction changes something that is shown live."""
    session.connection().info[CHANGED] = True


def tell_with_commits(engine: Engine) -> None:
    """Lets the commits of a PostgreSQL engine tell all processes. A transaction that is rolled back tells nobody."""

    @event.listens_for(engine, "commit")
    def tell(connection: Connection) -> None:
        if connection.info.pop(CHANGED, False):
            connection.exec_driver_sql(f"NOTIFY {CHANNEL}")

    @event.listens_for(engine, "rollback")
    def forget(connection: Connection) -> None:
        connection.info.pop(CHANGED, None)


class Ear:
    """Hears of changes: those of this process, and on PostgreSQL those of all."""

    def __init__(self) -> None:
        self._heard = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening: asyncio.Task[None] | None = None

    def hear_commits(self, engine: Engine) -> None:
        """Hears of this process's own commits, without any line; for SQLite."""

        @event.listens_for(engine, "checkin")
        def hear(_connection: Any, record: Any) -> None:
            if record.info.pop(CHANGED, False) and self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._heard.set)

    def start(self, engine: Engine) -> None:
        """Begins to listen, on the event loop that runs now."""
        self._loop = asyncio.get_running_loop()
        if engine.dialect.name == "postgresql":
            self._listening = asyncio.create_task(self._keep_listening(engine))

    async def stop(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening

    def wake(self) -> None:
        """As if something had been heard."""
        self._heard.set()

    async def wait(self, seconds: float) -> None:
        """Until something is heard that was not heard before the last time, or so many seconds have passed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._heard.wait()
        self._heard.clear()

    async def _keep_listening(self, engine: Engine) -> None:
        _, how = engine.dialect.create_connect_args(engine.url)
        how = {**how, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "autocommit": True}
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**how) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._heard.set()  # whatever was said before this line was there
                    async for _ in connection.notifies():
                        self._heard.set()
            except psycopg.Error as error:
                _log.warning("the line to the other processes is down", error=type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)
