"""How filters and choices of fields are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mis.rostering.rules import (
    Filter,
    Term,
    UnknownFieldError,
    UnreadableFilterError,
    fields_in,
    filter_in,
    pages,
)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("status='active'", Filter((Term("status", "=", "active"),))),
        ("familyName~'by'", Filter((Term("familyName", "~", "by"),))),
        ("familyName = 'O''Neill'", Filter((Term("familyName", "=", "O'Neill"),))),
        ("email!=''", Filter((Term("email", "!=", ""),))),
        (
            "status='active' AND dateLastModified>='2026-11-01T00:00:00.000Z'",
            Filter((Term("status", "=", "active"), Term("dateLastModified", ">=", "2026-11-01T00:00:00.000Z"))),
        ),
        (
            "givenName='A AND B' OR primaryOrg.sourcedId='x'",
            Filter((Term("givenName", "=", "A AND B"), Term("primaryOrg.sourcedId", "=", "x")), "OR"),
        ),
    ],
)
def test_a_filter_is_read(text: str, read: Filter) -> None:
    assert filter_in(text) == read


@pytest.mark.parametrize(
    "text",
    [
        *("", "status", "status=active", "status='active", "='x'", "status=='x'", "status='a' and email='b'"),
        *("status='a' AND", "status='a' AND email='b' AND email='c'", "a='b' AND c='d' OR e='f'", "status='it's'"),
    ],
)
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(UnreadableFilterError):
        filter_in(text)


@given(st.text(max_size=40))
def test_any_value_can_be_looked_for(value: str) -> None:
    doubled = value.replace("'", "''")
    assert filter_in(f"name='{doubled}' AND status!='{doubled}'").terms[1].value == value


def test_fields_are_chosen_once_each() -> None:
    assert fields_in(" email , sourcedId,email", ("sourcedId", "email")) == ("email", "sourcedId")
    with pytest.raises(UnknownFieldError, match="password"):
        fields_in("email,password", ("sourcedId", "email"))


@pytest.mark.parametrize(
    ("offset", "around"),
    [
        (0, {"first": 0, "last": 20, "next": 10}),
        (10, {"first": 0, "last": 20, "next": 20, "prev": 0}),
        (20, {"first": 0, "last": 20, "prev": 10}),
        (5, {"first": 0, "last": 20, "next": 15, "prev": 0}),
        (90, {"first": 0, "last": 20, "prev": 20}),
    ],
)
def test_the_pages_around_one(offset: int, around: dict[str, int]) -> None:
    assert pages(offset=offset, limit=10, total=25) == around
