"""What time it is, asked in one place so that a sandbox can move it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers with the present instant, in UTC."""


def wall_clock() -> datetime:
    return datetime.now(UTC)
