"""Signatures as Standard Webhooks writes them, the schedule of attempts, and what an answer means."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from app.webhooks import rules
from app.webhooks.rules import SCHEDULE, Secret, Verdict

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PUBLISHED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_published_vector() -> None:
    made = rules.signatures(
        [PUBLISHED], message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=b'{"test": 2432232314}'
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_public_package_reads_what_is_signed() -> None:
    secret, at = rules.new_secret(), datetime.now(UTC)
    body = rules.message(type_="school.created", timestamp=at, data={"name": "Llŷn"})
    signed = rules.signatures([rules.new_secret(), secret], message_id="a", timestamp=int(at.timestamp()), body=body)
    headers = {"webhook-id": "a", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signed}
    assert Webhook(secret).verify(body, headers)["data"] == {"name": "Llŷn"}
    assert len(signed.split()) == 2


def test_a_secret_is_long_random_and_marked() -> None:
    made = {rules.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert all(each.startswith("whsec_") for each in made)
    assert {len(base64.b64decode(each.removeprefix("whsec_"))) for each in made} == {32}


def test_secrets_end_when_their_time_is_over() -> None:
    kept = [Secret("new"), Secret("old", NOW + timedelta(hours=24))]
    assert rules.unpacked(rules.packed(kept)) == kept
    assert [each.text for each in rules.good_now(kept, now=NOW)] == ["new", "old"]
    assert [each.text for each in rules.good_now(kept, now=NOW + timedelta(hours=24))] == ["new"]


def test_the_schedule_is_the_published_one_and_never_early() -> None:
    assert [each.total_seconds() for each in SCHEDULE] == [
        *(0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
    ]
    for attempt, wait in enumerate(SCHEDULE):
        soonest, latest = (rules.wait_before(attempt, chance=chance) for chance in (0, 1))
        assert soonest == wait
        assert latest == wait * 1.1
    assert rules.wait_before(len(SCHEDULE), chance=0) is None


@pytest.mark.parametrize(
    ("status", "meant", "rest"),
    [
        (200, Verdict.DELIVERED, None),
        (299, Verdict.DELIVERED, None),
        (301, Verdict.FAILED, None),
        (304, Verdict.FAILED, None),
        (400, Verdict.FAILED, None),
        (410, Verdict.GONE, None),
        (429, Verdict.FAILED, 5),
        (500, Verdict.FAILED, None),
        (502, Verdict.FAILED, 5),
        (503, Verdict.FAILED, None),
        (504, Verdict.FAILED, 5),
        (None, Verdict.FAILED, 5),
    ],
)
def test_what_an_answer_means(status: int | None, meant: Verdict, rest: int | None) -> None:
    assert rules.verdict(status) is meant
    expected = None if rest is None else timedelta(seconds=rest)
    assert rules.rest_after(status, retry_after=None, setbacks=1) == expected
    asked = timedelta(seconds=90)
    assert rules.rest_after(status, retry_after=asked, setbacks=1) == (None if meant is Verdict.DELIVERED else asked)


def test_rests_grow_to_a_bound() -> None:
    rests = [rules.rest_after(502, retry_after=None, setbacks=number) for number in (1, 2, 3, 20, 10_000)]
    assert rests == [timedelta(seconds=seconds) for seconds in (5, 10, 20, 300, 300)]
    assert rules.rest_after(429, retry_after=timedelta(days=900), setbacks=1) == timedelta(days=1)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 0 ", 0),
        ("Mon, 02 Nov 2026 09:01:00 GMT", 60),
        ("Mon, 02 Nov 2020 09:01:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("9" * 5_000, 10**8),
        ("\u0663", None),
    ],
)
def test_retry_after_in_all_its_forms(value: str | None, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert rules.retry_after(value, now=NOW) == expected
