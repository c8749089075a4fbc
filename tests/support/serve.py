"""Serves the application, or a variant of it, as the command line does.

`python -m tests.support.serve SERVICE PORT`
"""

import sys

from app.kernel.logs import configure_logs
from app.kernel.serving import run_server
from app.kernel.settings import read_settings


def main(service: str, port: str) -> None:
    """Serves what the function at `service` makes, with the environment's settings, until it is stopped."""
    settings = read_settings()
    configure_logs(settings.log_level)
    run_server(service, settings, host="127.0.0.1", port=int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
