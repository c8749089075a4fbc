"""Who does a connection's syncs: asks its system in full, tells how far it is, and hands over what came."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel import jobs
from app.kernel.clock import Clock
from app.kernel.commands import command
from app.kernel.jobs import Claimed
from app.kernel.outgoing import Outgoing
from app.kernel.problems import Unavailable
from app.kernel.reader import Reader
from app.kernel.sealing import CannotOpenError
from app.kernel.worker import Work
from app.kernel.writer import Writer
from app.mis.connections import queries
from app.mis.connections.models import MisConnection
from app.mis.connections.queries import Errand
from app.mis.connections.scheduling import DUE, SYNC, come_due
from app.mis.fetching.fetching import fetch
from app.mis.staff import UnusableSourceError
from app.mis.syncing import running
from app.mis.syncing.running import Settled, Status, SyncLostError

AT_ONCE = 2
"""How many systems one process asks at the same time: waiting for slow ones must not hold up the mail."""
TELL_SECONDS = 1.0
BEAT_SECONDS = 45.0
TRIES = 4
LONGEST = timedelta(hours=2)


def connection_work(writer: Writer, reader: Reader, clock: Clock, outgoing: Outgoing) -> list[Work]:
    """The kinds of jobs that connections bring, and who does them."""
    syncs = Syncs(writer, reader, clock, outgoing)

    async def due(job: Claimed) -> None:
        await writer.run(come_due, job=job, now=clock())

    return [
        Work(SYNC, syncs.handle, tries=TRIES, longest=LONGEST, given_up=syncs.given_up),
        Work(DUE, due, tries=1_000),
    ]


class Syncs:
    """Sees each sync to its end. One that is begun again by another process begins from the start."""

    def __init__(self, writer: Writer, reader: Reader, clock: Clock, outgoing: Outgoing) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._outgoing = outgoing
        self._under_way = 0

    async def handle(self, job: Claimed) -> None:
        """Does the sync that a job names, or leaves it to others while there is enough to do here."""
        if self._under_way >= AT_ONCE:
            later = self._clock() + timedelta(seconds=random.uniform(2, 4))  # noqa: S311  # no secret
            await self._writer.run(jobs.put_off, job=job, due_at=later, attempts=job.attempts - 1)
            return
        self._under_way += 1
        try:
            await self.run(
                connection_id=UUID(str(job.payload["connection_id"])),
                sync_id=UUID(str(job.payload["sync_id"])),
                full=bool(job.payload["full"]),
            )
        finally:
            self._under_way -= 1

    async def run(self, *, connection_id: UUID, sync_id: UUID, full: bool) -> Settled | None:
        """Does a sync that has begun, and says how it ended; None when it failed, or nobody wants it any more."""
        ask = partial(queries.errand, connection_id=connection_id, sync_id=sync_id, full=full)
        try:
            errand = await self._reader.run(ask)
            if errand is None:
                return None
            return await self._fetched(errand, connection_id, sync_id)
        except SyncLostError:
            return None
        except UnusableSourceError as error:
            await self._fail(sync_id, str(error), error)
        except CannotOpenError:
            await self._fail(sync_id, "the credentials were sealed with a key that is gone. Enter them again.", None)
        return None

    async def given_up(self, job: Claimed) -> None:
        """It was tried often enough."""
        await self._fail(UUID(str(job.payload["sync_id"])), "it failed too often. Look again later.", None)

    async def _fetched(self, errand: Errand, connection_id: UUID, sync_id: UUID) -> Settled:
        began = self._clock()
        async with self._telling(sync_id) as told:
            fetched = await fetch(self._outgoing, errand.details, since=errand.since, now=began, progress=told.tell)
            settled = await asyncio.to_thread(
                running.plan_and_store,
                self._writer,
                self._reader,
                sync_id=sync_id,
                staff=fetched.staff_set,
                now=self._clock(),
            )
        if settled.status is Status.APPLIED:
            await self._writer.run(note_read, connection_id=connection_id, asked=errand.as_of, up_to=fetched.cursor)
        return settled

    @contextlib.asynccontextmanager
    async def _telling(self, sync_id: UUID) -> AsyncIterator["_Told"]:
        """Somebody who tells how far it is, also while nothing moves: one of which nothing is heard counts as lost."""
        told = _Told(self._writer, self._clock, sync_id)
        beating = asyncio.create_task(told.keep_beating())
        try:
            yield told
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    async def _fail(self, sync_id: UUID, reason: str, error: UnusableSourceError | None) -> None:
        findings = error.findings if error is not None else ()
        await self._writer.run(running.fail, sync_id=sync_id, reason=reason, findings=findings, now=self._clock())


class _Told:
    """How far a sync is, as it was told last."""

    def __init__(self, writer: Writer, clock: Clock, sync_id: UUID) -> None:
        self._writer = writer
        self._clock = clock
        self._sync_id = sync_id
        self._step, self._done = "asking the system", 0
        self._at = 0.0

    async def tell(self, done: int, step: str) -> None:
        """Notes how far it is, now and then. Raises `SyncLostError` when nobody wants it any more."""
        self._step, self._done = step, done
        if time.monotonic() - self._at >= TELL_SECONDS:
            await self._note()

    async def keep_beating(self) -> None:
        """Notes it again and again, so that a system that lets one wait does not look like a process that ended."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            with contextlib.suppress(SyncLostError):  # the next step hears of it
                await self._note()

    async def _note(self) -> None:
        self._at = time.monotonic()
        with contextlib.suppress(Unavailable):
            await self._writer.run(
                running.progress, sync_id=self._sync_id, step=self._step, done=self._done, now=self._clock()
            )


@command()
def note_read(session: Session, *, connection_id: UUID, asked: datetime, up_to: datetime) -> None:
    """All up to this moment was taken over: the next list of changes begins there, unless others are meant now."""
    connection = session.get(MisConnection, connection_id)
    if connection is None or connection.updated_at != asked:
        return
    if connection.read_up_to is None or connection.read_up_to < up_to:
        connection.read_up_to = up_to
