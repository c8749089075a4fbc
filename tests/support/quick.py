"""The service with streams whose heart beats four times a second, so that tests need not wait for it."""

from unittest.mock import patch

from fastapi import FastAPI

from app import main
from app.kernel.settings import read_settings
from app.marketplace import stream


def service() -> FastAPI:
    """The application, for a server process of its own."""
    patch.object(stream, "BEAT_SECONDS", 0.25).start()
    return main.create_app(read_settings())
