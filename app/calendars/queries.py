"""What one can ask about feeds. Every question begins with what its caller may see."""

from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from app.calendars.models import CalendarFeed
from app.calendars.rules import FeedKind
from app.kernel.caller import Caller, Reach, digest_of
from app.kernel.pagination import Page, PageRequest, paginate
from app.kernel.problems import NotFound
from app.people import queries as people
from app.people.models import Teacher
from app.people.reach import of_own_hub

SCOPE = "registrations:write"


def visible_feeds(caller: Caller) -> Select[CalendarFeed]:
    """Those of the hub, those of one's school, one's own."""
    here = select(CalendarFeed).where(of_own_hub(caller, CalendarFeed.hub_id))
    if caller.runs_hub(SCOPE):
        return here
    own = and_(CalendarFeed.kind == FeedKind.PERSON, CalendarFeed.teacher_id == caller.teacher_id)
    if caller.reach_with(SCOPE) is not Reach.SCHOOL:
        return here.where(own)
    return here.where(or_(own, and_(CalendarFeed.kind == FeedKind.SCHOOL, CalendarFeed.school_id == caller.school_id)))


def calendar_feed(session: Session, *, caller: Caller, feed_id: UUID) -> CalendarFeed:
    """Raises `NotFound`."""
    found = session.scalar(visible_feeds(caller).where(CalendarFeed.id == feed_id))
    if found is None:
        raise NotFound
    return found


def calendar_feeds(session: Session, *, caller: Caller, hub_id: str, page: PageRequest) -> Page:
    """A hub's feeds, oldest first. Raises `NotFound`."""
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    statement = visible_feeds(caller).where(CalendarFeed.hub_id == hub.id)
    return paginate(session, statement, order=[CalendarFeed.id], page=page)


def feed_behind(session: Session, token: str) -> CalendarFeed:
    """The feed at an address. Raises `NotFound`, also when its person has left or is erased."""
    found = session.scalar(
        select(CalendarFeed)
        .outerjoin(Teacher, Teacher.id == CalendarFeed.teacher_id)
        .where(
            CalendarFeed.digest == digest_of(token),
            or_(CalendarFeed.teacher_id.is_(None), and_(Teacher.active, Teacher.erased_at.is_(None))),
        )
    )
    if found is None:
        raise NotFound
    return found
