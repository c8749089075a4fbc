"""The one who writes: one thread, one connection, one commit for all that has queued up, and only then the answers."""

import asyncio
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from app.kernel.commands import Command
from app.kernel.desk import DATABASE_TROUBLE, Desk, Envelope, Job, Outcome
from app.kernel.idempotency import IdempotencyInProgress, SlotBusyError
from app.kernel.ids import Source, at_random, drawn_from
from app.kernel.metrics import WRITER_GROUP_SIZE, WRITER_REFUSED
from app.kernel.problems import Unavailable

LARGEST_GROUP = 256
DEADLOCK = "40P01"
"""PostgreSQL's word for two transactions that wait for each other, to the one that it undoes."""
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Waiting:
    """A job in the queue and the one who waits for its outcome: a task of an event loop, or a thread."""

    job: Job
    loop: asyncio.AbstractEventLoop | None
    answer: "asyncio.Future[Any] | Future[Any]"


class Writer:
    """Carries out commands, one group after another.

    It takes what has queued up, never waiting for more. A refused command undoes itself; a failed commit fails its
    whole group; too long a queue refuses at the door with `Unavailable`.
    """

    def __init__(self, engine: Engine, desk: Desk, *, queue_limit: int, ids: Source = at_random) -> None:
        """`ids` is where the things that its commands make get their ids from."""
        self._engine = engine
        self._desk = desk
        self._ids = ids
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._queue_limit = queue_limit
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._stopped = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finishes what has queued up, then ends."""
        self._stopped = True
        self._queue.put(None)
        self._thread.join()
        self._engine.dispose()

    async def run(self, command: Command[..., Any], envelope: Envelope | None = None, /, **arguments: Any) -> Any:
        """The command's result, after the commit. Raises what the command raised."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self._enqueue(_Waiting(Job(command, arguments, envelope), loop, answer))
        return await answer

    def run_and_wait(self, command: Command[..., Any], /, **arguments: Any) -> Any:
        """`run`, for a thread that has no event loop."""
        answer: Future[Any] = Future()
        self._enqueue(_Waiting(Job(command, arguments), None, answer))
        return answer.result()

    def _enqueue(self, waiting: _Waiting) -> None:
        if self._stopped or self._queue.qsize() >= self._queue_limit:
            WRITER_REFUSED.inc()
            raise Unavailable("Too many requests are waiting to be written. Nothing was done; try again.")
        self._queue.put(waiting)

    def _work(self) -> None:
        with drawn_from(self._ids):
            self._keep_working()

    def _keep_working(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            last = False
            while len(group) < LARGEST_GROUP:
                try:
                    waiting = self._queue.get_nowait()
                except queue.Empty:
                    break
                if waiting is None:
                    last = True
                    break
                group.append(waiting)
            WRITER_GROUP_SIZE.observe(len(group))
            _answer(group, self._outcomes([waiting.job for waiting in group]))
            if last:
                return

    def _outcomes(self, jobs: Sequence[Job], *, tries: int = 3) -> list[Outcome]:
        try:
            return self._commit_together(jobs)
        except (*DATABASE_TROUBLE, SlotBusyError) as trouble:
            if len(jobs) == 1:
                if tries > 1 and _is_deadlock(trouble):
                    return self._outcomes(jobs, tries=tries - 1)  # it was chosen to give way, and now has the way free
                return [_put_off(jobs[0], trouble)]
            # Nothing was committed, so each may be tried by itself: one's trouble need not be the others'.
            return [self._commit_alone(job) for job in jobs]
        except _CommitFailed as failure:
            _log.error("commit failed", jobs=len(jobs), error=type(failure.__cause__).__name__)
            return [Unavailable("The database could not confirm this write.")] * len(jobs)
        except Exception as error:
            _log.exception("a group of writes failed")
            return [error] * len(jobs)

    def _commit_alone(self, job: Job) -> Outcome:
        return self._outcomes([job])[0]

    def _commit_together(self, jobs: Sequence[Job]) -> list[Outcome]:
        with self._engine.connect() as connection:
            transaction = connection.begin()
            try:
                outcomes = self._desk.serve(connection, jobs)
            except BaseException:
                transaction.rollback()
                raise
            try:
                transaction.commit()
            except DBAPIError as error:
                raise _CommitFailed from error
            return outcomes


class _CommitFailed(Exception):
    """The commit itself failed, so whether it happened is not known: nothing may be tried again."""


def _is_deadlock(trouble: Exception) -> bool:
    return isinstance(trouble, DBAPIError) and getattr(trouble.orig, "sqlstate", None) == DEADLOCK


def _put_off(job: Job, trouble: Exception) -> Outcome:
    cause = trouble.orig if isinstance(trouble, DBAPIError) else trouble.__cause__
    _log.warning("a write met trouble in the database", error=type(cause).__name__)
    if isinstance(trouble, SlotBusyError):
        return job.refuse(IdempotencyInProgress())
    return job.refuse(Unavailable("The database could not take this write just now. Nothing was done; try again."))


def _answer(group: Sequence[_Waiting], outcomes: Sequence[Outcome]) -> None:
    """Wakes everybody, with one call for each event loop rather than one for each request."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Outcome]]] = {}
    for waiting, outcome in zip(group, outcomes, strict=True):
        if isinstance(waiting.answer, asyncio.Future):
            assert waiting.loop is not None
            by_loop.setdefault(waiting.loop, []).append((waiting.answer, outcome))
        elif isinstance(outcome, BaseException):
            waiting.answer.set_exception(outcome)
        else:
            waiting.answer.set_result(outcome)
    for loop, answers in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, answers)


def _resolve(answers: Sequence[tuple["asyncio.Future[Any]", Outcome]]) -> None:
    for answer, outcome in answers:
        if answer.done():  # its client has gone
            continue
        if isinstance(outcome, BaseException):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)
