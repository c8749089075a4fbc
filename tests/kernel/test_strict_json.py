"""JSON read strictly: the standard parser's documents, and a place for everything that is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.problems import InvalidRequest, MalformedBody
from app.kernel.strict_json import LARGEST_EXACT, LARGEST_INTEGER, parse, pointer

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
documents = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))
UNUSABLE = {
    "NaN": "NaN is not JSON",
    "Infinity": "Infinity is not JSON",
    "-Infinity": "-Infinity is not JSON",
    "9223372036854775808": "the number is out of range",
    "-9223372036854775808": "the number is out of range",
    "1" * 5_000: "the number is out of range",
    "1e999": "the number is out of range",
    "-1.0e400": "the number is out of range",
    r'"a\u0000b"': "the text has a NUL character",
    r'"\ud800"': "the text has a lone surrogate, which is not Unicode",
    r'"\udfffx"': "the text has a lone surrogate, which is not Unicode",
    r'"\udc00\ud800"': "the text has a lone surrogate, which is not Unicode",
}


def faults(body: str | bytes) -> list[tuple[str | None, str]]:
    """Where and why a document is refused."""
    with pytest.raises(InvalidRequest) as refused:
        parse(body if isinstance(body, bytes) else body.encode())
    return [(fault.pointer, fault.detail) for fault in refused.value.errors]


@given(document=documents, ascii_only=st.booleans(), indent=st.none() | st.just(2))
def test_ordinary_documents_are_read_as_by_the_standard_parser(
    document: Any, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    read = parse(text.encode())
    assert (
        json.dumps(read) == json.dumps(with_whole_numbers(json.loads(text))) == json.dumps(with_whole_numbers(document))
    )


def with_whole_numbers(document: Any) -> Any:
    """A document in which 12.0 is 12, as it is to JSON Schema."""
    if isinstance(document, list):
        return [with_whole_numbers(each) for each in document]
    if isinstance(document, dict):
        return {name: with_whole_numbers(each) for name, each in document.items()}
    whole = isinstance(document, float) and document.is_integer() and abs(document) <= LARGEST_EXACT
    return int(document) if whole else document


@pytest.mark.parametrize("text", [r'"\ud83d\ude00"', r'"\\u0000"', r'"\\ud800"', "9223372036854775807", "1e308"])
def test_what_only_looks_suspicious_is_read(text: str) -> None:
    assert parse(text.encode()) == json.loads(text)


@pytest.mark.parametrize("value", UNUSABLE)
@pytest.mark.parametrize(
    ("around", "place"),
    [("{}", ""), ("[1, {}]", "/1"), ('{{"a": [{{"b/c~d": {}}}]}}', "/a/0/b~1c~0d"), ('{{"é": {}, "x": 1}}', "/é")],
)
def test_each_kind_of_refusal_has_its_place(value: str, around: str, place: str) -> None:
    assert faults(around.format(value)) == [(place, UNUSABLE[value])]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{"a": 1, "a": 1}', "/a"),
        ('{"x": [0, {"a": 1, "b": 2, "a": 3}]}', "/x/1/a"),
        (r'{"a": 1, "\u0061": 2}', "/a"),
        ('{"": 1, "": 2}', "/"),
    ],
)
def test_a_name_that_comes_twice_is_refused_where_it_does(body: str, place: str) -> None:
    assert faults(body) == [(place, "the name occurs more than once")]


@pytest.mark.parametrize("name", [r'"\u0000"', r'"\ud800"'])
def test_a_name_that_cannot_be_used_is_told_by_its_object(name: str) -> None:
    found = faults('{"x": {%s: 1}}' % name)  # noqa: UP031  # braces are what this is about
    assert [(place, why.partition(":")[0]) for place, why in found] == [("/x", "a name in this object")]


@given(wrong=st.sets(st.integers(0, 19), min_size=1), value=st.sampled_from(sorted(UNUSABLE)))
def test_every_place_is_named_and_no_other(wrong: set[int], value: str) -> None:
    items = [value if index in wrong else "1" for index in range(20)]
    assert {place for place, _ in faults(f'{{"items": [{", ".join(items)}]}}')} == {f"/items/{each}" for each in wrong}


def test_no_more_than_fifty_places_are_named() -> None:
    assert len(faults(f"[{', '.join(['NaN'] * 1_000)}]")) == 50


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"{'a': 1}", b"[1,]", b"\xff", b'"\xed\xa0\x80"', b"\xef\xbb\xbf{}", b'"a\x00b"', b"1 2", b"nul"],
)
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBody) as refused:
        parse(body)
    assert [fault.pointer for fault in refused.value.errors] == [""]


@pytest.mark.parametrize("body", [b"[" * 30_000, b"[" * 30_000 + b"]" * 30_000, b'{"a":' * 30_000])
def test_a_body_that_nests_too_deeply_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        parse(body)


@given(body=st.binary(max_size=40) | st.text('{}[]",:0123456789eE+-.\\u dDcCnullNaN', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused_and_nothing_of_them_is_told(body: bytes) -> None:
    try:
        read = parse(body)
    except (MalformedBody, InvalidRequest) as refused:
        places = [fault.pointer for fault in refused.errors]
    else:
        places = []
        assert json.dumps(read) == json.dumps(json.loads(body))
    assert None not in places


@given(parts=st.lists(texts | st.integers(0, 9)))
def test_a_pointer_leads_back_to_its_parts(parts: list[str | int]) -> None:
    there = [each.replace("~1", "/").replace("~0", "~") for each in pointer(*parts).split("/")[1:]]
    assert there == [str(part) for part in parts]
