"""Schools and titles: read when there is one reading, told when it was not word for word, else only suggested."""

import pytest

from app.sheets.matching import SchoolName, Schools, Titles

SCHOOLS = Schools(
    (name.name, name)
    for name in (
        SchoolName("Foxglove Primary School", "990501", "301/4001", "https://www.foxglove.example"),
        SchoolName("St Wilfrid's CofE Primary School", "990502", "", "https://stwilfrids.example/home"),
        SchoolName("Our Lady of the Hill RC Primary School", "990503"),
        SchoolName("Tall Trees Infant School", "990504", "", "https://talltrees.example"),
        SchoolName("Tall Trees Junior School", "990505", "", "https://talltrees.example"),
    )
)
TITLES = Titles(
    (title, title)
    for title in (
        "Maps, and how to draw them",
        "Talk; listen; write",
        "Singing in the rain",
        "Number talks in Year 2",
        "Number talks in Year 5",
    )
)


@pytest.mark.parametrize(
    ("cell", "school"),
    [
        ("Foxglove Primary School", "Foxglove Primary School"),
        ("FOXGLOVE  PRIMARY SCHOOL ", "Foxglove Primary School"),
        ("Foxglove", "Foxglove Primary School"),
        ("Foxglove Prim. Sch.", "Foxglove Primary School"),
        ("990501", "Foxglove Primary School"),
        ("3014001", "Foxglove Primary School"),
        ("St. Wilfrid\u2019s C of E", "St Wilfrid's CofE Primary School"),
        ("saint wilfrids", "St Wilfrid's CofE Primary School"),
        ("Our Lady of the Hill", "Our Lady of the Hill RC Primary School"),
        ("Tall Trees Juniors", "Tall Trees Junior School"),
    ],
)
def test_a_school_is_known_however_it_is_written(cell: str, school: str) -> None:
    match = SCHOOLS.match(cell)
    assert (match.found, match.told) == (school, "")


def test_a_slip_or_another_kind_of_school_is_read_and_told() -> None:
    assert SCHOOLS.match("Foxglvoe Primary").told == "Read the school 'Foxglvoe Primary' as 'Foxglove Primary School'."
    academy = SCHOOLS.match("Foxglove Academy")
    assert academy.found == "Foxglove Primary School"
    assert academy.told


def test_what_could_be_two_schools_or_is_none_is_not_guessed() -> None:
    both = SCHOOLS.match("Tall Trees")
    assert both.found is None
    assert set(both.suggestions) == {"Tall Trees Infant School", "Tall Trees Junior School"}
    assert SCHOOLS.match("Foxfield Primary School").found is None
    assert SCHOOLS.match("").found is None
    assert SCHOOLS.match("Primary School").found is None


def test_an_address_names_a_school_only_when_one_has_that_website() -> None:
    assert SCHOOLS.of_address("x@foxglove.example") == "Foxglove Primary School"
    assert SCHOOLS.of_address("x@mail.stwilfrids.example") == "St Wilfrid's CofE Primary School"
    assert SCHOOLS.of_address("x@talltrees.example") is None
    assert SCHOOLS.of_address("x@notfoxglove.example") is None
    assert SCHOOLS.of_address(None) is None


@pytest.mark.parametrize(
    ("cell", "wishes"),
    [
        ("Singing in the rain;Maps, and how to draw them", ["Singing in the rain", "Maps, and how to draw them"]),
        ("maps and how to draw them ; SINGING IN THE RAIN", ["Maps, and how to draw them", "Singing in the rain"]),
        ("Talk; listen; write;Singing in the rain", ["Talk; listen; write", "Singing in the rain"]),
        ("Singing in the rain\nTalk; listen; write", ["Singing in the rain", "Talk; listen; write"]),
        ("Singing in the rain, Maps, and how to draw them", ["Singing in the rain", "Maps, and how to draw them"]),
    ],
)
def test_wishes_are_taken_apart_whatever_their_titles_contain(cell: str, wishes: list[str]) -> None:
    assert [match.found for _, match in TITLES.wishes(cell)] == wishes


def test_a_typing_slip_is_read_only_when_no_other_title_is_near() -> None:
    slip = TITLES.match("Singing in the rian")
    assert slip.found == "Singing in the rain"
    assert slip.told == "Read 'Singing in the rian' as 'Singing in the rain'."
    either = TITLES.match("Number talks in Year 3")
    assert either.found is None
    assert set(either.suggestions) == {"Number talks in Year 2", "Number talks in Year 5"}
    assert TITLES.match("Juggling").found is None
