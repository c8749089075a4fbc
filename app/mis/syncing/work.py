"""Who plans what has come in, and who gives places back when people have left; any process may."""

import asyncio
from functools import partial
from uuid import UUID

from app.kernel.clock import Clock
from app.kernel.jobs import Claimed
from app.kernel.reader import Reader
from app.kernel.worker import Work
from app.kernel.writer import Writer
from app.mis.syncing import leaving, running
from app.mis.syncing.commands import PLAN, incoming_of

TRIES = 4


def syncing_work(writer: Writer, reader: Reader, clock: Clock) -> list[Work]:
    """The kinds of jobs that syncs bring, and who does them."""
    jobs = _Jobs(writer, reader, clock)
    return [
        Work(PLAN, jobs.plan, tries=TRIES, given_up=jobs.not_planned),
        Work(leaving.RELEASE, jobs.release),
    ]


class _Jobs:
    """Sees each job to its end. All of it may be done again: what is done already stays as it is."""

    def __init__(self, writer: Writer, reader: Reader, clock: Clock) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock

    async def plan(self, job: Claimed) -> None:
        """Plans and settles the sync that the job names."""
        await asyncio.to_thread(self._plan, UUID(str(job.payload["sync_id"])))

    def _plan(self, sync_id: UUID) -> None:
        staff: bytes | None = self._reader.run_and_wait(partial(incoming_of, sync_id=sync_id))
        if staff is not None:
            running.plan_and_store(self._writer, self._reader, sync_id=sync_id, staff=staff, now=self._clock())

    async def not_planned(self, job: Claimed) -> None:
        """It was tried often enough."""
        await self._writer.run(
            running.fail,
            sync_id=UUID(str(job.payload["sync_id"])),
            reason="it could not be worked out. Send the file again.",
            now=self._clock(),
        )

    async def release(self, job: Claimed) -> None:
        """Gives back the places of those who have left for long enough, each in a short turn of its own."""
        hub_id = UUID(str(job.payload["hub_id"]))
        now = self._clock()
        for teacher_id in await self._reader.run(partial(leaving.due, hub_id=hub_id, now=now)):
            await self._writer.run(leaving.release_places, teacher_id=teacher_id, now=now)
