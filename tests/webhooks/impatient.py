"""The service with a short lease, so that a test need not wait long until another process takes over."""

from datetime import timedelta
from unittest.mock import patch

from fastapi import FastAPI

from app import main
from app.webhooks import rounds

SERVICE = "tests.webhooks.impatient:service"
LEASE = timedelta(seconds=2)


def service() -> FastAPI:
    """The application, for a server process of its own: what is patched here stays so until the process ends."""
    patch.object(rounds, "LEASE", LEASE).start()
    return main.from_environment()
