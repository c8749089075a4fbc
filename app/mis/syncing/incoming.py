"""A staff set for keeping, between the process that has read it and the one that plans it."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from app.mis.staff import Employment, Finding, Org, Place, StaffRecord, StaffSet


@dataclass(frozen=True, slots=True)
class Staff:
    """A set on its way: encoded, and how many people it has."""

    encoded: bytes
    count: int


def packed(staff: StaffSet) -> Staff:
    """A set, ready for its way."""
    return Staff(encoded(staff), len(staff.records))


def encoded(staff: StaffSet) -> bytes:
    """The set as bytes; sealed by whoever keeps it."""
    plain = asdict(staff)
    plain["left_out"] = dict(staff.left_out)
    plain["complete_orgs"] = None if staff.complete_orgs is None else sorted(staff.complete_orgs)
    for record in plain["records"]:
        record["updated_at"] = record["updated_at"].isoformat() if record["updated_at"] else None
    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode(), 1)


def decoded(kept: bytes) -> StaffSet:
    """The set again."""
    plain: Mapping[str, Any] = json.loads(zlib.decompress(kept))
    narrowed = plain["complete_orgs"]
    return StaffSet(
        records=tuple(record_from(each) for each in plain["records"]),
        orgs=tuple(Org(**each) for each in plain["orgs"]),
        complete=plain["complete"],
        complete_orgs=None if narrowed is None else frozenset(narrowed),
        rejected=tuple(_finding(each) for each in plain["rejected"]),
        warnings=tuple(_finding(each) for each in plain["warnings"]),
        left_out=plain["left_out"],
        digest=plain["digest"],
    )


def record_from(plain: Mapping[str, Any]) -> StaffRecord:
    """A record as JSON has it."""
    return StaffRecord(
        **{
            **plain,
            "place": Place(**plain["place"]),
            "employments": tuple(Employment(**each) for each in plain["employments"]),
            "second_ids": tuple(plain["second_ids"]),
            "updated_at": datetime.fromisoformat(plain["updated_at"]) if plain["updated_at"] else None,
        }
    )


def _finding(plain: Mapping[str, Any]) -> Finding:
    return Finding(**{**plain, "place": Place(**plain["place"])})
