"""What the kitchen and the room have to be ready for: counts, never names."""

from collections import Counter
from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.events import queries as events
from app.kernel.caller import Caller
from app.kernel.problems import Forbidden
from app.registrations import needs
from app.registrations.models import Needs, Registration
from app.registrations.rules import access_kinds, dietary_kinds
from app.registrations.schemas import CateringOut, KindCount


def catering(session: Session, *, caller: Caller, event_id: UUID) -> CateringOut:
    """How many of those who come need what. Raises `NotFound`, `Forbidden`."""
    event = events.own_event(session, caller=caller, event_id=event_id)
    if not caller.runs_hub("events:read", "events:write"):
        raise Forbidden("This is for those who run the hub.")
    coming = select(Registration.id).where(Registration.live_event_id == event.id, Registration.queue_number.is_(None))
    kept = session.scalars(select(Needs).where(Needs.registration_id.in_(coming)))
    told = needs.opened_where_possible(session, kept).values()
    diets = [each.dietary_requirements for each in told if each.dietary_requirements]
    access = [each.access_requirements for each in told if each.access_requirements]
    return CateringOut(
        event_id=event.id,
        coming=session.scalar(select(func.count()).select_from(coming.subquery())) or 0,
        with_dietary_requirements=len(diets),
        with_access_requirements=len(access),
        dietary=_counted(diets, dietary_kinds),
        access=_counted(access, access_kinds),
    )


def _counted(texts: Iterable[str], kinds: Callable[[str], frozenset[str]]) -> list[KindCount]:
    """The most frequent first. Somebody who needs two things counts for both."""
    counts = Counter(kind for text in texts for kind in kinds(text))
    return [
        KindCount(kind=kind, count=count)
        for kind, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
