"""Every package of the corpus gets its verdict, in the default reading and in the strict one."""

import io

import pytest

from app.mis.reading.oneroster_csv.reading import read_oneroster_csv
from app.mis.staff import StaffSet, UnusableSourceError
from tests.mis.reading.cases import Case, Verdict
from tests.mis.reading.corpus import CORPUS
from tests.mis.reading.packages import PERSONAL, SECRET, TODAY, Parcel

EACH = [pytest.param(case, version, id=f"{case.name}, {version}") for case in CORPUS for version in case.versions]


@pytest.mark.parametrize(("case", "version"), EACH)
def test_each_package_gets_its_verdict_in_both_readings(case: Case, version: str) -> None:
    parcel = Parcel(version)
    case.bend(parcel)
    content = parcel.zip()
    verdicts = [_verdict(content, strict=strict) for strict in (False, True)]
    assert verdicts == [case.verdict(strict=strict) for strict in (False, True)]


def _verdict(content: bytes, *, strict: bool) -> Verdict:
    """What a reading says; on the way, that every finding says where and why and none repeats what it must not."""
    read, refusal = _read(content, strict=strict)
    if read is None:
        assert refusal.findings
        told, verdict = refusal.findings, Verdict(None, frozenset(finding.code for finding in refusal.findings))
        assert SECRET not in str(refusal)
    else:
        told = (*read.rejected, *read.warnings)
        verdict = Verdict(
            tuple(record.source_id for record in read.records),
            frozenset(finding.code for finding in read.rejected),
            frozenset(finding.code for finding in read.warnings),
        )
        assert SECRET not in repr(read)
        assert PERSONAL not in repr(read)
        assert not {"p1", "g1", "r1"} & {record.source_id for record in read.records}
    for finding in told:
        assert finding.place.file
        assert finding.reason.endswith(".")
        said = f"{finding.reason} {finding.field}"
        assert not any(name in said for name in ("Siân", "Briain", "Adaeze", "O'Neill", "larkspur.example"))
    return verdict


def _read(content: bytes, *, strict: bool) -> tuple[StaffSet | None, UnusableSourceError]:
    try:
        return read_oneroster_csv(io.BytesIO(content), strict=strict, today=TODAY), UnusableSourceError("")
    except UnusableSourceError as error:
        return None, error
