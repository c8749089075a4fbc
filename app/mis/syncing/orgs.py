"""Which school of the hub a source's school is: by URN, by LAESTAB, or because a person has said so. Never by name."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from app.mis.staff import Org
from app.mis.syncing.plan import Plan
from app.mis.syncing.state import KnownOrg, KnownSchool, State
from app.people.rules import laestab


class Orgs:
    """The source's schools as they are after this sync."""

    def __init__(self, told: Iterable[Org], state: State) -> None:
        self._known = dict(state.orgs)
        self._before = state.orgs
        by_urn = {each.urn: each.id for each in state.schools}
        by_laestab = {each.laestab: each.id for each in state.schools if each.laestab}
        for org in told:
            self._known[org.source_id] = _placed(org, state.orgs.get(org.source_id), by_urn, by_laestab)

    def school(self, org_id: str) -> UUID | None:
        """The hub's school that this one is, if that is known."""
        found = self._known.get(org_id)
        return found.school_id if found else None

    def is_left_aside(self, org_id: str) -> bool:
        """Whether a person has said that it is none of the hub's."""
        found = self._known.get(org_id)
        return found is not None and found.left_aside

    def schools(self, org_ids: Iterable[str]) -> frozenset[UUID]:
        """The hub's schools that these are."""
        return frozenset(school for org_id in org_ids if (school := self.school(org_id)) is not None)

    def enter(self, plan: Plan) -> None:
        """Puts what is new about them into the plan."""
        for org_id, org in self._known.items():
            before = self._before.get(org_id)
            if org == before:
                continue
            (plan.changed_orgs if before else plan.new_orgs).append(
                {
                    "org_id": org_id,
                    "name": org.name,
                    "urn": org.urn,
                    "laestab": org.laestab,
                    "school_id": str(org.school_id) if org.school_id else None,
                    "confirmed": org.confirmed,
                    "left_aside": org.left_aside,
                }
            )


def _placed(org: Org, known: KnownOrg | None, by_urn: Mapping[str, UUID], by_laestab: Mapping[str, UUID]) -> KnownOrg:
    urn = org.urn if org.urn is not None and len(org.urn) == 6 and org.urn.isdigit() else None
    place = laestab(org.laestab) if org.laestab else None
    decided = known is not None and (known.confirmed or known.left_aside)
    found = {school for school in (by_urn.get(urn or ""), by_laestab.get(place or "")) if school}
    if known is not None and decided:
        school = known.school_id
    else:
        # Two numbers that name two schools name none.
        school = found.pop() if org.is_school and len(found) == 1 else None
    return KnownOrg(
        org_id=org.source_id,
        name=org.name[:200],
        urn=urn,
        laestab=place,
        school_id=school,
        confirmed=known.confirmed if known else False,
        left_aside=known.left_aside if known else False,
    )


def schools_by_key(schools: Iterable[KnownSchool]) -> dict[str, KnownSchool]:
    """The hub's schools by their URN, and by their LAESTAB."""
    found: dict[str, KnownSchool] = {}
    for each in schools:
        found[each.urn] = each
        if each.laestab:
            found[each.laestab] = each
    return found
