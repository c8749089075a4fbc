"""Next year's draft from this year's evening: everything moves by the same local time."""

import httpx
import pytest

from tests.support import made
from tests.support.callers import Organiser
from tests.support.made import done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio


async def test_all_of_it_moves_and_nobody_comes_along(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(
        organiser,
        hub.hub_id,
        venue={"name": "Hall"},
        registration_opens_at="2026-10-01T08:00:00+01:00",
        registration_closes_at="2026-12-01T12:00:00+00:00",
        waitlist_enabled=False,
    )
    at = f"/v1/events/{evening['id']}"
    await made.presentation(organiser, evening)
    done(
        await organiser.patch(
            f"{at}/tables/3", json={"seats": 5, "zone": "Stage", "x": 1.5, "y": 2, "closed_rounds": [2]}
        )
    )
    copy = done(
        await organiser.post(f"{at}/copy", json={"starts_at": "2027-12-02T16:30:00+00:00", "name": "2027"}), 201
    )
    kept = (
        "hub_id",
        "kind",
        "venue",
        "timezone",
        "attendee_capacity",
        "table_count",
        "seats_per_table",
        "waitlist_enabled",
    )
    assert {name: copy[name] for name in kept} == {name: evening[name] for name in kept}
    assert (copy["name"], copy["status"], copy["ends_at"]) == ("2027", "draft", "2027-12-02T18:30:00+00:00")
    assert copy["rounds"][0]["starts_at"] == "2027-12-02T17:00:00+00:00"
    assert copy["registration_opens_at"] == "2027-09-30T07:00:00+00:00"
    assert copy["registration_closes_at"] == "2027-11-30T12:00:00+00:00"
    table = done(await organiser.get(f"/v1/events/{copy['id']}/tables/3"))
    assert {name: table[name] for name in ("seats", "zone", "x", "y", "closed_rounds", "presentation")} == {
        "seats": 5,
        "zone": "Stage",
        "x": 1.5,
        "y": 2.0,
        "closed_rounds": [2],
        "presentation": None,
    }
    assert [each["seats"] for each in table["rounds"]] == [5, 0, 5]
    assert done(await organiser.get(f"/v1/events/{copy['id']}/presentations"))["items"] == []


async def test_half_past_four_stays_half_past_four_in_summer(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id, registration_opens_at="2026-07-01T08:00:00+00:00")
    body = {"starts_at": "2027-06-03T16:30:00+01:00"}
    copy = done(await organiser.post(f"/v1/events/{evening['id']}/copy", json=body), 201)
    assert copy["name"] == evening["name"]
    assert (copy["starts_at"], copy["ends_at"]) == ("2027-06-03T15:30:00+00:00", "2027-06-03T17:30:00+00:00")
    assert copy["rounds"][2]["ends_at"] == "2027-06-03T16:45:00+00:00"
    assert copy["registration_opens_at"] == "2026-12-30T09:00:00+00:00"  # nine in London, summer or winter


async def test_a_local_time_that_does_not_exist(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    opens = "2026-12-03T01:30:00Z"
    evening = await made.event(organiser, hub.hub_id, table_count=0, rounds=[], registration_opens_at=opens)
    path = f"/v1/events/{evening['id']}/copy"
    answer = await organiser.post(path, json={"starts_at": "2027-03-28T16:30:00+01:00"})
    assert "28 March 2027, 01:30" in refused(answer, "invalid-request", "/starts_at")["errors"][0]["detail"]
    done(await organiser.post(path, json={"starts_at": "2027-03-29T16:30:00+01:00"}), 201)


@pytest.mark.parametrize("starts_at", ["1970-01-01T00:00:00Z", "2200-12-31T23:30:00Z"])
async def test_it_cannot_be_moved_out_of_time(organiser: httpx.AsyncClient, hub: Organiser, starts_at: str) -> None:
    evening = await made.event(organiser, hub.hub_id, registration_opens_at="2026-10-01T08:00:00+01:00")
    answer = await organiser.post(f"/v1/events/{evening['id']}/copy", json={"starts_at": starts_at})
    refused(answer, "invalid-request", "/starts_at")
