"""Which school is which: by URN or LAESTAB, or because somebody says so; and the register of schools."""

from dataclasses import replace

import pytest

from tests.mis.syncing.making import HOLLY, LARKSPUR, Desk, codes, counted, crowd, oneroster
from tests.support.made import Thing, done
from tests.support.refusals import refused

pytestmark = pytest.mark.anyio

HEADER = (
    "URN,LA (code),EstablishmentNumber,EstablishmentName,EstablishmentStatus (name),"
    "PhaseOfEducation (name),Postcode,SchoolWebsite,HeadLastName\r\n"
)


async def source_schools(desk: Desk) -> tuple[str, dict[str, Thing]]:
    """The only source's id, and its schools by their ids."""
    (source,) = (await desk.get("/v1/hubs/{hub_id}/staff-sources"))["items"]
    found = await desk.get(f"/v1/staff-sources/{source['id']}/schools")
    return source["id"], {each["org_id"]: each for each in found["schools"]}


async def test_schools_are_known_by_their_numbers_and_never_by_their_names(desk: Desk) -> None:
    orgs = [("a", "Another Name", LARKSPUR), ("b", "Yet Another", "3012002"), ("c", "Larkspur Primary", "")]
    staff = [replace(each, urn=org) for each, org in zip(crowd(3), "abc", strict=True)]
    sync = await desk.send(oneroster(orgs, staff), kind="oneroster-csv")
    assert (counted(sync), codes(sync)) == ({"created": 2, "skipped": 1, "needs_attention": 1}, ["unknown-school"])
    people = await desk.teachers()
    assert people["Given1"]["school_id"] == desk.schools[LARKSPUR]["id"]
    assert people["Given2"]["school_id"] == desk.schools[HOLLY]["id"]


async def test_somebody_says_which_school_it_is_and_its_staff_come_with_the_next_list(desk: Desk) -> None:
    orgs = [("a", "Larkspur", LARKSPUR), ("c", "Holly", ""), ("d", "The Trust's Office", "")]
    staff = [replace(each, urn=org) for each, org in zip(crowd(3), "acd", strict=True)]
    package = oneroster(orgs, staff)
    await desk.send(package, kind="oneroster-csv")
    source_id, schools = await source_schools(desk)
    assert [(each["school_id"] is None, each["confirmed"]) for each in schools.values()] == [
        (True, False),
        (True, False),
        (False, False),
    ]
    path = f"/v1/staff-sources/{source_id}/schools"
    wanted = [{"org_id": "c", "school_id": desk.schools[HOLLY]["id"]}, {"org_id": "d", "left_aside": True}]
    done(await desk.organiser.put(path, json={"schools": wanted}))
    facts = await desk.facts()
    done(await desk.organiser.put(path, json={"schools": wanted}))
    assert await desk.facts() == facts
    sync = await desk.send(package, kind="oneroster-csv")
    assert (counted(sync), codes(sync)) == ({"created": 1, "unchanged": 1, "skipped": 1}, ["school-left-aside"])
    assert (await desk.teachers())["Given2"]["school_id"] == desk.schools[HOLLY]["id"]
    nonsense = [{"org_id": "x"}, {"org_id": "c", "school_id": source_id}]
    problem = refused(await desk.organiser.put(path, json={"schools": nonsense}), "invalid-request")
    assert [each["pointer"] for each in problem["errors"]] == ["/schools/0/org_id", "/schools/1/school_id"]


async def test_the_register_brings_schools_up_to_date_and_deletes_none(desk: Desk) -> None:
    rows = (
        f"{LARKSPUR},301,2001,Larkspur Academy,Open,Primary,N1 1AA,www.larkspur.example,Headley\r\n"
        f"{HOLLY},301,2002,Holly Lane,Closed,Primary,,,Headley\r\n"
        "990499,301,2002,Holly Lane Academy,Open,Primary,,,Headley\r\n"
        "990498,301,2003,Elsewhere,Open,Primary,,,Headley\r\n"
    )
    register = (HEADER + rows).encode("cp1252")
    preview = await desk.send(register, "preview", kind="gias-csv")
    assert (preview["status"], counted(preview)["updated"]) == ("planned", 2)
    applied = done(await desk.apply(preview))
    assert {"has-successor"} == set(codes(applied)) - {"missing-column"}
    (told,) = [each for each in applied["report"] if each["code"] == "has-successor"]
    assert "Holly Lane Academy (990499)" in told["what"]
    schools = {each["urn"]: each for each in (await desk.get("/v1/hubs/{hub_id}/schools"))["items"]}
    assert schools.keys() == {LARKSPUR, HOLLY}
    assert (schools[LARKSPUR]["name"], schools[LARKSPUR]["phase"]) == ("Larkspur Academy", "Primary")
    again = await desk.send(register, kind="gias-csv")
    assert counted(again)["unchanged"] == 2
    added = await desk.send(register, kind="gias-csv", add="301/2003")
    assert counted(added)["created"] == 1
    assert "990498" in {each["urn"] for each in (await desk.get("/v1/hubs/{hub_id}/schools"))["items"]}
