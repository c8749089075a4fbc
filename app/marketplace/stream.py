"""The marketplace, live: the whole of it first, then what changes, the same from every process.

One task looks for all who listen: when something was committed anywhere it asks for the versions of the events that are
watched, composes those that have another one, and has the same bytes sent to everybody. A message's id is the version
of the event, which every process counts alike; so a client that comes back, to whichever process, is told what has
changed since, or all of it where that is not remembered here.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events import queries as events
from app.events.models import Event, Figures
from app.events.rules import PUBLIC
from app.kernel.event_stream import RETRY, STILL_HERE, EventStream, Listener, message
from app.kernel.live import Ear
from app.kernel.operations import Reading
from app.kernel.problems import NotFound, Problem, Unavailable
from app.kernel.reader import Reader
from app.marketplace.changes import changes
from app.marketplace.pages import marketplace
from app.marketplace.schemas import MarketplaceOut

LOOK_ANYWAY_SECONDS = 2.0
"""Should nobody tell that something has changed."""
BEAT_SECONDS = 15.0
LEAST_SECONDS, LISTENERS_A_SECOND, SHARE = 0.2, 1_000, 4
"""Between two rounds at least so long: longer for many listeners, and several times as long as a round takes."""
REMEMBERED = 256
"""Changes of one event that are kept for those who come back."""
KEPT_UNWATCHED = 32
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _State:
    """The marketplace of an event at a version."""

    version: int
    public: bool
    market: MarketplaceOut

    def whole(self) -> bytes:
        return message("marketplace", self.market.model_dump_json().encode(), id_=str(self.version))


@dataclass(frozen=True, slots=True)
class _Step:
    """How to get from one version to another."""

    since: int
    until: int
    told: bytes


@dataclass(slots=True)
class _Watcher:
    """Somebody who listens. `check` raises a `Problem` once they may not any more; None for anyone."""

    listener: Listener
    check: Callable[[], Awaitable[object]] | None


@dataclass(slots=True)
class _Watched:
    """An event that is listened to, or was lately."""

    state: _State | None = None
    steps: deque[_Step] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    watchers: dict[int, _Watcher] = field(default_factory=dict)

    def follow(self, new: _State) -> None:
        """Takes a new state over and tells it to everybody."""
        old, self.state = self.state, new
        if old is None or new.version < old.version:
            self.steps.clear()
            told = new.whole()
        else:
            difference = changes(old.market, new.market)
            told = (
                new.whole()
                if difference is None
                else message("changes", difference.model_dump_json().encode(), id_=str(new.version))
            )
            self.steps.append(_Step(old.version, new.version, told))
        for watcher in self.watchers.values():
            if watcher.check is None and not new.public:
                watcher.listener.end()
            else:
                watcher.listener.put(told)

    def since(self, last: int | None) -> list[bytes]:
        """What somebody who was told a version last has to be told: all of it, if that is not remembered."""
        assert self.state is not None
        known = last is not None and last <= self.state.version
        if last is not None and known and (last == self.state.version or (self.steps and self.steps[0].since <= last)):
            return [step.told for step in self.steps if step.until > last]
        return [self.state.whole()]

    def end(self) -> None:
        for watcher in self.watchers.values():
            watcher.listener.end()


class Streams:
    """All streams of this process."""

    def __init__(self, reader: Reader, ear: Ear, *, limit: int) -> None:
        self._reader = reader
        self._ear = ear
        self._limit = limit
        self._watched: dict[UUID, _Watched] = {}
        self._asked: list[tuple[UUID, asyncio.Future[None]]] = []
        self._somebody_waits = asyncio.Event()
        self._open = 0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begins to look, on the event loop that runs now."""
        self._tasks = [asyncio.create_task(self._keep_looking()), asyncio.create_task(self._keep_beating())]

    async def stop(self) -> None:
        """Ends all streams; their clients come back, to another process."""
        for watched in self._watched.values():
            watched.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def forget(self) -> None:
        """Another world: everybody is told all of it anew."""
        for watched in self._watched.values():
            watched.state = None
            watched.steps.clear()
        self._ear.wake()

    async def open(self, read: Reading, event_id: UUID, last: int | None) -> EventStream:
        """A stream for whoever asks, who was told the version `last` before.

        Raises `NotFound` for an event that this caller may not see, `Unavailable` when there are too many streams.
        """
        check = None if read.credential is None else partial(self._reader.run, partial(_may_see, read, event_id))
        if check is not None:
            await check()
        if self._open >= self._limit:
            raise Unavailable("Too many are listening here just now; ask for the marketplace itself.", retry_after=5)
        watched = await self._looked_at(event_id)
        if watched.state is None or (check is None and not watched.state.public):
            raise NotFound
        listener = Listener()
        listener.put(RETRY + b"".join(watched.since(last)))
        self._open += 1
        watched.watchers[id(listener)] = _Watcher(listener, check)
        return EventStream(listener, closed=partial(self._close, watched, listener))

    def _close(self, watched: _Watched, listener: Listener) -> None:
        self._open -= 1
        watched.watchers.pop(id(listener), None)

    async def _looked_at(self, event_id: UUID) -> _Watched:
        """The event as it is now, or later than now."""
        looked = asyncio.get_running_loop().create_future()
        self._asked.append((event_id, looked))
        self._somebody_waits.set()
        self._ear.wake()
        await looked
        return self._watched.get(event_id, _Watched())

    async def _keep_looking(self) -> None:
        while True:
            await self._ear.wait(LOOK_ANYWAY_SECONDS)
            self._somebody_waits.clear()
            asked, self._asked = self._asked, []
            began = time.monotonic()
            try:
                await self._look({event_id for event_id, _ in asked})
            except Exception as error:  # noqa: BLE001  # whatever the database has met, it is asked again
                _log.warning("looking for changes failed", error=type(error).__name__)
                _settle(asked, Unavailable("The marketplace cannot be read just now."))
            else:
                _settle(asked, None)
            await self._rest(time.monotonic() - began)

    async def _rest(self, seconds: float) -> None:
        """Lets changes gather, unless somebody waits for an answer."""
        with contextlib.suppress(TimeoutError):
            longest = max(LEAST_SECONDS, self._open / LISTENERS_A_SECOND, SHARE * seconds)
            async with asyncio.timeout(longest):
                await self._somebody_waits.wait()

    async def _look(self, asked: Iterable[UUID]) -> None:
        ids = {event_id for event_id, watched in self._watched.items() if watched.watchers}.union(asked)
        if not ids:
            return
        versions = await self._reader.run(partial(_versions, ids))
        for event_id in ids:
            version = versions.get(event_id)
            if version is None:
                self._watched.pop(event_id, _Watched()).end()
                continue
            watched = self._watched.setdefault(event_id, _Watched())
            if watched.state is None or (watched.state.version, watched.state.public) != version:
                state = await self._reader.run(partial(_compose, event_id))
                if state is not None:
                    watched.follow(state)
        self._forget_some()

    def _forget_some(self) -> None:
        alone = [event_id for event_id, watched in self._watched.items() if not watched.watchers]
        for event_id in alone[: max(len(alone) - KEPT_UNWATCHED, 0)]:
            del self._watched[event_id]

    async def _keep_beating(self) -> None:
        """Lets every client hear now and then that somebody is there, and looks whether they still may listen."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            for watched in list(self._watched.values()):
                for watcher in list(watched.watchers.values()):
                    if watcher.check is not None and not await _still_may(watcher.check):
                        watcher.listener.end()
                    else:
                        watcher.listener.put(STILL_HERE)


async def _still_may(check: Callable[[], Awaitable[object]]) -> bool:
    try:
        await check()
    except Problem as problem:
        return isinstance(problem, Unavailable)
    return True


def _settle(asked: Iterable[tuple[UUID, "asyncio.Future[None]"]], trouble: Problem | None) -> None:
    for _, looked in asked:
        if looked.done():  # whoever asked has gone
            continue
        if trouble is None:
            looked.set_result(None)
        else:
            looked.set_exception(trouble)


def _may_see(read: Reading, event_id: UUID, session: Session) -> None:
    events.event_row(session, caller=read.caller(session), event_id=event_id)


def _versions(ids: Iterable[UUID], session: Session) -> Mapping[UUID, tuple[int, bool]]:
    rows = session.execute(
        select(Figures.event_id, Figures.version, Event.status)
        .join(Event, Event.id == Figures.event_id)
        .where(Figures.event_id.in_(list(ids)))
    )
    return {event_id: (version, status in PUBLIC) for event_id, version, status in rows}


def _compose(event_id: UUID, session: Session) -> _State | None:
    # The version first: what is newer than its version is told again with the next one, which changes nothing.
    found = _versions([event_id], session).get(event_id)
    event = session.get(Event, event_id)
    if found is None or event is None:
        return None
    version, public = found
    return _State(version, public, marketplace(session, event))
