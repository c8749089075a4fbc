"""Calendars as text (RFC 5545, RFC 7986), by the `icalendar` library: it escapes, and folds lines at 75 octets.

How a zone's clocks go is told by ourselves: the library puts the beginning of summer time an hour late.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from app.calendars.gathering import Calendar, years
from app.calendars.rules import REFRESHED_EVERY, ClockChange, Entry, Revision, clock_changes
from app.kernel.conditional import etag_of
from app.kernel.rendering import Rendered

if TYPE_CHECKING:
    import icalendar

MEDIA_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Teach Meet//Booking API//EN"
COLOUR = "teal"
"""A CSS3 name, as RFC 7986 asks for."""


def render(calendar: Calendar, *, name: str, private: bool) -> Rendered:
    """A calendar as an answer. A private one is kept by nobody but its reader."""
    body = text_of(calendar)
    headers = [("ETag", etag_of(body)), ("Content-Disposition", f'inline; filename="{name}.ics"')]
    if private:
        headers.append(("Cache-Control", "private, no-cache"))
    return Rendered(200, body, tuple(headers), MEDIA_TYPE)


def text_of(calendar: Calendar) -> bytes:
    """A calendar as it is sent."""
    import icalendar  # noqa: PLC0415  # takes half a second to load, and most processes never show a calendar

    made = icalendar.Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("name", icalendar.vText(calendar.name))
    made.add("x-wr-calname", icalendar.vText(calendar.name))
    made.add("description", calendar.description)
    made.add("color", COLOUR)
    made.add("refresh-interval", REFRESHED_EVERY, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", icalendar.vDuration(REFRESHED_EVERY))
    if calendar.source is not None:
        made.add("source", calendar.source, parameters={"VALUE": "URI"})
    if calendar.entries:
        first, last = years(calendar.entries)
        for timezone in sorted({each.timezone for each in calendar.entries} - {"UTC"}):
            made.add_component(_timezone(timezone, clock_changes(timezone, first, last)))
    for each in calendar.entries:
        made.add_component(_event(each, calendar.revisions[each.owner_id, each.key]))
    text: bytes = made.to_ical()
    return text


def _event(entry: Entry, revision: Revision) -> "icalendar.Event":
    import icalendar  # noqa: PLC0415  # as above

    event = icalendar.Event()
    event.add("uid", entry.uid)
    # Without a METHOD, DTSTAMP is when the entry was last revised (RFC 5545, 3.8.7.2): so only that changes the text.
    event.add("dtstamp", revision.modified_at.replace(microsecond=0))
    event.add("last-modified", revision.modified_at.replace(microsecond=0))
    event.add("sequence", revision.sequence)
    event.add("dtstart", _local(entry.starts_at, entry.timezone))
    event.add("dtend", _local(entry.ends_at, entry.timezone))
    event.add("summary", entry.summary)
    event.add("status", str(entry.status))
    event.add("transp", "OPAQUE" if entry.status == "CONFIRMED" else "TRANSPARENT")
    for name, value in (("location", entry.location), ("description", entry.description), ("url", entry.url)):
        if value is not None:
            event.add(name, value)
    return event


def _local(at: datetime, timezone: str) -> datetime:
    return at.astimezone(UTC if timezone == "UTC" else ZoneInfo(timezone))


def _timezone(timezone: str, changes: tuple[ClockChange, ...]) -> "icalendar.Timezone":
    import icalendar  # noqa: PLC0415  # as above

    made = icalendar.Timezone()
    made.add("tzid", timezone)
    for each in changes:
        observance = icalendar.TimezoneDaylight() if each.summer else icalendar.TimezoneStandard()
        observance.add("dtstart", each.local)
        observance.add("tzoffsetfrom", each.before)
        observance.add("tzoffsetto", each.after)
        observance.add("tzname", each.name)
        made.add_component(observance)
    return made
