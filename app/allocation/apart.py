"""Works out large allocations in a process of its own, so that whoever serves requests stays free to serve them."""

import asyncio
import contextlib
import multiprocessing
import os
import threading
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from app.allocation.posing import Ask
from app.allocation.working import Worked, work_out

_FRESH = multiprocessing.get_context("spawn")
NICE = 5
"""The process gives way to those that answer somebody."""
Told = Callable[[float, str], Awaitable[None]]
"""Hears how far it is: the share that is done, and what comes next."""


class WorkingOutFailedError(Exception):
    """The process ended without an answer."""


async def work_out_apart(ask: Ask, told: Told) -> Worked:
    """`work_out` in another process, which ends when this is cancelled or `told` raises.

    Raises what the solver raised, or `WorkingOutFailedError`.
    """
    loop = asyncio.get_running_loop()
    heard: asyncio.Queue[Any] = asyncio.Queue()
    child = _Child(ask, lambda message: loop.call_soon_threadsafe(heard.put_nowait, message))
    child.start()
    try:
        while True:
            match await heard.get():
                case (float(share), str(step)):
                    await told(share, step)
                case Worked() as worked:
                    return worked
                case BaseException() as error:
                    raise error
    finally:
        child.end()


class _Child:
    """The other process, and the thread that listens to it."""

    def __init__(self, ask: Ask, hear: Callable[[Any], object]) -> None:
        self._ask = ask
        self._hear = hear
        self._process: BaseProcess | None = None
        self._ended = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._follow, name="allocation", daemon=True).start()

    def end(self) -> None:
        """From any thread, and at any time."""
        self._ended.set()
        if self._process is not None:
            self._process.kill()

    def _follow(self) -> None:
        here, there = _FRESH.Pipe(duplex=False)
        process = _FRESH.Process(target=_work, args=(self._ask, there), daemon=True)
        process.start()
        self._process = process
        if self._ended.is_set():
            process.kill()
        there.close()
        with here:
            message: Any = None
            while not isinstance(message, (Worked, BaseException)):
                try:
                    message = here.recv()
                except (EOFError, OSError):
                    message = WorkingOutFailedError()
                with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits any more
                    self._hear(message)
        process.join()


def _work(ask: Ask, there: Connection) -> None:
    """The other process. When nobody listens any more, telling how far it is ends it."""
    with contextlib.suppress(OSError, AttributeError):  # not every system knows manners
        os.nice(NICE)
    with contextlib.suppress(OSError), there:
        try:
            there.send(work_out(ask, lambda share, step: there.send((float(share), step))))
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it was, the one who waits must hear of it
            there.send(error)
