"""The public pages follow people and schools too, which change without their events knowing."""

import httpx
import pytest

from tests.support import made
from tests.support.callers import Organiser

pytestmark = pytest.mark.anyio


async def test_the_programme_follows_a_presenter_and_the_school(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event = await made.event(organiser, hub.hub_id)
    presenter = await made.teacher(organiser, hub.hub_id)
    await made.presentation(organiser, event, presenter["id"])

    async def shown() -> tuple[str, str]:
        programme = made.done(await organiser.get(f"/v1/events/{event['id']}/programme"))
        (entry,) = programme["presentations"]
        return entry["presenters"][0]["family_name"], entry["presenters"][0]["school_name"]

    before = await shown()
    made.done(await organiser.patch(f"/v1/teachers/{presenter['id']}", json={"family_name": "Newly-Wed"}))
    assert await shown() == ("Newly-Wed", before[1])
    made.done(await organiser.patch(f"/v1/schools/{presenter['school_id']}", json={"name": "A School Renamed"}))
    assert await shown() == ("Newly-Wed", "A School Renamed")
