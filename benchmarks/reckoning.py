"""What several measurements come to."""

import statistics
from collections.abc import Iterable

from benchmarks.load import Outcome


def rate(outcomes: Iterable[Outcome]) -> float:
    """The middle one of their rates, a second."""
    return median(each.per_second for each in outcomes)


def median(values: Iterable[float]) -> float:
    return statistics.median(list(values))
