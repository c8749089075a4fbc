"""The pure decisions about events: what makes a timetable possible, the lifecycle, and moving to another date."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.events.rules import (
    LIFECYCLE,
    MOST_SEATS,
    OPEN_TO_CHANGE,
    PUBLIC,
    UNDER_WAY,
    EventStatus,
    NoSuchLocalTime,
    Times,
    Timetable,
    Transition,
    is_open_for_registration,
    moved,
    size_faults,
    timetable_faults,
)

LONDON = "Europe/London"
START = datetime(2026, 12, 3, 16, 30, tzinfo=UTC)
zones = st.sampled_from([LONDON, "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
instants = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # Hypothesis adds the zone
minutes = st.integers(0, 12)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def timetable(
    *rounds: tuple[int, int, int], ends: int = 120, opens: int | None = None, closes: int | None = None
) -> Timetable:
    return Timetable(
        START,
        at(ends),
        [Times(number, at(first), at(last)) for number, first, last in rounds],
        None if opens is None else at(opens),
        None if closes is None else at(closes),
    )


@pytest.mark.parametrize(
    ("wrong", "places"),
    [
        (timetable((1, 0, 15), (2, 15, 30)), []),
        (timetable((1, 0, 120), opens=-600, closes=0), []),
        (timetable(ends=0), ["/ends_at"]),
        (timetable(opens=-10, closes=-10), ["/registration_closes_at"]),
        (timetable((2, 0, 15)), ["/rounds/0/number"]),
        (timetable((1, 0, 15), (1, 15, 30)), ["/rounds/1/number"]),
        (timetable((1, 15, 15)), ["/rounds/0/ends_at"]),
        (timetable((1, -5, 15)), ["/rounds/0/starts_at"]),
        (timetable((1, 0, 15), (2, 14, 30)), ["/rounds/1/starts_at"]),
        (timetable((1, 0, 15), (2, 110, 121)), ["/rounds/1/ends_at"]),
        (timetable((3, -5, -6), (2, 200, 210)),
         ["/rounds/0/ends_at", "/rounds/0/number", "/rounds/0/starts_at", "/rounds/1/ends_at"]),
    ],
)  # fmt: skip
def test_each_fault_of_a_timetable_has_its_place(wrong: Timetable, places: list[str]) -> None:
    assert sorted(str(fault.pointer) for fault in timetable_faults(wrong)) == places


@given(rounds=st.lists(st.tuples(st.integers(1, 4), minutes, minutes), max_size=4), ends=minutes)
def test_a_timetable_without_faults_is_in_order_and_within_the_event(
    rounds: list[tuple[int, int, int]], ends: int
) -> None:
    """Whatever is drawn: no faults means, minute by minute, at most one round at a time, in the order of numbers."""
    possible = not timetable_faults(timetable(*rounds, ends=ends))
    running = [[number for number, first, last in rounds if first <= minute < last] for minute in range(ends)]
    in_turn = [number for numbers in running for number in numbers]
    assert possible == (
        ends > 0
        and [number for number, _, _ in rounds] == list(range(1, len(rounds) + 1))
        and all(first < last <= ends for _, first, last in rounds)
        and all(len(numbers) <= 1 for numbers in running)
        and in_turn == sorted(in_turn)
    )


def test_an_event_with_tables_has_rounds_and_a_size_that_can_be_kept() -> None:
    assert size_faults(table_count=0, seats_per_table=6, rounds=0) == []
    assert [fault.pointer for fault in size_faults(table_count=1, seats_per_table=6, rounds=0)] == ["/rounds"]
    assert size_faults(table_count=1_000, seats_per_table=25, rounds=10) == []
    assert MOST_SEATS == 1_000 * 25 * 10
    assert [fault.pointer for fault in size_faults(table_count=1_000, seats_per_table=26, rounds=10)] == [
        "/table_count"
    ]


def test_the_lifecycle_is_that_of_the_contract() -> None:
    assert {
        (str(source), str(how), str(target)) for how, (sources, target) in LIFECYCLE.items() for source in sources
    } == {
        ("draft", "publish", "published"),
        ("published", "close", "closed"),
        ("closed", "reopen", "published"),
        ("closed", "complete", "completed"),
        ("draft", "cancel", "cancelled"),
        ("published", "cancel", "cancelled"),
        ("closed", "cancel", "cancelled"),
        ("completed", "archive", "archived"),
        ("cancelled", "archive", "archived"),
    }


def test_every_status_is_reached_and_every_transition_is_there() -> None:
    assert LIFECYCLE.keys() == set(Transition)
    assert {EventStatus.DRAFT, *(target for _, target in LIFECYCLE.values())} == set(EventStatus)
    assert {source for sources, _ in LIFECYCLE.values() for source in sources} == set(EventStatus) - {
        EventStatus.ARCHIVED
    }
    assert UNDER_WAY < OPEN_TO_CHANGE
    assert UNDER_WAY < PUBLIC
    assert not PUBLIC & {EventStatus.DRAFT, EventStatus.ARCHIVED}


@given(instant=instants, old=instants, new=instants, zone=zones)
def test_moving_keeps_the_distance_in_local_time(instant: datetime, old: datetime, new: datetime, zone: str) -> None:
    def local(each: datetime) -> datetime:
        return each.astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    wanted = local(new) + (local(instant) - local(old))
    try:
        there = moved(instant, old_start=old, new_start=new, timezone=zone)
    except NoSuchLocalTime:
        with_offset = wanted.replace(tzinfo=ZoneInfo(zone))
        assert local(with_offset.astimezone(UTC)) != wanted, "no instant is called that there"
    else:
        assert there.tzinfo is UTC
        assert local(there) == wanted


@given(old=instants, new=instants, zone=zones)
def test_the_start_itself_moves_to_the_new_start(old: datetime, new: datetime, zone: str) -> None:
    assert moved(old, old_start=old, new_start=new, timezone=zone) == new


@pytest.mark.parametrize("half", [0, 1])
def test_a_new_start_in_the_hour_that_comes_twice_is_the_one_that_was_asked_for(half: int) -> None:
    new = datetime(2026, 10, 25, half, 30, tzinfo=UTC)  # 01:30 in London both times
    assert moved(START, old_start=START, new_start=new, timezone=LONDON) == new
    assert moved(at(10), old_start=START, new_start=new, timezone=LONDON) == new + timedelta(minutes=10)


def test_half_past_four_stays_half_past_four_in_summer() -> None:
    new = datetime(2027, 6, 10, 15, 30, tzinfo=UTC)  # 16:30 in London
    registration_opens = datetime(2026, 10, 1, 7, 0, tzinfo=UTC)  # 08:00 in London, in summer time
    opens = moved(registration_opens, old_start=START, new_start=new, timezone=LONDON)
    assert opens.astimezone(ZoneInfo(LONDON)).hour == 8
    assert moved(at(120), old_start=START, new_start=new, timezone=LONDON) == new + timedelta(hours=2)


def test_a_local_time_that_the_clocks_skip_does_not_exist() -> None:
    late = datetime(2026, 12, 3, 1, 30, tzinfo=UTC)
    midnight = datetime(2026, 12, 3, 0, 0, tzinfo=UTC)
    with pytest.raises(NoSuchLocalTime, match="28 March 2027, 01:30 does not exist in Europe/London"):
        moved(late, old_start=midnight, new_start=datetime(2027, 3, 28, tzinfo=UTC), timezone=LONDON)


@pytest.mark.parametrize("status", list(EventStatus))
def test_registration_is_open_while_published_and_in_time(status: EventStatus) -> None:
    def is_open(opens: int | None, closes: int | None) -> bool:
        times = [None if minute is None else at(minute) for minute in (opens, closes)]
        return is_open_for_registration(status=status, opens_at=times[0], closes_at=times[1], now=START)

    published = status == EventStatus.PUBLISHED
    assert [is_open(*times) for times in ((None, None), (0, None), (0, 1), (-1, 1))] == [published] * 4
    assert not any(is_open(*times) for times in ((1, None), (None, 0), (-2, -1)))
