"""The service with leases of two seconds, so that a test need not wait half a minute for a job to be taken over."""

from datetime import timedelta
from unittest.mock import patch

from fastapi import FastAPI

from app import main
from app.kernel import jobs, worker

SERVICE = "tests.mis.connections.short_leases:service"
LEASE = timedelta(seconds=2)


def service() -> FastAPI:
    """The application, for a server process of its own."""
    for module in (jobs, worker):
        patch.object(module, "LEASE", LEASE).start()
    return main.from_environment()
