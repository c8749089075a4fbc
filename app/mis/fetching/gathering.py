"""Putting a `StaffSet` together row by row: each person once, in the newest state, and a reason for each refusal."""

import fnmatch
import hashlib
from collections import Counter
from collections.abc import Iterable

from app.mis.fetching.failing import NotUsableError
from app.mis.staff import Finding, Org, Place, StaffRecord, StaffSet

MOST_FINDINGS = 1_000
"""How many warnings are told; more of them say nothing new, and memory is bounded."""
MOST_REJECTED = 20_000
"""From here on it is the source that is wrong, not its rows."""


class Gathering:
    """A `StaffSet` in the making."""

    def __init__(self, *, leave_out: Iterable[str] = ()) -> None:
        self._patterns = tuple(pattern.casefold() for pattern in leave_out)
        self._records: dict[str, StaffRecord] = {}
        self._orgs: dict[str, Org] = {}
        self._rejected: list[Finding] = []
        self._warnings: list[Finding] = []
        self._left_out = Counter[str]()
        self._nobodies = set[str]()

    def org(self, org: Org) -> None:
        """A school, or what else the source has of the kind."""
        self._orgs[org.source_id] = org

    @property
    def orgs(self) -> tuple[Org, ...]:
        return tuple(self._orgs.values())

    def add(self, record: StaffRecord) -> None:
        """Somebody. Of two states of the same person the newer one counts, else the one that came later."""
        name = record.family_name.casefold()
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in self._patterns):
            self.leave_out("accounts that are nobody", record.source_id)
            return
        known = self._records.get(record.source_id)
        newest = known.updated_at if known is not None else None
        if newest is not None and (record.updated_at is None or record.updated_at < newest):
            return
        self._records[record.source_id] = record

    def leave_out(self, kind: str, source_id: str) -> None:
        """Somebody who is nobody's business here: only how many there are of the kind is kept."""
        if source_id not in self._nobodies:
            self._nobodies.add(source_id)
            self._left_out[kind] += 1

    def reject(self, place: Place, code: str, reason: str, *, field: str | None, source_id: str | None) -> None:
        """A row that cannot be used. One who is known by the id does not count as absent. Raises `NotUsableError`."""
        if len(self._rejected) >= MOST_REJECTED:
            raise NotUsableError("people", "nearly all that came cannot be used.")
        self._rejected.append(Finding(place, code, reason, field, source_id))

    def warn(
        self, place: Place, code: str, reason: str, *, field: str | None = None, source_id: str | None = None
    ) -> None:
        """Something that was read leniently, or that a person should know."""
        if len(self._warnings) < MOST_FINDINGS:
            self._warnings.append(Finding(place, code, reason, field, source_id))

    @property
    def seen(self) -> int:
        return len(self._records) + len(self._nobodies) + len(self._rejected)

    def staff_set(self, *, complete: bool, complete_orgs: frozenset[str] | None = None) -> StaffSet:
        """All of it."""
        records = tuple(self._records[key] for key in sorted(self._records))
        return StaffSet(
            records=records,
            orgs=self.orgs,
            complete=complete,
            complete_orgs=complete_orgs,
            rejected=tuple(self._rejected),
            warnings=tuple(self._warnings),
            left_out=dict(self._left_out),
            digest=_digest(records, self.orgs, complete),
        )


def _digest(records: tuple[StaffRecord, ...], orgs: tuple[Org, ...], complete: bool) -> str:
    """The same for the same people in the same state, wherever in the answers they stood."""
    lines = [repr((complete, sorted(orgs, key=lambda org: org.source_id)))]
    for each in records:
        employments = sorted(each.employments, key=lambda job: job.org_id)
        values = (each.source_id, each.given_name, each.family_name, each.email, employments, each.second_ids)
        lines.append(repr((values, each.active, each.deleted, each.employments_known, each.updated_at)))
    return hashlib.sha256("\n".join(lines).encode("utf-8", "backslashreplace")).hexdigest()
