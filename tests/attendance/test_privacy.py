"""What attendance holds about people is told to them and erased for them; that somebody came stays."""

import httpx
import pytest

from tests.support import made
from tests.support.callers import Organiser
from tests.support.made import done

pytestmark = pytest.mark.anyio


async def test_who_came_is_told_and_erased(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    old, new = [await made.school(organiser, hub.hub_id) for _ in range(2)]
    person = await made.teacher(organiser, hub.hub_id, old["id"], given_name="Quillon", family_name="Brackenrigg")
    given = await made.presentation(organiser, evening, person["id"])
    other = await made.registration(organiser, evening)
    [presenter] = done(await organiser.get(f"/v1/events/{evening['id']}/attendance", params={"role": "presenter"}))[
        "items"
    ]
    for registration_id in (other["id"], presenter["registration_id"]):
        body = {"registration_id": registration_id}
        done(await organiser.post(f"/v1/events/{evening['id']}/check-ins", json=body))
    path = f"/v1/events/{evening['id']}/reflections"
    said = {"what_went_well": "Quillon Brackenrigg listened", "registration_id": other["id"]}
    done(await organiser.post(path, json={**said, "presentation_id": given["id"]}), 201)
    signed = {"even_better_if": "A lift. Quillon Brackenrigg", "registration_id": presenter["registration_id"]}
    done(await organiser.post(path, json=signed), 201)
    done(await organiser.patch(f"/v1/teachers/{person['id']}", json={"school_id": new["id"]}))
    held = done(await organiser.get(f"/v1/teachers/{person['id']}/personal-data"))
    assert [each["school_id"] for each in held["former_schools"]] == [old["id"]]
    assert [each["even_better_if"] for each in held["reflections"]] == [signed["even_better_if"]]
    assert held["registrations"][0]["registration"]["checked_in_at"]
    done(await organiser.post(f"/v1/teachers/{person['id']}/erasure"))
    written = (await organiser.get(path)).text
    assert "Brackenrigg" not in written
    assert written.count("(erased)") == 2
    listed = done(await organiser.get(f"/v1/events/{evening['id']}/attendance"))
    assert listed["figures"]["checked_in"] == 2
