"""Wonde: one token, many schools, each perhaps in a region of its own; the staff of each, and who vanished."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from app.mis.fetching import values
from app.mis.fetching.details import ConnectionDetails, Fetched, Look, Progress
from app.mis.fetching.failing import NotUsableError
from app.mis.fetching.gathering import Gathering
from app.mis.fetching.getting import Getter, same_place
from app.mis.staff import Employment, Org, Place, StaffRecord

_VERSION = "/v1.0"
_OWN_DOMAIN = ".wonde.com"
_MOST_PAGES = 5_000
_PAGE = 200
_INCLUDE = "employment_details,contact_details"


@dataclass(frozen=True, slots=True)
class _School:
    """An approved school, and where its data is."""

    org: Org
    address: str


async def fetch(
    getter: Getter, connection: ConnectionDetails, *, since: datetime | None, now: datetime, progress: Progress
) -> Fetched:
    """All staff of the approved schools, or with `since` what changed after it. Raises `FetchError`."""
    gathering, schools = Gathering(leave_out=connection.leave_out), await _schools(getter, connection)
    reading = _Reading(gathering, since)
    for school in schools:
        gathering.org(school.org)
        step = f"the staff of {school.org.name}"
        asked = {"include": _INCLUDE, "per_page": str(_PAGE), **_changed_after(since)}
        await reading.employees(getter, school, asked, step, progress)
        if since is not None:
            gone = {"type": "employee", "per_page": str(_PAGE), **_changed_after(since)}
            await reading.deletions(getter, school, gone, step)
    # A school whose approval was withdrawn is not among them, and of it nothing is concluded.
    complete_orgs = frozenset(school.org.source_id for school in schools) if since is None else None
    return Fetched(gathering.staff_set(complete=since is None, complete_orgs=complete_orgs), now)


async def look(getter: Getter, connection: ConnectionDetails) -> Look:
    """The approved schools, and the people of the first page of the first of them. Raises `FetchError`."""
    schools, gathering = await _schools(getter, connection), Gathering(leave_out=connection.leave_out)
    reading, first = _Reading(gathering, None), schools[0]
    asked = {"include": _INCLUDE, "per_page": str(_PAGE)}
    address = f"{first.address}/employees/?{urlencode(asked, quote_via=quote)}"
    document = await getter.get(address, step=f"the staff of {first.org.name}")
    for line, employee in enumerate(_rows(document.content, "the staff"), 1):
        reading.employee(employee, Place("employees, page 1", line), first.org.source_id)
    return Look(tuple(school.org.name for school in schools), len(gathering.staff_set(complete=False).records))


def _changed_after(since: datetime | None) -> dict[str, str]:
    return {"updated_after": since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")} if since else {}


async def _schools(getter: Getter, connection: ConnectionDetails) -> list[_School]:
    base = address(connection)
    schools: list[_School] = []
    async for _, rows in _pages(getter, f"{base}/schools?per_page={_PAGE}", "the schools"):
        for given in rows:
            school_id = values.source_id(given.get("id")) if isinstance(given, dict) else None
            if school_id is None or (connection.school_ids and school_id not in connection.school_ids):
                continue
            schools.append(
                _School(_org(school_id, given), f"{_domain(getter, base, given)}/schools/{quote(school_id, safe='')}")
            )
    lacking = connection.school_ids - {school.org.source_id for school in schools}
    if not schools or lacking:
        what = (
            "no school has approved this connection"
            if not schools
            else f"{len(lacking)} of the schools are not approved"
        )
        raise NotUsableError("the schools", f"{what}. The school's own administrator approves it in Wonde.")
    return schools


def address(connection: ConnectionDetails) -> str:
    """Where the API begins."""
    given = connection.base_url.rstrip("/")
    return given if given.endswith(_VERSION) else given + _VERSION


def _org(school_id: str, given: Mapping[str, Any]) -> Org:
    code, number = values.text(given.get("la_code"), most=10), values.text(given.get("establishment_number"), most=10)
    region = given.get("region")
    known = region.get("identifiers") if isinstance(region, dict) else None
    others = known if isinstance(known, dict) else {}
    code = code or values.text(others.get("la_code"), most=10)
    urn, laestab = values.school_keys(
        given.get("urn"), others.get("urn"), f"{code}/{number.zfill(4)}" if code and number else None
    )
    return Org(school_id, values.text(given.get("name"), most=200) or "(a school without a name)", urn, laestab)


def _domain(getter: Getter, base: str, given: Mapping[str, Any]) -> str:
    """Where a school's data is: on the server that was asked, unless it names another of the same company's.

    Raises `NotUsableError` for a name that is somebody else's: the token is not for them.
    """
    region = given.get("region")
    named = region.get("domain") if isinstance(region, dict) else None
    if not isinstance(named, str) or not named.strip():
        return base
    domain = named.strip().lower()
    asked = urlsplit(base)
    if domain in (asked.hostname, asked.netloc.lower()):
        return base
    elsewhere = f"{asked.scheme}://{domain}{_VERSION}"
    if getter.is_listed(elsewhere):
        return elsewhere
    plain = all(part and part.replace("-", "").isalnum() and part.isascii() for part in domain.split("."))
    if not plain or not domain.endswith(_OWN_DOMAIN):
        raise NotUsableError("the schools", "a school's data is said to be on a server that is not Wonde's own.")
    return f"https://{domain}{_VERSION}"


async def _pages(getter: Getter, url: str, step: str) -> AsyncIterator[tuple[int, list[Any]]]:
    """Each page's number and rows, for as long as the server says that there are more."""
    seen = {url}
    for number in range(1, _MOST_PAGES + 1):
        content = (await getter.get(url, step=f"{step}, page {number}")).content
        yield number, _rows(content, step)
        following = _following(content, step)
        if following is None:
            return
        url = same_place(url, following, step=step)
        if url in seen:
            raise NotUsableError(step, "the system sends the same page again, so the list has no end.")
        seen.add(url)
    raise NotUsableError(step, f"the list is longer than {_MOST_PAGES} pages.")


def _rows(content: Any, step: str) -> list[Any]:
    rows = content.get("data") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise NotUsableError(step, "what came is not the list that was asked for.")
    return rows


def _following(content: Mapping[str, Any], step: str) -> str | None:
    meta = content.get("meta")
    pagination = meta.get("pagination") if isinstance(meta, dict) else None
    if not isinstance(pagination, dict):
        raise NotUsableError(step, "the page does not say whether there are more.")
    following = pagination.get("next")
    if values.boolean(pagination.get("more")) is False or (following is None and pagination.get("more") is None):
        return None
    if not isinstance(following, str):
        raise NotUsableError(step, "there are more pages, and none is named.")
    return following


def _included(employee: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What was included, taken out of its envelope."""
    envelope = employee.get(name)
    inside = envelope.get("data") if isinstance(envelope, dict) else None
    return inside if isinstance(inside, dict) else {}


@dataclass(slots=True)
class _Reading:
    """Turns what comes into records. Of each person only what is named here is looked at; the rest is dropped."""

    gathering: Gathering
    since: datetime | None
    without_upi: int = 0

    async def employees(
        self, getter: Getter, school: _School, asked: Mapping[str, str], step: str, progress: Progress
    ) -> None:
        self.without_upi = 0
        url = f"{school.address}/employees/?{urlencode(asked, quote_via=quote)}"
        async for number, rows in _pages(getter, url, step):
            for line, given in enumerate(rows, 1):
                self.employee(given, Place(f"{school.org.name}, employees, page {number}", line), school.org.source_id)
            await progress(self.gathering.seen, f"reading {step}"[:100])
        if self.without_upi:
            reason = f"{self.without_upi} people have no UPI; they were read all the same."
            self.gathering.warn(Place(f"{school.org.name}, employees"), "without-upi", reason, field="upi")

    async def deletions(self, getter: Getter, school: _School, asked: Mapping[str, str], step: str) -> None:
        url = f"{school.address}/deletions/?{urlencode(asked, quote_via=quote)}"
        async for number, rows in _pages(getter, url, step):
            for line, given in enumerate(rows, 1):
                self.deletion(given, Place(f"{school.org.name}, deletions, page {number}", line), school.org.source_id)

    def employee(self, given: Any, place: Place, school_id: str) -> None:
        employee_id = values.source_id(given.get("id")) if isinstance(given, dict) else None
        if employee_id is None:
            self.gathering.reject(place, "missing-value", "This record has no usable id.", field="id", source_id=None)
            return
        given_name, family_name = values.text(given.get("forename")), values.text(given.get("surname"))
        if not given_name and not family_name:
            self.gathering.reject(
                place, "missing-value", "This record has no name.", field="surname", source_id=employee_id
            )
            return
        job, upi = _included(given, "employment_details"), values.second_id("upi", given.get("upi"))
        self.without_upi += upi is None
        emails = _included(given, "contact_details").get("emails")
        found = emails if isinstance(emails, dict) else {}
        current = values.boolean(job.get("current")) is not False
        title = values.text(job.get("role_text"), most=200) or (
            "Teacher" if job.get("teaching_staff") is True else None
        )
        self.gathering.add(
            StaffRecord(
                source_id=employee_id,
                given_name=given_name or family_name or "",
                family_name=(family_name or "") if given_name else "",
                place=place,
                email=values.email(found.get("work")) or values.email(found.get("email")),
                employments=(Employment(school_id, active=current, primary=True, job_title=title),),
                second_ids=tuple(filter(None, (upi, values.second_id("mis_id", given.get("mis_id"))))),
                active=current,
                updated_at=values.instant(given.get("updated_at")),
            )
        )

    def deletion(self, given: Any, place: Place, school_id: str) -> None:
        """Somebody who vanished, unless they were restored after that."""
        if not isinstance(given, dict) or given.get("restored_at") or given.get("type", "employee") != "employee":
            return
        employee_id = values.source_id(given.get("id"))
        if employee_id is not None:
            self.gathering.add(
                StaffRecord(
                    source_id=employee_id,
                    given_name="",
                    family_name="",
                    place=place,
                    employments=(Employment(school_id, active=False),),
                    active=False,
                    deleted=True,
                    updated_at=values.instant(given.get("deleted_at")) or values.instant(given.get("updated_at")),
                )
            )
