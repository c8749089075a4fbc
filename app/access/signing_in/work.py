"""The work for later that signing in brings: sending the links that were asked for."""

from app.access.signing_in import commands
from app.kernel.clock import Clock
from app.kernel.jobs import Claimed
from app.kernel.settings import Settings
from app.kernel.worker import Work
from app.kernel.writer import Writer


def sign_in_work(writer: Writer, clock: Clock, settings: Settings) -> Work:
    """Sends links to the page that the settings name, or to this service's own."""
    page = settings.sign_in_url or f"{settings.public_url.rstrip('/')}/sign-in"

    async def handle(job: Claimed) -> None:
        await writer.run(commands.send_link, job=job, now=clock(), page=page)

    return Work(commands.SEND_LINK, handle)
