"""The audit trail: who did what when, for those who run the hub, and never rewritten."""

import httpx
import pytest

from tests.support import made
from tests.support.callers import Headers, Organiser, make_key
from tests.support.made import done
from tests.support.refusals import refused
from tests.support.shared import new_hub

pytestmark = pytest.mark.anyio


async def test_it_tells_who_changed_what(organiser: httpx.AsyncClient, hub: Organiser, operator: Headers) -> None:
    me = done(await organiser.get("/v1/me"))
    teacher = await made.teacher(organiser, hub.hub_id)
    at = f"/v1/teachers/{teacher['id']}"
    done(await organiser.patch(at, json={"job_title": "Head", "given_name": "Sian"}))
    done(await organiser.patch(at, json={"job_title": "Deputy"}, headers=operator))
    items = done(await organiser.get(f"/v1/hubs/{hub.hub_id}/audit?about={teacher['id']}"))["items"]
    assert [each["what"] for each in items] == ["teacher.updated", "teacher.updated", "teacher.created"]
    assert items[0]["actor"]["kind"] == "operator"
    assert (items[1]["actor"]["kind"], items[1]["actor"]["name"]) == ("key", me["name"])
    assert items[1]["subject"]["changed"] == "given_name,job_title"
    assert "Deputy" not in str(items)
    by_key = f"/v1/hubs/{hub.hub_id}/audit?what=teacher.&actor_id={items[1]['actor']['id']}&since=2020-01-01T00:00:00Z"
    assert [each["id"] for each in done(await organiser.get(by_key))["items"]] == [each["id"] for each in items[1:]]
    assert done(await organiser.get(f"{by_key}&until=2020-01-02T00:00:00Z"))["items"] == []


async def test_it_pages_back_in_time(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    await made.registration(organiser, await made.event(organiser, hub.hub_id))
    path = f"/v1/hubs/{hub.hub_id}/audit"
    whole = [each["id"] for each in done(await organiser.get(path))["items"]]
    assert len(whole) > 3
    assert whole == sorted(whole, key=int, reverse=True)
    paged, following = [], f"{path}?limit=2"
    while following:
        page = done(await organiser.get(following))
        paged += [each["id"] for each in page["items"]]
        following = f"{path}?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert paged == whole


async def test_it_is_for_those_who_run_the_hub(
    client: httpx.AsyncClient, operator: Headers, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    path = f"/v1/hubs/{hub.hub_id}/audit"
    school = await made.school(organiser, hub.hub_id)
    bound = await make_key(organiser, hub.headers, hub.hub_id, scopes=["keys:manage"], school_id=school["id"])
    reading = await make_key(organiser, hub.headers, hub.hub_id, scopes=["people:read"])
    for headers in (bound, reading):
        refused(await client.get(path, headers=headers), "forbidden")
    refused(await client.get(path), "unauthenticated")
    stranger = await new_hub(client, operator)
    refused(await client.get(path, headers=stranger.headers), "not-found")
