"""Which accepted presentation goes to which table: those with a number first, then the others in the order of rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.sheets.findings import Findings
from app.sheets.offers import Offer


@dataclass(frozen=True, slots=True)
class Room:
    """The tables: how many there are, which ones others hold, and where these offers are already, by row."""

    table_count: int
    held_by_others: frozenset[int]
    present: Mapping[int, int]


def place(offers: Iterable[Offer], room: Room, findings: Findings) -> dict[int, int]:
    """The table of each accepted offer, by row. Those that fit nowhere are left out, and need a person."""
    wanted = [offer for offer in offers if offer.decision == "yes"]
    placed: dict[int, int] = {}
    for offer in wanted:
        if offer.table is not None and _may_have(offer, offer.table, placed, room, findings):
            placed[offer.row] = offer.table
    staying = {
        room.present[offer.row]
        for offer in wanted
        if offer.table and offer.row not in placed and offer.row in room.present
    }
    taken = {*placed.values(), *room.held_by_others, *staying}
    for offer in wanted:
        here = room.present.get(offer.row)
        if offer.table is None and here is not None and here not in taken:
            placed[offer.row] = here
            taken.add(here)
    free = iter(number for number in range(1, room.table_count + 1) if number not in taken)
    for offer in wanted:
        if offer.table is not None or offer.row in placed:
            continue
        number = next(free, None)
        if number is None:
            _tell_full(offer, room, findings)
        else:
            placed[offer.row] = number
    return placed


def _may_have(offer: Offer, number: int, placed: Mapping[int, int], room: Room, findings: Findings) -> bool:
    other = next((row for row, taken in placed.items() if taken == number), None)
    if not 1 <= number <= room.table_count:
        why = f"There is no table {number}: the room has {room.table_count}"
    elif other is not None:
        why = f"Table {number} is already wanted in row {other}"
    elif number in room.held_by_others:
        why = f"Table {number} holds a presentation that is not in this sheet"
    else:
        return True
    findings.needs_a_person(
        offer.row,
        f"{why}. '{offer.title}' was not accepted.",
        f"Write another table in row {offer.row}, or none for the lowest free one, and import again.",
    )
    return False


def _tell_full(offer: Offer, room: Room, findings: Findings) -> None:
    findings.needs_a_person(
        offer.row,
        f"All {room.table_count} tables are taken, so '{offer.title}' was not accepted.",
        f"Free a table or raise the event's number of tables, or decide otherwise in row {offer.row}; import again.",
    )
