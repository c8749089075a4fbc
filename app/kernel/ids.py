"""Identifiers: UUIDv7 (RFC 9562), so that ids sort by the time they were made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

import uuid_utils.compat

Source = Callable[[], UUID]
"""Gives a new id at each call."""


def at_random() -> UUID:
    """An id that nobody can guess: the time in milliseconds, and 74 random bits."""
    return uuid_utils.compat.uuid7()


_source: ContextVar[Source] = ContextVar("ids", default=at_random)


def new_id() -> UUID:
    return _source.get()()


@contextmanager
def drawn_from(source: Source) -> Iterator[None]:
    """Inside it, in this thread or task, ids come from `source`: so a sandbox has the same ones each time."""
    before = _source.set(source)
    try:
        yield
    finally:
        _source.reset(before)
