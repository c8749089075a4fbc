"""A sandbox as a whole: its clock, its ids, and how it becomes the known hub again."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.caller import Caller, Digest
from app.kernel.clock import Clock
from app.kernel.commands import command
from app.kernel.database import writing_engine
from app.kernel.ids import Source, at_random
from app.kernel.reader import Reader
from app.kernel.secret import sealing_keys
from app.kernel.settings import Settings, SettingsError
from app.kernel.writer import Writer
from app.people.models import Hub
from app.sandbox import clock, credentials
from app.sandbox.clock import Going, MovableClock
from app.sandbox.known_hub import SLUG, KnownHub
from app.sandbox.schemas import KnownEventOut, KnownHubOut
from app.sandbox.snapshot import Snapshot, built, put_in_place
from app.sandbox.story import AFTERWARDS, BEGINS, Numbers

NEVER_OUTSIDE: frozenset[Digest] = frozenset(each.digest for each in credentials.ALL)
"""What everybody knows opens nothing outside a sandbox, even on a database that was one's."""


class Ids:
    """Where a sandbox's ids come from: out of the blue, until a reset; from then on always the same ones again."""

    def __init__(self) -> None:
        self._source: Source = at_random

    def __call__(self) -> UUID:
        return self._source()

    def begin_again(self) -> None:
        """The first id that is given now is the first that is given after every reset."""
        self._source = Numbers(AFTERWARDS, BEGINS)


class Playground:
    """The sandbox that one process serves."""

    def __init__(self, settings: Settings, machines: Clock) -> None:
        self.clock = MovableClock(machines)
        self.ids = Ids()
        self._settings = settings
        self._forgetful: list[Callable[[], None]] = []

    def snapshot(self) -> Snapshot:
        """The known hub as rows. Takes a second the first time."""
        return built(sealing_keys(self._settings))

    def forgets_by(self, *those: Callable[[], None]) -> None:
        """Names what must be called after a reset: whoever remembers something of the database, or counts."""
        self._forgetful.extend(those)

    async def open(self, writer: Writer, reader: Reader) -> None:
        """Takes up where the database was left. Raises `SettingsError` for one that is not a sandbox's."""
        going = await reader.run(clock.kept)
        if going is None:
            await writer.run(_claim)
        else:
            self.clock.follow(going)

    def fill(self) -> KnownHub:
        """Puts the known hub into a database that has no hub yet, before anybody is served.

        Raises `SettingsError` for one whose hubs were not made in a sandbox.
        """
        snapshot = self.snapshot()
        engine = writing_engine(self._settings)
        try:
            with Session(engine) as session, session.begin():
                if clock.kept(session) is None:
                    must_have_no_hubs(session)
                if session.scalar(select(Hub.id).limit(1)) is None:
                    self.restore(session, snapshot)
        finally:
            engine.dispose()
        return snapshot.known

    def restore(self, session: Session, snapshot: Snapshot) -> None:
        """Puts the known hub in the place of whatever is there; `begin_again` belongs to it, after the commit."""
        put_in_place(session, snapshot)
        clock.keep(session, self._at_the_beginning())
        self.ids.begin_again()

    def begin_again(self) -> None:
        """What this process remembers of the world before goes with it."""
        self.clock.follow(self._at_the_beginning())
        for forget in self._forgetful:
            forget()

    def _at_the_beginning(self) -> Going:
        return self.clock.set_to(BEGINS)


@command()
def reset(
    session: Session, *, caller: Caller, now: datetime, playground: Playground, snapshot: Snapshot
) -> KnownHubOut:
    """Brings back the known hub, whatever has become of it."""
    playground.restore(session, snapshot)
    return shown(snapshot.known)


@command()
def _claim(session: Session) -> None:
    """Makes a database a sandbox's. Raises `SettingsError`."""
    must_have_no_hubs(session)
    clock.keep(session, Going())


def must_have_no_hubs(session: Session) -> None:
    """Raises `SettingsError` when there are hubs: they could be real ones, and the first reset would be their end."""
    if session.scalar(select(Hub.id).limit(1)) is not None:
        raise SettingsError(
            "TEACHMEET_SANDBOX is refused on this database: it holds hubs that were not made in a sandbox"
        )


def shown(known: KnownHub) -> KnownHubOut:
    """The known hub, as clients see it."""
    events = [KnownEventOut.model_validate(each) for each in known.events]
    return KnownHubOut(hub_id=known.hub_id, hub_slug=SLUG, now=BEGINS, events=events)
