"""A running service deletes by itself what is due."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from app.kernel.settings import Settings
from tests.support import made
from tests.support.callers import make_operator, make_organiser
from tests.support.made import ENDS
from tests.support.services import MovableClock, serving

pytestmark = pytest.mark.anyio
BOUND_SECONDS = 30.0


async def test_a_service_that_starts_deletes_what_is_due(settings: Settings) -> None:
    async with serving(settings) as client:
        hub = await make_organiser(client, make_operator(settings), slug="retaining-by-itself")
        client.headers.update(hub.headers)
        evening = await made.event(client, hub.hub_id)
        await made.registration(client, evening, dietary_requirements="vegan")
    clock = MovableClock()
    clock.now = ENDS + timedelta(days=31)
    engine = create_engine(settings.database)
    try:
        async with serving(settings, clock=clock), asyncio.timeout(BOUND_SECONDS):
            while True:
                with engine.connect() as connection:
                    if connection.execute(text("SELECT count(*) FROM registration_needs")).scalar_one() == 0:
                        break
                await asyncio.sleep(0.05)
    finally:
        engine.dispose()
