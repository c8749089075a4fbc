"""The register of schools: by column name, in its own encoding, without the people in it."""

import io
import time
import tracemalloc
from datetime import date

import pytest

from app.mis.reading.gias import GiasSet, Successor, read_gias
from app.mis.staff import Place, UnusableSourceError
from tests.mis.reading.packages import quoted

HEADER = (
    "URN", "LA (code)", "LA (name)", "EstablishmentNumber", "EstablishmentName", "TypeOfEstablishment (name)",
    "EstablishmentTypeGroup (name)", "EstablishmentStatus (name)", "OpenDate", "CloseDate", "PhaseOfEducation (name)",
    "UKPRN", "LastChangedDate", "Trusts (name)", "Federations (name)", "Street", "Locality", "Address3", "Town",
    "County (name)", "HeadFirstName", "HeadLastName", "TelephoneNum", "Postcode", "SchoolWebsite",
)  # fmt: skip
LARKSPUR = {
    "URN": "990001",
    "LA (code)": "202",
    "LA (name)": "Camden",
    "EstablishmentNumber": "2901",
    "EstablishmentName": "Larkspur Primary School",
    "EstablishmentStatus (name)": "Open",
    "OpenDate": "01-09-1998",
    "PhaseOfEducation (name)": "Primary",
    "LastChangedDate": "3/2/2026",
    "Street": "1 Heath Lane",
    "Town": "London",
    "HeadFirstName": "Quintilla",
    "HeadLastName": "Headworthy",
    "TelephoneNum": "02079460000",
    "Postcode": "NW3 3BY",
    "SchoolWebsite": "www.larkspur.example",
}


def download(*schools: dict[str, str], header: tuple[str, ...] = HEADER, encoding: str = "cp1252") -> bytes:
    rows = [header, *([school.get(name, "") for name in header] for school in schools)]
    return "".join(",".join(quoted(cell) for cell in row) + "\r\n" for row in rows).encode(encoding)


def read(content: bytes, links: bytes | None = None) -> GiasSet:
    return read_gias(io.BytesIO(content), links=None if links is None else io.BytesIO(links))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
def test_a_school_comes_out_as_the_register_has_it(encoding: str) -> None:
    (school,) = read(download({**LARKSPUR, "EstablishmentName": "St John’s"}, encoding=encoding)).rows
    assert (school.urn, school.laestab, school.name, school.phase) == ("990001", "202/2901", "St John’s", "Primary")
    assert (school.status, school.is_open, school.place) == ("Open", True, Place("edubasealldata.csv", 2))
    assert (school.open_date, school.close_date, school.changed_on) == (date(1998, 9, 1), None, date(2026, 2, 3))
    assert (school.postcode, school.website) == ("NW3 3BY", "www.larkspur.example")
    assert school.address == ("1 Heath Lane", "London")


def test_people_of_the_register_are_never_read() -> None:
    read_set = read(download(LARKSPUR))
    for person in ("Quintilla", "Headworthy", "02079460000"):
        assert person not in repr(read_set)


def test_columns_are_found_by_name_wherever_they_stand() -> None:
    (school,) = read(download(LARKSPUR, header=("OfstedRating", *reversed(HEADER)))).rows
    assert (school.urn, school.postcode) == ("990001", "NW3 3BY")
    lean = ("URN", "EstablishmentName", "EstablishmentStatus (name)")
    read_set = read(download(LARKSPUR, header=lean))
    assert (read_set.rows[0].laestab, read_set.rows[0].phase) == (None, None)
    assert {finding.code for finding in read_set.warnings} == {"missing-column"}


@pytest.mark.parametrize(
    ("code", "number", "laestab"),
    [("202", "2901", "202/2901"), ("1", "290", "001/0290"), ("000", "", None), ("202", "", None), ("x", "2901", None)],
)
def test_zeros_that_a_spreadsheet_stripped_come_back(code: str, number: str, laestab: str | None) -> None:
    (school,) = read(download({**LARKSPUR, "LA (code)": code, "EstablishmentNumber": number})).rows
    assert school.laestab == laestab


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"URN": "99001"}, "bad-id"),
        ({"EstablishmentName": ""}, "missing-value"),
        ({"EstablishmentStatus (name)": "Ajar"}, "bad-value"),
    ],
)
def test_a_row_that_is_no_school_is_rejected(change: dict[str, str], code: str) -> None:
    read_set = read(download({**LARKSPUR, **change}, {**LARKSPUR, "URN": "990002"}))
    assert [finding.code for finding in read_set.rejected] == [code]
    assert [school.urn for school in read_set.rows] == ["990002"]


@pytest.mark.parametrize("status", ["Open", "Open, but proposed to close", "Closed", "Proposed to open"])
def test_each_status_is_known(status: str) -> None:
    (school,) = read(download({**LARKSPUR, "EstablishmentStatus (name)": status})).rows
    assert (school.status, school.is_open) == (status, status.startswith("Open"))


def test_a_date_that_is_none_is_told_and_left_out() -> None:
    read_set = read(download({**LARKSPUR, "OpenDate": "1998"}))
    assert read_set.rows[0].open_date is None
    assert [finding.field for finding in read_set.warnings] == ["OpenDate"]


def test_a_school_twice_counts_once() -> None:
    read_set = read(download(LARKSPUR, LARKSPUR))
    assert (len(read_set.rows), [finding.code for finding in read_set.rejected]) == (1, ["duplicate-id"])


class TestRowsOfAnotherLength:
    def test_a_longer_row_is_used_when_every_cell_is_in_its_place(self) -> None:
        read_set = read(download(LARKSPUR).replace(b"www.larkspur.example", b"www.larkspur.example,surplus"))
        assert [school.urn for school in read_set.rows] == ["990001"]
        assert [(finding.code, finding.place.line) for finding in read_set.warnings] == [("ragged-row", 2)]

    @pytest.mark.parametrize("shift", [b"1 Heath,Lane", b"1 Heath Lane,"])
    def test_a_longer_row_is_not_used_when_cells_have_shifted(self, shift: bytes) -> None:
        read_set = read(download(LARKSPUR).replace(b"1 Heath Lane", shift))
        assert (read_set.rows, [finding.code for finding in read_set.rejected]) == ((), ["ragged-row"])

    def test_blank_cells_at_the_end_are_told(self) -> None:
        read_set = read(download(LARKSPUR).replace(b"www.larkspur.example", b"www.larkspur.example,,"))
        assert (len(read_set.rows), [finding.code for finding in read_set.warnings]) == (1, ["ragged-row"])

    def test_a_shorter_row_is_not_used(self) -> None:
        read_set = read(download(LARKSPUR).replace(b",NW3 3BY", b""))
        assert (read_set.rows, [finding.code for finding in read_set.rejected]) == ((), ["ragged-row"])


def test_successors_are_told_once_from_either_side() -> None:
    links = (
        b"URN,LinkURN,LinkName,LinkType,LinkEstablishedDate\r\n"
        b"990001,990009,Larkspur Academy,Successor,01-04-2026\r\n"
        b"990009,990001,Larkspur Primary,Predecessor,01-04-2026\r\n"
        b"990009,990003,Old Infants,Predecessor - merged,\r\n"
        b"990001,990004,Sister,Sixth Form Centre School,\r\n"
        b"990001,x,Nowhere,Successor - merged,\r\n"
    )
    read_set = read(download(LARKSPUR), links)
    assert read_set.successors == (
        Successor("990001", "990009", "Successor", date(2026, 4, 1)),
        Successor("990003", "990009", "Predecessor - merged"),
    )
    assert [finding.place.file for finding in read_set.rejected] == ["links_edubasealldata.csv"]


@pytest.mark.parametrize("content", [b"", b"URN,Name\r\n", b"PK\x03\x04", b"URN,URN,EstablishmentName\r\n"])
def test_what_is_not_the_register_is_refused(content: bytes) -> None:
    with pytest.raises(UnusableSourceError) as refused:
        read(content)
    assert refused.value.findings


def test_a_large_register_is_read_in_bounded_memory() -> None:
    padding = {f"Column {number}": "x" * 8 for number in range(110)}
    header = (*HEADER, *padding)
    count = 1_000
    content = download(*({**LARKSPUR, **padding, "URN": str(100_000 + n)} for n in range(count)), header=header)
    file = io.BytesIO(content)
    started = time.process_time()
    tracemalloc.start()
    read_set = read_gias(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(read_set.rows) == count
    assert peak < 2_000 * count + 2_000_000
    assert time.process_time() - started < 10
