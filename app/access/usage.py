"""When each key was last used: noted in memory as requests come in, and written down now and then, all at once."""

import asyncio
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from app.access.models import ApiKey
from app.access.queries import callers
from app.kernel.caller import Caller, Digest
from app.kernel.commands import command
from app.kernel.problems import Unavailable
from app.kernel.writer import Writer

EVERY_SECONDS = 30
_log = structlog.get_logger(__name__)
_NOTE = (
    update(ApiKey)
    .where(ApiKey.id == bindparam("key"))
    .values(last_used_at=bindparam("at", type_=ApiKey.last_used_at.type))
)


@command()
def note_use(session: Session, *, used: Mapping[UUID, datetime]) -> None:
    """Writes down when keys were last used, in the order of their ids, which is the same in every process."""
    session.connection().execute(_NOTE, [{"key": key, "at": used[key]} for key in sorted(used)])


class KeyUsage:
    """Finds out who is calling, and remembers which keys were shown."""

    def __init__(self) -> None:
        self._used: dict[UUID, datetime] = {}

    def callers(self, session: Session, digests: AbstractSet[Digest], now: datetime) -> Mapping[Digest, Caller]:
        """As `access.queries.callers`."""
        found = callers(session, digests, now)
        for caller in found.values():
            self._used[UUID(caller.principal.removeprefix("key:"))] = now
        return found

    async def keep_writing(self, writer: Writer) -> None:
        """Writes down what was used, every half a minute, until it is cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.write(writer)

    async def write(self, writer: Writer) -> None:
        """Writes down what was used since the last time."""
        used, self._used = self._used, {}
        if not used:
            return
        try:
            await writer.run(note_use, used=used)
        except Unavailable:
            self._used = {**used, **self._used}
            _log.warning("noting the use of keys was put off")
