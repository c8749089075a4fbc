"""Each record as it is after the sync: what the source tells now, laid over what it told before."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.mis.staff import StaffRecord, StaffSet
from app.mis.syncing.orgs import Orgs
from app.mis.syncing.state import KnownEmployment, KnownLink, State

LONGEST_NAME, LONGEST_EMAIL, LONGEST_ID = 100, 254, 255


@dataclass(slots=True)
class Record:
    """One record of the source, before and after.

    `told` is None for somebody who is known and of whom nothing came; `stale` for those of whom only something older
    came. `unplaced` says that a school was named, and none that the hub knows.
    """

    record_id: str
    before: KnownLink | None
    told: StaffRecord | None
    given_name: str
    family_name: str
    email: str | None
    job_title: str | None
    second_ids: tuple[str, ...]
    told_at: datetime | None
    active: bool
    employments: dict[UUID, KnownEmployment]
    employments_before: dict[UUID, KnownEmployment]
    stale: bool = False
    unplaced: bool = False
    left_aside: bool = False

    @property
    def order(self) -> tuple[bool, datetime | None, str]:
        """For finding the one record, of several that are one person, which speaks for them."""
        return self.active, self.told_at, self.record_id

    @property
    def was_active(self) -> bool:
        return self.before is not None and self.before.active

    @property
    def schools(self) -> list[UUID]:
        """Where the person works now: the primary one first."""
        working = [each for each in self.employments.values() if each.active]
        return [each.school_id for each in sorted(working, key=lambda each: not each.is_primary)]

    @property
    def is_changed(self) -> bool:
        """Whether the source's word differs from before in anything but when it was given."""
        if self.before is None:
            return True
        before = self.before
        now = (self.given_name, self.family_name, self.email, self.job_title, self.second_ids, self.active)
        then = (
            before.given_name,
            before.family_name,
            before.email,
            before.job_title,
            before.second_ids,
            before.active,
        )
        return now != then or self.employments != self.employments_before


def lay_over(staff: StaffSet, state: State, orgs: Orgs) -> tuple[list[Record], list[StaffRecord]]:
    """Every record that is known or told, as it is after the sync; and those that came a second time."""
    told: dict[str, StaffRecord] = {}
    twice: list[StaffRecord] = []
    for each in staff.records:
        if not each.name_known and each.source_id not in state.links:
            continue  # of somebody unknown, schools alone make no person
        if each.source_id in told:
            twice.append(each)
        else:
            told[each.source_id] = each
    concluded = _concluded(staff, orgs)
    records = [_told(each, state, orgs, staff, concluded) for each in told.values()]
    silent = _silent(staff, told.keys(), state)
    records += [_untold(link, state, staff, concluded) for link in silent]
    return records, twice


def _concluded(staff: StaffSet, orgs: Orgs) -> frozenset[UUID] | None:
    """The schools of which absence says something; None: all."""
    return None if staff.complete_orgs is None else orgs.schools(staff.complete_orgs)


def _silent(staff: StaffSet, told: Iterable[str], state: State) -> list[KnownLink]:
    """Those known of whom nothing came, so that it says something.

    A row that could not be used is not an absence; where such a row does not say whose it is, it could be anybody's.
    """
    if not staff.complete or any(each.source_id is None for each in staff.rejected):
        return []
    spoken = {*told, *(each.source_id for each in staff.rejected)}
    return [link for record_id, link in state.links.items() if record_id not in spoken]


def _told(each: StaffRecord, state: State, orgs: Orgs, staff: StaffSet, concluded: frozenset[UUID] | None) -> Record:
    before = state.links.get(each.source_id)
    worked = {known.school_id: known for known in state.employments.get(each.source_id, ())}
    if before and before.told_at and each.updated_at and each.updated_at < before.told_at:
        record = _as_before(before, worked)
        record.told, record.stale = each, True
        return record
    working, unplaced, aside = _working(each, orgs, worked, staff, concluded)
    if not each.active or each.deleted:
        working = {school: replace(job, active=False) for school, job in working.items()}
    known = None if each.name_known else before
    return Record(
        record_id=each.source_id,
        before=before,
        told=each,
        given_name=known.given_name if known else each.given_name,
        family_name=known.family_name if known else each.family_name,
        email=each.email or (before.email if before else None),
        job_title=_job_title(each) or (before.job_title if before else None),
        second_ids=tuple(each.second_ids) or (before.second_ids if before else ()),
        told_at=each.updated_at or (before.told_at if before else None),
        active=any(job.active for job in working.values()),
        employments=working,
        employments_before=worked,
        unplaced=unplaced,
        left_aside=aside,
    )


def _working(
    each: StaffRecord,
    orgs: Orgs,
    worked: dict[UUID, KnownEmployment],
    staff: StaffSet,
    concluded: frozenset[UUID] | None,
) -> tuple[dict[UUID, KnownEmployment], bool, bool]:
    if not each.employments_known:
        # Somebody suspended comes back to where they were; of schools nothing was told.
        back = each.active and not each.deleted and not any(known.active for known in worked.values())
        return (
            ({school: replace(known, active=True) for school, known in worked.items()} if back else worked),
            False,
            False,
        )
    working = dict(worked)
    if staff.complete and not each.employments_partial:
        for school, known in worked.items():
            if concluded is None or school in concluded:
                working[school] = replace(known, active=False)
    unplaced, aside = False, False
    now: dict[UUID, KnownEmployment] = {}
    for told in each.employments:
        school_id = orgs.school(told.org_id)
        if school_id is None:
            aside = aside or orgs.is_left_aside(told.org_id)
            unplaced = unplaced or not orgs.is_left_aside(told.org_id)
            continue
        before = now.get(school_id)
        title = told.job_title[:200] if told.job_title else None
        now[school_id] = KnownEmployment(
            school_id,
            active=told.active or (before is not None and before.active),
            is_primary=told.primary or (before is not None and before.is_primary),
            job_title=title or (before.job_title if before else None),
        )
    # One that had ended before it was ever known is no news.
    news = {school: employment for school, employment in now.items() if employment.active or school in worked}
    return {**working, **news}, unplaced, aside


def _untold(link: KnownLink, state: State, staff: StaffSet, concluded: frozenset[UUID] | None) -> Record:
    worked = {known.school_id: known for known in state.employments.get(link.record_id, ())}
    record = _as_before(link, worked)
    record.employments = {
        school: replace(known, active=False) if concluded is None or school in concluded else known
        for school, known in worked.items()
    }
    record.active = link.active and any(known.active for known in record.employments.values())
    return record


def _as_before(link: KnownLink, worked: dict[UUID, KnownEmployment]) -> Record:
    return Record(
        record_id=link.record_id,
        before=link,
        told=None,
        given_name=link.given_name,
        family_name=link.family_name,
        email=link.email,
        job_title=link.job_title,
        second_ids=link.second_ids,
        told_at=link.told_at,
        active=link.active,
        employments=dict(worked),
        employments_before=worked,
    )


def _job_title(each: StaffRecord) -> str | None:
    titles = [told for told in each.employments if told.job_title and told.active]
    first = min(titles, key=lambda told: not told.primary, default=None)
    return first.job_title[:200] if first and first.job_title else None


def too_long(each: StaffRecord) -> str | None:
    """The field whose value is longer than anything here can hold, if there is one."""
    if len(each.given_name) > LONGEST_NAME:
        return "given name"
    if len(each.family_name) > LONGEST_NAME:
        return "family name"
    if each.email and len(each.email) > LONGEST_EMAIL:
        return "e-mail address"
    return "id" if len(each.source_id) > LONGEST_ID else None
