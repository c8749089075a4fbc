"""The one who does the work for later: claims what is due, carries out a few jobs at once, and sees each to its end."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Engine, event

from app.kernel import jobs
from app.kernel.clock import Clock, wall_clock
from app.kernel.commands import Command
from app.kernel.jobs import ENQUEUED, LEASE, Claimed, JobLostError
from app.kernel.problems import Unavailable
from app.kernel.reader import Reader
from app.kernel.writer import Writer

POLL_SECONDS = 1.0
AT_ONCE = 4
STOP_SECONDS = 5.0
NOTING_TRIES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(hours=1)
_log = structlog.get_logger(__name__)

Handle = Callable[[Claimed], Awaitable[None]]


class GiveUpError(Exception):
    """Raised by a handler for a job that would not succeed by trying again. The message must not name a person."""


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of job and who does it.

    `handle` may run for as long as `longest`; a job that fails is tried again, `tries` times in all, and then given up:
    `given_up` hears of it, for those who must tell somebody.
    """

    kind: str
    handle: Handle
    tries: int = 8
    longest: timedelta = timedelta(minutes=2)
    given_up: Handle | None = None


class Worker:
    """Does the jobs of the kinds it knows, until it is stopped."""

    def __init__(self, writer: Writer, reader: Reader, clock: Clock, work: Iterable[Work]) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._work = {each.kind: each for each in work}
        self._under_way: set[asyncio.Task[None]] = set()
        self._look_again = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Begins to look for jobs, on the event loop that runs now."""
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        self._looking = asyncio.create_task(self._keep_looking())

    async def stop(self) -> None:
        """Takes on no more. Jobs under way get a moment to end; what is left is given back, to be done by others."""
        if self._looking is None:
            return
        # Not cancelled: what it is just claiming must reach it, to be given back.
        self._stopping = True
        self._look_again.set()
        await self._looking
        self._looking = None
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=STOP_SECONDS)
        for task in self._under_way:
            task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way)

    def wake(self) -> None:
        """Something was enqueued: look at once. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._look_again.set)

    def wake_after_commits(self, engine: Engine) -> None:
        """Wakes when a connection on which something was enqueued has ended its transaction."""

        @event.listens_for(engine, "checkin")
        def look(_connection: Any, record: Any) -> None:
            if record.info.pop(ENQUEUED, False):
                self.wake()

    async def _keep_looking(self) -> None:
        while not self._stopping:
            self._look_again.clear()
            try:
                await self._take_on()
            except Unavailable:
                _log.warning("looking for jobs was put off")
            except Exception:  # noqa: BLE001  # whatever the database has met, it is asked again
                _log.exception("looking for jobs failed")
            if not self._stopping:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._look_again.wait(), POLL_SECONDS)

    async def _take_on(self) -> None:
        free = AT_ONCE - len(self._under_way)
        kinds = list(self._work)
        if free <= 0 or not kinds:
            return
        # Asked of the reader first, so that idle processes leave the writer alone.
        due = partial(jobs.is_due, kinds=kinds, now=self._clock(), wall=wall_clock())
        if not await self._reader.run(due):
            return
        for job in await self._writer.run(jobs.claim, kinds=kinds, at_most=free, now=self._clock(), wall=wall_clock()):
            task = asyncio.create_task(self._carry_out(job))
            self._under_way.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._look_again.set()
        if not task.cancelled() and task.exception() is not None:
            _log.error("a job's end went wrong", error=type(task.exception()).__name__)

    async def _carry_out(self, job: Claimed) -> None:
        work = self._work[job.kind]
        if job.attempts > work.tries:  # its processes have ended in the middle of it, again and again
            await self._give_up(job, work, "it was begun too often")
            return
        try:
            async with asyncio.timeout(work.longest.total_seconds()):
                await self._keeping(job, work.handle)
        except JobLostError:
            _log.warning("a job is no longer this process's", job=str(job.id), kind=job.kind)
        except asyncio.CancelledError:
            await self._note(jobs.put_off, job=job, due_at=job.due_at, attempts=job.attempts - 1)
            raise
        except GiveUpError as reason:
            await self._give_up(job, work, str(reason))
        except Exception as error:  # noqa: BLE001  # a handler may fail in any way; its job is tried again
            await self._try_again(job, work, error)
        else:
            await self._note(jobs.finish, job=job)

    async def _keeping(self, job: Claimed, handle: Handle) -> None:
        """Handles a job and renews its lease meanwhile. Raises `JobLostError` when that fails."""
        handling = asyncio.ensure_future(handle(job))
        renewing = asyncio.create_task(self._keep_renewing(job))
        try:
            await asyncio.wait([handling, renewing], return_when=asyncio.FIRST_COMPLETED)
            if not handling.done():
                renewing.result()  # raises
            await handling
        finally:
            for task in (handling, renewing):
                task.cancel()
            await asyncio.gather(handling, renewing, return_exceptions=True)

    async def _keep_renewing(self, job: Claimed) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            try:
                await self._writer.run(jobs.renew, job=job, wall=wall_clock())
            except Unavailable:
                _log.warning("renewing a lease was put off", job=str(job.id), kind=job.kind)

    async def _try_again(self, job: Claimed, work: Work, error: Exception) -> None:
        # Never with the error's text or the handler's values: they are people's.
        told = {"job": str(job.id), "kind": job.kind, "attempt": job.attempts, "error": type(error).__name__}
        if job.attempts >= work.tries:
            _log.exception("a job failed for the last time", **told)
            await self._give_up(job, work, "it failed too often")
            return
        _log.warning("a job failed and is tried again", **told)
        due_at = self._clock() + wait_after(job.attempts)
        await self._note(jobs.put_off, job=job, due_at=due_at, attempts=job.attempts)

    async def _give_up(self, job: Claimed, work: Work, reason: str) -> None:
        _log.error("a job was given up", job=str(job.id), kind=job.kind, reason=reason)
        try:
            if work.given_up is not None:
                await work.given_up(job)
        finally:
            await self._note(jobs.finish, job=job)

    async def _note(self, end: Command[..., None], **arguments: Any) -> None:
        """Writes down how a job ended, with patience: unwritten, it would be done a second time."""
        for _ in range(NOTING_TRIES):
            try:
                await self._writer.run(end, **arguments)
            except Unavailable:
                await asyncio.sleep(1)
            else:
                return
        _log.error("a job's end could not be noted")


def wait_after(attempts: int) -> timedelta:
    """How long to wait before the next attempt: four times as long each time, and not all at the same moment."""
    longer: timedelta = min(FIRST_WAIT * 4 ** min(attempts - 1, 10), LONGEST_WAIT)
    return longer * random.uniform(0.9, 1.1)  # noqa: S311  # no secret
