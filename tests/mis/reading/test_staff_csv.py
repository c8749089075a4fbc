"""A plain staff list: however it was saved and whatever its columns are called, and what must not be sent at all."""

import io
from collections.abc import Sequence

import pytest

from app.mis.reading.persons import SERVICE_ACCOUNTS
from app.mis.reading.schools import OrgKey
from app.mis.reading.sensitive import is_sensitive
from app.mis.reading.staff_columns import ColumnMap, suggest_columns
from app.mis.reading.staff_csv import read_headings, read_staff_csv
from app.mis.staff import Employment, Org, StaffSet, UnusableSourceError
from tests.mis.reading.packages import PERSONAL, SECRET, TODAY, quoted

HEADER = ("staff_id", "given_name", "family_name", "email", "school_urn", "job_title")
SIAN = ("S1", "Siân", "Ó Briain", "sian@larkspur.example", "990001", "Teacher")
ADA = ("S2", "Ada", "O'Neill", "", "202-2901", "Head’s PA")
LARKSPUR = OrgKey(urn="990001", laestab="202/2900", name="Larkspur Primary School")


def csv_of(*rows: Sequence[str], delimiter: str = ",") -> bytes:
    return "".join(delimiter.join(quoted(cell) for cell in row) + "\r\n" for row in rows).encode()


def read(
    content: bytes, *, columns: ColumnMap | None = None, school: OrgKey | None = None, complete: bool = False
) -> StaffSet:
    return read_staff_csv(io.BytesIO(content), columns=columns, school=school, complete=complete, today=TODAY)


def refusal(content: bytes, *, columns: ColumnMap | None = None) -> UnusableSourceError:
    with pytest.raises(UnusableSourceError) as refused:
        read(content, columns=columns)
    assert refused.value.findings
    return refused.value


def codes(staff: StaffSet) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.field) for finding in staff.rejected]


PLAIN = csv_of(HEADER, SIAN, ADA)


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.decode().encode("utf-16"),
        csv_of(HEADER, SIAN, ADA, delimiter=";"),
        csv_of(HEADER, SIAN, ADA, delimiter="\t"),
        PLAIN.replace(b"\r\n", b"\n"),
        b"\r\n" + PLAIN + b"\r\n,,,,,\r\n",
        PLAIN.decode().encode("cp1252"),
    ],
)
def test_the_same_people_come_out_however_the_list_was_saved(content: bytes) -> None:
    staff = read(content)
    assert [(each.source_id, each.given_name, each.family_name, each.email) for each in staff.records] == [
        ("S1", "Siân", "Ó Briain", "sian@larkspur.example"),
        ("S2", "Ada", "O'Neill", None),
    ]
    assert [each.employments for each in staff.records] == [
        (Employment("990001", job_title="Teacher"),),
        (Employment("202/2901", job_title="Head’s PA"),),
    ]
    assert staff.orgs == (Org("990001", "990001", urn="990001"), Org("202/2901", "202/2901", laestab="202/2901"))
    assert staff.digest == read(PLAIN).digest


def test_windows_1252_is_told_with_the_letters_that_it_makes_and_no_name() -> None:
    (warning,) = read(PLAIN.decode().encode("cp1252")).warnings
    assert (warning.code, warning.place.line) == ("windows-1252", 2)
    assert "letters â Ó ’." in warning.reason
    assert "Si" not in warning.reason
    assert read(PLAIN).warnings == ()


@pytest.mark.parametrize(("complete", "is_complete"), [(True, True), (False, False)])
def test_a_list_is_complete_only_when_somebody_says_so(complete: bool, is_complete: bool) -> None:
    assert read(PLAIN, complete=complete).complete is is_complete


def test_a_row_that_could_be_anybodys_leaves_a_complete_list_incomplete() -> None:
    staff = read(PLAIN + csv_of(("", "Eve", "Nine", "", "990001", "")), complete=True)
    assert codes(staff) == [("missing-value", "staff_id")]
    assert not staff.complete
    assert [finding.code for finding in staff.warnings] == ["not-complete"]


@pytest.mark.parametrize(
    ("headings", "taken"),
    [
        (
            ("Staff ID", "GIVEN_NAME", "family name", "E-mail", "School URN"),
            "staff_id given_name family_name email school_urn",
        ),
        (
            ("ID", "School DfE Number", "First Name", "Last Name", "Username", "Password", "Teacher Number"),
            "staff_id school_urn given_name family_name - - -",
        ),
        (
            ("Staff Code", "Legal Forename", "Forename", "Surname", "Work Email", "DOB"),
            "staff_id - given_name family_name email -",
        ),
        (
            ("Person Id", "Known as", "Surname", "Post", "Date of Leaving"),
            "staff_id given_name family_name job_title end_date",
        ),
    ],
)
def test_columns_are_known_by_the_names_that_systems_give_them(headings: tuple[str, ...], taken: str) -> None:
    suggested = suggest_columns(headings)
    by_heading = {heading: name for name, heading in suggested.taken.items()}
    assert [by_heading.get(heading, "-") for heading in headings] == taken.split()


def test_a_suggestion_says_what_was_dropped_and_what_comes_near() -> None:
    suggested = suggest_columns(["Stafff ID", "Surname", "NI Number", "Secondary Email", "House"])
    assert suggested.dropped == ("NI Number",)
    assert suggested.ignored == ("Stafff ID", "Secondary Email", "House")
    assert suggested.nearest == {"Stafff ID": "staff_id"}
    assert suggested.missing == ("staff_id",)
    assert read_headings(io.BytesIO(b"Stafff ID , Surname\r\n1,x\r\n")) == ["Stafff ID", "Surname"]


def test_a_saved_map_is_followed_and_says_what_it_took() -> None:
    content = csv_of(("Ref", "Name 1", "Name 2", "Sch"), ("7", "Ada", "O'Neill", "990001"))
    taken = {"staff_id": "ref", "given_name": "NAME_1", "family_name": "Name 2", "school_urn": "Sch"}
    (record,) = read(content, columns=ColumnMap(taken)).records
    assert (record.source_id, record.given_name, record.family_name) == ("7", "Ada", "O'Neill")


@pytest.mark.parametrize(
    ("taken", "code"),
    [
        ({"staff_id": "Staff ref", "given_name": "given_name", "school_urn": "school_urn"}, "missing-column"),
        ({"given_name": "given_name", "school_urn": "school_urn"}, "missing-column"),
        ({"staff_id": "staff_id", "school_urn": "school_urn"}, "missing-column"),
        ({"staff_id": "staff_id", "given_name": "given_name"}, "missing-column"),
        ({"staff_id": "NI Number", "given_name": "given_name", "school_urn": "school_urn"}, "dropped-column"),
        (
            {"staff_id": "staff_id", "given_name": "given_name", "school_urn": "school_urn", "pay": "email"},
            "unknown-field",
        ),
    ],
)
def test_a_map_that_cannot_be_followed_refuses_the_list(taken: dict[str, str], code: str) -> None:
    content = csv_of((*HEADER, "NI Number"), (*SIAN, PERSONAL))
    error = refusal(content, columns=ColumnMap(taken))
    assert code in {finding.code for finding in error.findings}
    assert PERSONAL not in str(error)


def test_a_list_without_ids_is_refused_and_the_nearest_column_named() -> None:
    content = csv_of(("Stafff ID", "Surname", "URN"), ("1", "x", "990001"))
    (finding,) = refusal(content).findings
    assert (finding.code, finding.field) == ("missing-column", "Stafff ID")


def test_what_is_nobodys_business_is_dropped_unread_and_told() -> None:
    header = (*HEADER, "Password", "NI Number", "Date of Birth", "Teacher Number", "House")
    staff = read(csv_of(header, (*SIAN, SECRET, PERSONAL, "01/02/1980", "9912345", "Oak")))
    told = [(finding.code, finding.field) for finding in staff.warnings]
    assert told == [
        ("dropped-column", "Password"),
        ("dropped-column", "NI Number"),
        ("dropped-column", "Date of Birth"),
        ("dropped-column", "Teacher Number"),
        ("unknown-column", "House"),
    ]
    for secret in (SECRET, PERSONAL, "1980", "9912345", "Oak"):
        assert secret not in repr(staff)


@pytest.mark.parametrize(
    "heading",
    [
        "password", "Initial Pass Word", "NI", "NINO", "NI_Number", "National Insurance No", "DOB", "dateOfBirth",
        "Birth Date", "Gender", "Sex", "Ethnicity", "Payroll Number", "PayScale", "Salary", "TRN", "Teacher Ref",
        "TeacherNumber", "Religion", "Disability", "Bank Sort Code", "Maiden Name", "DBS date", "QTS status",
    ],
)  # fmt: skip
def test_sensitive_columns_are_known_by_name(heading: str) -> None:
    assert is_sensitive(heading)


@pytest.mark.parametrize("heading", [*HEADER, "Title", "Post", "Department", "Phone", "Line manager", "Unit", "House"])
def test_ordinary_columns_are_not_taken_for_sensitive(heading: str) -> None:
    assert not is_sensitive(heading)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        (("", "Eve", "Nine", "", "990001", ""), "missing-value", "staff_id"),
        (("S\u0007", "Eve", "Nine", "", "990001", ""), "bad-id", "staff_id"),
        (("S9", "", "NULL", "", "990001", ""), "missing-value", "given_name"),
        (("S9", "E" * 101, "", "", "990001", ""), "too-long", "given_name"),
        (("S9", "Eve", "Nine", "", "", ""), "missing-value", "school_urn"),
        (("S9", "Eve", "Nine", "", "Larkspur", ""), "bad-school", "school_urn"),
        (("S9", "Eve", "Nine", "", "990001"), "ragged-row", None),
        (("S9", "Eve", "Nine", "", "990001", "", "x"), "ragged-row", None),
        (("S1", "Eve", "Nine", "", "990001", ""), "duplicate-id", "staff_id"),
        (("S1", "Siân", "Ó Briain", "", "990001", ""), "duplicate-id", "staff_id"),
        (("S1", "Siân", "Ó Briain", "other@larkspur.example", "990002", ""), "duplicate-id", "staff_id"),
    ],
)
def test_a_row_that_cannot_be_used_says_why_and_the_others_go_on(
    row: tuple[str, ...], code: str, field: str | None
) -> None:
    staff = read(PLAIN + csv_of(row))
    assert codes(staff) == [(code, field)]
    assert staff.rejected[0].place.line == 4
    assert [each.source_id for each in staff.records] == ["S1", "S2"]


@pytest.mark.parametrize("line", ['"S9"x,Eve,Nine,,990001,\r\n', "S9,Eve\rNine,,990001,\r\n"])
def test_rows_whose_end_is_unclear_are_rejected(line: str) -> None:
    staff = read(PLAIN + line.encode(), complete=True)
    assert [finding.code for finding in staff.rejected] in (["bad-quoting"], ["bare-cr"])
    assert not staff.complete


def test_a_line_break_in_a_cell_is_a_space() -> None:
    staff = read(csv_of(HEADER, ("S1", "Ada", "O'Neill", "", "990001", "Head\r\nof Art"), ADA))
    assert [each.employments[0].job_title for each in staff.records] == ["Head of Art", "Head’s PA"]


def test_one_person_at_two_schools_is_one_record() -> None:
    staff = read(csv_of(HEADER, SIAN, (*SIAN[:4], "990002", "Mentor")))
    (record,) = staff.records
    assert [(each.org_id, each.job_title) for each in record.employments] == [
        ("990001", "Teacher"),
        ("990002", "Mentor"),
    ]


def test_a_list_of_one_school_takes_no_rows_of_another() -> None:
    content = csv_of(HEADER, SIAN, ADA, ("S3", "Eve", "Nine", "", "", ""), ("S4", "Di", "Ten", "", "2022900", ""))
    staff = read(content, school=LARKSPUR)
    assert codes(staff) == [("other-school", "school_urn")]
    assert staff.orgs == (Org("990001", "Larkspur Primary School", urn="990001", laestab="202/2900"),)
    assert [each.source_id for each in staff.records] == ["S1", "S3", "S4"]
    assert len(read(csv_of(("ID", "Surname"), ("1", "x")), school=LARKSPUR).records) == 1


@pytest.mark.parametrize(
    ("status", "end", "active"),
    [
        ("", "", True),
        ("Active", "", True),
        ("Permanent", "", True),
        ("Leaver", "", False),
        ("false", "", False),
        ("", "13/09/2026", False),
        ("", "14/09/2026", True),
        ("", "2026-09-13", False),
        ("Left", "2030-01-01", False),
    ],
)
def test_leavers_are_heard_by_word_and_by_date(status: str, end: str, active: bool) -> None:
    staff = read(csv_of((*HEADER, "Status", "Date of leaving"), (*SIAN, status, end)))
    (record,) = staff.records
    assert (record.active, record.employments[0].active) == (active, active)


@pytest.mark.parametrize(("status", "end", "code"), [("Perhaps", "", "bad-value"), ("", "soon", "bad-date")])
def test_a_leaver_is_never_guessed(status: str, end: str, code: str) -> None:
    staff = read(csv_of((*HEADER, "Status", "Date of leaving"), (*SIAN, status, end)))
    assert [finding.code for finding in staff.rejected] == [code]


def test_one_name_a_shared_inbox_and_no_address_are_no_faults() -> None:
    staff = read(
        csv_of(
            HEADER,
            ("S1", "Sukarno", "", "class3@larkspur.example", "990001.0", ""),
            ("S2", "Ada", "O'Neill", "class3@larkspur.example", "990001", ""),
            ("S3", "Eve", "Nine", "NULL", "990001", ""),
            ("S4", "Di", "Ten", "di at larkspur", "990001", ""),
        )
    )
    assert [each.email for each in staff.records] == ["class3@larkspur.example", "class3@larkspur.example", None, None]
    assert [finding.code for finding in staff.warnings] == ["one-name", "bad-email"]


def test_service_accounts_are_left_out() -> None:
    content = csv_of(HEADER, SIAN, ("S9", "", "Cover Account", "", "990001", ""))
    staff = read_staff_csv(
        io.BytesIO(content), columns=None, school=None, complete=True, today=TODAY, exclusions=SERVICE_ACCOUNTS
    )
    assert (len(staff.records), staff.left_out) == (1, {"excluded": 1})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b" \r\n\r\n", "empty-file"),
        (b"PK\x03\x04", "not-text"),
        (b"\xd0\xcf\x11\xe0", "not-text"),
        (b"<html>", "not-text"),
        (b'<?xml version="1.0"?><CTfile><Header/></CTfile>', "ctf"),
        (b"<Message><Header><CollectionDetails><Collection>SWF</Collection>", "workforce-census"),
        (b"TeacherNumber,NINumber,QTStatus,HLTAStatus\r\n", "workforce-census"),
        (b"UPN,Forename,Surname\r\n", "pupils"),
        (b"sourcedId,givenName,familyName\r\n", "no-manifest"),
        (b"userSourcedId,orgSourcedId,role,sessionSourcedId\r\n", "no-manifest"),
        (PLAIN + b'"S9', "unclosed-quote"),
        (PLAIN + b"\0", "not-text"),
        (PLAIN + b"\xe9\x81", "bad-encoding"),
        (PLAIN.replace(b"\r\n", b"\r"), "bare-cr"),
        (csv_of(("staff_id", "staff_id", "surname", "urn"), ("1", "2", "x", "990001")), "duplicate-column"),
    ],
)
def test_what_is_no_list_of_staff_is_refused_in_a_sentence(content: bytes, code: str) -> None:
    error = refusal(content)
    assert error.findings[0].code == code
    assert str(error).endswith(".")
