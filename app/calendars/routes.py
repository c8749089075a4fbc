"""Calendars and their feeds over HTTP."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Response
from sqlalchemy.orm import Session

from app.calendars import commands, gathering, queries, writing
from app.calendars.gathering import Calendar
from app.calendars.schemas import CalendarFeedIn, CalendarFeedOut, NewCalendarFeedOut
from app.kernel import outbox
from app.kernel.openapi import answers, described
from app.kernel.operations import Reading, Writing, conditional, reads, showing, writes
from app.kernel.pagination import PageWanted
from app.kernel.problems import Forbidden, InvalidRequest, NotFound, Unavailable
from app.kernel.routing import router
from app.people.routes import HubRef
from app.registrations.routes import ReadRegistrations

routes = router("Calendars")
Subscribe = Annotated[Writing, writes(queries.SCOPE, own=True)]
SeeFeeds = Annotated[Reading, reads(queries.SCOPE, own=True)]
LONGEST_TOKEN = 200
_CALENDAR: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        200: {"description": "iCalendar", "content": {"text/calendar": {"schema": {"type": "string"}}}},
        **described([NotFound, Unavailable]),
    },
}


async def _answer(
    read: Reading, query: Callable[..., Calendar], *, name: str, private: bool, **arguments: Any
) -> Response:
    """A calendar, each entry with its revision. What was never shown like this is noted before it is."""
    now = read.state.clock()
    arguments["public_url"] = read.state.settings.public_url.rstrip("/")

    def ask(session: Session) -> Calendar:
        caller = read.caller(session)
        session.info.update({outbox.ACTOR: caller.principal, outbox.NOW: now})
        return query(session, caller=caller, **arguments)

    for _ in range(3):
        found = await read.state.reader.run(ask)
        if not found.news:
            return conditional(writing.render(found, name=name, private=private), read.request)
        await read.state.writer.run(commands.note_entries, now=now, entries=found.news)
    raise Unavailable("This calendar is changing too fast just now.")


@routes.get("/v1/hubs/{hub_id}/calendar.ics", **_CALENDAR)
async def get_hub_calendar(read: Annotated[Reading, reads("events:read", public=True)], hub_id: HubRef) -> Response:
    """A hub's published evenings, those of the last year and those to come, to subscribe to. What is cancelled stays,
    and says so."""
    return await _answer(read, gathering.hub_calendar, name="evenings", private=False, hub_id=hub_id)


@routes.get("/v1/registrations/{registration_id}/itinerary.ics", **_CALENDAR)
async def get_itinerary_calendar(read: ReadRegistrations, registration_id: UUID) -> Response:
    """One registration's evening and the rounds of its itinerary, for a calendar."""
    query = partial(gathering.itinerary_calendar, registration_id=registration_id)
    return await _answer(read, query, name="itinerary", private=True)


@routes.get("/v1/calendars/{token}.ics", **_CALENDAR)
async def get_calendar(
    read: Annotated[Reading, reads(public=True)],
    token: Annotated[str, Path(max_length=LONGEST_TOKEN, description="The secret part of the feed's address.")],
) -> Response:
    """The calendar at an address that was handed out. The address is all that is needed, so it is a secret; once it is
    revoked, there is nothing here. A person's has nobody else's data, a school's and a hub's have counts only."""
    return await _answer(read, gathering.feed_calendar, name="calendar", private=True, token=token)


@routes.post(
    "/v1/hubs/{hub_id}/calendar-feeds",
    **answers(NewCalendarFeedOut, NotFound, Forbidden, InvalidRequest, status=201),
)
async def create_calendar_feed(write: Subscribe, hub_id: HubRef, body: CalendarFeedIn) -> Response:
    """Make a calendar at an address of its own, for a person, a school or those who run the hub. The address is told in
    this answer and never again."""
    return await write(
        commands.create_feed,
        to=NewCalendarFeedOut,
        status=201,
        location="/v1/calendar-feeds/{id}",
        hub_id=hub_id,
        body=body,
        public_url=write.state.settings.public_url.rstrip("/"),
    )


@routes.get("/v1/hubs/{hub_id}/calendar-feeds", **answers(CalendarFeedOut, NotFound, many=True))
async def list_calendar_feeds(read: SeeFeeds, hub_id: HubRef, page: PageWanted) -> Response:
    """The calendar feeds that you reach, without their addresses."""
    return await read.page(queries.calendar_feeds, to=CalendarFeedOut, hub_id=hub_id, page=page)


@routes.get("/v1/calendar-feeds/{feed_id}", **answers(CalendarFeedOut, NotFound))
async def get_calendar_feed(read: SeeFeeds, feed_id: UUID) -> Response:
    """One calendar feed, without its address."""
    return await read(queries.calendar_feed, to=CalendarFeedOut, feed_id=feed_id)


@routes.delete("/v1/calendar-feeds/{feed_id}", **answers(None, NotFound, conditional=True))
async def revoke_calendar_feed(write: Subscribe, feed_id: UUID) -> Response:
    """Revoke a feed, at once: at its address there is nothing any more."""
    unchanged = showing(CalendarFeedOut, queries.calendar_feed, feed_id=feed_id)
    return await write(commands.revoke_feed, unchanged=unchanged, feed_id=feed_id)
