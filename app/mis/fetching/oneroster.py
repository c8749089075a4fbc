"""OneRoster over REST, 1.1 and 1.2: the schools, and those users who are staff.

There is no list of all staff, so users are read and everybody else is dropped as they come. Which version a server
speaks shows in the address only: what it sends is read in either form.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from app.mis.fetching import values
from app.mis.fetching.details import ConnectionDetails, Fetched, Look, Progress, Version
from app.mis.fetching.failing import NotPermittedError, NotThereError, NotUsableError
from app.mis.fetching.gathering import Gathering
from app.mis.fetching.getting import Getter
from app.mis.fetching.roles import job_title, kind_of
from app.mis.fetching.walking import first_page, pages
from app.mis.staff import Employment, Org, Place, StaffRecord, StaffSet

_BASES = {Version.V1_1: "/ims/oneroster/v1p1", Version.V1_2: "/ims/oneroster/rostering/v1p2"}
_GONE = ("tobedeleted", "inactive")
_FIRST_LOOK = 100


def address(connection: ConnectionDetails) -> str:
    """Where the lists are: below the given address, unless it leads into the API already."""
    given = connection.base_url.rstrip("/")
    return given if "/ims/oneroster/" in urlsplit(given).path else given + _BASES[connection.version]


async def fetch(
    getter: Getter, connection: ConnectionDetails, *, since: datetime | None, now: datetime, progress: Progress
) -> Fetched:
    """All staff, or with `since` those whose records changed after it. Raises `FetchError`."""
    base, gathering = address(connection), Gathering(leave_out=connection.leave_out)
    reading = _Reading(connection, gathering, now.date(), since)
    schools = await _list_of_schools(getter, base, connection)
    async for rows in pages(getter, f"{base}/{schools}", step="the schools", page_size=connection.page_size):
        for org in rows:
            reading.org(org)
        await progress(gathering.seen, "reading the schools")
    params = {"filter": f"dateLastModified>'{_written(since)}'"} if since else {}
    number = 0
    async for rows in pages(getter, f"{base}/users", step="the staff", page_size=connection.page_size, params=params):
        number += 1
        for line, user in enumerate(rows, 1):
            reading.user(user, Place(f"users, page {number}", line))
        await progress(gathering.seen, "reading the staff")
    return Fetched(reading.done(), now)


async def look(getter: Getter, connection: ConnectionDetails, *, now: datetime) -> Look:
    """The schools and people of the first pages. Raises `FetchError`."""
    base, gathering = address(connection), Gathering(leave_out=connection.leave_out)
    reading = _Reading(connection, gathering, now.date(), None)
    schools = await _list_of_schools(getter, base, connection)
    for org in await first_page(getter, f"{base}/{schools}", step="the schools", page_size=_FIRST_LOOK):
        reading.org(org)
    for line, user in enumerate(await first_page(getter, f"{base}/users", step="the staff", page_size=_FIRST_LOOK), 1):
        reading.user(user, Place("users, page 1", line))
    found = reading.done()
    return Look(
        schools=tuple(org.name for org in found.orgs if org.is_school),
        staff_on_first_page=len(found.records),
        others_on_first_page=sum(found.left_out.values()),
    )


async def _list_of_schools(getter: Getter, base: str, connection: ConnectionDetails) -> str:
    """`orgs`, or `schools` where a server has only these."""
    try:
        await first_page(getter, f"{base}/orgs", step="the schools", page_size=1)
    except (NotThereError, NotPermittedError):
        return "schools"
    return "orgs"


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass(slots=True)
class _Reading:
    """Turns what comes into records, and drops what is nobody's business at once."""

    connection: ConnectionDetails
    gathering: Gathering
    today: date
    since: datetime | None

    def org(self, given: Any) -> None:
        org_id = values.source_id(given.get("sourcedId")) if isinstance(given, dict) else None
        if org_id is None or given.get("status") in _GONE:
            return
        if self.connection.school_ids and org_id not in self.connection.school_ids:
            return
        name = values.text(given.get("name"), most=200) or "(a school without a name)"
        urn, laestab = values.school_keys(given.get("identifier"))
        self.gathering.org(Org(org_id, name, urn, laestab, is_school=given.get("type", "school") == "school"))

    def user(self, given: Any, place: Place) -> None:
        user_id = values.source_id(given.get("sourcedId")) if isinstance(given, dict) else None
        if user_id is None:
            reason = "This record has no usable sourcedId."
            self.gathering.reject(place, "missing-value", reason, field="sourcedId", source_id=None)
            return
        updated_at = values.instant(given.get("dateLastModified"))
        if self.since is not None and updated_at is not None and updated_at < self.since:
            return  # the server has not heeded the filter
        deleted = str(given.get("status", "active")) in _GONE
        named = list(_roles_of(given))
        of_staff = [(title, role) for name, role in named if (title := job_title(name, self.connection.staff_roles))]
        if not of_staff and (named or not deleted):
            self.gathering.leave_out(kind_of(name for name, _ in named), user_id)
            return
        begun = [
            (title, role) for title, role in of_staff if (values.day(role.get("beginDate")) or self.today) <= self.today
        ]
        if of_staff and not begun and not deleted:
            self.gathering.leave_out("people who have not begun yet", user_id)
            return
        jobs = list(_jobs_of(given, begun, self.today))
        here = [job for job in jobs if not self.connection.school_ids or job.org_id in self.connection.school_ids]
        if jobs and not here:
            self.gathering.leave_out("people of other schools", user_id)
            return
        self._staff(given, place, user_id, tuple(_merged(here)), deleted=deleted, updated_at=updated_at)

    def _staff(
        self,
        given: Mapping[str, Any],
        place: Place,
        user_id: str,
        jobs: tuple[Employment, ...],
        *,
        deleted: bool,
        updated_at: datetime | None,
    ) -> None:
        given_name = values.text(given.get("preferredFirstName")) or values.text(given.get("givenName"))
        family_name = values.text(given.get("preferredLastName")) or values.text(given.get("familyName"))
        if not given_name and not family_name and not deleted:
            self.gathering.reject(
                place, "missing-value", "This record has no name.", field="givenName", source_id=user_id
            )
            return
        enabled = values.boolean(given.get("enabledUser"))
        if enabled is None and given.get("enabledUser") is not None:
            reason = "This is neither true nor false; the person was taken to be active."
            self.gathering.warn(place, "not-a-boolean", reason, field="enabledUser", source_id=user_id)
        email = values.email(given.get("email"))
        if email is None and values.text(given.get("email")) is not None:
            reason = "This is not an e-mail address, and was left out."
            self.gathering.warn(place, "not-an-address", reason, field="email", source_id=user_id)
        self.gathering.add(
            StaffRecord(
                source_id=user_id,
                given_name=given_name or family_name or "",
                family_name=(family_name or "") if given_name else "",
                place=place,
                email=email,
                employments=jobs,
                second_ids=tuple(_second_ids(given)),
                active=enabled is not False and not deleted,
                deleted=deleted,
                employments_known=bool(jobs) or not deleted,
                updated_at=updated_at,
            )
        )

    def done(self) -> StaffSet:
        """All that came. Raises `NotUsableError` when there is no school in it, of which nothing could be concluded."""
        if not self.gathering.orgs:
            raise NotUsableError("the schools", "the system tells of no school that was asked for.")
        return self.gathering.staff_set(complete=self.since is None)


def _roles_of(user: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The names of a user's roles, each with what stands beside it: one of 1.1, or any number of 1.2."""
    roles = user.get("roles")
    if isinstance(roles, list):
        for each in roles:
            if isinstance(each, dict) and isinstance(each.get("role"), str):
                yield each["role"], each
    elif isinstance(user.get("role"), str):
        yield user["role"], {}


def _jobs_of(
    user: Mapping[str, Any], roles: Iterable[tuple[str, Mapping[str, Any]]], today: date
) -> Iterator[Employment]:
    """Where somebody works, by these titles and roles. On the day that is its last one, a role has ended."""
    primary = _org_id(user.get("primaryOrg"))
    for title, role in roles:
        ends = values.day(role.get("endDate"))
        orgs = [role.get("org")] if role else _listed(user.get("orgs"))
        for org_id in filter(None, map(_org_id, orgs)):
            chief = org_id == primary if primary else role.get("roleType") == "primary"
            yield Employment(org_id, active=ends is None or today < ends, primary=chief, job_title=title)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _org_id(reference: Any) -> str | None:
    """The id in a reference to a school, whatever type it claims to be of."""
    return values.source_id(reference.get("sourcedId")) if isinstance(reference, dict) else None


def _merged(jobs: list[Employment]) -> Iterator[Employment]:
    """One employment a school: the primary role's before others, what goes on before what has ended."""
    best: dict[str, Employment] = {}
    for job in sorted(jobs, key=lambda job: (job.active, job.primary), reverse=True):
        best.setdefault(job.org_id, job)
    yield from (best[org_id] for org_id in sorted(best))


def _second_ids(user: Mapping[str, Any]) -> Iterator[str]:
    listed: list[tuple[Any, Any]] = [
        ("master", user.get("userMasterIdentifier")),
        ("identifier", user.get("identifier")),
    ]
    listed += [
        (each.get("type"), each.get("identifier")) for each in _listed(user.get("userIds")) if isinstance(each, dict)
    ]
    yield from dict.fromkeys(filter(None, (values.second_id(kind, value) for kind, value in listed)))
