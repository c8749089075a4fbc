"""The changes feed: everything that happened in a hub, in the order in which it became visible, without gaps."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.kernel.caller import Caller, Reach
from app.kernel.outbox import Fact
from app.kernel.pagination import CursorSigner, PageRequest
from app.kernel.problems import Fault, Forbidden, InvalidRequest, Problem
from app.people import queries as people
from app.people.models import Teacher
from app.registrations.models import Registration
from app.webhooks.catalogue import TYPES, Subject, record_of, wanted
from app.webhooks.models import Change
from app.webhooks.schemas import ChangeOut, ChangesOut, RecordOut, Start

SCOPE = "registrations:read"
LARGEST_BLOCK = 1_000
MOST_LOOKED_AT = 5_000
"""In one request; whoever sees few of them gets a short page, and asks again."""


class CursorExpired(Problem):
    """The change that the cursor stands at is no longer kept, or not in this database: history goes after two years,
    and a database that was brought back from a backup has lost what came after it.

    Do a full resync: take a new cursor with `start=latest`, read all lists once, then go on from that cursor.
    """

    status, title = 410, "The cursor has expired: do a full resync"


@dataclass(frozen=True, slots=True)
class Told:
    """A change with the fact that it tells of."""

    position: int
    id: UUID
    hub_id: UUID
    type: str
    subject: Subject
    happened_at: datetime


def changes(
    session: Session,
    *,
    caller: Caller,
    hub_id: str,
    page: PageRequest,
    types: str | None = None,
    start: Start = "oldest",
) -> ChangesOut:
    """A page of the feed: of the hub's changes or, for those who reach one school, of that school's.

    Raises `NotFound`, `Forbidden`, `CursorExpired`, and `InvalidRequest` for an unknown type or a tampered cursor.
    """
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    reach = caller.reach_with(SCOPE)
    if reach not in (Reach.EVERYTHING, Reach.HUB, Reach.SCHOOL):
        raise Forbidden("The feed is for those who reach the hub or a school.")
    seen = wanted_types(
        types.split(",") if types is not None else [], Fault("is not a type of change", parameter="type")
    )
    cursors = Cursors(page.signer, hub.id)
    # First the end, then what comes before it: what is committed in between stands after it, and is for the next page.
    head = newest(session, hub.id)
    after = _start(session, cursors, page.cursor, head, start)
    if head is None:
        return ChangesOut(items=[], next_cursor=cursors.at(None), has_more=False)
    school_id = caller.school_id if reach is Reach.SCHOOL else None
    walk = _Walk(session, hub.id, after=after, until=head.position)
    found: list[ChangeOut] = []
    for told in walk.blocks(page.limit + 1):
        of_types = [each for each in told if each.type in seen]
        found += shown(of_types) if school_id is None else _of_school(session, of_types, school_id)
        if len(found) > page.limit:
            break
    if len(found) > page.limit:
        items = found[: page.limit]
        return ChangesOut(items=items, next_cursor=cursors.at(items[-1].id), has_more=True)
    last = head.id if walk.at_the_end or walk.last is None else walk.last
    return ChangesOut(items=found, next_cursor=cursors.at(last), has_more=not walk.at_the_end)


@dataclass(frozen=True, slots=True)
class Cursors:
    """The cursors of one hub's changes. They hold the last change's id, whatever the filters."""

    signer: CursorSigner
    hub_id: UUID
    pointer: str | None = None
    """Where in a body a cursor stands, if it does not come as a parameter."""

    def at(self, change_id: UUID | None) -> str:
        """The cursor after a change; after none, where nothing has happened yet."""
        return self.signer.sign([change_id], listing=self._listing)

    def position(self, session: Session, cursor: str) -> int:
        """The position that a cursor stands at. Raises `InvalidRequest`, `CursorExpired`."""
        try:
            (value,) = self.signer.open(cursor, listing=self._listing)
        except InvalidRequest as refusal:
            if self.pointer is None:
                raise
            moved = [Fault(each.detail, pointer=self.pointer) for each in refusal.errors]
            raise InvalidRequest(refusal.detail, errors=moved) from None
        if value is None:
            return 0
        here = select(Change.position).where(Change.hub_id == self.hub_id, Change.id == UUID(value))
        found = session.scalar(here)
        if found is None:
            raise CursorExpired("What this cursor stands at is no longer kept. Do a full resync.")
        return found

    @property
    def _listing(self) -> str:
        return f"changes of {self.hub_id}"


def newest(session: Session, hub_id: UUID) -> Change | None:
    """The hub's last change."""
    return session.scalar(select(Change).where(Change.hub_id == hub_id).order_by(Change.position.desc()).limit(1))


def wanted_types(filters: Collection[str], fault: Fault) -> frozenset[str]:
    """The types that filters name. Raises `InvalidRequest` with this fault when there is no such type."""
    try:
        return wanted([each.strip() for each in filters])
    except ValueError:
        raise InvalidRequest("Some values cannot be used.", errors=[fault]) from None


def block(session: Session, hub_id: UUID, *, after: int, until: int, size: int) -> list[Told]:
    """Changes after a position, in order, whatever their type."""
    statement = (
        select(Change.position, Change.id, Change.hub_id, Fact.kind, Fact.subject, Fact.happened_at)
        .join(Fact, Fact.id == Change.fact_id)
        .where(Change.hub_id == hub_id, Change.position > after, Change.position <= until)
        .order_by(Change.position)
        .limit(size)
    )
    return [Told(*row) for row in session.execute(statement)]


def shown(those: Iterable[Told]) -> list[ChangeOut]:
    """Changes as clients see them; all must be of published types."""
    return [_shown(each) for each in those]


def data_of(told: Told) -> dict[str, object]:
    """A change as the payload of a message."""
    change = _shown(told).model_dump(mode="json")
    return {"hub_id": str(told.hub_id), **{name: change[name] for name in ("operation", "record", "subject")}}


@dataclass(slots=True)
class _Walk:
    """A way through a hub's changes, block by block, larger ones where much is left out."""

    session: Session
    hub_id: UUID
    after: int
    until: int
    last: UUID | None = None
    at_the_end: bool = field(default=False)

    def blocks(self, size: int) -> Iterator[Sequence[Told]]:
        looked_at = 0
        while not self.at_the_end and looked_at < MOST_LOOKED_AT:
            found = block(self.session, self.hub_id, after=self.after, until=self.until, size=size)
            self.at_the_end = len(found) < size
            if found:
                self.after, self.last = found[-1].position, found[-1].id
            yield found
            looked_at += size
            size = min(2 * size, LARGEST_BLOCK)


def _start(session: Session, cursors: Cursors, cursor: str | None, head: Change | None, start: Start) -> int:
    if cursor is not None:
        return cursors.position(session, cursor)
    return head.position if head is not None and start == "latest" else 0


def _shown(told: Told, *, gone: bool = False) -> ChangeOut:
    record = record_of(told.type, told.subject, hub_id=str(told.hub_id))
    out = RecordOut(kind=record.kind, id=record.id, path=None if gone else record.path) if record else None
    return ChangeOut(
        id=told.id,
        type=told.type,
        happened_at=told.happened_at,
        operation="delete" if gone else TYPES[told.type].operation,
        record=out,
        # Those that are published, whatever else the audit trail has of it.
        subject={name: told.subject[name] for name in TYPES[told.type].subject if name in told.subject},
    )


def _of_school(session: Session, those: Sequence[Told], school_id: UUID) -> list[ChangeOut]:
    """Those about the school itself, its teachers, and their places. Whoever left it is deleted for it."""
    schools = _schools(session, those)
    mine = str(school_id)
    found = []
    for each, there in zip(those, schools, strict=True):
        if mine in (each.subject.get("school_id"), there):
            found.append(_shown(each))
        elif each.subject.get("former_school_id") == mine:
            found.append(_shown(each, gone=True))
    return found


def _schools(session: Session, those: Sequence[Told]) -> list[str | None]:
    """Of each change, the school of the person whom it is about, if it is about one."""
    coming = {UUID(str(name)) for each in those if (name := each.subject.get("registration_id"))}
    whose: dict[str, UUID] = {
        str(row.id): row.teacher_id for row in _rows(session, Registration.id, Registration.teacher_id, coming)
    }
    people_ids = {UUID(str(name)) for each in those if (name := each.subject.get("teacher_id"))} | set(whose.values())
    schools = {str(row.id): str(row.school_id) for row in _rows(session, Teacher.id, Teacher.school_id, people_ids)}
    return [
        schools.get(str(each.subject.get("teacher_id") or whose.get(str(each.subject.get("registration_id")))))
        for each in those
    ]


def _rows(session: Session, key: object, value: object, ids: Collection[UUID]) -> Sequence[Row[tuple[UUID, UUID]]]:
    return session.execute(select(key, value).where(key.in_(ids))).all() if ids else []  # type: ignore[call-overload, attr-defined]  # columns
