"""Calendars as calendar programs read them: valid, stable, revised by the rules; feeds that can be revoked."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from icalendar import Calendar

from app.kernel.settings import Settings
from tests.support import made
from tests.support.callers import Organiser, sign_in
from tests.support.made import STARTS, Thing, done
from tests.support.refusals import refused
from tests.support.services import MovableClock

pytestmark = pytest.mark.anyio
LONDON = ZoneInfo("Europe/London")


def read(answer: httpx.Response) -> Any:
    """A calendar, held to what RFC 5545 says of its bytes."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["etag"]
    assert answer.content.endswith(b"END:VCALENDAR\r\n")
    lines = answer.content.split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    for line in lines:
        line.decode()  # no letter is torn apart
    assert b"ATTENDEE" not in answer.content
    parsed = Calendar.from_ical(answer.content)
    assert isinstance(parsed, Calendar)
    return parsed


def entries(calendar: Any) -> dict[str, Any]:
    """The entries of a calendar by their UID."""
    found = {str(each["uid"]): each for each in calendar.events}
    assert len(found) == len(calendar.events)
    return found


def path_of(feed: Thing) -> str:
    """A feed's address on this service."""
    return "/v1/" + str(feed["url"]).partition("/v1/")[2]


async def new_feed(
    caller: httpx.AsyncClient, hub: Organiser, headers: dict[str, str] | None = None, **body: str
) -> Thing:
    answer = await caller.post(f"/v1/hubs/{hub.hub_id}/calendar-feeds", json=body, headers=headers)
    feed = done(answer, 201)
    assert answer.headers["location"] == f"/v1/calendar-feeds/{feed['id']}"
    return feed


async def test_the_hubs_calendar_is_public_and_tells_each_change(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, clock: MovableClock
) -> None:
    path = f"/v1/hubs/{hub.slug}/calendar.ics"
    name = "Möwe; Wal, " + "šíán " * 20 + "\\ende"
    evening = await made.event(
        organiser, hub.hub_id, name=name, venue={"name": "Larkspur, Hall", "postcode": "NW3 3BY"}
    )
    draft = await made.event(organiser, hub.hub_id, publish=False)
    first = await client.get(path)
    calendar = read(first)
    assert (calendar["version"], calendar["name"], calendar["color"]) == ("2.0", "North London Learning Hub", "teal")
    assert calendar["refresh-interval"].params["VALUE"] == "DURATION"
    assert str(calendar["source"]).endswith(f"/v1/hubs/{hub.hub_id}/calendar.ics")
    [(uid, entry)] = entries(calendar).items()
    assert draft["id"] not in first.text
    assert (str(entry["summary"]), entry["sequence"], str(entry["status"])) == (name.strip(), 0, "CONFIRMED")
    assert (entry["dtstart"].params["TZID"], entry.start) == ("Europe/London", STARTS.astimezone(LONDON))
    assert str(entry["location"]) == "Larkspur, Hall, NW3 3BY"
    assert entry["last-modified"].dt == entry["dtstamp"].dt == clock.now
    clock.move(timedelta(minutes=10))
    assert (await client.get(path, headers={"If-None-Match": first.headers["etag"]})).status_code == 304
    await made.registration(organiser, evening)
    assert (await client.get(path)).content == first.content
    done(await organiser.patch(f"/v1/events/{evening['id']}", json={"name": "Another name"}))
    renamed = entries(read(await client.get(path)))[uid]
    assert (str(renamed["summary"]), renamed["sequence"], renamed["last-modified"].dt) == ("Another name", 1, clock.now)
    done(await organiser.post(f"/v1/events/{evening['id']}/cancel"))
    for _ in range(2):
        cancelled = entries(read(await client.get(path)))[uid]
        assert (str(cancelled["status"]), cancelled["sequence"]) == ("CANCELLED", 2)
    refused(await client.get("/v1/hubs/no-such-hub/calendar.ics"), "not-found")


async def test_clocks_change_when_they_do(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    summer = datetime(2027, 6, 3, 16, 0, tzinfo=UTC)
    times: Thing = {"starts_at": summer.isoformat(), "ends_at": (summer + timedelta(hours=1)).isoformat(), "rounds": []}
    await made.event(organiser, hub.hub_id, table_count=0, **times)
    calendar = read(await client.get(f"/v1/hubs/{hub.hub_id}/calendar.ics"))
    [entry] = calendar.events
    assert entry["dtstart"].to_ical() == b"20270603T170000"
    [zone] = calendar.timezones
    changes = {
        (each.name, each["dtstart"].to_ical().decode(), each["tzoffsetto"].to_ical())
        for each in zone.subcomponents
        if each["tzoffsetfrom"].td != each["tzoffsetto"].td
    }
    assert {
        ("DAYLIGHT", "20260329T010000", "+0100"),
        ("STANDARD", "20261025T020000", "+0000"),
        ("DAYLIGHT", "20270328T010000", "+0100"),
        ("STANDARD", "20271031T020000", "+0000"),
    } <= changes


async def test_a_persons_feed_is_their_evening_round_by_round(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, clock: MovableClock, settings: Settings
) -> None:
    evening = await made.event(organiser, hub.hub_id)
    host, person = [await made.teacher(organiser, hub.hub_id, given_name=name) for name in ("Hostina", "Ann")]
    await made.presentation(organiser, evening, host["id"], title="Oracy circles")
    registered = await made.registration(organiser, evening, person["id"])
    seat = f"/v1/registrations/{registered['id']}/itinerary/1"
    done(await organiser.put(seat, json={"table_number": 1}))
    mine = await sign_in(client, settings, person, now=clock.now)
    feed = await new_feed(client, hub, headers=mine, kind="person")
    answer = await client.get(path_of(feed))
    shown = entries(read(answer))
    assert sorted(str(each["summary"]) for each in shown.values()) == ["Table 1: Oracy circles", evening["name"]]
    assert "Hostina" not in answer.text
    assert answer.headers["cache-control"] == "private, no-cache"
    own = await client.get(f"/v1/registrations/{registered['id']}/itinerary.ics", headers=mine)
    assert entries(read(own)).keys() == shown.keys()
    clock.move(timedelta(minutes=1))
    done(await organiser.delete(seat))
    left = {str(each["status"]): each for each in read(await client.get(path_of(feed))).events}
    assert left.keys() == {"CONFIRMED", "CANCELLED"}
    assert (left["CANCELLED"]["sequence"], left["CONFIRMED"]["sequence"]) == (1, 0)
    done(await organiser.put(seat, json={"table_number": 1}))
    back = {str(each["summary"]): each for each in read(await client.get(path_of(feed))).events}
    assert (back["Table 1: Oracy circles"]["sequence"], str(back["Table 1: Oracy circles"]["status"])) == (
        2,
        "CONFIRMED",
    )
    done(await organiser.post(f"/v1/registrations/{registered['id']}/cancel"))
    assert {str(each["status"]) for each in read(await client.get(path_of(feed))).events} == {"CANCELLED"}
    hosts = await sign_in(client, settings, host, now=clock.now)
    presents = read(await client.get(path_of(await new_feed(client, hub, headers=hosts, kind="person"))))
    assert "You present at table 1: Oracy circles" in {str(each["summary"]) for each in presents.events}


async def test_a_schools_feed_counts_and_names_nobody(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, clock: MovableClock, settings: Settings
) -> None:
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=2)
    lead = await made.teacher(organiser, hub.hub_id, given_name="Leadwyn", roles=["school_lead"])
    colleagues = [await made.teacher(organiser, hub.hub_id, lead["school_id"], given_name="Colleen") for _ in range(2)]
    for who in (*[each["id"] for each in colleagues], None, lead["id"]):
        await made.registration(organiser, evening, who)
    leads = await sign_in(client, settings, lead, now=clock.now)
    answer = await client.get(path_of(await new_feed(client, hub, headers=leads, kind="school")))
    [entry] = read(answer).events
    assert str(entry["description"]) == "2 coming, 1 on the waitlist"
    assert not [name for name in ("Leadwyn", "Colleen", "Penhaligon") if name in answer.text]
    await made.event(organiser, hub.hub_id, publish=False)
    planned = read(await client.get(path_of(await new_feed(organiser, hub, kind="hub"))))
    assert sorted(str(each["status"]) for each in planned.events) == ["CONFIRMED", "TENTATIVE"]
    path = f"/v1/hubs/{hub.hub_id}/calendar-feeds"
    assert len(done(await organiser.get(path))["items"]) == 2
    [seen] = done(await client.get(path, headers=leads))["items"]
    assert (seen["kind"], "url" in seen) == ("school", False)
    teacher = await sign_in(client, settings, colleagues[0], now=clock.now)
    for headers, body, problem, place in (
        (teacher, {"kind": "school"}, "forbidden", None),
        (leads, {"kind": "hub"}, "forbidden", None),
        (teacher, {"kind": "person", "teacher_id": lead["id"]}, "invalid-request", "/teacher_id"),
        (leads, {"kind": "person", "teacher_id": colleagues[0]["id"]}, "invalid-request", "/teacher_id"),
        (leads, {"kind": "school", "school_id": hub.hub_id}, "invalid-request", "/school_id"),
        (hub.headers, {"kind": "person"}, "invalid-request", "/teacher_id"),
        (hub.headers, {"kind": "hub", "school_id": lead["school_id"]}, "invalid-request", "/school_id"),
    ):
        refused(await client.post(path, json=body, headers=headers), problem, *([place] if place else []))


async def test_a_revoked_feed_is_gone_and_its_address_in_no_log(
    client: httpx.AsyncClient,
    organiser: httpx.AsyncClient,
    hub: Organiser,
    clock: MovableClock,
    settings: Settings,
    capfd: pytest.CaptureFixture[str],
) -> None:
    evening, person = await made.event(organiser, hub.hub_id), await made.teacher(organiser, hub.hub_id)
    await made.registration(organiser, evening, person["id"])
    feed, other = [await new_feed(organiser, hub, kind="person", teacher_id=person["id"]) for _ in range(2)]
    secret = path_of(feed).rpartition("/")[2].removesuffix(".ics")
    assert secret.startswith(feed["prefix"])
    assert len(read(await client.get(path_of(feed))).events) == 1
    assert (await organiser.delete(f"/v1/calendar-feeds/{feed['id']}")).status_code == 204
    refused(await client.get(path_of(feed)), "not-found")
    refused(await client.get("/v1/calendars/cal_nobody.ics"), "not-found")
    refused(await organiser.delete(f"/v1/calendar-feeds/{feed['id']}"), "not-found")
    done(await organiser.patch(f"/v1/teachers/{person['id']}", json={"active": False}))
    refused(await client.get(path_of(other)), "not-found")
    held = done(await organiser.get(f"/v1/teachers/{person['id']}/personal-data"))
    assert [each["prefix"] for each in held["calendar_feeds"]] == [other["prefix"]]
    done(await organiser.post(f"/v1/teachers/{person['id']}/erasure"))
    assert done(await organiser.get(f"/v1/hubs/{hub.hub_id}/calendar-feeds"))["items"] == []
    logged = "".join(capfd.readouterr())
    assert "/v1/calendars/{token}.ics" in logged
    assert secret not in logged
