"""From rows to a plan: who is who, which table, whose answer counts. Pure, so without a database."""

from uuid import UUID, uuid5

import pytest

from app.sheets.columns import Format
from app.sheets.plan import Change, Plan, Verdict
from app.sheets.planning import make_plan
from app.sheets.prose import in_words
from app.sheets.reading import SheetRefused
from app.sheets.state import Evening, KnownOffer, KnownSchool, KnownTeacher, State
from tests.sheets.making import (
    PRESENTERS_HEADER,
    SCHOOLS,
    SCHOOLS_HEADER,
    SIGN_UPS_HEADER,
    Row,
    answer,
    offer,
    sheet,
)

SPACE = UUID("01900000-0000-7000-8000-000000000000")


def made(name: str) -> UUID:
    return uuid5(SPACE, name)


def known_offer(title: str, *, table: int | None, presenter: str = "Ana", status: str = "accepted") -> KnownOffer:
    return KnownOffer(made(title), status, title, "", (made(presenter),), (), (), (), table)


HUB = tuple(KnownSchool(made(row[0]), row[2], row[0], row[1] or None, None, None, row[5]) for row in SCHOOLS)
FOXGLOVE, WILFRID = HUB[0].id, HUB[1].id
ANA = KnownTeacher(made("Ana"), "Ana", "Pereira", "a.pereira@foxglove.example", None, FOXGLOVE)
OFFERS = (known_offer("Maps, and how to draw them", table=1), known_offer("Singing in the rain", table=2))


def state(
    *, teachers: tuple[KnownTeacher, ...] = (), offers: tuple[KnownOffer, ...] = (), tables: int = 4, left: int = 120
) -> State:
    evening = Evening(made("evening"), "Winter", "Europe/London", tables, left, waitlist_enabled=True)
    return State(made("hub"), HUB, teachers, evening, offers)


def presenters(*rows: Row, there: State | None = None) -> Plan:
    return make_plan(Format.PRESENTERS, sheet(PRESENTERS_HEADER, *rows), there or state())


def sign_ups(*rows: Row, there: State | None = None) -> Plan:
    return make_plan(Format.SIGN_UPS, sheet(SIGN_UPS_HEADER, *rows), there or state(offers=OFFERS))


def needing(plan: Plan) -> list[int | None]:
    return [finding.row for finding in plan.waiting_for_a_person]


def placed(plan: Plan) -> list[tuple[Verdict, int | None]]:
    return [(entry.verdict, entry.table_number) for entry in plan.offers]


def test_a_school_with_a_wrong_number_or_anothers_urn_is_left_out() -> None:
    rows = (SCHOOLS[0], SCHOOLS[0], ("990501", "", "Another", "", "", ""), ("99050", "x", "Short", "", "", ""))
    plan = make_plan(Format.SCHOOLS, sheet(SCHOOLS_HEADER, *rows), State(made("hub")))
    assert [entry.name for entry in plan.schools] == ["Foxglove Primary School"]
    assert (needing(plan), plan.rejected) == ([4, 5], (4, 5))
    assert "URN is not six digits and the LAESTAB" in plan.waiting_for_a_person[1].what


def test_tables_with_a_number_come_first_then_the_lowest_free_in_order_of_rows() -> None:
    plan = presenters(
        offer(title="A"),
        offer(title="B", table="1"),
        offer(title="C", decision="no"),
        offer(title="D", decision="waiting", table="4"),
        offer(title="E", table="3"),
        offer(title="F"),
    )
    assert placed(plan) == [
        (Verdict.ACCEPT, 2),
        (Verdict.ACCEPT, 1),
        (Verdict.DECLINE, None),
        (Verdict.NOTHING, None),
        (Verdict.ACCEPT, 3),
        (Verdict.ACCEPT, 4),
    ]
    assert needing(plan) == []


def test_a_table_wanted_twice_or_not_there_or_one_too_many_needs_a_person() -> None:
    plan = presenters(
        offer(title="A", table="2"),
        offer(title="B", table="2"),
        offer(title="C", table="9"),
        offer(title="D", table="by the door"),
        offer(title="E", decision="perhaps"),
        *(offer(title=title) for title in "FGHI"),
    )
    assert [number for _, number in placed(plan)] == [2, None, None, None, None, 1, 3, 4, None]
    assert needing(plan) == [3, 4, 5, 6, 10]
    assert plan.rejected == ()


def test_a_presentation_stays_where_it_is_and_one_from_elsewhere_keeps_its_table() -> None:
    there = state(teachers=(ANA,), offers=(*OFFERS, known_offer("Elsewhere", table=3, presenter="Bo")))
    plan = presenters(offer(title="New"), offer(title="Singing in the rain"), offer(table="3"), there=there)
    assert placed(plan) == [(Verdict.ACCEPT, 4), (Verdict.NOTHING, 2), (Verdict.NOTHING, 1)]
    assert needing(plan) == [4]


def test_what_was_decided_in_the_hub_is_not_undone() -> None:
    there = state(teachers=(ANA,), offers=(OFFERS[0], known_offer("Gone", table=None, status="withdrawn")))
    plan = presenters(offer(decision="no"), offer(title="Gone"), there=there)
    assert placed(plan) == [(Verdict.NOTHING, 1), (Verdict.NOTHING, None)]
    assert needing(plan) == [2, 3]


def test_a_second_presenter_is_found_or_made_and_the_school_is_told() -> None:
    plan = presenters(
        offer(second="Bo Lind, b.lind@stwilfrids.example"),
        offer(title="B", second="Cy Marsh"),
        offer(title="C", second="Ana Pereira <A.PEREIRA@foxglove.example>", name="Di Fox", email=""),
        offer(title="D", second="d.no.name@foxglove.example"),
        there=state(teachers=(ANA,)),
    )
    schools = {f"{each.given_name} {each.family_name}": each.school_id for each in plan.people}
    assert schools == {"Ana Pereira": FOXGLOVE, "Bo Lind": WILFRID, "Cy Marsh": FOXGLOVE, "Di Fox": FOXGLOVE}
    told = [finding.what for finding in plan.notes]
    assert "Took Bo Lind to be at St Wilfrid's CofE Primary School, because of the address." in told
    assert any(each.startswith("Took Cy Marsh to be at Foxglove Primary School, like Ana") for each in told)
    assert plan.offers[2].presenters[1] == str(ANA.id)
    assert needing(plan) == [5]


def test_the_later_of_two_same_offers_counts_and_a_new_title_is_recognised() -> None:
    twice = presenters(offer(stages="KS1"), offer(title="maps,  and how to draw them", stages="KS2"))
    assert [(entry.row, entry.key_stages) for entry in twice.offers] == [(2, ("KS2",))]
    renamed = presenters(offer(title="Maps and how one draws them"), there=state(teachers=(ANA,), offers=OFFERS[:1]))
    assert [(entry.presentation_id, entry.change) for entry in renamed.offers] == [(OFFERS[0].id, Change.UPDATED)]
    assert any("new title" in finding.what for finding in renamed.notes)
    another = presenters(offer(title="Juggling"), there=state(teachers=(ANA,), offers=OFFERS[:1]))
    assert [(entry.presentation_id, entry.change) for entry in another.offers] == [(None, Change.CREATED)]


def test_the_last_answer_counts_and_the_first_keeps_the_place() -> None:
    plan = sign_ups(
        answer(at="03/11/2026 09:00:00", diet="vegan", wishes="Singing in the rain"),
        answer("Una Vale", "u.vale@foxglove.example", at="04/11/2026 09:00:00"),
        answer("tom quill", "T.QUILL@FOXGLOVE.EXAMPLE", at="05/11/2026 09:00:00", wishes="Maps, and how to draw them"),
    )
    first, second = plan.sign_ups
    assert (first.name, first.dietary_requirements, first.wishes) == ("Tom Quill", None, (OFFERS[0].id,))
    assert second.name == "Una Vale"
    assert any("rows 2, 4" in finding.what for finding in plan.notes)


def test_answers_are_queued_by_time_and_those_without_one_come_last() -> None:
    plan = sign_ups(
        answer("A Late", "a@foxglove.example", at="11/08/2026 6:12:55 PM"),
        answer("B None", "b@foxglove.example", at="some day"),
        answer("C Early", "c@foxglove.example", at="2026-11-01T09:00:00Z"),
        answer("D None", "d@foxglove.example", at=""),
    )
    assert [entry.name for entry in plan.sign_ups] == ["C Early", "A Late", "B None", "D None"]
    assert needing(plan) == []


def test_a_row_without_name_or_known_school_is_left_out_with_a_hint_that_is_not_taken() -> None:
    plan = sign_ups(
        answer(name=""),
        answer(school="Nettlebed Primary School"),
        answer("Una Vale", "u.vale@stwilfrids.example", school=""),
    )
    assert plan.sign_ups == ()
    assert (needing(plan), plan.rejected) == ([2, 3, 4], (2, 3, 4))
    name, unknown, missing = (finding.what for finding in plan.waiting_for_a_person)
    assert "t.quill@foxglove.example" in name
    assert "'Nettlebed Primary School' is not a school of this hub" in unknown
    assert "Its address belongs to St Wilfrid's CofE Primary School." in missing


def test_two_people_with_one_address_share_it_and_a_known_one_gives_it_up() -> None:
    plan = sign_ups(
        answer("Una Vale", "office@foxglove.example"),
        answer("Bo Vale", "Office@Foxglove.example"),
        answer("Di Fox", "a.pereira@foxglove.example"),
        there=state(teachers=(ANA,), offers=OFFERS),
    )
    addresses = {each.given_name: (each.email, each.shared_email) for each in plan.people}
    assert addresses == {
        "Una": (None, "office@foxglove.example"),
        "Bo": (None, "Office@foxglove.example"),
        "Di": (None, "a.pereira@foxglove.example"),
        "Ana": (None, "a.pereira@foxglove.example"),
    }
    assert needing(plan) == [2, 3, 4]
    assert len(plan.sign_ups) == 3


@pytest.mark.parametrize("name", ["T Quill", "Tomas Quill", "QUILL, TOM", "Tom Quilll"])
def test_one_person_may_write_the_name_in_another_way(name: str) -> None:
    plan = sign_ups(answer(), answer(name, at="05/11/2026 09:00:00", diet="vegan"))
    (entry,) = plan.sign_ups
    assert (entry.name, entry.dietary_requirements) == ("Tom Quill", "vegan")
    assert [(each.given_name, each.email) for each in plan.people] == [("Tom", "t.quill@foxglove.example")]


def test_without_an_address_name_and_school_say_who_it_is() -> None:
    there = state(teachers=(ANA,), offers=OFFERS)
    plan = sign_ups(
        answer("Ana Pereira", ""),
        answer("Ana Pereira", "n/a", school="St Wilfrid's"),
        answer("Tom Quill", "t.quill(at)foxglove.example"),
        answer("Tom Quill", "t.quill@foxglove.example", at="06/11/2026 10:00:00"),
        there=there,
    )
    assert [each.teacher_id for each in plan.people if each.given_name == "Ana"] == [ANA.id, None]
    (tom,) = (each for each in plan.people if each.given_name == "Tom")
    assert (tom.email, len(plan.sign_ups)) == ("t.quill@foxglove.example", 3)
    assert needing(plan) == [4]


def test_namesakes_with_different_addresses_are_two_people_and_told() -> None:
    plan = sign_ups(answer(), answer(email="tom@home.example"))
    assert (len(plan.people), needing(plan)) == (2, [3])
    again = sign_ups(answer(email=""), there=_both())
    assert (again.sign_ups, again.rejected) == ((), (2,))


def _both() -> State:
    return state(
        teachers=tuple(
            KnownTeacher(made(email), "Tom", "Quill", email, None, FOXGLOVE)
            for email in ("t.quill@foxglove.example", "tom@home.example")
        )
    )


def test_somebody_known_at_another_school_is_not_moved() -> None:
    plan = sign_ups(
        answer("Ana Pereira", ANA.email or "", school="St Wilfrid's"), there=state(teachers=(ANA,), offers=OFFERS)
    )
    assert [each.school_id for each in plan.people] == [FOXGLOVE]
    assert needing(plan) == [2]


def test_wishes_are_ranked_once_each_and_what_is_unknown_is_left_out() -> None:
    waiting = known_offer("Waiting still", table=None, status="proposed")
    plan = sign_ups(
        answer(wishes="singing in the rain; Maps, and how to draw them;Singing in the rain"),
        answer("B", "b@foxglove.example", wishes="Singing in the rian;Jugling;Waiting still"),
        there=state(offers=(*OFFERS, waiting)),
    )
    assert [entry.wishes for entry in plan.sign_ups] == [(OFFERS[1].id, OFFERS[0].id), (OFFERS[1].id,)]
    assert needing(plan) == [3, 3]


def test_a_formula_is_kept_as_text_and_a_line_break_too() -> None:
    plan = sign_ups(
        answer(diet='=HYPERLINK("http://click.example")'),
        answer("B", "b@foxglove.example", diet="vegan\n(no nuts)", access="N/A"),
    )
    assert [(entry.dietary_requirements, entry.access_requirements) for entry in plan.sign_ups] == [
        ('=HYPERLINK("http://click.example")', None),
        ("vegan\n(no nuts)", None),
    ]
    assert needing(plan) == [2]


def test_the_plan_is_told_in_plain_english() -> None:
    plan = sign_ups(answer(), answer(name=""), ("",) * 7, there=state(offers=OFFERS, left=0))
    lines = in_words(plan)
    assert lines[:4] == [
        "Read 2 rows (UTF-8, 1 empty row passed over).",
        "People: 1 new, 0 changed, 0 unchanged. Nothing has been written yet.",
        "Teachers: 1 new to the hub.",
        "Registrations: 1 new, 0 of them with a place, 1 on the waitlist.",
    ]
    assert lines[4] == "1 row needs a person, 1 of them not imported (row 1 is the header):"
    assert lines[5].startswith("  Row 3: The row has no name, so it was not imported.")
    assert lines[5].endswith("Write the name in row 3 and import again.")


def test_a_hub_without_schools_takes_nobody() -> None:
    with pytest.raises(SheetRefused, match="no schools yet"):
        make_plan(Format.SIGN_UPS, sheet(SIGN_UPS_HEADER, answer()), State(made("hub"), evening=state().evening))


def test_plans_are_the_same_only_when_they_do_and_tell_the_same() -> None:
    one, same, other = sign_ups(answer()), sign_ups(answer(), there=state(offers=OFFERS, left=3)), sign_ups(answer("B"))
    assert one.fingerprint == same.fingerprint != other.fingerprint
