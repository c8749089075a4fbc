"""Sheets: when one is asked for, and what stands in its cells."""

import csv
import io
from datetime import UTC, datetime

import pytest
from pydantic import BaseModel, Field

from app.kernel.csv_answers import Column, columns_of, prefers_csv, sheet


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, False),
        ("*/*", False),
        ("text/csv", True),
        ("TEXT/CSV; header=present", True),
        ("text/csv, */*", True),
        ("*/*, text/csv", True),
        ("application/json, text/csv", False),
        ("text/csv, application/json", True),
        ("text/csv;q=0.5, application/json", False),
        ("application/json;q=0.1, text/csv;q=0.2", True),
        ("text/csv;q=0, */*", False),
        ("text/*", True),
        ("text/html, */*;q=0.8", False),
        ("text/csv;q=much", False),
        ("image/png", False),
    ],
)
def test_who_asks_for_a_sheet_gets_one(accept: str | None, wanted: bool) -> None:
    assert prefers_csv(accept) is wanted


def test_no_cell_is_a_formula_and_every_cell_comes_back() -> None:
    values = ["=1+1", "+44", "-1", "@me", "\tx", "\rx", "plain", 'a "b", c', "two\nlines", "Siân", "", None, -3, True]
    text = sheet([Column("=head", lambda item: item), Column("n", lambda _item: 1)], values).decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == ["'=head", "n"]
    assert [row[0] for row in rows[1:]] == [
        *("'=1+1", "'+44", "'-1", "'@me", "'\tx", "'\rx", "plain", 'a "b", c', "two\nlines", "Siân", "", ""),
        *("-3", "true"),
    ]
    assert text.count("\r\n") == len(values) + 1


class Inner(BaseModel):
    id: int
    name: str


class Outer(BaseModel):
    inner_id: int
    inner: Inner | None
    tags: list[str]
    at: datetime = Field(serialization_alias="atInstant")


def test_a_model_has_a_column_for_each_field() -> None:
    columns = columns_of(Outer)
    assert [column.header for column in columns] == ["inner_id", "inner_name", "tags", "atInstant"]
    at = datetime(2026, 12, 3, 16, 30, tzinfo=UTC)
    items = [Outer(inner_id=1, inner=Inner(id=1, name="n"), tags=["=a", "b"], at=at)]
    items.append(Outer(inner_id=2, inner=None, tags=[], at=at))
    lines = sheet(columns, items, bom=True).decode().split("\r\n")
    assert lines[0].startswith("\ufeffinner_id")
    assert lines[1:3] == ["1,n,'=a; b,2026-12-03T16:30:00+00:00", "2,,,2026-12-03T16:30:00+00:00"]
