"""Bytes to rows: encodings, delimiters, quoting, and refusals that say where."""

import pytest

from app.sheets.columns import Format, rows_of
from app.sheets.findings import Findings
from app.sheets.reading import LARGEST_FILE, SheetRefused, read_grid
from tests.sheets.making import SCHOOLS, SCHOOLS_HEADER, SIGN_UPS_HEADER, answer, sheet

ZOE = sheet(("Name", "School"), ("Zoë Ó Briain", "Foxglove"))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (ZOE, "UTF-8"),
        (b"\xef\xbb\xbf" + ZOE, "UTF-8"),
        (ZOE.decode().encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + ZOE.decode().encode("utf-16-be"), "UTF-16"),
        (ZOE.decode().encode("cp1252"), "Windows-1252"),
        (ZOE.replace(b",", b";"), "UTF-8"),
        (ZOE.replace(b",", b"\t"), "UTF-8"),
        (b"sep=;\r\n" + ZOE.replace(b",", b";"), "UTF-8"),
    ],
)
def test_the_same_cells_come_out_however_they_were_saved(content: bytes, encoding: str) -> None:
    grid = read_grid(content)
    assert grid.encoding == encoding
    assert grid.header.cells == ("Name", "School")
    assert [record.cells for record in grid.records] == [("Zoë Ó Briain", "Foxglove")]


def test_letters_put_together_from_two_characters_become_one() -> None:
    assert read_grid("Name\r\nZoe\u0308\r\n".encode()).records[0].cells == ("Zoë",)


def test_rows_count_as_a_spreadsheet_does_and_lines_as_the_file_does() -> None:
    content = b'Name,Diet\r\nA,"eggs\r\nare fine"\r\n,\r\n\r\nB,"says ""no"""\r\n'
    grid = read_grid(content)
    assert [(record.row, record.line, record.cells) for record in grid.records] == [
        (2, 2, ("A", "eggs\r\nare fine")),
        (5, 6, ("B", 'says "no"')),
    ]
    assert grid.empty_rows == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"Name,School\r\nA,B\0\r\n", "Line 2 has a NUL"),
        (b'Name,School\r\nA,B\r\n"C,D\r\n', "line 3 do not match"),
        (b'Name,School\r\n"A"x,B\r\n', "line 2 do not match"),
        (b"Name\r\nA\r\nB\x81\r\n", "Line 3"),
        ("Name\r\nZoë\r\n".encode() + b"Zo\xeb\r\n", "Line 2 is written in UTF-8 but line 3 is not"),
        (b"\xef\xbb\xbfName\r\n\xeb\r\n", "not in line 2"),
        (b"\xff\xfeN\x00a", "UTF-16"),
        (b"Name\r\n" + b"x" * LARGEST_FILE, "larger than 5 MB"),
        (b"Name\r\n" + b"A\r\n" * 20_001, "more than 20,000 rows"),
        (b"Name\r\n" + b"x" * 20_001, "longer than 20,000 characters"),
        (b"Name\r\n" + b"x" * 200_000, "line 2"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words_with_its_line(content: bytes, said: str) -> None:
    with pytest.raises(SheetRefused, match=said):
        read_grid(content)


def test_columns_are_known_by_many_names_in_any_order() -> None:
    grid = read_grid(sheet(("dietry requirements", "YOUR SCHOOL", "Email:", "Full  name"), ("vegan", "S", "e", "N")))
    findings = Findings()
    (row,) = rows_of(grid, Format.SIGN_UPS, findings)
    assert (row["name"], row["email"], row["school"], row["dietary"], row["wishes"]) == ("N", "e", "S", "vegan", "")
    assert [finding.what for finding in findings] == [
        "Read the column 'dietry requirements' as 'Dietary requirements'."
    ]


def test_an_unknown_column_is_named_with_the_nearest_known_one() -> None:
    findings = Findings()
    rows_of(read_grid(sheet((*SCHOOLS_HEADER, "Postal code"), (*SCHOOLS[0], "x"))), Format.SCHOOLS, findings)
    (told,) = findings
    assert "'Postal code'" in told.what
    assert "nearest one is 'Postcode'" in told.what


def test_a_missing_or_doubled_column_refuses_the_file() -> None:
    without = read_grid(sheet(("Timestamp", "Your name"), ("x", "y")))
    with pytest.raises(SheetRefused, match="no column 'School'"):
        rows_of(without, Format.SIGN_UPS, Findings())
    doubled = read_grid(sheet((*SIGN_UPS_HEADER, "Email"), (*answer(), "other@foxglove.example")))
    with pytest.raises(SheetRefused, match="'E-mail address' and 'Email'"):
        rows_of(doubled, Format.SIGN_UPS, Findings())


def test_a_row_with_more_cells_than_headings_needs_a_person() -> None:
    findings = Findings()
    grid = read_grid(sheet(("Name", "School"), ("A", "B", "", ""), ("C", "D", "shifted")))
    rows = rows_of(grid, Format.SIGN_UPS, findings)
    assert [row.number for row in rows] == [2]
    assert [(each.row, each.severity) for each in findings] == [(3, "needs_a_person")]
