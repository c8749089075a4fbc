"""Lists that people put in a spreadsheet come as CSV to who asks for it."""

import csv
import io

import httpx
import pytest

from tests.support import made
from tests.support.callers import Organiser
from tests.support.made import done

pytestmark = pytest.mark.anyio
SHEET = {"Accept": "text/csv"}


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    """The rows of a sheet, by column."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert "Accept" in answer.headers["vary"]
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def test_every_such_list_is_a_sheet_too(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    await made.presentation(organiser, evening)
    await made.registration(organiser, evening)
    event, here = f"/v1/events/{evening['id']}", f"/v1/hubs/{hub.hub_id}"
    for path in (f"{here}/schools", f"{here}/teachers", f"{event}/presentations", f"{event}/registrations"):
        items = done(await organiser.get(path))["items"]
        shown = rows(await organiser.get(path, headers=SHEET))
        assert items
        assert [each["id"] for each in shown] == [each["id"] for each in items], path
    attendance = rows(await organiser.get(f"{event}/attendance", headers=SHEET))
    expected = done(await organiser.get(f"{event}/attendance"))["items"]
    assert [each["registration_id"] for each in attendance] == [each["registration_id"] for each in expected]
    assert attendance[0]["teacher_given_name"] == expected[0]["teacher"]["given_name"]
    assert rows(await organiser.get(f"{event}/reflections", headers=SHEET)) == []


async def test_a_sheet_has_all_pages_and_harms_nobody(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    school = await made.school(organiser, hub.hub_id, name="=HYPERLINK(1)")
    for number in range(60):
        await made.teacher(organiser, hub.hub_id, school["id"], family_name=f"+{number}")
    path = f"/v1/hubs/{hub.hub_id}/teachers"
    assert done(await organiser.get(path))["next_cursor"]
    whole = await organiser.get(path, headers=SHEET, params={"school_id": school["id"]})
    assert len(rows(whole)) == 60
    assert {each["family_name"][:2] for each in rows(whole)} == {"'+"}
    part = await organiser.get(path, headers=SHEET, params={"limit": 7})
    assert len(rows(part)) == 7
    assert 'rel="next"' in part.headers["link"]
    (named,) = rows(await organiser.get(f"/v1/hubs/{hub.hub_id}/schools", headers=SHEET))
    assert named["name"] == "'=HYPERLINK(1)"
    again = await organiser.get(
        path, headers={**SHEET, "If-None-Match": (await organiser.get(path, headers=SHEET)).headers["etag"]}
    )
    assert again.status_code == 304
