"""A plan: the rows that a sync writes, as plain values, with its figures, its report, and what it is held for."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Row = dict[str, Any]
"""A row's columns as JSON has them: ids as text, instants in ISO 8601."""

VERDICTS = ("created", "updated", "unchanged", "reactivated", "deactivated", "skipped", "rejected")
_WRITTEN = (
    "new_schools",
    "changed_schools",
    "new_orgs",
    "changed_orgs",
    "new_people",
    "changed_people",
    "new_links",
    "changed_links",
    "new_employments",
    "changed_employments",
    "new_proposals",
    "gone_proposals",
)


@dataclass(slots=True)
class Plan:
    """What a sync does. Each list holds rows of one table; those that change name the row by its key.

    `leavers` and `returners` are people's ids.
    """

    counts: dict[str, int] = field(default_factory=lambda: {**dict.fromkeys(VERDICTS, 0), "needs_attention": 0})
    changed_fields: dict[str, int] = field(default_factory=dict)
    report: list[Row] = field(default_factory=list)
    held_because: list[str] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    new_schools: list[Row] = field(default_factory=list)
    changed_schools: list[Row] = field(default_factory=list)
    new_orgs: list[Row] = field(default_factory=list)
    changed_orgs: list[Row] = field(default_factory=list)
    new_people: list[Row] = field(default_factory=list)
    changed_people: list[Row] = field(default_factory=list)
    new_links: list[Row] = field(default_factory=list)
    changed_links: list[Row] = field(default_factory=list)
    new_employments: list[Row] = field(default_factory=list)
    changed_employments: list[Row] = field(default_factory=list)
    new_proposals: list[Row] = field(default_factory=list)
    gone_proposals: list[str] = field(default_factory=list)
    leavers: list[str] = field(default_factory=list)
    returners: list[str] = field(default_factory=list)
    email_keys: list[str] = field(default_factory=list)
    """Addresses that came in: whose they are is part of what the plan rests on."""

    @property
    def writes(self) -> bool:
        """Whether there is anything to write at all."""
        return any(getattr(self, name) for name in _WRITTEN)

    def encoded(self) -> bytes:
        """The plan for keeping."""
        return zlib.compress(json.dumps(asdict(self), separators=(",", ":")).encode(), 1)

    @property
    def digest(self) -> str:
        """What a confirmation names."""
        return hashlib.sha256(self.encoded()).hexdigest()


def decoded(kept: bytes) -> Plan:
    """The plan that was kept."""
    plain: Mapping[str, Any] = json.loads(zlib.decompress(kept))
    return Plan(**plain)
