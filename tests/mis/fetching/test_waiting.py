"""Patience with other systems: as long as they ask, never for ever; and reading the values that they send."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.kernel.outgoing import Outgoing
from app.mis.fetching import failing, values
from app.mis.fetching.getting import next_in, same_place
from app.mis.fetching.sending import Patience, Sender, retry_after
from tests.support.listener import answer, listening

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 02 Nov 2026 09:01:30 GMT", 90.0),
        ("Mon, 02 Nov 2026 08:00:00 GMT", 0.0),
        ("Monday, 02-Nov-26 09:00:10 GMT", 10.0),
        ("99999999999999999999", 999_999_999.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_how_long_one_is_asked_to_wait(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


async def waited(status: str, **headers: str) -> tuple[list[float], int, Exception | None]:
    """How long is waited for a server that answers always alike; how often it was asked; what was raised."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with listening(answer(b"", status, **headers)) as listener:
        sender = Sender(Outgoing(["127.0.0.1"]), patience=Patience(), sleep=sleep, clock=lambda: NOW)
        try:
            await sender.send("GET", f"http://127.0.0.1:{listener.port}/", step="something", headers={})
        except failing.FetchError as error:
            return slept, len(listener.calls), error
        return slept, len(listener.calls), None


async def test_longer_each_time_and_never_alike() -> None:
    slept, asked, raised = await waited("503 Service Unavailable")
    assert (asked, raised) == (5, None)
    assert all(0.5 * 2**tried <= seconds <= 2**tried for tried, seconds in enumerate(slept))
    again, _, _ = await waited("503 Service Unavailable")
    assert again != slept


async def test_as_long_as_is_asked() -> None:
    slept, asked, raised = await waited("429 Too Many Requests", Retry_After="Mon, 02 Nov 2026 09:01:00 GMT")
    assert (asked, raised) == (5, None)
    assert all(60 <= seconds <= 61 for seconds in slept)


async def test_not_for_as_long_as_that() -> None:
    slept, asked, raised = await waited("503 Service Unavailable", Retry_After="3600")
    assert (slept, asked) == ([], 1)
    assert isinstance(raised, failing.ThrottledError)


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "200 OK"])
async def test_what_does_not_pass_is_not_asked_again(status: str) -> None:
    assert await waited(status) == ([], 1, None)


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ('</users?offset=100>; rel="next"', "/users?offset=100"),
        ('</a>; rel="first", </b>; rel="next", </c>; rel="last"', "/b"),
        ("</b>; rel=next", "/b"),
        ('</b>; title="x"; rel="next"', "/b"),
        ('</b>; REL="Next"', "/b"),
        ('</b>; rel="nextish"', None),
        ('</b>; rel="last"', None),
        ("<" * 20_000, None),
        ('</b>; a=""' * 2_000, None),
        ("", None),
        (None, None),
    ],
)
def test_the_next_page_in_a_link(header: str | None, address: str | None) -> None:
    assert next_in(header) == address


@pytest.mark.parametrize(
    "following",
    [
        "https://mis.example:8443/users",
        "http://mis.example/users",
        "https://other.example/users",
        "//other.example/users",
        "https://mis.example@other.example/",
        "https://user@mis.example/users",
        "https://mis.example:99999/",
        "https://[/",
        "file:///etc/passwd",
    ],
)
def test_pages_elsewhere(following: str) -> None:
    with pytest.raises(failing.NotUsableError):
        same_place("https://mis.example/api/users?offset=0", following, step="the staff")


@pytest.mark.parametrize(
    ("following", "address"),
    [
        ("/api/users?offset=100", "https://mis.example/api/users?offset=100"),
        ("?offset=100", "https://mis.example/api/users?offset=100"),
        ("https://mis.example:443/api/users", "https://mis.example:443/api/users"),
    ],
)
def test_pages_of_the_same_system(following: str, address: str) -> None:
    assert same_place("https://mis.example/api/users?offset=0", following, step="the staff") == address


@pytest.mark.parametrize(
    ("value", "read"),
    [
        *(("true", True), ("True", True), (True, True), (1, True), ("1", True)),
        *(("false", False), (False, False), (0, False), ("yes", None), (None, None), (2, None), ([], None)),
    ],
)
def test_booleans_in_all_spellings(value: Any, read: bool | None) -> None:
    assert values.boolean(value) is read


@pytest.mark.parametrize("kind", ["NI", "nino", "TRN", "teacher number", "payrollId", "NationalInsuranceNumber"])
def test_ids_that_are_nobodys_business(kind: str) -> None:
    assert values.second_id(kind, "12345") is None
    assert values.second_id("staffCode", "AB 12 34 56 C") is None
    assert values.second_id("staffCode", "S1") == "staffCode:S1"
