"""The service with streams that forget: whoever comes back is told nothing of what happened meanwhile."""

from unittest.mock import patch

from fastapi import FastAPI

from app import main
from app.kernel.settings import read_settings
from app.marketplace import stream

SERVICE = "tests.support.forgetful:service"


def service() -> FastAPI:
    """The application, for a server process of its own."""
    told = stream._Watched.since

    def since(watched: stream._Watched, last: int | None) -> list[bytes]:
        return told(watched, last) if last is None else []

    patch.object(stream._Watched, "since", since).start()
    return main.create_app(read_settings())
