"""Files as they came in, and what is in them: read at once, so that of pupils and passwords nothing is ever kept.

Large files are read in a process of its own. It loads this module: what talks to the database is none of its business.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from app.kernel.problems import Fault, Problem
from app.mis.apart import Handed, apart
from app.mis.imports.formats import ImportFormat, Wanted
from app.mis.reading.gias import GiasSet, read_gias
from app.mis.reading.oneroster_csv.context import ReadingOptions
from app.mis.reading.oneroster_csv.reading import read_oneroster_csv
from app.mis.reading.persons import SERVICE_ACCOUNTS, Exclusions
from app.mis.reading.schools import OrgKey
from app.mis.reading.sensitive import is_sensitive
from app.mis.reading.staff_columns import ColumnMap, found_heading, suggest_columns
from app.mis.reading.staff_csv import read_headings, read_staff_csv
from app.mis.staff import Finding, UnusableSourceError
from app.mis.syncing.incoming import Staff, packed

MOST_FAULTS = 50
LARGE = 100_000
"""A file of so many bytes takes longer to read than a request should keep others waiting."""


class FileUnusable(Problem):
    """The file cannot be read as what it is said to be, so nothing was taken from it and nobody was changed. `errors`
    says where and why, as far as it was read.

    Export it again, or mend those places, and send it again.
    """

    status, title = 422, "The file cannot be read"
    points = True

    def __init__(self, error: UnusableSourceError) -> None:
        faults = [Fault(_in_words(each), pointer="/file") for each in error.findings[:MOST_FAULTS]]
        super().__init__(str(error), errors=faults or [Fault(str(error), pointer="/file")])


def _in_words(finding: Finding) -> str:
    line = f", line {finding.place.line}" if finding.place.line else ""
    field = f", {finding.field}" if finding.field else ""
    return f"{finding.place.file}{line}{field}: {finding.reason}"


@dataclass(frozen=True, slots=True)
class Known:
    """What reading a file needs to know beforehand: the source's name, the school that the file is of, the columns
    that were confirmed for it, whom the source has for staff, and the hub's schools."""

    name: str
    school: OrgKey | None
    columns: Mapping[str, str] | None
    staff: frozenset[str]
    schools: frozenset[str]


def read_staff(file: BinaryIO, *, wanted: Wanted, known: Known, today: date) -> Staff:
    """The staff in a file; large ones are read in a process of its own. Raises `FileUnusable`."""
    try:
        if _size(file) > LARGE:
            return apart(_read, file=Handed(file), wanted=wanted, known=known, today=today)
        return _read(file, wanted, known, today)
    except UnusableSourceError as error:
        raise FileUnusable(error) from None


def _size(file: BinaryIO) -> int:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def _read(file: BinaryIO, wanted: Wanted, known: Known, today: date) -> Staff:
    exclusions = SERVICE_ACCOUNTS if wanted.leave_out_service_accounts else Exclusions()
    if wanted.format is ImportFormat.ONEROSTER_CSV:
        options = ReadingOptions(exclusions=exclusions, staff_roles=wanted.staff_roles, known_staff=known.staff)
        return packed(read_oneroster_csv(file, strict=wanted.strict, today=today, options=options))
    return packed(
        read_staff_csv(
            file,
            columns=_columns(file, wanted, known),
            school=known.school,
            complete=wanted.complete,
            today=today,
            exclusions=exclusions,
        )
    )


def _columns(file: BinaryIO, wanted: Wanted, known: Known) -> ColumnMap | None:
    """Those said with the file; else those confirmed before, if the file has them all; else None: suggested."""
    if wanted.columns is not None:
        return ColumnMap(wanted.columns)
    if not known.columns:
        return None
    headings = read_headings(file)
    file.seek(0)
    if all(
        (at := found_heading(each, headings)) is not None and not is_sensitive(headings[at])
        for each in known.columns.values()
    ):
        return ColumnMap(known.columns)
    return None


def suggested_columns(file: BinaryIO) -> ColumnMap:
    """What the headings of a staff list would be taken for. Raises `FileUnusable`."""
    try:
        return suggest_columns(read_headings(file))
    except UnusableSourceError as error:
        raise FileUnusable(error) from None


def read_register(file: BinaryIO, *, links: BinaryIO | None, known: Known, wanted: Wanted) -> GiasSet:
    """The register's rows that are the hub's concern: its own schools, their successors, and those that join.

    Raises `FileUnusable`.
    """
    try:
        if _size(file) <= LARGE:
            return _read_register(file, links, known, wanted)
        handed = Handed(links) if links else None
        return apart(_read_register, file=Handed(file), links=handed, known=known, wanted=wanted)
    except UnusableSourceError as error:
        raise FileUnusable(error) from None


def _read_register(file: BinaryIO, links: BinaryIO | None, known: Known, wanted: Wanted) -> GiasSet:
    register = read_gias(file, links=links)
    ours = known.schools | wanted.add
    follow = {each.successor_urn for each in register.successors if each.urn in ours}
    concerned = ours | follow
    return GiasSet(
        rows=tuple(each for each in register.rows if each.urn in concerned or each.laestab in concerned),
        successors=tuple(each for each in register.successors if each.urn in ours),
        rejected=tuple(each for each in register.rejected if each.source_id in concerned),
        warnings=tuple(each for each in register.warnings if each.source_id is None or each.source_id in concerned),
    )
