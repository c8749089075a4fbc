"""Staff from Wonde: every approved school's, whole or not at all, and nothing that is nobody's business."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from app.kernel.addresses import Address
from app.kernel.outgoing import Outgoing
from app.mis.fetching import failing
from app.mis.fetching.details import ConnectionDetails, Fetched, Kind, Token
from app.mis.fetching.fetching import fetch, look
from app.mis.fetching.sending import Patience
from app.mis.staff import Employment, StaffRecord
from tests.support.listener import Call
from tests.support.wonde import TOKEN, Wonde, approved, employee, when, wonde

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SINCE = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
QUICK = Patience(tries=2, first=0.01, most=0.02, request=5.0)
STAFF = {"A191": [employee(number) for number in range(130)], "A192": [employee(number) for number in range(200, 300)]}


async def fetched(
    there: Wonde, *, since: datetime | None = None, outgoing: Outgoing | None = None, **more: Any
) -> Fetched:
    connection = ConnectionDetails(Kind.WONDE, there.url, Token(TOKEN), **more)
    return await fetch(outgoing or Outgoing(["127.0.0.1"]), connection, since=since, now=NOW, patience=QUICK)


async def one(**more: Any) -> StaffRecord:
    """How one employee of one school is read."""
    async with wonde(schools=[approved(1)], staff={"A191": [employee(1, **more)]}) as there:
        (record,) = (await fetched(there)).staff_set.records
    return record


async def test_all_staff_of_all_schools_arrive() -> None:
    async with wonde(staff=STAFF) as there:
        found = await fetched(there)
    staff = found.staff_set
    assert len(staff.records) == 230
    assert staff.complete
    assert staff.complete_orgs == frozenset({"A191", "A192"})
    assert [(org.name, org.urn, org.laestab) for org in staff.orgs] == [
        ("School 1", "990001", "202/2901"),
        ("School 2", "990002", "202/2902"),
    ]
    assert found.cursor == NOW
    assert not any(word in repr(found) for word in ("gender", "teacher-number", "payroll", "legal", "1980", "home@"))


async def test_how_somebody_is_read() -> None:
    found = await one()
    assert (found.given_name, found.family_name, found.email) == ("Ada", "Byrne-1", "ada1@larkspur.example")
    assert found.second_ids == ("upi:upi1", "mis_id:1")
    assert found.employments == (Employment("A191", primary=True, job_title="Class teacher"),)
    assert found.updated_at == datetime(2026, 9, 5, 14, 21, 15, tzinfo=UTC)


async def test_who_is_not_there_any_more_is_not_active() -> None:
    gone = {"employment_details": {"data": {"current": False, "role_text": None, "teaching_staff": False}}}
    found = await one(**gone)
    assert (found.active, found.deleted) == (False, False)
    assert found.employments == (Employment("A191", active=False, primary=True),)


@pytest.mark.parametrize(
    ("emails", "wanted"),
    [
        ({"data": {"emails": {"email": "office@larkspur.example"}}}, "office@larkspur.example"),
        ({"data": {"emails": None}}, None),
        ({"data": None}, None),
        (None, None),
    ],
)
async def test_where_the_address_stands(emails: Any, wanted: str | None) -> None:
    assert (await one(contact_details=emails)).email == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (when("2026-07-01 08:00:00"), datetime(2026, 7, 1, 8, 0, tzinfo=UTC)),
        (
            {"date": "2026-07-01 08:00:00.5", "timezone": "Europe/London"},
            datetime(2026, 7, 1, 7, 0, 0, 500_000, tzinfo=UTC),
        ),
        ({"date": "no date", "timezone": "UTC"}, None),
        ({"date": "2026-07-01 08:00:00", "timezone": "../../etc/passwd"}, None),
        (None, None),
    ],
)
async def test_dates_are_objects(written: Any, wanted: datetime | None) -> None:
    assert (await one(updated_at=written)).updated_at == wanted


async def test_people_without_a_upi_are_kept_and_counted() -> None:
    async with wonde(schools=[approved(1)], staff={"A191": [employee(1, upi=None), employee(2)]}) as there:
        found = (await fetched(there)).staff_set
    assert len(found.records) == 2
    assert [(each.code, each.reason.split()[0]) for each in found.warnings] == [("without-upi", "1")]


async def test_only_what_changed_and_who_vanished() -> None:
    newer = {"updated_at": when("2026-11-01 10:00:00.000000")}
    staff = {"A191": [*STAFF["A191"], employee(500, **newer), employee(501, restored_at=newer["updated_at"], **newer)]}
    gone = [
        {"id": "A3", "type": "employee", "deleted_at": when("2026-11-01 11:00:00.000000"), "restored_at": None},
        {"id": "A501", "type": "employee", "deleted_at": when("2026-10-31 11:00:00.000000"), "restored_at": None},
        {"id": "A9", "type": "student", "deleted_at": when("2026-11-01 11:00:00.000000"), "restored_at": None},
        {"id": "A4", "type": "employee", "restored_at": when("2026-11-01 12:00:00.000000")},
    ]
    async with wonde(schools=[approved(1)], staff=staff, deletions={"A191": gone}) as there:
        found = (await fetched(there, since=SINCE)).staff_set
    assert {record.source_id: (record.active, record.deleted) for record in found.records} == {
        "A3": (False, True),
        "A500": (True, False),
        "A501": (True, False),
    }
    assert not found.complete
    assert any("updated_after=2026-11-01 08:55:00" in path for path in there.asked), "five minutes of overlap"


@pytest.mark.parametrize("what", ["employees", "schools", "deletions"])
@pytest.mark.parametrize("answer", [("500 Internal Server Error", b""), ("403 Forbidden", b""), ("200 OK", b"{}")])
async def test_a_page_that_fails_fails_all_of_it(what: str, answer: tuple[str, bytes]) -> None:
    def fail(call: Call) -> tuple[str, bytes] | None:
        last = "/A192/" in call.path or what == "schools"
        return answer if last and f"/{what}" in call.path else None

    async with wonde(staff=STAFF, failing=fail) as there:
        with pytest.raises(failing.FetchError) as raised:
            await fetched(there, since=SINCE if what == "deletions" else None)
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize(
    "elsewhere", ["http://127.0.0.1:9/v1.0/more", "https://evil.example/", "http://169.254.169.254/latest", None]
)
async def test_a_next_page_elsewhere_or_the_same_again(elsewhere: str | None) -> None:
    def following(url: str) -> str:
        return elsewhere or url.replace("page=2", "page=1").replace("page=3", "page=1")

    async with wonde(staff=STAFF, next_page=following) as there:
        with pytest.raises(failing.NotUsableError):
            await fetched(there)


async def test_the_wrong_token() -> None:
    async with wonde(staff=STAFF) as there:
        connection = ConnectionDetails(Kind.WONDE, there.url, Token("another"))
        with pytest.raises(failing.NotSignedInError):
            await fetch(Outgoing(["127.0.0.1"]), connection, since=None, now=NOW, patience=QUICK)


@pytest.mark.parametrize(
    "domain",
    ["evil.example", "wonde.com.evil.example", "evilwonde.com", "a@api.wonde.com", "api.wonde.com/x?", "10.0.0.1"],
)
async def test_the_token_goes_to_no_other_companys_region(domain: str) -> None:
    async with wonde(schools=[approved(1, region={"domain": domain})], staff=STAFF) as there:
        with pytest.raises(failing.NotUsableError):
            await fetched(there)
        assert there.asked == ["/v1.0/schools?per_page=200"]


async def test_a_school_in_another_region_is_asked_there() -> None:
    looked_up: list[str] = []

    async def resolve(host: str, _port: int) -> Sequence[Address]:
        looked_up.append(host)
        return []

    other = approved(1, region={"domain": "api-ap-southeast-2.wonde.com"})
    async with wonde(schools=[other], staff=STAFF) as there:
        with pytest.raises(failing.NotReachedError):
            await fetched(there, outgoing=Outgoing(["127.0.0.1"], resolve=resolve))
    assert set(looked_up) == {"api-ap-southeast-2.wonde.com"}


async def test_a_region_that_the_operator_lists() -> None:
    async with wonde(staff=STAFF) as region:
        named = approved(1, region={"domain": f"127.0.0.1:{region.listener.port}"})
        async with wonde(schools=[named, approved(2, region={"domain": "127.0.0.1"})], staff=STAFF) as there:
            found = (await fetched(there)).staff_set
    assert len(found.records) == 230
    assert all("/A191/" in path for path in region.asked)
    assert not any("/A191/" in path for path in there.asked)


async def test_only_some_of_the_schools() -> None:
    async with wonde(staff=STAFF) as there:
        found = (await fetched(there, school_ids=frozenset({"A192"}))).staff_set
        assert len(found.records) == 100
        assert found.complete_orgs == frozenset({"A192"})
        with pytest.raises(failing.NotUsableError, match="not approved"):
            await fetched(there, school_ids=frozenset({"A192", "A777"}))


async def test_no_school_has_approved() -> None:
    async with wonde(schools=[]) as there:
        with pytest.raises(failing.NotUsableError, match="no school has approved"):
            await fetched(there)


async def test_a_row_that_cannot_be_used_is_told_and_the_others_come() -> None:
    rows = [employee(1, forename=None, surname=None), {"id": None}, employee(2)]
    async with wonde(schools=[approved(1)], staff={"A191": rows}) as there:
        found = (await fetched(there)).staff_set
    assert [record.source_id for record in found.records] == ["A2"]
    assert [(each.source_id, each.field) for each in found.rejected] == [("A1", "surname"), (None, "id")]


async def test_a_first_look() -> None:
    async with wonde(staff=STAFF) as there:
        found = await look(Outgoing(["127.0.0.1"]), ConnectionDetails(Kind.WONDE, there.url, Token(TOKEN)), now=NOW)
    assert found.schools == ("School 1", "School 2")
    assert found.staff_on_first_page == 50
