"""What has served is deleted in time, and a dry run tells what would be."""

from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app.kernel.settings import Settings
from app.privacy.retention import delete_what_is_due, due
from tests.support import made
from tests.support.callers import make_operator, make_organiser
from tests.support.made import ENDS, done
from tests.support.services import MovableClock, serving

pytestmark = pytest.mark.anyio
NEEDS = "diet and access needs of evenings that are over"
ANSWERS = "kept answers of more than a day"


async def test_needs_go_a_month_after_the_evening(settings: Settings) -> None:
    clock = MovableClock()
    async with serving(settings, clock=clock) as client:
        hub = await make_organiser(client, make_operator(settings), slug="retaining")
        client.headers.update(hub.headers)
        evening = await made.event(client, hub.hub_id)
        told = {"dietary_requirements": "vegan"}
        registration = await made.registration(client, evening, **told)
        later = await made.event(
            client,
            hub.hub_id,
            starts_at="2027-12-02T16:30:00+00:00",
            ends_at="2027-12-02T18:30:00+00:00",
            table_count=0,
            rounds=[],
        )
        kept = await made.registration(client, later, **told)
        engine = create_engine(settings.database)
        for days, expected in ((29, 0), (31, 1)):
            clock.now = ENDS + timedelta(days=days)
            with Session(engine) as session:
                assert due(session, now=clock.now, needs_kept_days=30)[NEEDS] == expected
            with Session(engine) as session, session.begin():
                assert delete_what_is_due(session, now=clock.now, needs_kept_days=30)[NEEDS] == expected
        assert done(await client.get(f"/v1/registrations/{registration['id']}"))["dietary_requirements"] is None
        assert done(await client.get(f"/v1/registrations/{kept['id']}"))["dietary_requirements"] == "vegan"
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM registration_needs")).scalar_one() == 1
        engine.dispose()


async def test_kept_answers_go_after_a_day(settings: Settings) -> None:
    clock = MovableClock()
    async with serving(settings, clock=clock) as client:
        hub = await make_organiser(client, make_operator(settings), slug="forgetting")
        client.headers.update(hub.headers)
        school = {"name": "Larkspur", "urn": "990001"}
        sent = await client.post(f"/v1/hubs/{hub.hub_id}/schools", json=school, headers={"Idempotency-Key": "k"})
        assert sent.status_code == 201
        engine = create_engine(settings.database)
        with Session(engine) as session, session.begin():
            assert due(session, now=clock.now, needs_kept_days=30)[ANSWERS] == 0
            tomorrow = clock.now + timedelta(days=1)
            assert delete_what_is_due(session, now=tomorrow, needs_kept_days=30)[ANSWERS] == 1
        engine.dispose()
