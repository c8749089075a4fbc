"""A business manager's desk."""

import httpx
import pytest

from tests.mis.syncing.making import Desk, open_desk
from tests.support.callers import Organiser


@pytest.fixture
async def desk(organiser: httpx.AsyncClient, hub: Organiser) -> Desk:
    """A hub with two schools, and whoever sends files for it."""
    return await open_desk(organiser, hub.hub_id)
