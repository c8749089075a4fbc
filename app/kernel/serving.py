"""How the service is served: the one place that sets up the HTTP server."""

from functools import partial

import uvicorn
from fastapi import FastAPI

from app.kernel.settings import Settings
from app.kernel.slow_clients import TimedProtocol

IDLE_SECONDS = 75
"""A connection without a request is kept longer than proxies keep theirs (a minute, commonly): the side that closes
first must be the one that sends requests, else one is on its way at that moment and is lost. An idle connection costs a
few kilobytes, and no time."""
FINISH_SECONDS = 10
"""For so long, requests under way may take to be finished when the server is told to stop."""


def run_server(app: FastAPI | str, settings: Settings, *, host: str, port: int, workers: int = 1) -> None:
    """Serves until it is told to stop; requests under way are finished first.

    `app` is the application, or, for several processes, where each of them finds the function that makes one.
    """
    uvicorn.run(
        app,
        factory=isinstance(app, str),
        host=host,
        port=port,
        workers=workers,
        http=partial(  # type: ignore[arg-type]  # anything that makes a protocol will do
            TimedProtocol, header_seconds=settings.header_seconds, body_seconds=settings.body_seconds
        ),
        ws="none",
        proxy_headers=False,  # `app.kernel.proxies` reads them: the server would believe whoever is on this machine
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=FINISH_SECONDS,
    )
