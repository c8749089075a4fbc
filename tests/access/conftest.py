"""These tests keep to a hub of their own."""

from tests.support.shared import database_url, hub, shared_databases, shared_sandboxes

__all__ = ["database_url", "hub", "shared_databases", "shared_sandboxes"]
