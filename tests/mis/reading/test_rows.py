"""Rows and ids by themselves: against the `csv` module and against a plain set."""

import csv
import io
from collections.abc import Iterator
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.mis.reading.compact import CompactIds
from app.mis.reading.findings import MOST_ALIKE, MOST_WARNINGS, Found
from app.mis.reading.rows import Dialect, rows
from app.mis.staff import Place

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12)
TABLE = st.lists(st.lists(CELLS, min_size=2, max_size=5), min_size=1, max_size=6)


def in_pieces(content: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@settings(max_examples=150, deadline=None)
@given(
    table=TABLE,
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\r\n", "\n"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    size=st.integers(1, 50),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_the_csv_module_writes_is_read_as_it_was(
    table: list[list[str]], delimiter: str, end: str, quoting: Literal[0, 1], size: int, encoding: str
) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(table)
    read_as = "utf-16" if encoding == "utf-16" else "utf-8-sig"
    content = file.getvalue().encode(encoding)
    read = list(rows(in_pieces(content, size), Dialect("x.csv", delimiter, read_as)))
    wanted = [
        [cell.removeprefix("\ufeff") if (at, n) == (0, 0) else cell for n, cell in enumerate(row)]
        for at, row in enumerate(table)
    ]
    got = [
        [cell.removeprefix("\ufeff") if (at, n) == (0, 0) else cell for n, cell in enumerate(row)]
        for at, (_, row, _) in enumerate(read)
    ]
    assert got == wanted
    assert [line for line, _, _ in read] == lines_of(table)


def lines_of(table: list[list[str]]) -> list[int]:
    """The line where each row begins."""
    starts, line = [], 1
    for row in table:
        starts.append(line)
        line += 1 + sum(cell.count("\n") for cell in row)
    return starts


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 15)), max_size=60))
def test_compact_ids_are_a_set_with_tags(puts: list[tuple[str, int]]) -> None:
    ids, model = CompactIds(), dict[str, int]()
    for identifier, tag in puts:
        assert ids.put(identifier, tag) is (identifier not in model)
        model[identifier] = model.get(identifier, 0) | tag
    assert len(ids) == len(model)
    assert {each: ids.tag(each) for each in model} == model
    assert ids.tag("never seen") is None
    assert ids.count(without=8) == sum(1 for tag in model.values() if not tag & 8)


def test_compact_ids_grow() -> None:
    ids = CompactIds()
    assert all(ids.put(str(number), number % 16) for number in range(5_000))
    assert not any(ids.put(str(number)) for number in range(5_000))
    assert [ids.tag(str(number)) for number in range(5_000)] == [number % 16 for number in range(5_000)]


def test_warnings_that_are_alike_are_counted_and_all_of_them_bounded() -> None:
    found = Found()
    for number in range(MOST_ALIKE + 7):
        found.warn(Place("users.csv", number + 1), "one-name", "Read as one name.", field="familyName")
    assert len(found.warnings) == MOST_ALIKE + 1
    assert found.warnings[-1].reason == "There are 7 more like this."
    for number in range(2 * MOST_WARNINGS):
        found.warn(Place("users.csv", 1), "unknown-column", "Not read.", field=str(number))
    assert len(found.warnings) == MOST_WARNINGS + 1
