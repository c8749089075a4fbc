"""Hubs: made by operators, kept apart from one another."""

from collections.abc import Callable

import httpx
import pytest

from tests.support.callers import Headers, Organiser
from tests.support.made import done
from tests.support.refusals import refused
from tests.support.shared import new_hub

pytestmark = pytest.mark.anyio


async def test_only_operators_make_hubs(
    client: httpx.AsyncClient, organiser: httpx.AsyncClient, operator: Headers, hub: Organiser
) -> None:
    body = {"name": "South Downs Hub", "slug": f"south-downs-{hub.slug}"}
    refused(await client.post("/v1/hubs", json=body), "unauthenticated")
    refused(await organiser.post("/v1/hubs", json=body), "forbidden")
    made = done(await client.post("/v1/hubs", json=body, headers=operator), 201)
    assert (made["name"], made["slug"]) == ("South Downs Hub", f"south-downs-{hub.slug}")


async def test_a_slug_stands_for_the_id(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    by_id, by_slug = [await organiser.get(f"/v1/hubs/{name}") for name in (hub.hub_id, hub.slug)]
    assert by_id.status_code == 200
    assert by_id.content == by_slug.content
    assert done(await organiser.get(f"/v1/hubs/{hub.slug}/schools"))["items"] == []


async def test_a_slug_is_one_hubs(client: httpx.AsyncClient, operator: Headers, hub: Organiser) -> None:
    again = {"name": "Another", "slug": hub.slug}
    refused(await client.post("/v1/hubs", json=again, headers=operator), "slug-taken")
    other = await new_hub(client, operator)
    answer = await client.patch(f"/v1/hubs/{other.hub_id}", json={"slug": hub.slug}, headers=other.headers)
    refused(answer, "slug-taken")


@pytest.mark.parametrize("form", [lambda hub_id: hub_id, lambda hub_id: hub_id.replace("-", "")])
async def test_no_hub_can_pass_for_another_by_a_slug_that_is_its_id(
    client: httpx.AsyncClient,
    operator: Headers,
    hub: Organiser,
    form: Callable[[str], str],
) -> None:
    other = await new_hub(client, operator)
    answer = await client.patch(f"/v1/hubs/{other.hub_id}", json={"slug": form(hub.hub_id)}, headers=other.headers)
    refused(answer, "invalid-request", "/slug")


async def test_a_hub_changes_its_name_and_slug(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    changed = done(
        await organiser.patch(f"/v1/hubs/{hub.hub_id}", json={"name": "New name", "slug": f"new-{hub.slug}"})
    )
    assert (changed["name"], changed["slug"]) == ("New name", f"new-{hub.slug}")
    refused(await organiser.get(f"/v1/hubs/{hub.slug}"), "not-found")
    refused(await organiser.patch(f"/v1/hubs/new-{hub.slug}", json={"name": None}), "invalid-request", "/name")
    assert done(await organiser.get(f"/v1/hubs/new-{hub.slug}"))["name"] == "New name"


async def test_one_lists_the_hubs_that_one_reaches(
    client: httpx.AsyncClient, operator: Headers, hub: Organiser
) -> None:
    other = await new_hub(client, operator)
    for headers, slugs in ((hub.headers, [hub.slug]), (other.headers, [other.slug])):
        listed = done(await client.get("/v1/hubs", headers=headers))
        assert [each["slug"] for each in listed["items"]] == slugs
    everything = done(await client.get("/v1/hubs?limit=200", headers=operator))
    assert {each["slug"] for each in everything["items"]} >= {hub.slug, other.slug}
