"""What people write into one cell: dates, names, addresses, decisions, formulas."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.sheets.cells import (
    looks_like_a_formula,
    read_address,
    read_decision,
    read_key_stages,
    read_table,
    said,
)
from app.sheets.dates import read_moment
from app.sheets.names import read_name

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("02/11/2026 07:41:37", datetime(2026, 11, 2, 7, 41, 37, tzinfo=UTC)),
        ("2/6/2026 7:41", datetime(2026, 6, 2, 6, 41, tzinfo=UTC)),
        ("2026-11-07T18:03:22Z", datetime(2026, 11, 7, 18, 3, 22, tzinfo=UTC)),
        ("2026-06-07T18:03:22", datetime(2026, 6, 7, 17, 3, 22, tzinfo=UTC)),
        ("11/08/2026 6:12:55 PM", datetime(2026, 11, 8, 18, 12, 55, tzinfo=UTC)),
        ("11/8/2026 12:05 AM", datetime(2026, 11, 8, 0, 5, tzinfo=UTC)),
        ("11/30/2026 18:00", datetime(2026, 11, 30, 18, 0, tzinfo=UTC)),
        ("30/11/2026 6:00 pm", datetime(2026, 11, 30, 18, 0, tzinfo=UTC)),
    ],
)
def test_dates_are_read_in_three_forms(cell: str, at: datetime) -> None:
    assert read_moment(cell, LONDON).at == at


def test_another_possible_reading_is_told() -> None:
    plain = read_moment("02/11/2026 07:41:37", LONDON)
    assert (plain.british, plain.day_first, plain.told) == (True, True, "")
    assert not read_moment("30/11/2026 07:41:37", LONDON).day_first
    american = read_moment("11/08/2026 6:12:55 PM", LONDON)
    assert american.told.startswith("Read '11/08/2026 6:12:55 PM' as 8 November 2026, 18:12")
    assert "either of two times" in read_moment("25/10/2026 01:30:00", LONDON).told
    assert read_moment("2026-11-07T18:03:22Z", LONDON).told == ""


@pytest.mark.parametrize(
    "cell", ["", "yesterday", "31/02/2026 10:00", "2026-13-01", "1/2/26 10:00", "1/2/2026 13:00 PM"]
)
def test_what_is_no_date_is_not_made_one(cell: str) -> None:
    assert read_moment(cell, LONDON).at is None


@pytest.mark.parametrize(
    ("cell", "given", "family"),
    [
        ("Tom Quill", "Tom", "Quill"),
        ("  Tom    Quill ", "Tom", "Quill"),
        ("Cher", "Cher", ""),
        ("Jean-Luc van der Berg", "Jean-Luc", "van der Berg"),
        ("Noémie d'Arcy", "Noémie", "d'Arcy"),
        ("Zoë Ó Briain", "Zoë", "Ó Briain"),
        ("José-María Peña", "José-María", "Peña"),
        ("Nguyễn Thị Lan", "Nguyễn Thị", "Lan"),
        ("Quill, Tom", "Tom", "Quill"),
        ("Mrs Ada Quill", "Ada", "Quill"),
        ("Van Morrison", "Van", "Morrison"),
        ("TOM O'BRIEN", "Tom", "O'Brien"),
        ("JEAN-LUC VAN DER BERG", "Jean-Luc", "van der Berg"),
        ("ann mcdonald", "Ann", "McDonald"),
    ],
)
def test_names_are_split(cell: str, given: str, family: str) -> None:
    name = read_name(cell)
    assert name is not None
    assert (name.given, name.family) == (given, family)


def test_a_name_that_was_rewritten_is_told_and_no_letters_are_no_name() -> None:
    shouted = read_name("TOM QUILL")
    assert shouted is not None
    assert shouted.told == "Read the name 'TOM QUILL' as 'Tom Quill'."
    assert read_name("--") is None


@pytest.mark.parametrize("cell", ["", " ", "n/a", "N/A", "-", "None", "no email"])
def test_no_address_is_nothing_wrong(cell: str) -> None:
    address = read_address(cell)
    assert (address.email, address.mistyped) == (None, False)


def test_addresses_are_trimmed_and_never_mended() -> None:
    assert read_address("  T.Quill@foxglove.example ").email == "T.Quill@foxglove.example"
    assert read_address("Tom <t.quill@foxglove.example>").email == "t.quill@foxglove.example"
    for cell in ("t.quill(at)foxglove.example", "t.quill@foxglove,example", "t.quill at foxglove.example"):
        address = read_address(cell)
        assert (address.email, address.mistyped, address.perhaps) == (None, True, "t.quill@foxglove.example")
    assert read_address("call me").mistyped


def test_nothing_is_said_in_many_ways_and_line_breaks_are_kept() -> None:
    assert [said(cell) for cell in ("", "none", "N/A", " - ", "No")] == [None] * 5
    assert said("vegetarian\r\n(eggs are fine) \x07") == "vegetarian\n(eggs are fine)"


@pytest.mark.parametrize(
    ("cell", "formula"),
    [
        ('=HYPERLINK("http://click.example","vegan")', True),
        ("=1+1", True),
        ("@SUM(A1:A2)", True),
        ("+cmd|' /C calc'!A0", True),
        ("-2+3+cmd|' /C calc'!A0", True),
        ("- no nuts", False),
        ("-", False),
        ("+44 20 7946 0000", False),
        ("@tomquill", False),
        ("a = b", False),
    ],
)
def test_what_a_spreadsheet_would_compute_is_recognised(cell: str, *, formula: bool) -> None:
    assert looks_like_a_formula(cell) is formula


def test_decisions_tables_and_key_stages() -> None:
    assert [read_decision(cell) for cell in ("Yes", " y ", "NO", "Waiting", "", "hm")] == [
        *("yes", "yes", "no", "waiting", "waiting", None)
    ]
    assert [read_table(cell) for cell in ("", "4", "Table 12", "7.0", "-")] == [None, 4, 12, 7, None]
    with pytest.raises(ValueError, match="table"):
        read_table("by the window")
    assert read_key_stages("KS2; Key stage 1, Reception;Year 9") == (["EYFS", "KS1", "KS2"], ["Year 9"])
