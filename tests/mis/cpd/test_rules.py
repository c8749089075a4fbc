"""Hours that add up, and columns of one's own."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mis.cpd.rules import HUNDREDTH, Named, hours_of, parse_columns

KNOWN = ("hours", "event_title")


@given(st.lists(st.integers(0, 5 * 3600).map(lambda seconds: timedelta(seconds=seconds)), max_size=21))
def test_hours_add_up(lengths: list[timedelta]) -> None:
    told = hours_of(lengths)
    whole = Decimal(sum(lengths, timedelta()) // timedelta(seconds=1)) / 3600
    assert abs(sum(told, Decimal()) - whole) <= HUNDREDTH / 2
    assert all(
        abs(each - Decimal(length.seconds) / 3600) <= HUNDREDTH for each, length in zip(told, lengths, strict=True)
    )
    assert all(each >= 0 for each in told)


def test_three_times_twenty_minutes_is_an_hour() -> None:
    assert [str(each) for each in hours_of([timedelta(minutes=20)] * 3)] == ["0.33", "0.34", "0.33"]


def test_columns_of_ones_own() -> None:
    assert parse_columns("Employee: name:event_title, hours", KNOWN) == [
        Named("Employee: name", "event_title"),
        Named("hours", "hours"),
    ]


@pytest.mark.parametrize(
    "text", ["", "hours,", "salary", "A\x07:hours", ":hours", "h" * 61 + ":hours", "hours," * 40 + "hours"]
)
def test_columns_that_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"field|header|columns"):
        parse_columns(text, KNOWN)
