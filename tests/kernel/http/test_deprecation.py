"""Operations on their way out say so with every answer, refusals included, and in the document."""

from collections.abc import Iterator
from datetime import date

import httpx
import pytest
from fastapi import FastAPI, Response

from app.kernel.deprecation import Deprecation
from app.kernel.openapi import answers
from app.kernel.routing import router
from app.people.schemas import HubOut
from tests.support.callers import Organiser

pytestmark = pytest.mark.anyio
LEAVING = Deprecation(date(2027, 1, 1), date(2027, 8, 1), "Use `GET /v1/hubs/{hub_id}` in its place.")
old = router("Hubs, schools, teachers")


@old.get("/v1/old/{hub_id}", **answers(HubOut, deprecation=LEAVING))
async def get_old_hub(hub_id: str) -> Response:
    """A hub, as it used to be told."""
    return Response(b"{}", media_type="application/json")


@pytest.fixture
def leaving(app: FastAPI) -> Iterator[FastAPI]:
    """The service with an operation that is on its way out."""
    before = list(app.router.routes)
    app.router.routes.extend(old.routes)
    app.openapi_schema = None
    yield app
    app.router.routes[:] = before
    app.openapi_schema = None


async def test_each_answer_says_since_when_and_until_when(leaving: FastAPI, client: httpx.AsyncClient) -> None:
    for address in ("/v1/old/demo", "/v1/old/demo?colour=blue"):
        answer = await client.get(address)
        assert answer.headers["deprecation"] == "@1798761600"
        assert answer.headers["sunset"] == "Sun, 01 Aug 2027 00:00:00 GMT"
    assert answer.status_code == 422


async def test_other_answers_say_nothing(leaving: FastAPI, client: httpx.AsyncClient, hub: Organiser) -> None:
    answer = await client.get(f"/v1/hubs/{hub.slug}", headers=hub.headers)
    assert answer.status_code == 200
    assert "deprecation" not in answer.headers
    assert "sunset" not in answer.headers


async def test_the_document_says_it_too(leaving: FastAPI) -> None:
    told = leaving.openapi()["paths"]["/v1/old/{hub_id}"]["get"]
    assert told["deprecated"] is True
    assert told["x-deprecation"]["sunset"] == "2027-08-01"
    assert "gone on 2027-08-01. Use `GET /v1/hubs/{hub_id}` in its place." in told["description"]
    assert {"Deprecation", "Sunset"} <= told["responses"]["200"]["headers"].keys()
