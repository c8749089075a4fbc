"""A credential counts in the `Authorization` header and nowhere else."""

import httpx
import pytest

from tests.support.callers import Headers, Organiser
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", ["access_token", "token", "api_key", "authorization"])
async def test_a_token_in_the_query_string_is_no_credential(
    client: httpx.AsyncClient, hub: Organiser, operator: Headers, name: str
) -> None:
    for headers in (hub.headers, operator):
        secret = headers["Authorization"].split()[1]
        for path in ("/v1/me", f"/v1/hubs/{hub.hub_id}/teachers"):
            answer = await client.get(path, params={name: secret})
            refused(answer, "unauthenticated")
            assert answer.headers["www-authenticate"] == "Bearer"
            assert secret not in answer.text


async def test_a_cookie_is_no_credential_and_none_is_set(client: httpx.AsyncClient, hub: Organiser) -> None:
    secret = hub.headers["Authorization"].split()[1]
    for cookie in (f"session={secret}", f"Authorization=Bearer {secret}"):
        refused(await client.get("/v1/me", headers={"Cookie": cookie}), "unauthenticated")
    for path in ("/v1/me", "/docs", "/sign-in", "/health/live"):
        answer = await client.get(path, headers=hub.headers)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
