"""What becomes of a package that can be read: who comes out of it, where they work, and what absence says."""

import io
from datetime import UTC, date, datetime

import pytest

from app.mis.reading.oneroster_csv.context import ReadingOptions
from app.mis.reading.oneroster_csv.reading import read_oneroster_csv
from app.mis.reading.persons import SERVICE_ACCOUNTS
from app.mis.staff import Employment, Org, Place, StaffRecord, StaffSet
from tests.mis.reading.packages import PERSONAL, SECRET, TODAY, Parcel

USUAL = ReadingOptions()
VERSIONS = pytest.mark.parametrize("version", ["1.1", "1.2"])


def read(parcel: Parcel, options: ReadingOptions = USUAL, *, today: date = TODAY) -> StaffSet:
    return read_oneroster_csv(io.BytesIO(parcel.zip()), today=today, options=options)


def record(staff: StaffSet, source_id: str) -> StaffRecord:
    return next(each for each in staff.records if each.source_id == source_id)


@VERSIONS
def test_a_complete_package_tells_who_works_where(version: str) -> None:
    staff = read(Parcel(version))
    assert staff.complete
    assert staff.complete_orgs is None
    assert staff.orgs == (
        Org("trust", "Heron Learning Trust", is_school=False),
        Org("larkspur", "Larkspur Primary School", urn="990001"),
        Org("st-johns", "St John’s CofE School", laestab="202/2901"),
    )
    assert record(staff, "t1") == StaffRecord(
        "t1",
        "Siân",
        "Ó Briain",
        Place("users.csv", 2),
        email="sian@larkspur.example",
        employments=(Employment("larkspur", primary=version == "1.2", job_title="Teacher"),),
        second_ids=("identifier:ST-1",),
    )
    title = "Administrator" if version == "1.1" else "Site administrator"
    assert [each.job_title for each in record(staff, "t2").employments] == [title]
    assert record(staff, "t2").email is None


@VERSIONS
def test_pupils_and_families_are_a_number_and_nothing_else(version: str) -> None:
    parcel = Parcel(version)
    parcel.users.put("p1", "password", SECRET)
    parcel.users.put("p1", "identifier", PERSONAL)
    staff = read(parcel)
    assert staff.left_out == {"pupils": 1, "parents": 1, "contacts": 1}
    assert {each.source_id for each in staff.records} == {"t1", "t2"}
    for nobody in ("Pupil", "Parent", "home.example", SECRET, PERSONAL):
        assert nobody not in repr(staff)


@VERSIONS
def test_the_same_people_have_the_same_digest_however_they_are_sent(version: str) -> None:
    one, other = Parcel(version), Parcel(version)
    other.users.rows.reverse()
    other.users.line_end = "\n"
    changed = Parcel(version)
    changed.users.put("t1", "familyName", "Llŷr")
    assert read(one).digest == read(other).digest != read(changed).digest


@VERSIONS
def test_letters_in_two_pieces_become_one_and_apostrophes_stay(version: str) -> None:
    parcel = Parcel(version)
    parcel.users.put("t1", "givenName", "Sia\u0302n")
    staff = read(parcel)
    assert record(staff, "t1").given_name == "Siân"
    assert record(staff, "t2").family_name == "O'Neill"


@VERSIONS
def test_all_that_says_somebody_has_left_is_heard(version: str) -> None:
    parcel = Parcel(version)
    parcel.users.put("t1", "enabledUser", "false")
    parcel.users.put("t2", "status", "tobedeleted")
    staff = read(parcel)
    assert [(each.active, each.deleted) for each in staff.records] == [(False, False), (False, True)]


@VERSIONS
def test_a_school_that_may_be_deleted_employs_nobody(version: str) -> None:
    parcel = Parcel(version)
    parcel.orgs.put("larkspur", "status", "tobedeleted")
    staff = read(parcel)
    assert "larkspur" not in {each.source_id for each in staff.orgs}
    assert [each.active for each in record(staff, "t1").employments] == [False]


@VERSIONS
def test_who_is_not_in_a_list_of_changes_has_not_left(version: str) -> None:
    parcel = Parcel(version)
    parcel.delta(*(("users", "orgs") if version == "1.1" else ("users", "orgs", "roles")))
    staff = read(parcel)
    assert not staff.complete
    assert record(staff, "t1").updated_at == datetime(2026, 9, 1, 10, tzinfo=UTC)
    assert record(staff, "t1").employments_partial is (version == "1.2")


def test_capitals_may_hide_a_name_that_is_null() -> None:
    parcel = Parcel("1.1")
    parcel.users.put("t1", "givenName", "NULL")
    parcel.users.put("t1", "familyName", "Briain")
    parcel.users.put("t2", "givenName", "ADAEZE")
    parcel.users.put("t2", "familyName", "NULL")
    staff = read(parcel)
    assert [(each.given_name, each.family_name) for each in staff.records] == [("Briain", ""), ("ADAEZE", "NULL")]


def test_service_accounts_are_left_out_by_rules_that_can_be_set() -> None:
    parcel = Parcel("1.1")
    own = {"enabledUser": "true", "orgSourcedIds": "larkspur", "role": "aide"}
    parcel.users.add(sourcedId="a1", username="a", givenName="Library", familyName="Kiosk Account 3", **own)
    parcel.users.add(sourcedId="a2", username="b", givenName="", familyName="Scanner", **own)
    parcel.users.add(sourcedId="a3", username="c", givenName="Till", familyName="One", email="NULL", **own)
    assert len(read(parcel).records) == 5
    staff = read(parcel, ReadingOptions(exclusions=SERVICE_ACCOUNTS))
    assert {each.source_id for each in staff.records} == {"t1", "t2"}
    assert staff.left_out["excluded"] == 3


class TestRoles:
    """What only 1.2 can say."""

    def test_preferred_names_are_shown_and_legal_ones_forgotten(self) -> None:
        parcel = Parcel("1.2")
        parcel.users.put("t2", "preferredGivenName", "Ada")
        parcel.users.put("t2", "userMasterIdentifier", "M-2")
        parcel.users.put("t2", "userIds", "{SIS:42},{nationalInsurance:" + PERSONAL + "},{Payroll Number:7}")
        staff = read(parcel)
        assert (record(staff, "t2").given_name, record(staff, "t2").family_name) == ("Ada", "O'Neill")
        assert record(staff, "t2").second_ids == ("master:M-2", "identifier:ST-2", "SIS:42")
        assert "Adaeze" not in repr(staff)
        assert PERSONAL not in repr(staff)

    @pytest.mark.parametrize(
        ("begin", "end", "active"),
        [
            ("2026-09-14", "", True),
            ("2026-09-15", "", False),
            ("", "2026-09-14", False),
            ("", "2026-09-15", True),
            ("2026-09-14", "2026-09-14", False),
        ],
    )
    def test_a_role_runs_from_its_first_day_and_not_on_its_last(self, begin: str, end: str, active: bool) -> None:
        parcel = Parcel("1.2")
        parcel.roles.put("role-t1", "beginDate", begin)
        parcel.roles.put("role-t1", "endDate", end)
        assert [each.active for each in record(read(parcel), "t1").employments] == [active]

    def test_several_roles_at_several_schools_are_one_employment_each(self) -> None:
        parcel = Parcel("1.2")
        for number, (kind, role, org) in enumerate(
            [
                ("secondary", "aide", "larkspur"),
                ("primary", "principal", "st-johns"),
                ("secondary", "parent", "st-johns"),
            ]
        ):
            parcel.roles.add(sourcedId=f"x{number}", userSourcedId="t1", roleType=kind, role=role, orgSourcedId=org)
        assert record(read(parcel), "t1").employments == (
            Employment("larkspur", primary=True, job_title="Teacher"),
            Employment("st-johns", job_title="Principal"),
        )

    def test_a_role_that_was_rejected_does_not_end_an_employment(self) -> None:
        parcel = Parcel("1.2")
        parcel.roles.add(
            sourcedId="x", userSourcedId="t1", roleType="primary", role="teacher", orgSourcedId="st-johns", endDate="?"
        )
        staff = read(parcel)
        assert record(staff, "t1").employments_partial
        assert [each.source_id for each in staff.rejected] == ["t1"]

    def test_the_suppliers_own_role_is_staff_when_that_is_set(self) -> None:
        parcel = Parcel("1.2")
        parcel.roles.put("role-t2", "role", "ext:cover-supervisor")
        assert {each.source_id for each in read(parcel).records} == {"t1"}
        assert read(parcel).left_out["others"] == 1
        staff = read(parcel, ReadingOptions(staff_roles=frozenset({"ext:cover-supervisor"})))
        assert record(staff, "t2").employments[0].job_title == "Cover supervisor"

    def test_changed_users_without_roles_are_staff_only_if_known_as_such(self) -> None:
        parcel = Parcel("1.2")
        parcel.delta("users", "orgs")
        parcel.leave_out("roles")
        assert read(parcel).records == ()
        assert read(parcel).left_out == {"others": 5}
        staff = read(parcel, ReadingOptions(known_staff={"t1"}))
        assert [each.source_id for each in staff.records] == ["t1"]
        assert not record(staff, "t1").employments_known
        assert staff.left_out == {"others": 4}

    def test_changed_roles_without_users_say_where_and_not_who(self) -> None:
        parcel = Parcel("1.2")
        parcel.delta("roles", "orgs")
        parcel.leave_out("users")
        parcel.roles.put("role-t1", "status", "tobedeleted")
        staff = read(parcel, ReadingOptions(known_staff={"t1", "t2"}))
        assert not staff.complete
        assert [(each.source_id, each.name_known, each.given_name) for each in staff.records] == [
            ("t1", False, ""),
            ("t2", False, ""),
        ]
        assert [[part.active for part in each.employments] for each in staff.records] == [[False], [True]]
        assert all(each.employments_partial for each in staff.records)

    def test_changed_roles_of_somebody_never_sent_are_rejected(self) -> None:
        parcel = Parcel("1.2")
        parcel.delta("roles", "orgs")
        parcel.leave_out("users")
        staff = read(parcel, ReadingOptions(known_staff={"t1"}))
        assert [each.source_id for each in staff.records] == ["t1"]
        assert [(each.code, each.source_id) for each in staff.rejected] == [("unknown-user", "t2")]

    def test_the_end_of_a_secondary_role_alone_says_nothing(self) -> None:
        parcel = Parcel("1.2")
        parcel.delta("users", "roles", "orgs")
        parcel.roles.put("role-t1", "status", "tobedeleted")
        parcel.roles.put("role-t1", "roleType", "secondary")
        staff = read(parcel)
        assert (record(staff, "t1").employments, record(staff, "t1").employments_known) == ((), False)

    def test_complete_users_beside_changed_roles_are_complete_only_with_the_staff_known(self) -> None:
        parcel = Parcel("1.2")
        parcel.delta("roles")
        parcel.roles.rows.remove(parcel.roles.row("role-t2"))
        assert not read(parcel).complete
        staff = read(parcel, ReadingOptions(known_staff={"t1", "t2", "t9"}))
        assert staff.complete
        assert [(each.source_id, each.employments_known) for each in staff.records] == [("t1", True), ("t2", False)]

    def test_complete_roles_beside_changed_users_list_everybody(self) -> None:
        parcel = Parcel("1.2")
        parcel.delta("users")
        parcel.users.rows.remove(parcel.users.row("t2"))
        staff = read(parcel, ReadingOptions(known_staff={"t1", "t2"}))
        assert staff.complete
        assert [(each.source_id, each.name_known) for each in staff.records] == [("t1", True), ("t2", False)]

    def test_who_was_staff_and_has_no_staff_role_by_now_has_left(self) -> None:
        parcel = Parcel("1.2")
        parcel.roles.put("role-t1", "role", "parent")
        staff = read(parcel, ReadingOptions(known_staff={"t1"}))
        assert (record(staff, "t1").employments, record(staff, "t1").employments_known) == ((), True)


def test_a_rejected_row_names_whose_it_is_so_that_nobody_thinks_they_left() -> None:
    parcel = Parcel("1.1")
    parcel.users.put("t1", "orgSourcedIds", "nowhere")
    staff = read(parcel)
    (finding,) = staff.rejected
    assert (finding.place, finding.field, finding.source_id) == (Place("users.csv", 2), "orgSourcedIds", "t1")
    assert staff.complete


def test_nobody_counts_as_absent_when_a_rejected_row_could_be_anybodys() -> None:
    parcel = Parcel("1.1")
    parcel.users.put("t1", "sourcedId", "t 1")
    assert not read(parcel).complete
