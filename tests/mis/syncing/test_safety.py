"""Mass leaving is held, and nothing changes until somebody confirms the very plan that they saw."""

from dataclasses import replace

import pytest

from tests.mis.syncing.making import HOLLY, LARKSPUR, Desk, Person, counted, crowd, oneroster, staff_csv
from tests.support.made import done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio


async def active(desk: Desk) -> int:
    return sum(each["active"] for each in (await desk.teachers()).values())


async def test_more_than_a_tenth_is_held_until_it_is_confirmed(desk: Desk) -> None:
    staff = crowd(29)
    await desk.everybody(staff)
    held = await desk.everybody(staff[3:])
    assert (held["status"], counted(held)["deactivated"]) == ("held", 3)
    assert held["held_because"] == [
        "3 of this source's 29 staff would leave: more than one in 10.",
        "3 of 29 staff would leave Larkspur Primary.",
    ]
    assert await active(desk) == 29
    refused(await desk.apply(held), "sync-held")
    refused(await desk.apply(held, confirm=True, plan_digest="0" * 64), "sync-stale")
    assert await active(desk) == 29
    confirmed = done(await desk.apply(held, confirm=True, plan_digest=held["plan_digest"]))
    assert (confirmed["status"], await active(desk)) == ("applied", 26)


async def test_a_tenth_itself_is_not_held_and_two_people_never_are(desk: Desk) -> None:
    await desk.everybody(crowd(30))
    assert (await desk.everybody(crowd(27)))["status"] == "applied"
    few = [*crowd(3, HOLLY, first=50)]
    await desk.send(staff_csv(few), complete=True, source="Holly")
    assert (await desk.send(staff_csv(few[2:]), complete=True, source="Holly"))["status"] == "applied"


async def test_a_school_that_would_be_empty_is_held_however_small_it_is(desk: Desk) -> None:
    both = [*crowd(20), *crowd(1, HOLLY, first=50)]
    await desk.everybody(both)
    gone = await desk.everybody(crowd(20))
    assert (gone["status"], gone["held_because"]) == ("held", ["All 1 staff of Holly Lane would leave."])
    replaced = await desk.everybody([*crowd(20), *crowd(1, HOLLY, first=60)])
    assert replaced["status"] == "applied"


async def test_one_school_of_many_that_loses_its_staff_is_held_although_the_share_of_all_is_small(desk: Desk) -> None:
    await desk.everybody([*crowd(60), *crowd(4, HOLLY, first=100)])
    held = await desk.everybody([*crowd(60), *crowd(1, HOLLY, first=100)])
    assert held["held_because"] == ["3 of 4 staff would leave Holly Lane."]


async def test_a_list_without_any_staff_is_held_also_the_first_time(desk: Desk) -> None:
    empty = await desk.everybody([])
    assert (empty["status"], empty["held_because"]) == ("held", ["There are no staff at all in what was sent."])
    await desk.everybody(crowd(2))
    held = await desk.everybody([])
    assert held["status"] == "held"
    assert await active(desk) == 2


async def test_when_most_people_would_change_it_is_held(desk: Desk) -> None:
    staff = crowd(8)
    await desk.everybody(staff)
    moved = [replace(each, email=each.email.replace("staff", "trust")) for each in staff[:7]]
    held = await desk.everybody([*moved, staff[7]])
    assert held["held_because"] == ["7 of 8 people would change, which is more than three quarters."]


async def test_leavers_of_a_list_of_changes_are_held_too(desk: Desk) -> None:
    orgs = [("org-1", "Larkspur", LARKSPUR)]
    staff = [replace(each, urn="org-1") for each in crowd(10)]
    await desk.send(oneroster(orgs, staff), kind="oneroster-csv")
    gone = oneroster(orgs, staff[:3], mode="delta", status="tobedeleted")
    held = await desk.send(gone, kind="oneroster-csv")
    assert (held["status"], await active(desk)) == ("held", 10)


async def test_a_confirmation_is_void_once_the_people_have_moved_on(desk: Desk) -> None:
    staff = crowd(10)
    await desk.everybody(staff)
    held = await desk.everybody(staff[5:])
    person = (await desk.teachers())["Given1"]
    done(await desk.organiser.patch(f"/v1/teachers/{person['id']}", json={"given_name": "Changed"}))
    refused(await desk.apply(held, confirm=True), "sync-stale")
    assert await active(desk) == 10
    anew = await desk.everybody(staff[5:])
    assert done(await desk.apply(anew, confirm=True))["counts"]["deactivated"] == 5


async def test_a_confirmation_is_void_once_the_source_has_told_something_else(desk: Desk) -> None:
    staff = crowd(10)
    await desk.everybody(staff)
    held = await desk.everybody(staff[5:])
    await desk.send(staff_csv([replace(staff[9], family="Newname")]))
    refused(await desk.apply(held, confirm=True), "sync-stale")
    preview = await desk.everybody(staff, "preview")
    await desk.send(staff_csv([Person("new", "Nia", "New", "p7@staff.example")]), source="elsewhere")
    # Somebody of another source is no matter of this plan.
    assert done(await desk.apply(preview))["status"] == "applied"


async def test_what_others_change_elsewhere_does_not_void_a_plan(desk: Desk) -> None:
    preview = await desk.everybody(crowd(3), "preview")
    other = {"given_name": "Olu", "school_id": desk.schools[HOLLY]["id"], "email": "olu@holly.example"}
    done(await desk.organiser.post(f"/v1/hubs/{desk.hub_id}/teachers", json=other), 201)
    assert done(await desk.apply(preview))["status"] == "applied"
