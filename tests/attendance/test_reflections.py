"""What went well, even better if: by those who were there, one for each subject, read by those whom it is for."""

import httpx
import pytest

from app.kernel.settings import Settings
from tests.support import made
from tests.support.callers import Organiser, sign_in
from tests.support.made import Thing, done
from tests.support.refusals import refused
from tests.support.services import MovableClock

pytestmark = pytest.mark.anyio
GOOD = {"what_went_well": "Three stems for tomorrow", "even_better_if": "A sheet to take home", "rating": 5}


async def an_evening(organiser: httpx.AsyncClient, hub: Organiser) -> tuple[Thing, Thing, Thing, Thing]:
    """An evening, a presentation, its presenter, and a guest who has come."""
    evening = await made.event(organiser, hub.hub_id)
    presenter, guest = [await made.teacher(organiser, hub.hub_id) for _ in range(2)]
    given = await made.presentation(organiser, evening, presenter["id"])
    registered = await made.registration(organiser, evening, guest["id"])
    done(await organiser.post(f"/v1/events/{evening['id']}/check-ins", json={"registration_id": registered["id"]}))
    return evening, given, presenter, guest


async def test_one_for_each_subject_changed_by_saying_it_again(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings, clock: MovableClock
) -> None:
    evening, given, presenter, guest = await an_evening(organiser, hub)
    path, mine = f"/v1/events/{evening['id']}/reflections", await sign_in(client, settings, guest, now=clock.now)
    about = {"presentation_id": given["id"]}
    first = done(await client.post(path, json={**GOOD, **about}, headers=mine), 201)
    second = done(await client.post(path, json={"rating": 4, **about}, headers=mine))
    assert (second["id"], second["rating"], second["what_went_well"]) == (first["id"], 4, "")
    whole = done(await client.post(path, json=GOOD, headers=mine), 201)
    assert whole["presentation_id"] is None
    assert done(await client.post(path, json=GOOD, headers=mine))["id"] == whole["id"]
    every = done(await organiser.get(path))["items"]
    assert [(each["id"], each["registration_id"] is None) for each in every] == [
        (first["id"], False),
        (whole["id"], False),
    ]
    theirs = done(await client.get(path, headers=await sign_in(client, settings, presenter, now=clock.now)))["items"]
    assert [(each["id"], each["registration_id"]) for each in theirs] == [(first["id"], None)]
    assert len(done(await client.get(path, headers=mine))["items"]) == 2
    [one] = done(await organiser.get(path, params=about))["items"]
    assert one["id"] == first["id"]
    bystander = await sign_in(client, settings, await made.teacher(organiser, hub.hub_id), now=clock.now)
    assert done(await client.get(path, headers=bystander))["items"] == []


async def test_only_those_who_were_there(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings, clock: MovableClock
) -> None:
    evening, given, presenter, _ = await an_evening(organiser, hub)
    path = f"/v1/events/{evening['id']}/reflections"
    absent = await made.teacher(organiser, hub.hub_id)
    registered = await made.registration(organiser, evening, absent["id"])
    theirs = await sign_in(client, settings, absent, now=clock.now)
    refused(await client.post(path, json=GOOD, headers=theirs), "reflection-not-open")
    for move in ("close", "complete"):
        done(await organiser.post(f"/v1/events/{evening['id']}/{move}"))
    done(await client.post(path, json=GOOD, headers=theirs), 201)
    typed_in = {**GOOD, "registration_id": registered["id"], "presentation_id": given["id"]}
    done(await organiser.post(path, json=typed_in), 201)
    bystander = await sign_in(client, settings, await made.teacher(organiser, hub.hub_id), now=clock.now)
    refused(await client.post(path, json=GOOD, headers=bystander), "invalid-request", "/registration_id")
    own = {**GOOD, "presentation_id": given["id"]}
    presents = await sign_in(client, settings, presenter, now=clock.now)
    refused(await client.post(path, json=own, headers=presents), "invalid-request", "/presentation_id")
    for body, place in (
        ({**GOOD, "presentation_id": evening["id"]}, "/presentation_id"),
        ({**GOOD, "rating": 6}, "/rating"),
        ({}, ""),
    ):
        refused(await client.post(path, json=body, headers=theirs), "invalid-request", place)
