"""What Alembic runs: the scripts, inside a transaction that `app.kernel.migrations` has begun."""

from alembic import context
from sqlalchemy import Connection

import app.main
from app.kernel.database import Base
from app.kernel.migrations import VERSION_TABLE, schema_transaction
from app.kernel.settings import read_settings

__all__ = ["app"]  # imported for its tables: with them the metadata is complete


def run(connection: Connection) -> None:
    """Runs the scripts that were asked for. SQLite's DDL is transactional too, with the engine's own hooks."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transactional_ddl=True,
        render_as_batch=True,
        compare_server_default=True,
        version_table=VERSION_TABLE,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:  # called by the `alembic` command itself
    with schema_transaction(read_settings()) as own:
        run(own)
