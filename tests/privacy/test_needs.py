"""Diet and access needs: sealed, read by few, each reading noted, counted for the kitchen, gone after a month."""

from uuid import UUID

import httpx
import pytest
from sqlalchemy import create_engine, text, update

from app.kernel.database import writing_engine
from app.kernel.settings import Settings
from app.registrations.models import Needs
from tests.support import made
from tests.support.callers import Headers, Organiser, make_key
from tests.support.made import Thing, done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio
DIET, ACCESS = "vegan, no celery", "step-free please"


async def registered(organiser: httpx.AsyncClient, hub: Organiser) -> tuple[Thing, Thing]:
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=10)
    told = {"dietary_requirements": DIET, "access_requirements": ACCESS}
    return evening, await made.registration(organiser, evening, **told)


async def reader(organiser: httpx.AsyncClient, hub: Organiser, *more: str) -> Headers:
    return await make_key(organiser, hub.headers, hub.hub_id, scopes=["registrations:read", "events:read", *more])


async def test_they_are_sealed_at_rest(organiser: httpx.AsyncClient, hub: Organiser, settings: Settings) -> None:
    _, registration = await registered(organiser, hub)
    headers = {"Idempotency-Key": "needs-once"}
    evening = await made.event(organiser, hub.hub_id)
    body = {"teacher_id": registration["teacher_id"], "dietary_requirements": DIET}
    path = f"/v1/events/{evening['id']}/registrations"
    first = await organiser.post(path, json=body, headers=headers)
    assert (await organiser.post(path, json=body, headers=headers)).content == first.content
    engine = create_engine(settings.database)
    with engine.connect() as connection:
        for table in ("registration_needs", "idempotency_keys", "outbox"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
            assert rows
            raw = b"".join(bytes(value) for row in rows for value in row if isinstance(value, bytes | memoryview))
            assert b"celery" not in raw
            assert "celery" not in repr(rows)
    engine.dispose()
    assert done(await organiser.get(f"/v1/registrations/{registration['id']}"))["dietary_requirements"] == DIET


async def test_it_takes_the_scope_to_read_them(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening, registration = await registered(organiser, hub)
    plain, trusted = await reader(organiser, hub), await reader(organiser, hub, "needs:read")
    for headers, told in ((plain, (None, None)), (trusted, (DIET, ACCESS))):
        one = done(await organiser.get(f"/v1/registrations/{registration['id']}", headers=headers))
        listed = done(await organiser.get(f"/v1/events/{evening['id']}/registrations", headers=headers))["items"]
        for each in (one, *listed):
            assert (each["dietary_requirements"], each["access_requirements"]) == told


async def test_each_reading_is_noted(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening, registration = await registered(organiser, hub)
    trail = f"/v1/hubs/{hub.hub_id}/audit?what=needs.read"
    before = len(done(await organiser.get(trail))["items"])
    plain, trusted = await reader(organiser, hub), await reader(organiser, hub, "needs:read")
    await organiser.get(f"/v1/registrations/{registration['id']}", headers=plain)
    assert len(done(await organiser.get(trail))["items"]) == before
    await organiser.get(f"/v1/registrations/{registration['id']}", headers=trusted)
    await organiser.get(f"/v1/events/{evening['id']}/registrations", headers=trusted)
    items = done(await organiser.get(trail))["items"]
    assert len(items) == before + 2
    key = done(await organiser.get("/v1/me", headers=trusted))
    for each in items[:2]:
        assert each["subject"]["registration_id"] == registration["id"]
        assert (each["actor"]["kind"], each["actor"]["name"]) == ("key", key["name"])


async def test_the_kitchen_gets_counts(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening, _ = await registered(organiser, hub)
    for diet in ("Vegetarian", "coeliac and no nuts", "only blue food"):
        await made.registration(organiser, evening, dietary_requirements=diet)
    cancelled = await made.registration(organiser, evening, dietary_requirements="kosher")
    done(await organiser.post(f"/v1/registrations/{cancelled['id']}/cancel"))
    plain = await reader(organiser, hub)
    told = done(await organiser.get(f"/v1/events/{evening['id']}/catering", headers=plain))
    assert (told["coming"], told["with_dietary_requirements"], told["with_access_requirements"]) == (4, 4, 1)
    assert {each["kind"]: each["count"] for each in told["dietary"]} == {
        "vegan": 1,
        "vegetarian": 1,
        "gluten-free": 1,
        "nut allergy": 1,
        "other": 1,
    }
    assert told["access"] == [{"kind": "step-free", "count": 1}]
    assert "celery" not in str(told)
    school_id = (await made.school(organiser, hub.hub_id))["id"]
    lead = await make_key(organiser, hub.headers, hub.hub_id, scopes=["events:read"], school_id=school_id)
    refused(await organiser.get(f"/v1/events/{evening['id']}/catering", headers=lead), "forbidden")


async def test_the_kitchen_gets_what_can_still_be_opened(
    organiser: httpx.AsyncClient, hub: Organiser, settings: Settings
) -> None:
    evening, registration = await registered(organiser, hub)
    await made.registration(organiser, evening, dietary_requirements="Vegetarian")
    engine = writing_engine(settings)
    with engine.begin() as connection:
        lost = UUID(registration["id"])
        connection.execute(update(Needs).where(Needs.registration_id == lost).values(sealed=b"by a key that is gone"))
    engine.dispose()
    told = done(await organiser.get(f"/v1/events/{evening['id']}/catering"))
    assert (told["coming"], told["with_dietary_requirements"]) == (2, 1)
