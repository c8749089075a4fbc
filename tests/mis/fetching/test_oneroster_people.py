"""How OneRoster's users become staff: who is one of them, what is read of them, and who is left out."""

from typing import Any

import pytest

from app.mis.staff import Employment
from tests.mis.fetching.asking import fetched
from tests.support.oneroster import person, school

pytestmark = pytest.mark.anyio


def role(name: str, org: str = "org-1", **more: Any) -> dict[str, Any]:
    return {"role": name, "roleType": "primary", "org": {"sourcedId": org, "type": "org"}, **more}


PEOPLE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "preferred names are those that are shown": (
        {"preferredFirstName": "Bea", "preferredLastName": "Ash"},
        {"given_name": "Bea", "family_name": "Ash"},
    ),
    "one name is enough": (
        {"givenName": "", "familyName": "Madonella"},
        {"given_name": "Madonella", "family_name": ""},
    ),
    "letters in one form": ({"givenName": "Zoe\u0308"}, {"given_name": "Zoë"}),
    "a literal NULL is nothing": ({"email": "NULL"}, {"email": None}),
    "no address": ({"email": None}, {"email": None}),
    "disabled is suspended": ({"enabledUser": "false"}, {"active": False, "deleted": False}),
    "disabled, as a number": ({"enabledUser": 0}, {"active": False}),
    "disabled, as a boolean": ({"enabledUser": False}, {"active": False}),
    "to be deleted": ({"status": "tobedeleted"}, {"active": False, "deleted": True}),
    "inactive, as it was once called": ({"status": "inactive"}, {"active": False, "deleted": True}),
    "only ids that are of use": (
        {"userMasterIdentifier": "m-1"},
        {"second_ids": ("master:m-1", "staffCode:S-teacher-1")},
    ),
    "a number that looks like national insurance": (
        {"identifier": "QQ123456C", "userIds": []},
        {"second_ids": ()},
    ),
    "several schools": (
        {"roles": [role("teacher"), role("principal", "org-2")], "primaryOrg": {"sourcedId": "org-2"}},
        {
            "employments": (
                Employment("org-1", job_title="Teacher"),
                Employment("org-2", primary=True, job_title="Headteacher"),
            )
        },
    ),
    "staff and a parent": (
        {"roles": [role("parent"), role("aide")]},
        {"employments": (Employment("org-1", primary=True, job_title="Teaching assistant"),)},
    ),
    "a role ends before its last day": (
        {"roles": [role("teacher", endDate="2026-11-02")]},
        {"employments": (Employment("org-1", active=False, primary=True, job_title="Teacher"),)},
    ),
    "and goes on the day before": (
        {"roles": [role("teacher", endDate="2026-11-03", beginDate="2026-11-02")]},
        {"employments": (Employment("org-1", primary=True, job_title="Teacher"),)},
    ),
    "ended here, and goes on there": (
        {"roles": [role("teacher", endDate="2026-01-01"), role("aide")]},
        {"employments": (Employment("org-1", primary=True, job_title="Teaching assistant"),)},
    ),
    "a role of the system's own": (
        {"roles": [role("ext:cover-supervisor")]},
        {"employments": (Employment("org-1", primary=True, job_title="cover-supervisor"),)},
    ),
}


@pytest.mark.parametrize("name", PEOPLE)
async def test_how_a_person_is_read(name: str) -> None:
    given, wanted = PEOPLE[name]
    async with school(users=[person(1, **given)]) as there:
        found = (await fetched(there, staff_roles=frozenset({"ext:cover-supervisor"}))).staff_set
    (record,) = found.records
    assert {key: getattr(record, key) for key in wanted} == wanted
    assert "password" not in repr(found)
    assert "7654321" not in repr(found)


LEFT_OUT: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "a pupil": ({"roles": [role("student")]}, {"pupils": 1}),
    "a carer": ({"roles": [role("guardian")]}, {"parents and contacts": 1}),
    "a role that nobody knows": ({"roles": [role("ext:visitor")]}, {"people with other roles": 1}),
    "one who has not begun": (
        {"roles": [role("teacher", beginDate="2026-11-03")]},
        {"people who have not begun yet": 1},
    ),
    "an account that is nobody": (
        {"familyName": "Print ACCOUNT 3", "roles": [role("teacher")]},
        {"accounts that are nobody": 1},
    ),
    "somebody of another school": ({"roles": [role("teacher", "org-2")]}, {"people of other schools": 1}),
}


@pytest.mark.parametrize("name", LEFT_OUT)
async def test_who_is_left_out(name: str) -> None:
    given, wanted = LEFT_OUT[name]
    async with school(users=[person(1, **given)]) as there:
        found = (await fetched(there, leave_out=("*account*",), school_ids=frozenset({"org-1"}))).staff_set
    assert found.left_out == wanted
    assert found.records == ()
    assert [org.source_id for org in found.orgs] == ["org-1"]


@pytest.mark.parametrize(
    ("given", "code", "source_id"),
    [
        ({"sourcedId": None}, "missing-value", None),
        ({"sourcedId": "a\nb"}, "missing-value", None),
        ({"givenName": None, "familyName": " "}, "missing-value", "teacher-1"),
    ],
)
async def test_a_row_that_cannot_be_used_is_told_and_the_others_come(
    given: dict[str, Any], code: str, source_id: str | None
) -> None:
    async with school(users=[person(1, **given), person(2), "no object"]) as there:
        found = (await fetched(there)).staff_set
    assert [record.source_id for record in found.records] == ["teacher-2"]
    assert next((each.code, each.source_id, each.place.line) for each in found.rejected) == (code, source_id, 1)
    assert len(found.rejected) == 2


async def test_what_was_read_leniently_is_told() -> None:
    async with school(users=[person(1, enabledUser="maybe", email="no address")]) as there:
        found = (await fetched(there)).staff_set
    assert {each.code for each in found.warnings} == {"not-a-boolean", "not-an-address"}
    assert "maybe" not in repr(found.warnings)
    assert found.records[0].active
