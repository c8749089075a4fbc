"""The service with a writer that answers before it commits, to prove that a kill would show it."""

import queue
import time
from unittest.mock import patch

from fastapi import FastAPI

from app import main
from app.kernel.settings import read_settings
from app.kernel.writer import LARGEST_GROUP, Writer, _answer

SERVICE = "tests.support.lossy:service"
PAUSE_SECONDS = 0.05


class HastyWriter(Writer):
    """Promises first and writes it down a moment later."""

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            try:
                while len(group) < LARGEST_GROUP and (waiting := self._queue.get_nowait()) is not None:
                    group.append(waiting)
            except queue.Empty:
                pass
            with self._engine.begin() as connection:
                _answer(group, self._desk.serve(connection, [waiting.job for waiting in group]))
                time.sleep(PAUSE_SECONDS)


def service() -> FastAPI:
    """The application, for a server process of its own."""
    patch.object(main, "Writer", HastyWriter).start()
    return main.create_app(read_settings())
