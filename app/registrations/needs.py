"""What somebody needs on the evening, sealed. It tells of health and belief: special-category data (UK GDPR, art. 9).

Here alone it is sealed, opened, and each opening for somebody else noted.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.events.models import Event
from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.sealing import CannotOpenError, Seal, seal_of
from app.registrations.models import Needs, Registration

SCOPE = "needs:read"
_log = structlog.get_logger(__name__)


class Told(NamedTuple):
    """What somebody told us that they need; None where they told nothing."""

    dietary_requirements: str | None = None
    access_requirements: str | None = None


NOTHING = Told()


def sealed_row(seal: Seal, registration_id: UUID, told: Told) -> dict[str, Any]:
    """A registration's needs as they are kept."""
    plain = json.dumps(told._asdict(), ensure_ascii=False).encode()
    return {"registration_id": registration_id, "sealed": seal.seal(plain, about=about(registration_id))}


def opened(seal: Seal, needs: Needs) -> Told:
    """Kept needs in plain text."""
    return Told(**json.loads(seal.open(needs.sealed, about=about(needs.registration_id))))


def may_read(caller: Caller, teacher_id: UUID) -> bool:
    """The person themselves, and those who have the scope for it."""
    return caller.may(SCOPE) or caller.teacher_id == teacher_id


def read(session: Session, *, caller: Caller, registrations: Sequence[Registration]) -> dict[UUID, Told]:
    """The needs that this caller may read, by registration. Reading somebody else's is noted."""
    readable = {each.id: each for each in registrations if may_read(caller, each.teacher_id)}
    if not readable:
        return {}
    found = opened_where_possible(
        session, session.scalars(select(Needs).where(Needs.registration_id.in_(list(readable))))
    )
    _note(session, [readable[each] for each in found if readable[each].teacher_id != caller.teacher_id])
    return found


def opened_where_possible(session: Session, kept: Iterable[Needs]) -> dict[UUID, Told]:
    """Kept needs in plain text, by registration; those whose key is gone are missing."""
    seal = seal_of(session)
    return {each.registration_id: told for each in kept if (told := _opened_if_possible(seal, each))}


def _opened_if_possible(seal: Seal, needs: Needs) -> Told | None:
    """Without the key that sealed them, needs are lost; the registration is not."""
    try:
        return opened(seal, needs)
    except CannotOpenError as error:
        _log.error("needs cannot be opened", registration=str(needs.registration_id), why=str(error))
        return None


def put(session: Session, registration_id: UUID, told: Told) -> None:
    """Keeps these needs in the place of those before; nothing, when nothing is told."""
    session.execute(delete(Needs).where(Needs.registration_id == registration_id))
    if any(told):
        session.add(Needs(**sealed_row(seal_of(session), registration_id, told)))
        session.flush()


def _note(session: Session, registrations: Sequence[Registration]) -> None:
    events = {each.event_id for each in registrations}
    hubs: dict[UUID, UUID] = dict(session.execute(select(Event.id, Event.hub_id).where(Event.id.in_(events))).all())
    outbox.record_all(
        session,
        [
            outbox.fact(
                "needs.read",
                hub_id=hubs[each.event_id],
                now=outbox.now_of(session),
                event_id=each.event_id,
                registration_id=each.id,
                teacher_id=each.teacher_id,
            )
            for each in registrations
        ],
    )


def about(registration_id: UUID) -> str:
    """What a registration's sealed needs are about."""
    return f"needs of {registration_id}"
