"""Those who read: a few threads, each question in a short read-only transaction of its own, never on the writer."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

R = TypeVar("R")


class Reader:
    """Answers questions from a snapshot of what is committed."""

    def __init__(self, engine: Engine, *, threads: int) -> None:
        self.engine = engine
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="reader")

    async def run(self, question: Callable[[Session], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.run_and_wait, question)

    def run_and_wait(self, question: Callable[[Session], R]) -> R:
        """`run`, on the thread that calls."""
        with Session(self.engine) as session, session.begin():
            return question(session)

    def stop(self) -> None:
        self._threads.shutdown()
        self.engine.dispose()
