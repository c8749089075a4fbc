"""People and not rows: who comes, changes, leaves and returns, over HTTP and on both databases."""

import re
from dataclasses import replace

import pytest

from tests.mis.reading.packages import Parcel
from tests.mis.syncing.making import HOLLY, LARKSPUR, Desk, Person, codes, counted, crowd, oneroster, staff_csv
from tests.support import made
from tests.support.made import done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio

ANN = Person("a1", "Ann", "Barrow", "ann@larkspur.example", title="Teacher")
BEN = Person("b1", "Ben", "Copse", "ben@larkspur.example")
CAZ = Person("c1", "Caz", "Dell", "")
EVE = Person("e1", "Eve", "Fern", "eve@holly.example", HOLLY)


async def test_a_preview_writes_nothing_and_says_what_an_apply_then_does(desk: Desk) -> None:
    preview = await desk.everybody([ANN, BEN, CAZ, EVE], "preview")
    assert (preview["status"], counted(preview)) == ("planned", {"created": 4})
    assert preview["summary"][0] == "Staff: 4 new. Nothing has been written yet."
    assert await desk.teachers() == {}
    applied = done(await desk.apply(preview))
    assert (applied["status"], applied["counts"]) == ("applied", preview["counts"])
    people = await desk.teachers()
    assert {name: (each["email"], each["school_id"], each["active"]) for name, each in people.items()} == {
        "Ann": ("ann@larkspur.example", desk.schools[LARKSPUR]["id"], True),
        "Ben": ("ben@larkspur.example", desk.schools[LARKSPUR]["id"], True),
        "Caz": (None, desk.schools[LARKSPUR]["id"], True),
        "Eve": ("eve@holly.example", desk.schools[HOLLY]["id"], True),
    }
    assert people["Ann"]["job_title"] == "Teacher"
    refused(await desk.apply(preview), "sync-not-planned")


async def test_the_same_list_again_writes_nothing_and_tells_nobody(desk: Desk) -> None:
    await desk.everybody([ANN, BEN, CAZ])
    person = f"/v1/teachers/{(await desk.teachers())['Ann']['id']}"
    before, etag = await desk.facts(), (await desk.organiser.get(person)).headers["etag"]
    again = await desk.everybody([CAZ, BEN, ANN])
    assert (again["status"], counted(again)) == ("applied", {"unchanged": 3})
    assert again["summary"] == ["Nothing changes: 3 as before."]
    assert await desk.facts() == before
    assert (await desk.organiser.get(person)).headers["etag"] == etag


async def test_surnames_and_addresses_change_and_the_person_stays_the_same(desk: Desk) -> None:
    await desk.everybody([ANN, BEN])
    before = await desk.teachers()
    # The addresses change hands in one go.
    married = replace(ANN, family="Marsh", email=BEN.email)
    changed = await desk.everybody([married, replace(BEN, email=ANN.email)])
    assert counted(changed) == {"updated": 2}
    assert changed["summary"][0] == "Staff: 2 changed (e-mail addresses, names)."
    after = await desk.teachers()
    assert {name: each["id"] for name, each in after.items()} == {name: each["id"] for name, each in before.items()}
    assert after["Ann"]["family_name"] == "Marsh"
    assert (after["Ann"]["email"], after["Ben"]["email"]) == (BEN.email, ANN.email)


async def test_leavers_are_kept_and_returners_are_the_same_person(desk: Desk) -> None:
    staff = crowd(20)
    await desk.everybody(staff)
    before = await desk.teachers()
    gone = await desk.everybody([replace(staff[0], active="left"), *staff[2:]])
    assert (gone["status"], counted(gone)) == ("applied", {"deactivated": 2, "unchanged": 18})
    people = await desk.teachers()
    assert [people[name]["active"] for name in ("Given1", "Given2", "Given3")] == [False, False, True]
    still_gone = await desk.everybody([replace(staff[0], active="left"), *staff[2:]])
    assert counted(still_gone) == {"unchanged": 19}  # it is the transition that counts, not the state
    back = await desk.everybody(staff)
    assert counted(back) == {"reactivated": 2, "unchanged": 18}
    after = await desk.teachers()
    assert after["Given1"]["id"] == before["Given1"]["id"]
    assert after["Given1"]["active"]


async def test_a_list_that_is_not_complete_says_nothing_of_who_is_missing(desk: Desk) -> None:
    await desk.everybody([ANN, BEN, CAZ])
    some = await desk.send(staff_csv([ANN]))
    assert (some["status"], counted(some)) == ("applied", {"unchanged": 1})
    assert all(each["active"] for each in (await desk.teachers()).values())


async def test_a_row_that_cannot_be_used_is_nobody_who_is_missing(desk: Desk) -> None:
    await desk.everybody([ANN, BEN])
    nameless = await desk.everybody([ANN, replace(BEN, given="", family="")])
    assert counted(nameless) == {"unchanged": 1, "rejected": 1, "needs_attention": 1}
    (row,) = [each for each in nameless["report"] if each["severity"] == "rejected"]
    assert (row["file"], row["row"], row["code"], row["source_id"]) == ("staff.csv", 3, "missing-value", "b1")
    anybodys = await desk.everybody([ANN, replace(BEN, id="")])
    assert anybodys["counts"]["deactivated"] == 0
    assert (await desk.teachers())["Ben"]["active"]


async def test_two_people_with_one_inbox_both_come_in_and_neither_signs_in_with_it(desk: Desk) -> None:
    sharing = [replace(ANN, email="class3@larkspur.example"), replace(BEN, email="Class3@larkspur.example")]
    sync = await desk.everybody([*sharing, EVE])
    assert counted(sync) == {"created": 3}
    assert codes(sync) == ["shared-address", "shared-address"]
    people = await desk.teachers()
    assert {(people[name]["email"], people[name]["shared_email"].casefold()) for name in ("Ann", "Ben")} == {
        (None, "class3@larkspur.example")
    }
    assert counted(await desk.everybody([*sharing, EVE])) == {"unchanged": 3}
    alone = await desk.everybody([sharing[0], BEN, EVE])
    assert counted(alone) == {"updated": 2, "unchanged": 1}
    people = await desk.teachers()
    assert [people["Ann"]["email"], people["Ann"]["shared_email"]] == ["class3@larkspur.example", None]


async def test_somebody_at_two_schools_is_one_person_and_leaves_one_of_them(desk: Desk) -> None:
    await desk.everybody([ANN, ANN.at(HOLLY), *crowd(3), *crowd(3, HOLLY, first=4)])
    ann = (await desk.teachers())["Ann"]
    assert ann["school_id"] == desk.schools[LARKSPUR]["id"]
    chosen = {"school_id": desk.schools[HOLLY]["id"]}
    done(await desk.organiser.patch(f"/v1/teachers/{ann['id']}", json=chosen))
    kept = await desk.everybody([ANN, ANN.at(HOLLY), *crowd(3), *crowd(3, HOLLY, first=4)])
    assert counted(kept) == {"unchanged": 7}  # the home school is for people to choose
    moved = await desk.everybody([ANN, *crowd(3), *crowd(3, HOLLY, first=4)])
    assert counted(moved) == {"updated": 1, "unchanged": 6}
    ann = (await desk.teachers())["Ann"]
    assert (ann["active"], ann["school_id"]) == (True, desk.schools[LARKSPUR]["id"])
    told = await desk.get(f"/v1/teachers/{ann['id']}/sources")
    ended = {each["school_id"]: each["until"] is not None for each in told["sources"][0]["employments"]}
    assert ended == {desk.schools[LARKSPUR]["id"]: False, desk.schools[HOLLY]["id"]: True}


async def test_an_older_word_of_the_same_source_changes_nothing(desk: Desk) -> None:
    orgs = [("org-1", "Larkspur", LARKSPUR)]
    teacher = replace(ANN, urn="org-1")
    await desk.send(oneroster(orgs, [teacher], mode="delta"), kind="oneroster-csv")
    newer = oneroster(orgs, [replace(teacher, family="Marsh")], mode="delta", changed="2026-10-02T08:00:00.000Z")
    assert counted(await desk.send(newer, kind="oneroster-csv")) == {"updated": 1}
    older = oneroster(orgs, [replace(teacher, family="Barrow")], mode="delta", changed="2026-10-01T08:00:00.000Z")
    late = await desk.send(older, kind="oneroster-csv")
    assert (counted(late), codes(late)) == ({"skipped": 1}, ["older-than-known"])
    assert (await desk.teachers())["Ann"]["family_name"] == "Marsh"


async def test_what_a_person_has_written_of_themselves_stays(desk: Desk) -> None:
    await desk.everybody([ANN])
    ann = (await desk.teachers())["Ann"]
    own = {"subjects": ["Music"], "key_stages": ["KS2"], "job_title": "Choir and Year 4"}
    done(await desk.organiser.patch(f"/v1/teachers/{ann['id']}", json=own))
    await desk.everybody([replace(ANN, family="Marsh", title="Class teacher")])
    after = (await desk.teachers())["Ann"]
    assert {name: after[name] for name in own} == own
    assert after["family_name"] == "Marsh"


async def test_of_those_with_a_role_neither_address_nor_access_changes_from_outside(desk: Desk) -> None:
    await desk.everybody([ANN, *crowd(20)])
    ann = (await desk.teachers())["Ann"]
    done(await desk.organiser.patch(f"/v1/teachers/{ann['id']}", json={"roles": ["organiser"]}))
    told = await desk.everybody([replace(ANN, email="taken.over@elsewhere.example"), *crowd(20)])
    assert (codes(told), counted(told)["needs_attention"]) == (["has-a-role"], 1)
    gone = await desk.everybody(crowd(20))
    assert codes(gone) == ["keeps-access"]
    after = (await desk.teachers())["Ann"]
    assert (after["email"], after["active"], after["roles"]) == (ANN.email, True, ["organiser"])


async def test_an_address_that_somebody_has_is_never_taken_over(desk: Desk) -> None:
    there = await made.teacher(
        desk.organiser, desk.hub_id, desk.schools[LARKSPUR]["id"], given_name="Olu", email="office@larkspur.example"
    )
    sync = await desk.everybody([replace(ANN, email="office@larkspur.example"), BEN])
    assert (counted(sync), codes(sync)) == ({"created": 2, "needs_attention": 1}, ["address-taken"])
    people = await desk.teachers()
    assert (people["Olu"]["id"], people["Olu"]["email"]) == (there["id"], "office@larkspur.example")
    assert (people["Ann"]["email"], people["Ann"]["shared_email"]) == (None, "office@larkspur.example")


async def test_erased_people_stay_erased_whatever_the_list_says(desk: Desk) -> None:
    await desk.everybody([ANN, BEN])
    ann = (await desk.teachers())["Ann"]
    done(await desk.organiser.post(f"/v1/teachers/{ann['id']}/erasure"))
    again = await desk.everybody([ANN, BEN])
    assert (counted(again), codes(again)) == ({"unchanged": 1, "skipped": 1}, ["erased"])
    assert "Ann" not in await desk.teachers()


async def test_a_change_of_schools_alone_leaves_the_name(desk: Desk) -> None:
    first, second = LARKSPUR, HOLLY
    whole, roles_only = Parcel("1.2"), Parcel("1.2")
    for parcel in (whole, roles_only):
        parcel.orgs.put("larkspur", "identifier", first)
        parcel.orgs.put("st-johns", "identifier", second)
    await desk.send(whole.zip(), kind="oneroster-csv")
    before = (await desk.teachers())["Siân"]
    roles_only.leave_out("users")
    roles_only.delta("roles")
    roles_only.roles.rows = [roles_only.roles.row("role-t1")]
    roles_only.roles.put("role-t1", "orgSourcedId", "st-johns")
    roles_only.roles.put("role-t1", "roleType", "secondary")
    roles_only.roles.put("role-t1", "sourcedId", "role-t1-more")
    sync = await desk.send(roles_only.zip(), kind="oneroster-csv")
    assert (sync["status"], counted(sync)) == ("applied", {"updated": 1})
    after = (await desk.teachers())["Siân"]
    named = ("id", "given_name", "family_name", "email", "school_id", "active")
    assert {name: after[name] for name in named} == {name: before[name] for name in named}
    told = done(await desk.organiser.get(f"/v1/teachers/{after['id']}/sources"))
    assert {each["id"] for each in desk.schools.values()} <= set(re.findall(r"[0-9a-f-]{36}", str(told)))
