"""Who attended what: hours that add up, corrections, the school at the time, whom it is told to, and sheets."""

import csv
import io
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.orm import Session

from app.kernel.database import writing_engine
from app.kernel.ids import new_id
from app.kernel.settings import Settings
from app.mis.syncing.models import Source, StaffLink
from tests.support import made
from tests.support.callers import Organiser, make_key, sign_in
from tests.support.made import ENDS, STARTS, Thing, done
from tests.support.refusals import refused
from tests.support.services import MovableClock

pytestmark = pytest.mark.anyio
SHEET = {"Accept": "text/csv"}


async def records(caller: httpx.AsyncClient, hub: Organiser, **query: Any) -> list[Thing]:
    """All records, walked one by one."""
    found: list[Thing] = []
    cursor = None
    while True:
        more: Thing = {"cursor": cursor} if cursor else {}
        page = done(await caller.get(f"/v1/hubs/{hub.hub_id}/cpd-records", params={"limit": 1, **query, **more}))
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


class Held:
    """A completed evening: Ann came and sat in two rounds, Ben did not come, Cas cancelled, Dee presented."""

    def __init__(self) -> None:
        self.people: dict[str, Thing] = {}
        self.registrations: dict[str, str] = {}
        self.evening: Thing = {}


async def hold(organiser: httpx.AsyncClient, hub: Organiser, clock: MovableClock) -> Held:
    held = Held()
    venue = {"name": "Larkspur Primary School", "postcode": "NW3 3BY"}
    held.evening = await made.event(organiser, hub.hub_id, venue=venue, attendee_capacity=4)
    path = f"/v1/events/{held.evening['id']}"
    for name in ("Ann", "Ben", "Cas", "Dee"):
        held.people[name] = await made.teacher(organiser, hub.hub_id, given_name=name)
    await made.presentation(organiser, held.evening, held.people["Dee"]["id"], title="=Oracy circles")
    await made.presentation(organiser, held.evening, title="Phonics")
    for name in ("Ann", "Ben", "Cas"):
        registered = await made.registration(organiser, held.evening, held.people[name]["id"])
        held.registrations[name] = registered["id"]
        for round_, table in ((1, 1), (2, 2)):
            seat = f"/v1/registrations/{registered['id']}/itinerary/{round_}"
            done(await organiser.put(seat, json={"table_number": table})) if name != "Cas" else None
    done(await organiser.post(f"/v1/registrations/{held.registrations['Cas']}/cancel"))
    for each in done(await organiser.get(f"{path}/attendance"))["items"]:
        if each["teacher"]["given_name"] in ("Ann", "Dee"):
            done(await organiser.post(f"{path}/check-ins", json={"registration_id": each["registration_id"]}))
    assert await records(organiser, hub) == [], "an evening that is not over is nobody's record"
    clock.now = ENDS + timedelta(hours=1)
    for move in ("close", "complete"):
        done(await organiser.post(f"{path}/{move}"))
    return held


async def test_hours_add_up_and_everybody_has_a_record(
    organiser: httpx.AsyncClient, hub: Organiser, clock: MovableClock
) -> None:
    held = await hold(organiser, hub, clock)
    found = await records(organiser, hub)
    assert len({each["record_id"] for each in found}) == len(found)
    ann, ben, cas, dee = [
        [each for each in found if each["preferred_name"].startswith(name)] for name in ("Ann", "Ben", "Cas", "Dee")
    ]
    assert [(each["session_title"], each["hours"], each["status"], each["role"]) for each in ann] == [
        (None, 1.5, "attended", "attendee"),
        ("=Oracy circles", 0.25, "attended", "attendee"),
        ("Phonics", 0.25, "attended", "attendee"),
    ]
    assert (ann[0]["record_id"], ann[0]["location"]) == (
        held.registrations["Ann"],
        "Larkspur Primary School, NW3 3BY",
    )
    assert ann[1]["presenter"].startswith("Dee")
    assert (ann[0]["start"], ann[0]["end"]) == (STARTS.isoformat(), ENDS.isoformat())
    assert [(each["hours"], each["status"]) for each in ben] == [(0.0, "absent")] * 3
    assert [(each["hours"], each["status"]) for each in cas] == [(0.0, "cancelled")]
    assert Counter(each["role"] for each in dee) == {"presenter": 4}
    assert sum(each["hours"] for each in dee) == 2.0
    idle = next(each for each in found if each["role"] == "presenter" and not each["preferred_name"].startswith("Dee"))
    assert idle["status"] == "absent"


async def test_a_correction_keeps_the_id_and_raises_the_revision(
    organiser: httpx.AsyncClient, hub: Organiser, clock: MovableClock
) -> None:
    held = await hold(organiser, hub, clock)
    before = {each["record_id"]: each for each in await records(organiser, hub)}
    clock.move(timedelta(minutes=30))
    since = clock.now.isoformat()
    assert await records(organiser, hub, updated_since=since) == []
    path = f"/v1/events/{held.evening['id']}/check-ins"
    done(await organiser.post(path, json={"registration_id": held.registrations["Ben"]}))
    corrected = await records(organiser, hub, updated_since=since)
    assert [each["status"] for each in corrected] == ["attended"] * 3
    assert sum(each["hours"] for each in corrected) == 2.0
    assert all(each["revision"] > before[each["record_id"]]["revision"] for each in corrected)
    clock.move(timedelta(minutes=1))
    later = clock.now.isoformat()
    done(await organiser.patch(f"/v1/teachers/{held.people['Dee']['id']}", json={"family_name": "Married"}))
    heard = [each for each in await records(organiser, hub, updated_since=later) if each["role"] == "attendee"]
    assert [each["presenter"] for each in heard] == ["Dee Married"] * 2
    untouched = {each["record_id"] for each in await records(organiser, hub) if each["updated_at"] < since}
    assert untouched
    assert untouched.isdisjoint(each["record_id"] for each in corrected)


async def test_the_school_is_the_one_at_the_time(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, clock: MovableClock, settings: Settings
) -> None:
    held = await hold(organiser, hub, clock)
    ann = held.people["Ann"]
    old = done(await organiser.get(f"/v1/schools/{ann['school_id']}"))
    keys = {}
    new = await made.school(organiser, hub.hub_id)
    for school in (old, new):
        keys[school["id"]] = await make_key(
            organiser, hub.headers, hub.hub_id, scopes=["cpd:read"], school_id=school["id"]
        )
    clock.move(timedelta(days=1))
    done(await organiser.patch(f"/v1/teachers/{ann['id']}", json={"school_id": new["id"]}))
    path = f"/v1/hubs/{hub.hub_id}/cpd-records"
    theirs = done(await client.get(path, headers=keys[old["id"]]))["items"]
    assert [(each["school_urn"], each["work_email"]) for each in theirs] == [(old["urn"], None)] * 3
    assert done(await client.get(path, headers=keys[new["id"]]))["items"] == []
    assert len(await records(organiser, hub, school_urn=old["urn"])) == 3
    assert await records(organiser, hub, school_urn=new["urn"]) == []
    own = done(await client.get(path, headers=await sign_in(client, settings, ann, now=clock.now)))["items"]
    assert {each["work_email"] for each in own} == {ann["email"]}
    done(await organiser.post(f"/v1/teachers/{ann['id']}/erasure"))
    erased = [each for each in await records(organiser, hub, school_urn=old["urn"]) if each["role"] == "attendee"]
    assert {(each["preferred_name"], each["work_email"]) for each in erased} == {("(erased)", None)}


async def test_sheets(organiser: httpx.AsyncClient, hub: Organiser, clock: MovableClock) -> None:
    held = await hold(organiser, hub, clock)
    path = f"/v1/hubs/{hub.hub_id}/cpd-records"
    answer = await organiser.get(path, headers=SHEET, params={"bom": "true"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["vary"] == "Accept"
    assert answer.content.startswith("\ufeff".encode())
    lines = answer.content.decode("utf-8-sig").split("\r\n")
    assert "\n" not in "".join(lines)
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    listed = await records(organiser, hub)
    assert [row["record_id"] for row in rows] == [each["record_id"] for each in listed]
    assert list(rows[0]) == list(listed[0])
    assert {row["session_title"] for row in rows} == {"", "'=Oracy circles", "Phonics"}
    assert {row["hours"] for row in rows if row["status"] == "absent"} == {"0.00"}
    again = await organiser.get(
        path, headers={**SHEET, "If-None-Match": answer.headers["etag"]}, params={"bom": "true"}
    )
    assert again.status_code == 304
    own = {"columns": "+Who:preferred_name,hours", "limit": "1"}
    short = await organiser.get(path, headers=SHEET, params=own)
    assert short.text.splitlines()[0] == "'+Who,hours"
    assert (len(short.text.splitlines()), 'rel="next"' in short.headers["link"]) == (2, True)
    arbor = await organiser.get(path, headers=SHEET, params={"form": "arbor", "columns": "trainedPerson,hours"})
    assert arbor.text.splitlines()[0] == "trainedPerson,hours"
    assert f"{held.people['Ann']['email']},1.50" in arbor.text.splitlines()
    refused(await organiser.get(path, headers=SHEET, params={"columns": "salary"}), "invalid-request", "columns")
    refused(await organiser.get(path, params={"columns": "hours"}), "invalid-request", "columns")
    [course] = done(await organiser.get(path, params={"form": "arbor", "limit": 1}))["items"]
    assert (course["organizer"], course["trainingCourseTitle"]) == ("North London Learning Hub", held.evening["name"])


async def test_a_record_names_the_person_as_the_mis_does(
    organiser: httpx.AsyncClient, hub: Organiser, clock: MovableClock, settings: Settings
) -> None:
    held = await hold(organiser, hub, clock)
    clock.move(timedelta(minutes=5))
    ann, now = held.people["Ann"], clock.now
    engine = writing_engine(settings)
    with Session(engine) as session, session.begin():
        source_id, hub_id = new_id(), UUID(hub.hub_id)
        common = {"hub_id": hub_id, "kind": "wonde", "revision": 1, "created_at": now, "updated_at": now}
        session.add(Source(id=source_id, name="Larkspur", **common))
        session.flush()
        session.add(
            StaffLink(
                source_id=source_id,
                record_id="A1329183376",
                hub_id=hub_id,
                teacher_id=UUID(ann["id"]),
                given_name="Ann",
                family_name="Penhaligon",
                second_ids=["4711"],
                active=True,
                linked_at=now,
                changed_at=now,
            )
        )
    engine.dispose()
    found = await records(organiser, hub, updated_since=now.isoformat())
    assert {(each["staff_source"], each["staff_source_id"], each["staff_number"]) for each in found} == {
        ("wonde:Larkspur", "A1329183376", "4711")
    }
    assert len(found) == 3


async def test_where_nobody_was_checked_in_nothing_is_known(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    await made.registration(organiser, evening)
    for move in ("close", "complete"):
        done(await organiser.post(f"/v1/events/{evening['id']}/{move}"))
    assert await records(organiser, hub, event_id=evening["id"]) == []
