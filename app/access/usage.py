"""When each credential was last used: noted in memory as requests come in, and written down now and then, all at once.

For a session that is also what keeps it alive.
"""

import asyncio
import threading
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy import bindparam, case, update
from sqlalchemy.orm import Session

from app.access.authentication import authenticate
from app.access.models import ApiKey
from app.access.signing_in.models import TeacherSession
from app.access.signing_in.rules import IDLE_AT_MOST
from app.kernel.caller import Caller, Digest, Kind
from app.kernel.commands import command
from app.kernel.problems import Unavailable
from app.kernel.writer import Writer

T = TypeVar("T")
EVERY_SECONDS = 30
_log = structlog.get_logger(__name__)
_NOTE_KEY = (
    update(ApiKey)
    .where(ApiKey.id == bindparam("key"))
    .values(last_used_at=bindparam("at", type_=ApiKey.last_used_at.type))
)
_until = bindparam("until", type_=TeacherSession.expires_at.type)
_at = bindparam("at", type_=TeacherSession.last_used_at.type)
_NOTE_SESSION = (
    update(TeacherSession)
    .where(TeacherSession.digest == bindparam("shown"), TeacherSession.last_used_at < _at)
    .values(last_used_at=_at, expires_at=case((TeacherSession.ends_at < _until, TeacherSession.ends_at), else_=_until))
)


@command()
def note_use(session: Session, *, keys: Mapping[UUID, datetime], sessions: Mapping[Digest, datetime]) -> None:
    """Writes down when credentials were last used, in the order of their ids, which is the same in every process."""
    connection = session.connection()
    if keys:
        connection.execute(_NOTE_KEY, [{"key": key, "at": keys[key]} for key in sorted(keys)])
    if sessions:
        rows = [(each, sessions[each]) for each in sorted(sessions)]
        connection.execute(_NOTE_SESSION, [{"shown": each, "at": at, "until": at + IDLE_AT_MOST} for each, at in rows])


class Usage:
    """Finds out who is calling, and remembers which credentials were shown.

    `never` are digests of credentials that are nobody's here, whatever the database says.
    """

    def __init__(self, *, never: AbstractSet[Digest] = frozenset()) -> None:
        self._never = never
        self._lock = threading.Lock()
        self._keys: dict[UUID, datetime] = {}
        self._sessions: dict[Digest, datetime] = {}

    def callers(self, session: Session, digests: AbstractSet[Digest], now: datetime) -> Mapping[Digest, Caller]:
        """As `authenticate`."""
        found = authenticate(session, digests - self._never, now, self._sessions)
        with self._lock:
            for digest, caller in found.items():
                if caller.kind is Kind.TEACHER:
                    self._sessions[digest] = now
                else:
                    self._keys[UUID(caller.principal.removeprefix("key:"))] = now
        return found

    def forget(self) -> None:
        """As if nobody had called yet."""
        with self._lock:
            self._keys.clear()
            self._sessions.clear()

    async def keep_writing(self, writer: Writer) -> None:
        """Writes down what was used, every half a minute, until it is cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.write(writer)

    async def write(self, writer: Writer) -> None:
        """Writes down what was used since the last time."""
        with self._lock:
            keys, sessions = dict(self._keys), dict(self._sessions)
        if not keys and not sessions:
            return
        try:
            await writer.run(note_use, keys=keys, sessions=sessions)
        except Unavailable:
            _log.warning("noting the use of credentials was put off")
            return
        with self._lock:
            # Remembered until it is written: in between, it is all that keeps a session alive.
            _drop(self._keys, keys)
            _drop(self._sessions, sessions)


def _drop(noted: dict[T, datetime], written: Mapping[T, datetime]) -> None:
    for name, at in written.items():
        if noted.get(name) == at:
            del noted[name]
