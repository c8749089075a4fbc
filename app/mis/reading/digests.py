"""What a staff set says, as one short value: the same people and schools give the same, however they were sent."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields

from app.mis.staff import Org, StaffRecord


def digest_of(records: Iterable[StaffRecord], orgs: Iterable[Org], *, complete: bool) -> str:
    """SHA-256, in hex, over the content without places or order."""
    digest = hashlib.sha256(b"complete" if complete else b"changes")
    entries: list[Org | StaffRecord] = [
        *sorted(orgs, key=lambda each: each.source_id),
        *sorted(records, key=lambda each: each.source_id),
    ]
    for entry in entries:
        content = [getattr(entry, each.name) for each in fields(entry) if each.name != "place"]
        digest.update(json.dumps(content, default=repr).encode())
    return digest.hexdigest()
