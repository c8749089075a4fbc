"""Short and full forms: what takes too long for every run is run in full by `TEACHMEET_TEST_FULL=1 pytest`."""

import os
from typing import TypeVar

T = TypeVar("T")

FULL = os.environ.get("TEACHMEET_TEST_FULL", "") not in ("", "0")


def form(*, short: T, full: T) -> T:
    """The size of a test in this run, as `rounds = form(short=2, full=20)`."""
    return full if FULL else short
