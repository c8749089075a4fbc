"""Long computations in a process of their own, so that whoever serves requests stays free to serve them.

Reading and planning thousands of people takes seconds of one processor and much memory; in the serving process it would
take both from those who book at the same time.
"""

import contextlib
import multiprocessing
import os
from collections.abc import Callable
from multiprocessing import reduction
from multiprocessing.connection import Connection
from typing import Any, BinaryIO, TypeVar

R = TypeVar("R")
_FRESH = multiprocessing.get_context("spawn")
NICE = 5
"""The process gives way to those that answer somebody."""


class ComputationLostError(Exception):
    """The process ended without an answer."""


class Handed:
    """An open file for the other process. It need not have a name, so that nothing is left of it if all is killed."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._number = file.fileno()

    def __reduce__(self) -> tuple[Callable[[Any], BinaryIO], tuple[Any]]:
        return _taken, (reduction.DupFd(self._number),)


def _taken(handle: Any) -> BinaryIO:
    return os.fdopen(handle.detach(), "rb")


def apart(function: Callable[..., R], **arguments: Any) -> R:
    """The function's result, worked out in another process; it blocks, so call it on a thread.

    Function, arguments and result are pickled; a file goes as `Handed`. Raises what the function raises, or
    `ComputationLostError`.
    """
    here, there = _FRESH.Pipe(duplex=False)
    process = _FRESH.Process(target=_work, args=(function, arguments, there), daemon=True)
    process.start()
    there.close()
    try:
        with here:
            is_error, outcome = here.recv()
    except (EOFError, OSError):
        raise ComputationLostError from None
    finally:
        process.kill()
        process.join()
    if is_error:
        raise outcome
    result: R = outcome
    return result


def _work(function: Callable[..., Any], arguments: dict[str, Any], there: Connection) -> None:
    with contextlib.suppress(OSError, AttributeError):  # not every system knows manners
        os.nice(NICE)
    with contextlib.suppress(OSError), there:
        try:
            answer = (False, function(**arguments))
        except Exception as error:  # noqa: BLE001  # whatever it was, the one who waits must hear of it
            answer = (True, error)
        there.send(answer)
