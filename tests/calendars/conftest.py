"""These tests keep to a hub of their own; the service runs by a clock that they move."""

from tests.attendance.conftest import app, clock
from tests.support.shared import database_url, hub, shared_databases

__all__ = ["app", "clock", "database_url", "hub", "shared_databases"]
