"""How names and addresses are folded so that they can be compared and found."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.people.rules import email_key, folded, laestab, search_key, sort_key

names = st.text(max_size=100)
latin = st.text(st.characters(max_codepoint=0x24F, categories=["L"]), max_size=30)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Siân  LLŶR", "sian llyr"),
        ("Łukasz Żółć", "lukasz zolc"),
        ("Søren Æbelø", "soren aebelo"),
        ("Þóra Guðmundsdóttir", "thora gudmundsdottir"),
        ("Groß", "gross"),
        ("İpek Işık", "ipek isik"),
        ("ℌope", "hope"),
        ("\tAda\n Bee ", "ada bee"),
        ("", ""),
    ],
)
def test_names_are_folded_to_what_one_would_type(text: str, key: str) -> None:
    assert folded(text) == key


@given(text=names)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = folded(text)
    assert folded(once) == once
    assert once == once.strip()
    assert "  " not in once


@given(text=latin)
def test_case_and_the_form_of_accents_make_no_difference(text: str) -> None:
    assert folded(text) == folded(unicodedata.normalize("NFD", text)) == folded(unicodedata.normalize("NFC", text))
    assert folded(text.lower()) == folded(text.lower().upper().lower())


@given(given_name=names, family_name=names, email=st.none() | st.emails())
def test_keys_fit_their_columns(given_name: str, family_name: str, email: str | None) -> None:
    assert len(sort_key(given_name=given_name, family_name=family_name)) <= 202
    assert len(search_key(given_name=given_name, family_name=family_name, email=email)) <= 460


def test_names_sort_by_family_name_and_one_name_by_itself() -> None:
    assert sort_key(given_name="Siân", family_name="Penhaligon") == "penhaligon, sian"
    assert sort_key(given_name="Madonna", family_name="") == "madonna, madonna"


@given(given_name=latin, family_name=latin)
def test_any_part_of_a_name_is_found(given_name: str, family_name: str) -> None:
    key = search_key(given_name=given_name, family_name=family_name, email=None)
    assert folded(given_name) in key
    assert folded(family_name) in key


@given(address=st.emails())
def test_addresses_are_the_same_whatever_their_case(address: str) -> None:
    assert email_key(address) == email_key(address.upper()) == email_key(f" {address.lower()} ")
    assert email_key(email_key(address)) == email_key(address)


def test_addresses_of_different_people_stay_different() -> None:
    assert email_key("sian@larkspur.example") != email_key("siân@larkspur.example")
    assert email_key("sia\u0302n@larkspur.example") == email_key("SI\u00c2N@larkspur.example")


@pytest.mark.parametrize("text", ["202/2901", "202-2901", "2022901", "202 2901", " 202/2901 "])
def test_a_laestab_is_written_one_way(text: str) -> None:
    assert laestab(text) == "202/2901"


@given(text=st.text(max_size=12))
def test_anything_else_is_no_laestab(text: str) -> None:
    digits = [character for character in text if character.isdecimal()]
    assert (laestab(text) is None) or len(digits) == 7


@pytest.mark.parametrize("text", ["", "202/290", "202//2901", "2022901x", "20/22901", "²022901"])
def test_nearly_a_laestab_is_none(text: str) -> None:
    assert laestab(text) is None
