"""Whether a plan is carried out unasked: an unusual share of leavers, or of changes, is more often a broken export.

The thresholds are those of the contract, per source and per school; a school that loses all its staff, and a source
that has none left, are held however few they are.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID

from app.mis.syncing.plan import Plan
from app.mis.syncing.records import Record
from app.mis.syncing.state import State

SHARE_OF_LEAVERS, LEAST_LEAVERS = 10, 3
"""More than one in ten, and at least three people."""
SHARE_OF_CHANGES, LEAST_CHANGES = 0.75, 5


def look_out(plan: Plan, records: Iterable[Record], state: State, *, complete: bool) -> None:
    """Notes in the plan, in plain English, why it should be held."""
    records = list(records)
    spoken = {each.record_id for each in records}
    # A list of changes says nothing of the others: they are staff as before.
    others = [link for record_id, link in state.links.items() if record_id not in spoken and link.active]
    before = len(others) + sum(each.was_active for each in records)
    leaving = sum(each.was_active and not each.active for each in records)
    if complete and not any(each.told for each in records) and not plan.new_proposals and not plan.counts["skipped"]:
        plan.held_because.append("There are no staff at all in what was sent.")
    if before and not others and not any(each.active for each in records):
        plan.held_because.append(f"Nobody of this source's {before} staff would be left.")
    elif _is_mass(leaving, before):
        plan.held_because.append(
            f"{leaving} of this source's {before} staff would leave: more than one in {SHARE_OF_LEAVERS}."
        )
    names = {each.id: each.name for each in state.schools}
    for school, (ending, working) in sorted(
        _by_school(records, state, {each.record_id for each in others}).items(), key=lambda each: names.get(each[0], "")
    ):
        if ending == working:
            plan.held_because.append(f"All {working} staff of {names.get(school, 'a school')} would leave.")
        elif _is_mass(ending, working):
            plan.held_because.append(f"{ending} of {working} staff would leave {names.get(school, 'a school')}.")
    _mass_change(plan, before)


def _by_school(records: Iterable[Record], state: State, others: Iterable[str]) -> Mapping[UUID, tuple[int, int]]:
    """For each school that loses anybody: how many it loses by this plan and nobody takes the place of, of how many."""
    working: Counter[UUID] = Counter()
    ending: Counter[UUID] = Counter()
    coming: Counter[UUID] = Counter()
    for record_id in others:
        working.update(job.school_id for job in state.employments.get(record_id, ()) if job.active)
    for each in records:
        for school in {*each.employments_before, *each.employments}:
            was = each.was_active and school in each.employments_before and each.employments_before[school].active
            will_be = each.active and school in each.employments and each.employments[school].active
            working[school] += was
            ending[school] += was and not will_be
            coming[school] += will_be and not was
    return {
        school: (count, working[school])
        for school, count in ending.items()
        if count and not (count == working[school] and coming[school] and not _is_mass(count, working[school]))
    }


def _is_mass(leaving: int, of: int) -> bool:
    return leaving >= LEAST_LEAVERS and leaving * SHARE_OF_LEAVERS > of


def _mass_change(plan: Plan, known: int) -> None:
    updated = plan.counts["updated"]
    if updated >= LEAST_CHANGES and updated > SHARE_OF_CHANGES * known:
        plan.held_because.append(f"{updated} of {known} people would change, which is more than three quarters.")
