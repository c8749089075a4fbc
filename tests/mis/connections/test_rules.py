"""When a connection is due: by the clock of a place, spread, and in full where both would be due."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mis.connections.rules import SPREAD, ChangesEvery, Due, FullEvery, Plan, Weekday, next_due, origin

AT_ONCE = UUID(int=0)
LATER = UUID(int=90)
LONDON = "Europe/London"


def plan(
    full: FullEvery = FullEvery.WEEK,
    changes: ChangesEvery | None = ChangesEvery.DAY,
    *,
    weekday: Weekday = Weekday.SUNDAY,
    at: str = "02:00",
    timezone: str = LONDON,
) -> Plan:
    return Plan(full, changes, weekday, time.fromisoformat(at), timezone)


def due(written: str, *, full: bool) -> Due:
    return Due(datetime.fromisoformat(written), full)


@pytest.mark.parametrize(
    ("given_plan", "after", "next_one"),
    [
        (plan(), "2026-11-02T09:00:00+00:00", due("2026-11-03T02:00:00+00:00", full=False)),
        (plan(), "2026-11-07T09:00:00+00:00", due("2026-11-08T02:00:00+00:00", full=True)),
        (plan(changes=None), "2026-11-02T09:00:00+00:00", due("2026-11-08T02:00:00+00:00", full=True)),
        (plan(changes=None), "2026-11-08T02:00:00+00:00", due("2026-11-15T02:00:00+00:00", full=True)),
        (plan(FullEvery.DAY), "2026-11-02T01:59:59+00:00", due("2026-11-02T02:00:00+00:00", full=True)),
        (plan(changes=ChangesEvery.HOUR), "2026-11-02T09:10:00+00:00", due("2026-11-02T10:00:00+00:00", full=False)),
        (plan(changes=ChangesEvery.HOUR), "2026-11-08T01:10:00+00:00", due("2026-11-08T02:00:00+00:00", full=True)),
        # The clocks of London: an hour earlier in summer; and both sides of the nights in which they change.
        (plan(), "2026-07-01T12:00:00+00:00", due("2026-07-02T01:00:00+00:00", full=False)),
        (plan(), "2026-03-28T12:00:00+00:00", due("2026-03-29T01:00:00+00:00", full=True)),
        (plan(), "2026-10-24T12:00:00+00:00", due("2026-10-25T02:00:00+00:00", full=True)),
        (plan(timezone="Pacific/Auckland"), "2026-11-02T09:00:00+00:00", due("2026-11-02T13:00:00+00:00", full=False)),
    ],
)
def test_when_it_is_due(given_plan: Plan, after: str, next_one: Due) -> None:
    assert next_due(given_plan, AT_ONCE, after=datetime.fromisoformat(after)) == next_one


def test_not_all_at_once() -> None:
    after = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    first, second = [next_due(plan(), each, after=after).at for each in (AT_ONCE, LATER)]
    assert second - first == timedelta(seconds=90)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001  # made aware there
    st.integers(0, SPREAD - 1),
    st.sampled_from(FullEvery),
    st.sampled_from([None, *ChangesEvery]),
    st.times(timezones=st.none()),
    st.sampled_from([LONDON, "UTC", "Australia/Lord_Howe"]),
)
def test_it_always_comes_again_and_the_full_one_within_its_time(
    after: datetime, spread: int, full: FullEvery, changes: ChangesEvery | None, at: time, zone: str
) -> None:
    wanted = Plan(full, changes, Weekday.SUNDAY, at.replace(second=0, microsecond=0), zone)
    moment, seen_full = after, after
    for _ in range(40 if changes is ChangesEvery.HOUR else 10):
        coming = next_due(wanted, UUID(int=spread), after=moment)
        assert moment < coming.at <= moment + timedelta(days=7, hours=2)
        if coming.full:
            assert coming.at - seen_full <= timedelta(days=7 if full is FullEvery.WEEK else 1, hours=2)
            seen_full = coming.at
        moment = coming.at


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://mis.example/a", "https://mis.example:443/b", True),
        ("https://mis.example", "http://mis.example", False),
        ("https://mis.example", "https://mis.example:8443", False),
        ("https://mis.example", "https://mis.example.evil.example", False),
        ("https://MIS.example", "https://mis.example", True),
    ],
)
def test_whom_credentials_are_for(one: str, other: str, *, same: bool) -> None:
    assert (origin(one) == origin(other)) is same
