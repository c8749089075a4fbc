"""The pictures are whole documents with words for those who cannot see them, and fetch nothing."""

import re
from xml.etree import ElementTree as ET

from app.allocation.pictures import heat_map, satisfaction_curve
from app.allocation.solving import Attendee, Figures, Problem, Table, figures, first_come, solve
from tests.allocation.solving.instances import EVERYTHING, evening

SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture: str) -> ET.Element:
    root = ET.fromstring(picture)  # noqa: S314  # what is parsed here was made here
    assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
    named = {each.get("id") for each in root if each.tag in (f"{SVG}title", f"{SVG}desc")}
    assert set((root.get("aria-labelledby") or "").split()) == named
    assert re.findall(r"https?://[^\"]*", picture) == ["http://www.w3.org/2000/svg"]
    assert re.findall(r"url\(([^)]*)\)|<(?:image|script|style|use|link)\b", picture) == ["#closed"] * picture.count(
        "url("
    )
    return root


def words(root: ET.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def told() -> tuple[Problem, Figures]:
    problem = evening(60, 12, 4, 5, kind=EVERYTHING)
    return problem, figures(problem, solve(problem))


def test_the_curve_shows_the_plan_beside_another() -> None:
    problem, ours = told()
    alone = parsed(satisfaction_curve(ours))
    both = parsed(satisfaction_curve(ours, beside=figures(problem, first_come(problem))))
    lines = [len(list(each.iter(f"{SVG}polyline"))) for each in (alone, both)]
    assert lines[1] == lines[0] + 2
    assert f"{ours.first_choice} of {ours.with_wishes} got their first choice" in " ".join(words(both))
    assert "first come, first served" in words(both)
    description = both.find(f"{SVG}desc")
    assert description is not None
    assert f"{ours.any_wish} any wish" in (description.text or "")


def test_the_map_has_every_slot_in_numbers_and_in_words() -> None:
    _, ours = told()
    root = parsed(heat_map(ours, tables=lambda each: f"<{each}> & more", rounds=lambda each: str(each).upper()))
    cells = [each.find(f"{SVG}title") for each in root.iter(f"{SVG}g")]
    assert len(cells) == len(ours.slots)
    for slot, cell in zip(ours.slots, cells, strict=True):
        assert cell is not None
        state = f"{slot.taken} of {slot.seats} seats taken" if slot.seats else "closed"
        assert cell.text == f"<{slot.table}> & more, {str(slot.round).upper()}: {state}"
    assert f"{ours.seats_taken} seats taken, {ours.seats_left} left" in words(root)


def test_long_titles_are_shortened_and_an_evening_without_anybody_is_a_picture_too() -> None:
    empty = Problem((), (Table("Reading for pleasure: the lunch-time library", (4,)),), ("1",))
    ours = figures(empty, solve(empty))
    parsed(satisfaction_curve(ours))
    assert "Reading for pleasure: the lunch-t…" in words(parsed(heat_map(ours)))
    nobody_asks = Problem((Attendee("ada"),), (), ("1",))
    parsed(heat_map(figures(nobody_asks, solve(nobody_asks))))
