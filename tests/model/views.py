"""What is to be seen of an evening, in one form for both: told by the model here, read from the service elsewhere."""

from typing import Any

from tests.model.model import AHEAD, Evening
from tests.model.words import Registration

View = dict[str, Any]


def event(evening: Evening) -> View:
    confirmed = len(evening.confirmed())
    return {
        **evening.sizes(),
        "status": evening.status,
        "confirmed_count": confirmed,
        "waitlisted_count": len(evening.waitlist),
        "places_left": evening.capacity - confirmed,
    }


def registration(evening: Evening, each: Registration) -> View:
    waiting = each.status == "waitlisted"
    return {
        "teacher": each.teacher,
        "role": each.role,
        "status": each.status,
        "waitlist_position": evening.waitlist.index(each) + 1 if waiting else None,
        "preferences": each.wishes,
    }


def itinerary(evening: Evening, each: Registration) -> list[View]:
    return [
        {"round": round_, "table_number": table, "presentation": evening.tables[table].holds}
        for round_, table in sorted(each.seats.items())
    ]


def presentation(evening: Evening, name: str) -> View:
    each = evening.presentations[name]
    return {
        "title": name,
        "status": each.status,
        "presenters": each.presenters,
        "table_number": evening.table_of(name),
    }


def table(evening: Evening, number: int) -> View:
    each = evening.tables[number]
    return {
        "number": number,
        "seats": each.seats,
        "closed_rounds": sorted(each.closed),
        "presentation": each.holds,
        "rounds": [
            {
                "number": round_,
                "seats": 0 if round_ in each.closed else each.seats,
                "seats_taken": len(evening.at(number, round_)),
                "closed": round_ in each.closed,
            }
            for round_ in evening.all_rounds()
        ],
    }


def marketplace(evening: Evening) -> View:
    tables = [table(evening, number) for number in sorted(evening.tables)]
    return {
        "places_left": evening.capacity - len(evening.confirmed()),
        "rounds": [
            {
                "number": round_,
                "tables": [
                    {
                        "table_number": each["number"],
                        "title": each["presentation"],
                        **{name: each["rounds"][round_ - 1][name] for name in ("seats", "seats_taken", "closed")},
                    }
                    for each in tables
                ],
            }
            for round_ in evening.all_rounds()
        ],
    }


def programme(evening: Evening) -> View:
    return {
        "event": event(evening),
        "presentations": [
            {
                "title": each.holds,
                "presenters": evening.presentations[each.holds].presenters,
                "table_number": number,
                "closed_rounds": sorted(each.closed),
            }
            for number, each in sorted(evening.tables.items())
            if each.holds is not None
        ],
    }


def everything(evening: Evening) -> View:
    """The whole of it."""
    return {
        "event": event(evening),
        "registrations": [registration(evening, each) for each in evening.registrations],
        "itineraries": [itinerary(evening, each) for each in evening.registrations],
        "presentations": [presentation(evening, name) for name in evening.presentations],
        "tables": [table(evening, number) for number in sorted(evening.tables)],
        "marketplace": marketplace(evening),
        "programme": programme(evening),
    }


def promises(evening: Evening) -> None:
    """What may never happen, asserted of the model itself: else its agreement would prove nothing."""
    confirmed, holding = evening.confirmed(), [each.holds for each in evening.tables.values() if each.holds]
    accepted = [name for name, each in evening.presentations.items() if each.status == "accepted"]
    live = [each.teacher for each in evening.registrations if each.live]
    assert len(confirmed) <= evening.capacity
    assert sorted(holding) == sorted(accepted), "an accepted presentation is at one table, and nothing else is at any"
    assert len(set(holding)) == len(holding) <= len(evening.tables)
    assert len(set(live)) == len(live)
    assert not evening.waitlist or len(confirmed) == evening.capacity, "nobody waits beside a free place"
    assert [each for each in evening.registrations if each.status == "waitlisted"] == sorted(
        evening.waitlist, key=evening.registrations.index
    )
    for each in evening.registrations:
        assert not each.seats or each.status == "confirmed"
        assert len(set(each.seats.values())) == len(each.seats), "nobody is at one table in two rounds"
        assert each.seats.keys() <= set(evening.all_rounds())
        assert not each.seats.keys() & evening.presents_in(each.teacher)
        assert (each.live and each.role == "presenter") <= evening.presents(each.teacher)
    for number, table_ in evening.tables.items():
        assert evening.busiest(number) <= table_.seats
        assert table_.holds is not None or not evening.busiest(number)
        assert not any(evening.at(number, round_) for round_ in table_.closed)


def is_public(evening: Evening) -> bool:
    return evening.status in (*AHEAD[1:], "completed", "cancelled")
