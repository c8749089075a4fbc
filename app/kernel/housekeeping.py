"""Small chores in the background, as long as the service runs."""

import asyncio

import structlog

from app.kernel.clock import Clock
from app.kernel.commands import command
from app.kernel.idempotency import forget_expired
from app.kernel.problems import Unavailable
from app.kernel.writer import Writer

EVERY_SECONDS = 3600
_log = structlog.get_logger(__name__)
_forget_expired = command()(forget_expired)


async def keep_house(writer: Writer, clock: Clock) -> None:
    """Clears away what is kept for a time only, once an hour, until it is cancelled."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await writer.run(_forget_expired, now=clock())
        except Unavailable:
            _log.warning("housekeeping was put off")
