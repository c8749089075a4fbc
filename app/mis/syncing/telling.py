"""What a sync tells of single rows: findings as its report keeps them. Never a name or an address."""

from collections.abc import Iterable

from app.mis.staff import Finding, Place
from app.mis.syncing.plan import Plan, Row
from app.mis.syncing.records import Record

MOST_TOLD = 5_000
"""So many lines of a report are kept; rows that were rejected come first."""

SKIPPED = {
    "erased": "This person's data was erased here on request, so the record is left out.",
    "older-than-known": "The record is older than what this source has told already, so it changes nothing.",
    "unknown-school": "None of the record's schools is known to be a school of the hub.",
    "school-left-aside": "All of the record's schools were left aside by a person.",
    "no-school": "The record names no school at which the person works.",
    "left-already": "The person has left, and was never here.",
    "might-be-known": "This might be somebody who is here already, so nothing was done with it.",
}
TO_DO = {
    "unknown-school": "Say which school it is, or leave it aside: PUT /v1/staff-sources/{id}/schools.",
    "might-be-known": "Say whether it is the same person: GET /v1/hubs/{hub_id}/staff-link-proposals.",
    "address-taken": "Look at both people, and take the address from the one whose it is not.",
    "has-a-role": "Somebody who runs the hub changes this by hand, if it is right.",
    "shared-address": None,
}


def told(finding: Finding, severity: str) -> Row:
    """A reader's finding as a report keeps it."""
    return {
        "severity": severity,
        "file": finding.place.file,
        "row": finding.place.line,
        "field": finding.field,
        "code": finding.code,
        "source_id": finding.source_id,
        "teacher_id": None,
        "what": finding.reason,
        "what_to_do": None,
    }


def about(record: Record, *, code: str, what: str, severity: str, teacher_id: str | None = None) -> Row:
    """Something about one record as a report keeps it."""
    place = record.told.place if record.told else Place("", None)
    return {
        "severity": severity,
        "file": place.file or None,
        "row": place.line,
        "field": None,
        "code": code,
        "source_id": record.record_id,
        "teacher_id": teacher_id,
        "what": what,
        "what_to_do": TO_DO.get(code),
    }


def skip(plan: Plan, record: Record, code: str, *, teacher_id: str | None = None) -> None:
    """Counts and tells a record that is left out."""
    plan.counts["skipped"] += 1
    severity = "needs_a_person" if code in TO_DO else "note"
    plan.report.append(about(record, code=code, what=SKIPPED[code], severity=severity, teacher_id=teacher_id))


def tell_what_was_read(plan: Plan, rejected: Iterable[Finding], warnings: Iterable[Finding]) -> None:
    """Puts what the reader found into the report."""
    refused = [told(each, "rejected") for each in rejected]
    plan.counts["rejected"] += len(refused)
    plan.report += refused
    plan.report += [told(each, "note") for each in warnings]


def close(plan: Plan) -> None:
    """Sorts the report, most pressing first, counts what needs a person, and keeps it to what can be read."""
    order = {"rejected": 0, "needs_a_person": 1, "note": 2}
    plan.report.sort(key=lambda row: (order[row["severity"]], row["file"] or "", row["row"] or 0))
    plan.counts["needs_attention"] = sum(row["severity"] != "note" for row in plan.report)
    more = len(plan.report) - MOST_TOLD
    if more > 0:
        del plan.report[MOST_TOLD:]
        plan.report.append(
            {
                **dict.fromkeys(("file", "row", "field", "source_id", "teacher_id", "what_to_do")),
                "severity": "note",
                "code": "more",
                "what": f"There are {more} more lines like these.",
            }
        )
