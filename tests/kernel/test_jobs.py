"""Work for later: done once, by whoever comes first, tried again when it fails, and never lost."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.kernel import jobs, worker
from app.kernel.clock import wall_clock
from app.kernel.commands import command
from app.kernel.database import reading_engine, writing_engine
from app.kernel.desk import Desk
from app.kernel.jobs import Claimed, Job, JobLostError
from app.kernel.problems import NotFound
from app.kernel.reader import Reader
from app.kernel.settings import Settings
from app.kernel.worker import GiveUpError, Handle, Work, Worker
from app.kernel.writer import Writer
from tests.support.services import MovableClock

pytestmark = pytest.mark.anyio

BOUND_SECONDS = 20.0
KIND = "greet"


@command()
def ask(session: Session, *, names: list[str], clock: MovableClock, refuse: bool = False) -> None:
    """Enqueues a greeting for each name, and perhaps thinks better of it."""
    for number, name in enumerate(names):
        jobs.enqueue(session, KIND, {"number": number}, now=clock(), private=name.encode())
    if refuse:
        raise NotFound


class Process:
    """What one process has: a writer, a reader, and perhaps a worker."""

    def __init__(self, settings: Settings, clock: MovableClock) -> None:
        self.clock = clock
        self.engine = writing_engine(settings)
        self.writer = Writer(self.engine, Desk(lambda *_: {}), queue_limit=2_000)
        self.reader = Reader(reading_engine(settings), threads=1)
        self.worker: Worker | None = None
        self.writer.start()

    def works(self, handle: Handle, **more: object) -> None:
        self.worker = Worker(self.writer, self.reader, self.clock, [Work(KIND, handle, **more)])  # type: ignore[arg-type]  # by name
        self.worker.wake_after_commits(self.engine)
        self.worker.start()

    async def ask(self, *names: str, refuse: bool = False) -> None:
        await self.writer.run(ask, names=list(names), clock=self.clock, refuse=refuse)

    async def claim(self) -> list[Claimed]:
        claimed: list[Claimed] = await self.writer.run(
            jobs.claim, kinds=[KIND], at_most=9, now=self.clock(), wall=wall_clock()
        )
        return claimed

    async def rows(self) -> list[Job]:
        def read(session: Session) -> list[Job]:
            found = list(session.scalars(select(Job).order_by(Job.id)))
            session.expunge_all()
            return found

        return await self.reader.run(read)

    async def stop(self) -> None:
        if self.worker is not None:
            await self.worker.stop()
            self.worker = None

    async def end(self) -> None:
        await self.stop()
        await asyncio.to_thread(self.writer.stop)
        self.reader.stop()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: MovableClock) -> AsyncIterator[Process]:
    process = Process(settings, clock)
    try:
        yield process
    finally:
        await process.end()


@pytest.fixture
async def process(settings: Settings, clock: MovableClock) -> AsyncIterator[Process]:
    async with running(settings, clock) as made:
        yield made


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + BOUND_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def empty(process: Process) -> None:
    deadline = time.monotonic() + BOUND_SECONDS
    while await process.rows():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_a_job_is_done_once_right_after_its_commit(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 3_600.0)
    greeted: list[str] = []

    async def greet(job: Claimed) -> None:
        assert job.private is not None
        greeted.append(job.private.decode())

    process.works(greet)
    await asyncio.sleep(0.1)  # it has looked once by now, and would look again in an hour
    with pytest.raises(NotFound):
        await process.ask("Nobody", refuse=True)
    await process.ask("Ada", "Ben")
    await empty(process)
    assert sorted(greeted) == ["Ada", "Ben"]


async def test_what_another_process_enqueued_is_found_by_looking(
    process: Process, settings: Settings, clock: MovableClock
) -> None:
    greeted: list[int] = []

    async def greet(job: Claimed) -> None:
        greeted.append(int(str(job.payload["number"])))

    process.works(greet)
    async with running(settings, clock) as other:
        await other.ask("Ada", "Ben", "Cas")
    await until(lambda: sorted(greeted) == [0, 1, 2])


async def test_two_processes_never_do_the_same_job(process: Process, settings: Settings, clock: MovableClock) -> None:
    greeted: list[tuple[str, int]] = []

    def greeting(who: str) -> Handle:
        async def greet(job: Claimed) -> None:
            await asyncio.sleep(0.001)
            greeted.append((who, int(str(job.payload["number"]))))

        return greet

    async with running(settings, clock) as other:
        await process.ask(*(f"Teacher {number}" for number in range(100)))
        process.works(greeting("one"))
        other.works(greeting("other"))
        await empty(process)
    assert sorted(number for _, number in greeted) == list(range(100))


async def test_what_was_due_at_once_is_done_even_if_the_clock_is_put_back(
    process: Process, clock: MovableClock
) -> None:
    await process.ask("Ada")
    clock.now -= timedelta(days=400)
    (claimed,) = await process.claim()
    await process.writer.run(jobs.put_off, job=claimed, due_at=clock.now + timedelta(seconds=2), attempts=1)
    assert await process.claim() == []
    clock.now += timedelta(seconds=2)
    assert [each.private for each in await process.claim()] == [b"Ada"]


async def test_a_job_that_fails_is_tried_again_later_and_then_given_up(process: Process, clock: MovableClock) -> None:
    seen: list[int] = []
    given_up: list[int] = []

    async def fail(job: Claimed) -> None:
        seen.append(job.attempts)
        raise ValueError("what is wrong with Ada")

    async def note(job: Claimed) -> None:
        given_up.append(job.attempts)

    process.works(fail, tries=3, given_up=note)
    await process.ask("Ada")
    waits = []
    for attempt in (1, 2):
        await until(lambda: len(seen) == attempt)  # noqa: B023  # used up before it changes
        await asyncio.sleep(0.1)
        (row,) = await process.rows()
        assert (row.lease, row.attempts) == (None, attempt)
        waits.append((row.due_at - clock.now).total_seconds())
        clock.now = row.due_at
    await empty(process)
    assert seen == [1, 2, 3]
    assert given_up == [3]
    assert 1.8 <= waits[0] <= 2.2
    assert 7.2 <= waits[1] <= 8.8


async def test_a_job_that_cannot_succeed_is_given_up_at_once(process: Process) -> None:
    given_up: list[int] = []

    async def fail(_job: Claimed) -> None:
        raise GiveUpError("there is no such thing")

    async def note(job: Claimed) -> None:
        given_up.append(job.attempts)

    process.works(fail, given_up=note)
    await process.ask("Ada")
    await empty(process)
    assert given_up == [1]


async def test_a_job_whose_process_died_is_taken_over_and_the_dead_ones_word_counts_no_more(
    process: Process, clock: MovableClock
) -> None:
    await process.ask("Ada")
    long_ago = wall_clock() - jobs.LEASE - timedelta(seconds=1)
    (dead,) = await process.writer.run(jobs.claim, kinds=[KIND], at_most=9, now=clock(), wall=long_ago)
    (alive,) = await process.claim()
    assert await process.claim() == []
    assert (dead.id, dead.attempts) == (alive.id, alive.attempts - 1)
    complete = command()(jobs.complete)
    with pytest.raises(JobLostError):
        await process.writer.run(complete, job=dead)
    with pytest.raises(JobLostError):
        await process.writer.run(jobs.renew, job=dead, wall=wall_clock())
    await process.writer.run(jobs.finish, job=dead)
    assert len(await process.rows()) == 1
    await process.writer.run(complete, job=alive)
    assert await process.rows() == []


async def test_a_job_that_kills_its_process_again_and_again_is_given_up(process: Process, clock: MovableClock) -> None:
    begun: list[int] = []
    given_up: list[int] = []

    async def begin(job: Claimed) -> None:
        begun.append(job.attempts)

    async def note(job: Claimed) -> None:
        given_up.append(job.attempts)

    await process.ask("Ada")
    for leases_ago in (4, 2):
        wall = wall_clock() - leases_ago * jobs.LEASE
        assert await process.writer.run(jobs.claim, kinds=[KIND], at_most=9, now=clock(), wall=wall)
    process.works(begin, tries=2, given_up=note)
    await empty(process)
    assert (begun, given_up) == ([], [3])


async def test_a_long_job_keeps_its_lease(
    process: Process, settings: Settings, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (jobs, worker):
        monkeypatch.setattr(module, "LEASE", timedelta(seconds=1))
    greeted: list[int] = []

    async def greet(job: Claimed) -> None:
        await asyncio.sleep(3)
        greeted.append(job.attempts)

    async with running(settings, clock) as other:
        process.works(greet)
        await process.ask("Ada")
        other.works(greet)
        await empty(process)
    assert greeted == [1]


async def test_a_job_that_hangs_is_ended_and_tried_again(process: Process) -> None:
    begun: list[int] = []

    async def hang(job: Claimed) -> None:
        begun.append(job.attempts)
        await asyncio.sleep(3_600)

    process.works(hang, longest=timedelta(milliseconds=100))
    await process.ask("Ada")
    await until(lambda: bool(begun))
    await asyncio.sleep(0.5)
    (row,) = await process.rows()
    assert (row.lease, row.attempts) == (None, 1)


async def test_a_process_that_stops_gives_its_jobs_back(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "STOP_SECONDS", 0.1)
    begun: list[int] = []

    async def hang(job: Claimed) -> None:
        begun.append(job.attempts)
        await asyncio.sleep(3_600)

    process.works(hang)
    await process.ask("Ada")
    await until(lambda: bool(begun))
    await process.stop()
    (row,) = await process.rows()
    assert (row.lease, row.leased_until, row.attempts) == (None, None, 0)


async def test_what_is_private_is_sealed_and_can_be_taken_back(process: Process, settings: Settings) -> None:
    await process.ask("Ada Penhaligon", "Ben")
    engine = reading_engine(settings)
    with engine.connect() as connection:
        dump = connection.execute(text("SELECT * FROM jobs")).all()
    engine.dispose()
    assert b"Penhaligon" not in b"".join(bytes(v) for row in dump for v in row if isinstance(v, bytes | memoryview))
    assert "Penhaligon" not in repr(dump)
    assert [job.private for job in await process.claim()] == [b"Ada Penhaligon", b"Ben"]

    @command()
    def take_back(session: Session) -> None:
        jobs.drop(session, number=0)  # type: ignore[arg-type]  # ids are text there, as this is

    await process.writer.run(take_back)
    assert [row.payload for row in await process.rows()] == [{"number": 1}]


async def test_a_job_sealed_with_a_key_that_is_gone_does_not_stop_the_others(
    process: Process, settings: Settings, clock: MovableClock
) -> None:
    await process.ask("Ada")
    other_key = settings.model_copy(update={"encryption_keys": type(settings.secret_key)("another key")})  # type: ignore[misc]  # it is set
    async with running(other_key, clock) as other:
        await other.ask("Ben")
        assert [job.private for job in await other.claim()] == [b"Ben"]
        assert len(await other.rows()) == 1
