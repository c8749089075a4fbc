"""Who works an allocation out: small ones while the organiser waits, large ones as jobs, in a process of their own."""

import asyncio
import time
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from app.allocation import commands, queries
from app.allocation.apart import work_out_apart
from app.allocation.models import Allocation
from app.allocation.posing import Ask
from app.allocation.rules import Status, Wanted
from app.allocation.schemas import AllocationIn
from app.allocation.solving.problem import InconsistentProblem
from app.allocation.working import Worked, work_out
from app.kernel.clock import Clock
from app.kernel.database import hold_still
from app.kernel.jobs import Claimed, JobLostError
from app.kernel.operations import Reading
from app.kernel.problems import Fault, InvalidRequest, Problem
from app.kernel.reader import Reader
from app.kernel.worker import Work
from app.kernel.writer import Writer

LARGE = 100_000
"""The size from which on nobody waits for the answer: it would take more than about half a second (measured)."""
PROGRESS_SECONDS = 0.5
_LONGEST = timedelta(minutes=30)
TRIES = 3


async def asked(read: Reading, event_id: UUID, wanted: Wanted) -> Ask | Problem:
    """What there is to work out for whoever calls, or the problem with it."""

    def look(session: Session) -> Ask:
        hold_still(session)
        return queries.ask(session, caller=read.caller(session), event_id=event_id, wanted=wanted)

    reader: Reader = read.state.reader
    try:
        return await reader.run(look)
    except Problem as problem:
        return problem


async def worked_out(ask: Ask) -> Worked | Problem:
    """Works out a small one, on a thread of its own."""
    try:
        return await asyncio.to_thread(work_out, ask)
    except InconsistentProblem as error:
        return InvalidRequest("No plan could respect all of this.", errors=[Fault(str(error), pointer="/pinned")])


def allocation_work(writer: Writer, reader: Reader, clock: Clock) -> Work:
    """Works out the large ones."""
    jobs = _Jobs(writer, reader, clock)
    return Work(commands.WORK_OUT, jobs.handle, tries=TRIES, longest=_LONGEST, given_up=jobs.given_up)


class _Jobs:
    """Sees each job to its end."""

    def __init__(self, writer: Writer, reader: Reader, clock: Clock) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock

    async def handle(self, job: Claimed) -> None:
        """Works out what the job names, unless nobody wants it any more."""
        allocation_id = UUID(str(job.payload["allocation_id"]))
        ask = await self._reader.run(partial(_still_asked, allocation_id=allocation_id))
        if isinstance(ask, Problem):
            await self._fail(job, _in_words(ask))
        elif ask is not None:
            await self._work_out(job, allocation_id, ask)

    async def _work_out(self, job: Claimed, allocation_id: UUID, ask: Ask) -> None:
        try:
            worked = await work_out_apart(ask, partial(self._note, allocation_id, _Pace()))
        except InconsistentProblem as error:
            await self._fail(job, f"No plan could respect all of this: {error}.")
        else:
            now = self._clock()
            await self._writer.run(commands.finish, job=job, now=now, allocation_id=allocation_id, worked=worked)

    async def _note(self, allocation_id: UUID, last: "_Pace", share: float, step: str) -> None:
        """Notes how far it is, now and then. Raises `JobLostError` when nobody wants it any more."""
        if not last.is_past(PROGRESS_SECONDS):
            return
        percent = min(99, int(share * 100))
        wanted = await self._writer.run(commands.note_progress, allocation_id=allocation_id, percent=percent, step=step)
        if not wanted:
            raise JobLostError

    async def given_up(self, job: Claimed) -> None:
        """It was tried often enough."""
        await self._fail(job, "It could not be worked out. Ask for a new one.")

    async def _fail(self, job: Claimed, reason: str) -> None:
        allocation_id = UUID(str(job.payload["allocation_id"]))
        await self._writer.run(commands.fail, now=self._clock(), allocation_id=allocation_id, reason=reason)


class _Pace:
    """When something was done last."""

    def __init__(self) -> None:
        self._at = 0.0

    def is_past(self, seconds: float) -> bool:
        """Whether so long ago; if so, it is done now."""
        past = time.monotonic() - self._at >= seconds
        if past:
            self._at = time.monotonic()
        return past


def _still_asked(session: Session, *, allocation_id: UUID) -> Ask | Problem | None:
    """What there is to work out, unless nobody wants it any more."""
    hold_still(session)
    found = session.get(Allocation, allocation_id)
    if found is None or found.status != Status.RUNNING:
        return None
    try:
        return queries.asked(
            session, event_id=found.event_id, wanted=AllocationIn.model_validate(found.options).wanted()
        )
    except Problem as problem:
        return problem


def _in_words(problem: Problem) -> str:
    return " ".join([problem.detail, *(f"{fault.pointer}: {fault.detail}." for fault in problem.errors)])
