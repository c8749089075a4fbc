"""Staff over OneRoster's API, from servers with the manners of those in the wild: all of them come, or nothing does."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.kernel.outgoing import Outgoing
from app.mis.fetching import failing
from app.mis.fetching.details import (
    ClientCredentials,
    ConnectionDetails,
    Kind,
    SignatureMethod,
    SignedRequests,
    Token,
    Version,
)
from app.mis.fetching.fetching import fetch, look
from app.mis.staff import UnusableSourceError
from tests.mis.fetching.asking import NOW, QUICK, details, fetched, outgoing
from tests.support.oneroster import (
    CLIENT_ID,
    CLIENT_SECRET,
    FORMS,
    KEY,
    KEY_SECRET,
    PARENTS,
    PUPILS,
    STAFF,
    Manners,
    at_page,
    everybody,
    person,
    refusal,
    school,
)

pytestmark = pytest.mark.anyio


def integers(version: str = "1.2") -> list[dict[str, Any]]:
    """Everybody, with booleans as one server writes them and references to schools of a type that is wrong."""
    return [{**row, "enabledUser": 1} for row in everybody(version)]


COMPLETE = {
    "no total, no link": Manners(),
    "totals": Manners(total=True),
    "links to the next": Manners(link="next", total=True),
    "a link without next on the last page": Manners(link="always"),
    "absolute links": Manners(link="next", next_page=lambda path: path),
    "a silent clamp": Manners(most_per_page=37),
    "a clamp and links": Manners(most_per_page=41, link="next"),
    "another wrapper": Manners(wrapper="teachers"),
    "a token that dies in the middle": Manners(token_lasts=3),
    "busy for a moment": Manners(failing=at_page(200, refusal("503 Service Unavailable", "text"))),
    "throttled, in seconds": Manners(failing=at_page(100, refusal("429 Too Many Requests", "text", Retry_After="0"))),
    "throttled, until a date": Manners(
        failing=at_page(100, refusal("429 Too Many Requests", "text", Retry_After="Mon, 02 Nov 2015 09:00:00 GMT"))
    ),
    "tokens refused once": Manners(failing=at_page(100, refusal("401 Unauthorized"))),
}


@pytest.mark.parametrize("name", COMPLETE)
async def test_all_staff_arrive(name: str) -> None:
    async with school(COMPLETE[name]) as there:
        found = await fetched(there)
    assert len(found.staff_set.records) == STAFF
    assert found.staff_set.complete
    assert found.staff_set.left_out == {"pupils": PUPILS, "parents and contacts": PARENTS}
    assert found.staff_set.rejected == ()
    assert found.cursor == NOW
    assert len({record.source_id for record in found.staff_set.records}) == STAFF


async def test_the_order_of_pages_is_no_part_of_what_is_told() -> None:
    async with school() as there:
        first = await fetched(there)
        there.users.reverse()
        there.manners.most_per_page = 50
        assert (await fetched(there)).staff_set.digest == first.staff_set.digest
        there.users[0]["givenName"] += "e"
        there.users[0]["roles"][0]["role"] = "teacher"
        assert (await fetched(there)).staff_set.digest != first.staff_set.digest


@pytest.mark.parametrize("users", [everybody, integers])
@pytest.mark.parametrize("signature", SignatureMethod)
async def test_the_older_version_with_signed_requests(
    users: Callable[[str], list[dict[str, Any]]], signature: SignatureMethod
) -> None:
    async with school(Manners(sign_in="oauth1", signature=signature, link="next"), users=users("1.1")) as there:
        found = await fetched(there, SignedRequests(KEY, KEY_SECRET, signature), version=Version.V1_1)
        assert len(found.staff_set.records) == STAFF
        assert all(path.startswith("/ims/oneroster/v1p1/") for path in there.asked)
        since = datetime(2026, 8, 1, tzinfo=UTC)
        changed = await fetched(there, SignedRequests(KEY, KEY_SECRET, signature), version=Version.V1_1, since=since)
        assert len(changed.staff_set.records) == STAFF
        other = next(each for each in SignatureMethod if each is not signature)
        with pytest.raises(failing.NotSignedInError):
            await fetched(there, SignedRequests(KEY, KEY_SECRET, other), version=Version.V1_1)


async def test_a_token_that_was_handed_over() -> None:
    async with school(Manners(sign_in="token")) as there:
        good = await fetched(there, Token("a-token-that-was-handed-over"))
        assert len(good.staff_set.records) == STAFF
        with pytest.raises(failing.NotSignedInError):
            await fetched(there, Token("another"))


def elsewhere(url: str) -> Callable[[str], str]:
    return lambda path: url + path


def shuffled_back(rows: list[dict[str, Any]], offset: int) -> list[dict[str, Any]]:
    """A server that does not heed the offset."""
    return everybody()[:100]


def one_short(rows: list[dict[str, Any]], offset: int) -> list[dict[str, Any]]:
    """A list that moves while it is read: somebody falls between two pages."""
    return rows[1:] if offset == 100 else rows


NOT_COMPLETE = {
    "page 3 always fails": (
        Manners(failing=at_page(200, *[refusal("500 Internal Server Error", "wrapped")] * 9)),
        failing.ServerTroubleError,
    ),
    "page 3 is forbidden": (Manners(failing=at_page(200, refusal("403 Forbidden"))), failing.NotPermittedError),
    "page 3 is not there": (Manners(failing=at_page(200, refusal("404 Not Found"))), failing.NotThereError),
    "page 3 is a bad question": (Manners(failing=at_page(200, refusal("400 Bad Request"))), failing.NotUnderstoodError),
    "page 3 needs another sign-in": (
        Manners(failing=at_page(200, *[refusal("401 Unauthorized", "its own")] * 9)),
        failing.NotSignedInError,
    ),
    "throttled for good": (
        Manners(failing=at_page(200, *[refusal("429 Too Many Requests", "text", Retry_After="0")] * 9)),
        failing.ThrottledError,
    ),
    "throttled for a day": (
        Manners(failing=at_page(200, refusal("429 Too Many Requests", "text", Retry_After="86400"))),
        failing.ThrottledError,
    ),
    "a page that is no JSON": (Manners(failing=at_page(200, ("200 OK", b"<html>", {}))), failing.NotUsableError),
    "a page without a list": (Manners(failing=at_page(200, ("200 OK", b"{}", {}))), failing.NotUsableError),
    "a page with two lists": (
        Manners(failing=at_page(200, ("200 OK", b'{"users": [], "warnings": []}', {}))),
        failing.NotUsableError,
    ),
    "a redirect to loopback": (
        Manners(failing=at_page(200, ("302 Found", b"", {"Location": "http://127.0.0.1/users"}))),
        failing.NotUsableError,
    ),
    "a next page on another server": (
        Manners(link="next", next_page=elsewhere("http://169.254.169.254")),
        failing.NotUsableError,
    ),
    "a next page on another port": (
        Manners(link="next", next_page=elsewhere("http://127.0.0.1:9")),
        failing.NotUsableError,
    ),
    "a next page that is this one": (
        Manners(link="next", next_page=lambda path: path.replace("offset=200", "offset=100")),
        failing.NotUsableError,
    ),
    "a server that ignores the offset": (Manners(page=shuffled_back), failing.NotUsableError),
    "a list that moves": (Manners(total=True, page=one_short), failing.NotUsableError),
    "an answer cut short": (
        Manners(failing=at_page(200, *[("200 OK", b'{"users": [', {"Content-Encoding": "br"})] * 9)),
        failing.NotReachedError,
    ),
}


@pytest.mark.parametrize("name", NOT_COMPLETE)
async def test_a_page_that_fails_fails_all_of_it(name: str) -> None:
    manners, kind = NOT_COMPLETE[name]
    async with school(manners) as there:
        with pytest.raises(kind) as raised:
            await fetched(there)
    told = str(raised.value)
    assert isinstance(raised.value, UnusableSourceError)
    assert told.startswith("While reading ")
    assert not any(each in told for each in ("larkspur-secret-words", CLIENT_SECRET, "token-number", "http"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("401 Unauthorized", failing.NotSignedInError),
        ("403 Forbidden", failing.NotPermittedError),
        ("404 Not Found", failing.NotThereError),
        ("429 Too Many Requests", failing.ThrottledError),
        ("502 Bad Gateway", failing.ServerTroubleError),
    ],
)
async def test_errors_are_told_apart_in_any_form(form: str, status: str, kind: type[Exception]) -> None:
    async with school(Manners(failing=at_page(0, *[refusal(status, form, Retry_After="0")] * 9))) as there:
        with pytest.raises(kind):
            await fetched(there)


async def test_nothing_at_the_address() -> None:
    async with school() as there:
        connection = details(there)
    with pytest.raises(failing.NotReachedError):
        await fetch(outgoing(), connection, since=None, now=NOW, patience=QUICK)


async def test_a_private_address_is_never_asked() -> None:
    async with school() as there:
        with pytest.raises(failing.NotReachedError):
            await fetch(Outgoing(), details(there), since=None, now=NOW, patience=QUICK)
        assert await there.listener.seen() == 0


async def test_the_wrong_secret_is_told_as_such() -> None:
    async with school() as there:
        wrong = ClientCredentials(CLIENT_ID, "not-the-secret", f"{there.url}/token")
        with pytest.raises(failing.NotSignedInError) as raised:
            await fetched(there, wrong)
    assert "not-the-secret" not in str(raised.value) + repr(wrong)


async def test_a_token_that_dies_each_time_ends_the_walk() -> None:
    async with school(Manners(token_lasts=0)) as there:
        with pytest.raises(failing.NotSignedInError):
            await fetched(there)
        assert len(there.tokens) == 2, "a new token is asked for once"


async def test_only_what_changed() -> None:
    """The cursor reaches back a little, and what a server tells beyond it is left aside."""
    since = NOW - timedelta(days=1)
    changed = person(7, dateLastModified="2026-11-01T08:56:00.000Z", givenName="Nia")
    async with school(users=[*everybody(), changed]) as there:
        for heeds in (True, False):
            there.manners.heeds_filter = heeds
            found = (await fetched(there, since=since)).staff_set
            assert [record.given_name for record in found.records] == ["Nia"]
            assert not found.complete
            assert len(found.orgs) == 3, "the schools are told in full, so that they can be recognised"
    assert "filter=dateLastModified>'2026-11-01T08:55:00.000Z'" in " ".join(there.asked)


async def test_one_record_of_a_person_the_newest() -> None:
    twice = [person(1), person(1, dateLastModified="2026-10-01T08:00:00.000Z", givenName="Newer"), person(1)]
    async with school(users=twice) as there:
        (record,) = (await fetched(there)).staff_set.records
    assert record.given_name == "Newer"
    assert record.updated_at == datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


async def test_schools_are_known_by_their_national_keys() -> None:
    async with school() as there:
        known = {org.source_id: (org.urn, org.laestab, org.is_school) for org in (await fetched(there)).staff_set.orgs}
    assert known == {
        "org-0": (None, None, False),
        "org-1": ("990001", None, True),
        "org-2": (None, "202/2902", True),
    }


async def test_a_server_that_has_only_schools() -> None:
    def no_orgs(call: Any) -> Any:
        return refusal("404 Not Found") if "/orgs?" in call.path else None

    async with school(Manners(failing=no_orgs)) as there:
        found = (await fetched(there)).staff_set
    assert [org.source_id for org in found.orgs] == ["org-1", "org-2"]
    assert len(found.records) == STAFF


async def test_no_school_at_all_is_no_answer() -> None:
    async with school(orgs=[]) as there:
        with pytest.raises(failing.NotUsableError):
            await fetched(there)


async def test_the_address_may_be_that_of_the_api() -> None:
    async with school() as there:
        credentials = ClientCredentials(CLIENT_ID, CLIENT_SECRET, f"{there.url}/token")
        base = f"{there.url}/tenant-7/ims/oneroster/rostering/v1p2/"
        connection = ConnectionDetails(Kind.ONEROSTER, base, credentials)
        found = await fetch(outgoing(), connection, since=None, now=NOW, patience=QUICK)
        assert len(found.staff_set.records) == STAFF
        assert all(path.startswith(("/token", "/tenant-7/ims/oneroster/rostering/v1p2/")) for path in there.asked)


async def test_a_first_look() -> None:
    async with school() as there:
        found = await look(outgoing(), details(there), now=NOW)
    assert found.schools == ("Larkspur Primary School", "Fernhill Primary School")
    assert 0 < found.staff_on_first_page <= 100
    assert found.staff_on_first_page + found.others_on_first_page == 100


async def test_how_far_it_is() -> None:
    told: list[tuple[int, str]] = []

    async def progress(records: int, step: str) -> None:
        told.append((records, step))

    async with school() as there:
        await fetch(outgoing(), details(there), since=None, now=NOW, progress=progress, patience=QUICK)
    assert told[-1] == (STAFF + PUPILS + PARENTS, "reading the staff")
    assert [records for records, _ in told] == sorted(records for records, _ in told)
