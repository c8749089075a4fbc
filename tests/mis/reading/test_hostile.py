"""Packages made to harm: they cost little, and nothing comes of them but a reason."""

import io
import random
import stat
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.mis.reading.gias import read_gias
from app.mis.reading.oneroster_csv.archive import PackageLimits
from app.mis.reading.oneroster_csv.context import ReadingOptions
from app.mis.reading.oneroster_csv.reading import read_oneroster_csv
from app.mis.reading.rows import Limits
from app.mis.reading.staff_csv import read_staff_csv
from app.mis.staff import StaffSet, UnusableSourceError
from tests.mis.reading.packages import TODAY, Parcel, zipped
from tests.support.forms import FULL, form

Result = TypeVar("Result")
MEGABYTE = 1024 * 1024
USUAL = ReadingOptions()


def read(content: bytes, options: ReadingOptions = USUAL) -> StaffSet:
    return read_oneroster_csv(io.BytesIO(content), today=TODAY, options=options)


def code(content: bytes, options: ReadingOptions = USUAL) -> str:
    """Why a package is refused."""
    with pytest.raises(UnusableSourceError) as refused:
        read(content, options)
    return refused.value.findings[0].code


def with_entry(entry: str | zipfile.ZipInfo, content: bytes) -> bytes:
    parcel = Parcel("1.1")
    parcel.extra.append((entry, content))
    return parcel.zip()


def test_a_link_is_no_file() -> None:
    link = zipfile.ZipInfo("results.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert code(with_entry(link, b"/etc/passwd")) == "link"


def test_a_folder_is_no_file() -> None:
    assert code(with_entry("export/", b"")) == "nested-file"


def test_a_package_with_a_password_is_refused() -> None:
    content = bytearray(Parcel("1.1").zip())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert code(bytes(content)) == "encrypted"


def test_a_compression_that_unpacks_slowly_is_refused() -> None:
    assert code(zipped(("manifest.csv", b"propertyName,value\r\n"), method=zipfile.ZIP_LZMA)) == "unknown-compression"


def test_the_same_name_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = with_entry("users.csv", b"sourcedId\r\n")
    assert code(content) == "duplicate-file"


def test_a_name_is_never_repeated_as_it_stands() -> None:
    with pytest.raises(UnusableSourceError) as refused:
        read(with_entry("<script>\x1b[31m" + "x" * 200, b""))
    assert "<script>" not in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("cut", [0.05, 0.5, 0.95, 0.999])
def test_a_package_cut_short_is_refused(cut: float) -> None:
    content = Parcel("1.2").zip()
    assert code(content[: int(len(content) * cut)]) == "broken-zip"


def test_a_damaged_file_is_refused_though_its_rows_were_read() -> None:
    content = bytearray(zipped(*_stored(Parcel("1.1")), method=zipfile.ZIP_STORED))
    at = content.index(b"O'Neill")
    content[at : at + 7] = b"O'Brian"
    assert code(bytes(content)) == "broken-zip"


def _stored(parcel: Parcel) -> list[tuple[str | zipfile.ZipInfo, bytes]]:
    with zipfile.ZipFile(io.BytesIO(parcel.zip())) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + b"\0" * 18, b"name,school\r\n", b"\0" * 100_000])
def test_what_is_no_package_is_refused(content: bytes) -> None:
    assert code(content) in ("broken-zip", "no-manifest")


def test_a_table_of_contents_without_end_is_refused_before_it_is_read() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(3_000):
            archive.writestr(f"f{number}.csv", b"")
    assert code(file.getvalue()) == "too-many-files"
    lying = bytearray(file.getvalue())
    struct.pack_into("<HH", lying, len(lying) - 14, 2, 2)
    assert code(bytes(lying)) == "too-many-files"


def test_the_directory_for_huge_archives_is_refused() -> None:
    content = Parcel("1.1").zip()
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 1)
    assert code(content[:-22] + locator + content[-22:]) == "too-many-files"


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        (b"\0", "not-text"),
        (b"a", "row-too-long"),
        (b",".join([b"x"] * 17 + [b"y" * 2_000]) + b"\n", "too-large"),
        (b"\n", "too-many-rows"),
    ],
)
def test_a_bomb_is_put_out_while_it_unpacks(piece: bytes, reason: str) -> None:
    limits = ReadingOptions(package=PackageLimits(entry_bytes=4 * MEGABYTE), limits=Limits(rows=100_000))
    header = Parcel("1.1").users.content().splitlines(keepends=True)[0]
    parcel = Parcel("1.1")
    parcel.without.add("users")
    parcel.extra.append(("users.csv", header + piece * (8 * MEGABYTE // len(piece))))
    content = parcel.zip()
    assert len(content) < 100_000
    started = time.process_time()
    told, peak = _measured(lambda: code(content, limits))
    assert told == reason
    assert time.process_time() - started < 5
    assert peak < 20 * MEGABYTE


def test_quotes_that_open_and_close_over_many_lines_cost_no_more_than_they_hold() -> None:
    parcel = Parcel("1.1")
    parcel.without.add("users")
    header = parcel.users.content().splitlines(keepends=True)[0]
    row = b'x,"' + b'""\n' * 20_000 + b'"' + b"," * 16 + b"\n"
    parcel.extra.append(("users.csv", header + row * 20))
    started = time.process_time()
    staff = read(parcel.zip())
    assert [finding.code for finding in staff.rejected] == ["line-break"] * 20
    assert time.process_time() - started < 5


def test_a_refusal_says_in_which_file_and_line() -> None:
    parcel = Parcel("1.1")
    parcel.users.drop("givenName")
    with pytest.raises(UnusableSourceError, match=r"^users\.csv, line 1: The column givenName is missing\.$"):
        read(parcel.zip())
    parcel = Parcel("1.1")
    parcel.without.add("orgs")
    parcel.users.drop("givenName")
    with pytest.raises(UnusableSourceError, match=r"^The manifest says that orgs\.csv is bulk, but"):
        read(parcel.zip())


def test_files_are_counted_together_too() -> None:
    limits = PackageLimits(total_bytes=len(Parcel("1.1").users.content()) + 10)
    assert code(Parcel("1.1").zip(), ReadingOptions(package=limits)) == "too-large"


def test_refused_rows_without_end_refuse_the_package() -> None:
    parcel = Parcel("1.1")
    parcel.users.raw.extend(f"x{number},,,,,,,,,,,,,,,,," for number in range(10_100))
    with pytest.raises(UnusableSourceError, match="More than 10,000 rows") as refused:
        read(parcel.zip())
    assert len(refused.value.findings) == 200


def test_faults_are_told_together_and_bounded() -> None:
    parcel = Parcel("1.2")
    for number in range(40):
        parcel.extra.append((f"x{number}.txt", b""))
    with pytest.raises(UnusableSourceError) as refused:
        read(parcel.zip())
    assert len(refused.value.findings) == 40


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_million_pupils_leave_no_trace_in_memory(version: str, tmp_path: Path) -> None:
    count, megabytes = form(short=20_000, full=1_000_000), form(short=2, full=60)
    path = tmp_path / "package.zip"
    _write_pupils(path, version, count)
    with path.open("rb") as file:
        staff, peak = _measured(lambda: read_oneroster_csv(file, today=TODAY))
    assert (len(staff.records), staff.left_out["pupils"], staff.complete) == (2, count + 1, True)
    assert peak < megabytes * MEGABYTE
    # Their ids alone would not fit.
    ids, kept = _measured(lambda: {f"pupil-{number:036}" for number in range(count)})
    assert (len(ids), kept > megabytes * MEGABYTE) == (count, True)


def _measured(work: Callable[[], Result]) -> tuple[Result, int]:
    """What some work gives, and how many bytes it held at most."""
    tracemalloc.start()
    try:
        return work(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _write_pupils(path: Path, version: str, count: int) -> None:
    parcel = Parcel(version)
    parcel.users.add(sourcedId="ID", enabledUser="true", username="ID", givenName="Given", familyName="Family")
    own = parcel.users.rows.pop()
    for column, value in (("role", "student"), ("orgSourcedIds", "larkspur")):
        if column in parcel.users.columns:
            own[parcel.users.columns.index(column)] = value
    role = ["ID", "", "", "ID", "primary", "student", "", "", "larkspur", ""]
    with (
        zipfile.ZipFile(io.BytesIO(parcel.zip())) as old,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in old.namelist():
            with new.open(name, "w") as file:
                file.write(old.read(name))
                line = {"users.csv": own, "roles.csv": role}.get(name)
                if line is None:
                    continue
                text = ",".join(line) + "\r\n"
                for start in range(0, count, 1_000):
                    file.write(
                        "".join(text.replace("ID", f"pupil-{n:036}") for n in range(start, start + 1_000)).encode()
                    )


READERS: list[Callable[[bytes], object]] = [
    read,
    lambda content: read_oneroster_csv(io.BytesIO(content), today=TODAY, strict=True),
    lambda content: read_staff_csv(io.BytesIO(content), columns=None, school=None, complete=True, today=TODAY),
    lambda content: read_gias(io.BytesIO(content)),
    lambda content: read_gias(
        io.BytesIO(b"URN,EstablishmentName,EstablishmentStatus (name)\n"), links=io.BytesIO(content)
    ),
]


@settings(max_examples=400 if FULL else 60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    content=st.binary(max_size=400),
    lead=st.sampled_from([b"", b"staff_id,surname,urn\n", b"\xef\xbb\xbfURN,", b"PK\x03\x04"]),
)
def test_any_bytes_are_read_or_refused(content: bytes, lead: bytes) -> None:
    outcomes = [_outcome(reader, lead + content) for reader in READERS]
    assert set(outcomes) <= {"read", "refused"}


@settings(max_examples=400 if FULL else 60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), changes=st.integers(1, 8), version=st.sampled_from(["1.1", "1.2"]))
def test_a_package_with_any_bytes_changed_is_read_or_refused(seed: int, changes: int, version: str) -> None:
    content = bytearray(zipped(*_stored(Parcel(version)), method=zipfile.ZIP_STORED))
    chance = random.Random(seed)
    for _ in range(changes):
        content[chance.randrange(len(content))] = chance.randrange(256)
    outcomes = [_outcome(reader, bytes(content)) for reader in READERS[:2]]
    assert set(outcomes) <= {"read", "refused"}


@settings(max_examples=400 if FULL else 60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    content=st.text(max_size=300),
    version=st.sampled_from(["1.1", "1.2"]),
    file=st.sampled_from(["users", "orgs", "roles"]),
)
def test_any_text_in_a_file_is_read_or_refused(content: str, version: str, file: str) -> None:
    parcel = Parcel(version)
    getattr(parcel, file).raw.append(content)
    try:
        packed = parcel.zip()
    except UnicodeEncodeError:
        packed = b""
    outcomes = [_outcome(reader, packed) for reader in READERS[:2]]
    assert set(outcomes) <= {"read", "refused"}


def _outcome(reader: Callable[[bytes], object], content: bytes) -> str:
    try:
        reader(content)
    except UnusableSourceError as error:
        return "refused" if error.findings and str(error) else "refused without a reason"
    return "read"


@settings(max_examples=300 if FULL else 50, deadline=None)
@given(
    given_name=st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=40),
    family_name=st.text(st.characters(categories=["L", "Nd", "Po"], exclude_characters="\0"), max_size=40),
    identifier=st.text("0123456789abcXYZ./@_-", min_size=1, max_size=255),
)
def test_what_a_package_says_comes_out_again(given_name: str, family_name: str, identifier: str) -> None:
    parcel = Parcel("1.1")
    parcel.users.put("t1", "givenName", given_name)
    parcel.users.put("t1", "familyName", family_name)
    parcel.users.put("t1", "sourcedId", identifier)
    told = read(parcel.zip())
    known = {each.source_id for each in told.records} | {each.source_id for each in told.rejected}
    assert identifier in known
