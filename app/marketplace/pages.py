"""The pages that everyone polls: rendered once for each change, then served as bytes with an ETag.

Each is kept with the version of the event that it shows. Before it is served, the version is asked for; requests that
come in meanwhile share one question, so that many readers cost the database no more than few. So a page is never
older than the last commit, on whichever process that was.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.events import queries as events
from app.events.models import Event, Round
from app.events.rules import PUBLIC
from app.kernel.conditional import etag_of
from app.kernel.operations import Reading, conditional
from app.kernel.problems import NotFound
from app.kernel.reader import Reader
from app.kernel.rendering import Rendered
from app.marketplace.models import Presentation, Slot, Table
from app.marketplace.queries import PageVersion, page_versions, presenters_of, seats_taken
from app.marketplace.rules import PresentationStatus
from app.marketplace.schemas import MarketplaceOut, MarketRound, MarketSlot, ProgrammeEntry, ProgrammeOut

MOST_PAGES = 512
Compose = Callable[[Session, Event], BaseModel]


@dataclass(frozen=True, slots=True)
class _Page:
    version: PageVersion
    public: bool
    answer: Rendered


class Pages:
    """Keeps the pages of the events that people look at."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._versions = _Versions(reader)
        self._kept: OrderedDict[tuple[Compose, UUID], _Page] = OrderedDict()
        self._being_made: dict[tuple[Compose, UUID, PageVersion], asyncio.Task[_Page]] = {}

    async def answer(self, compose: Compose, read: Reading, event_id: UUID) -> Response:
        """A page for whoever reads. Raises `NotFound` for an event that this caller may not see."""
        if read.credential is None:
            version = await self._versions.of(event_id)
        else:
            version = await self._reader.run(partial(_version_for, read, event_id))
        page = await self._page(compose, event_id, version)
        if read.credential is None and not page.public:
            raise NotFound
        return conditional(page.answer, read.request)

    async def _page(self, compose: Compose, event_id: UUID, version: PageVersion) -> _Page:
        key = (compose, event_id)
        kept = self._kept.get(key)
        if kept is not None and kept.version == version:
            self._kept.move_to_end(key)
            return kept
        making = self._being_made.get((compose, event_id, version))
        if making is None:
            making = asyncio.create_task(self._make(compose, event_id))
            self._being_made[compose, event_id, version] = making
            making.add_done_callback(lambda _: self._being_made.pop((compose, event_id, version), None))
        return await asyncio.shield(making)

    async def _make(self, compose: Compose, event_id: UUID) -> _Page:
        page = await self._reader.run(partial(_compose, compose, event_id))
        self._kept[compose, event_id] = page
        while len(self._kept) > MOST_PAGES:
            self._kept.popitem(last=False)
        return page


class _Versions:
    """Asks for versions on behalf of anyone, all that are wanted at one time with one question."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._wanted: dict[UUID, asyncio.Future[PageVersion]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def of(self, event_id: UUID) -> PageVersion:
        """The version now, or later than now. Raises `NotFound`."""
        wanted = self._wanted.get(event_id)
        if wanted is None:
            wanted = self._wanted[event_id] = asyncio.get_running_loop().create_future()
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(wanted)

    async def _ask(self) -> None:
        try:
            while self._wanted:
                asked, self._wanted = self._wanted, {}
                try:
                    wanted_now = partial(page_versions, event_ids=list(asked), for_anyone=True)
                    _settle(asked, await self._reader.run(wanted_now))
                except Exception as error:  # noqa: BLE001  # whatever it was, those who asked must hear of it
                    for wanted in asked.values():
                        wanted.set_exception(error)
        finally:
            self._asking = None


def _settle(asked: Mapping[UUID, "asyncio.Future[PageVersion]"], found: Mapping[UUID, PageVersion]) -> None:
    for event_id, wanted in asked.items():
        if event_id in found:
            wanted.set_result(found[event_id])
        else:
            wanted.set_exception(NotFound())
            wanted.exception()  # it is no loss if those who asked have gone


def _version_for(read: Reading, event_id: UUID, session: Session) -> PageVersion:
    event = events.event_row(session, caller=read.caller(session), event_id=event_id)
    return page_versions(session, [event.id])[event.id]


def _compose(compose: Compose, event_id: UUID, session: Session) -> _Page:
    # The version first: should a change come in between, the page is new and its version old, and it is made anew.
    version = page_versions(session, [event_id]).get(event_id)
    event = session.get(Event, event_id)
    if event is None or version is None:
        raise NotFound
    body = compose(session, event).model_dump_json().encode()
    return _Page(version, event.status in PUBLIC, Rendered(200, body, (("ETag", etag_of(body)),)))


async def answer(compose: Compose, read: Reading, event_id: UUID) -> Response:
    """A page, from those that this process keeps. Raises `NotFound`."""
    pages: Pages = read.state.pages
    return await pages.answer(compose, read, event_id)


def programme(session: Session, event: Event) -> ProgrammeOut:
    """The event and its accepted presentations, by table."""
    rows = session.execute(
        select(Presentation, Table)
        .join(Table, Table.id == Presentation.table_id)
        .where(Presentation.event_id == event.id, Presentation.status == PresentationStatus.ACCEPTED)
        .order_by(Table.number)
    ).all()
    presenters = presenters_of(session, [presentation.id for presentation, _ in rows])
    closed = _closed_rounds(session, event)
    return ProgrammeOut(
        event=events.shown(session, [event])[0],
        presentations=[
            ProgrammeEntry(
                id=presentation.id,
                title=presentation.title,
                summary=presentation.summary,
                presenters=presenters.get(presentation.id, []),
                subjects=presentation.subjects,
                key_stages=presentation.key_stages,
                table_number=table.number,
                zone=table.zone,
                closed_rounds=closed.get(table.id, []),
            )
            for presentation, table in rows
        ],
    )


def _closed_rounds(session: Session, event: Event) -> dict[UUID, list[int]]:
    closed: dict[UUID, list[int]] = {}
    for table_id, number in session.execute(
        select(Slot.table_id, Round.number)
        .join(Round, Round.id == Slot.round_id)
        .where(Slot.event_id == event.id, Slot.closed)
        .order_by(Round.number)
    ):
        closed.setdefault(table_id, []).append(number)
    return closed


def marketplace(session: Session, event: Event) -> MarketplaceOut:
    """Rounds × tables with seats and seats taken."""
    tables = session.scalars(select(Table).where(Table.event_id == event.id).order_by(Table.number)).all()
    taken = seats_taken(session, [table.id for table in tables])
    held = {
        each.table_id: each
        for each in session.scalars(
            select(Presentation).where(Presentation.event_id == event.id, Presentation.table_id.is_not(None))
        )
    }
    slots = {
        (slot.round_id, slot.table_id): slot for slot in session.scalars(select(Slot).where(Slot.event_id == event.id))
    }

    def shown(round_id: UUID, table: Table) -> MarketSlot:
        slot, presentation = slots[round_id, table.id], held.get(table.id)
        return MarketSlot(
            table_number=table.number,
            presentation_id=presentation.id if presentation else None,
            title=presentation.title if presentation else None,
            seats=0 if slot.closed else table.seats,
            seats_taken=taken.get(slot.id, 0),
            closed=slot.closed,
        )

    return MarketplaceOut(
        event_id=event.id,
        places_left=events.shown(session, [event])[0].places_left,
        rounds=[
            MarketRound(
                number=each.number,
                starts_at=each.starts_at,
                ends_at=each.ends_at,
                tables=[shown(each.id, table) for table in tables],
            )
            for each in events.rounds_of(session, [event.id]).get(event.id, [])
        ],
    )
