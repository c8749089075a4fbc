"""Lists in pages, and parameters: only those that there are, each once."""

import httpx
import pytest

from tests.support import made
from tests.support.callers import Organiser
from tests.support.made import Thing, done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio


async def pages(client: httpx.AsyncClient, path: str) -> list[list[Thing]]:
    """Every page of a list, by following its links."""
    found: list[list[Thing]] = []
    following: str | None = path
    while following is not None:
        answer = await client.get(following)
        page = done(answer)
        found.append(page["items"])
        following = answer.links.get("next", {}).get("url")
        assert (following is None) == (page["next_cursor"] is None)
        assert page["next_cursor"] is None or page["next_cursor"] in str(following)
    return found


async def test_pages_follow_one_another(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=2, table_count=5)
    school = await made.school(organiser, hub.hub_id)
    for _ in range(5):
        teacher = await made.teacher(organiser, hub.hub_id, school["id"])
        await made.registration(organiser, evening, teacher["id"])
        await made.presentation(organiser, evening, teacher["id"], accept=False)
    for _ in range(4):
        await made.school(organiser, hub.hub_id, name="Namesake")
        await made.event(organiser, hub.hub_id, publish=False)
    for path in (
        f"/v1/hubs/{hub.hub_id}/schools",
        f"/v1/hubs/{hub.slug}/teachers",
        f"/v1/hubs/{hub.hub_id}/events",
        f"/v1/events/{evening['id']}/tables",
        f"/v1/events/{evening['id']}/presentations",
        f"/v1/events/{evening['id']}/registrations",
    ):
        (everything,) = await pages(organiser, path)
        assert len(everything) == 5
        by_two = await pages(organiser, f"{path}?limit=2")
        assert [len(page) for page in by_two] == [2, 2, 1]
        assert [each for page in by_two for each in page] == everything
        assert [len(page) for page in await pages(organiser, f"{path}?limit=5")] == [5]


async def test_links_keep_the_filters(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    school = await made.school(organiser, hub.hub_id)
    for given_name in ("Siân", "Siân", "Siân", "Ola"):
        await made.teacher(organiser, hub.hub_id, school["id"], given_name=given_name)
    path = f"/v1/hubs/{hub.hub_id}/teachers?limit=1&q=si%C3%A2n&school_id={school['id']}"
    assert [[each["given_name"] for each in page] for page in await pages(organiser, path)] == [["Siân"]] * 3


async def test_a_cursor_stays_valid_while_rows_come_and_go(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    schools = [await made.school(organiser, hub.hub_id, name=f"School {letter}") for letter in "BDFH"]
    path = f"/v1/hubs/{hub.hub_id}/schools"
    first = done(await organiser.get(f"{path}?limit=2"))
    assert [each["name"] for each in first["items"]] == ["School B", "School D"]
    await organiser.delete(f"/v1/schools/{schools[1]['id']}")
    for letter in "ACEI":
        await made.school(organiser, hub.hub_id, name=f"School {letter}")
    rest = done(await organiser.get(path, params={"cursor": first["next_cursor"]}))
    assert [each["name"] for each in rest["items"]] == ["School E", "School F", "School H", "School I"]


async def test_a_cursor_is_of_its_own_list_and_untouched(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    for _ in range(3):
        await made.teacher(organiser, hub.hub_id)
    teachers = f"/v1/hubs/{hub.hub_id}/teachers"
    cursor = done(await organiser.get(f"{teachers}?limit=1"))["next_cursor"]
    flipped = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for wrong in (flipped, cursor[1:], cursor + "AAAA", "", "é", "AAAA", "=", "....", cursor * 12):
        refused(await organiser.get(teachers, params={"cursor": wrong}), "invalid-request", "cursor")
    for path in (f"/v1/hubs/{hub.hub_id}/schools", f"{teachers}?q=s"):
        answer = await organiser.get(path, params={**httpx.URL(path).params, "cursor": cursor})
        refused(answer, "invalid-request", "cursor")
    assert done(await organiser.get(teachers, params={"cursor": cursor, "limit": "200"}))["next_cursor"] is None


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.5", "ten", "", "1e2", "9" * 5_000, "true"])
async def test_a_limit_is_a_number_from_1_to_200(organiser: httpx.AsyncClient, hub: Organiser, limit: str) -> None:
    answer = await organiser.get(f"/v1/hubs/{hub.hub_id}/schools", params={"limit": limit})
    refused(answer, "invalid-request", "limit")


async def test_only_known_parameters_each_once(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    path = f"/v1/hubs/{hub.hub_id}/teachers"
    refused(await organiser.get(f"{path}?page=2"), "invalid-request", "page")
    refused(await organiser.get(f"{path}?Limit=2"), "invalid-request", "Limit")
    refused(await organiser.get(f"{path}?limit=2&limit=2"), "invalid-request", "limit")
    refused(await organiser.get(f"{path}?q=a&q=b&sort=x&cursor"), "invalid-request", "q", "sort")
    refused(await organiser.get(f"/v1/hubs/{hub.hub_id}?limit=2"), "invalid-request", "limit")
    refused(await organiser.post(f"{path}?dry_run=true", json={}), "invalid-request", "dry_run")


async def test_filters_take_only_what_there_is(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    refused(await organiser.get(f"/v1/hubs/{hub.hub_id}/events?status=over"), "invalid-request", "status")
    refused(await organiser.get(f"/v1/hubs/{hub.hub_id}/events?kind=party"), "invalid-request", "kind")
    at = f"/v1/events/{evening['id']}"
    refused(await organiser.get(f"{at}/registrations?school_id=1"), "invalid-request", "school_id")
    refused(await organiser.get(f"{at}/registrations?q={'x' * 101}"), "invalid-request", "q")
    refused(await organiser.get(f"{at}/presentations?status="), "invalid-request", "status")
