"""How problems and plans are kept: small, and readable by anything that reads JSON. Ids only, no names."""

import json
import zlib
from typing import Any
from uuid import UUID

from app.allocation.posing import Plan, Posed
from app.allocation.solving.problem import Attendee, Options, Problem, Table

LEVEL = 3
"""Of compression: quick, and about as small as it gets."""


def packed_plan(plan: Plan) -> bytes:
    """A plan as bytes: of each registration, the round and the table of each seat, by registration."""
    return _packed(
        [[each.hex, [part for slot in sorted(own.items()) for part in slot]] for each, own in sorted(plan.items())]
    )


def unpacked_plan(content: bytes) -> Plan:
    """What `packed_plan` packed, by registration."""
    return {
        UUID(each): dict(zip(parts[::2], parts[1::2], strict=True))
        for each, parts in json.loads(zlib.decompress(content))
    }


def packed_problem(posed: Posed) -> bytes:
    """A problem as bytes."""
    problem = posed.problem
    options = problem.options
    return _packed(
        {
            "rounds": problem.rounds,
            "tables": [[table.id, table.seats, posed.presentations[_number(table.id)].hex] for table in problem.tables],
            "options": [options.seed, options.spread_schools, options.even_groups, options.minimum],
            "people": [_person(each) for each in problem.attendees],
        }
    )


def unpacked_problem(content: bytes) -> Posed:
    """What `packed_problem` packed."""
    told = json.loads(zlib.decompress(content))
    seed, spread, even, minimum = told["options"]
    return Posed(
        Problem(
            attendees=tuple(_attendee(each) for each in told["people"]),
            tables=tuple(Table(number, tuple(seats)) for number, seats, _ in told["tables"]),
            rounds=tuple(told["rounds"]),
            options=Options(seed=seed, spread_schools=spread, even_groups=even, minimum=minimum),
        ),
        {number: UUID(presentation) for number, _, presentation in told["tables"]},
    )


def _person(each: Attendee) -> list[Any]:
    assert isinstance(each.id, UUID)
    rare = [each.wanted, sorted(map(_number, each.away)), sorted(map(_number, each.barred)), _slots(each.forbidden)]
    return [each.id.hex, each.wishes, _slots(each.pinned), each.school, rare if any(rare) or each.wanted == 0 else None]


def _attendee(told: list[Any]) -> Attendee:
    name, wishes, pinned, school, rare = told
    wanted, away, barred, forbidden = rare or (None, (), (), ())
    return Attendee(
        id=UUID(name),
        wishes=tuple(wishes),
        wanted=wanted,
        away=frozenset(away),
        barred=frozenset(barred),
        forbidden=frozenset((number, table) for number, table in forbidden),
        pinned=tuple((number, table) for number, table in pinned),
        school=school,
    )


def _slots(slots: Any) -> list[Any]:
    return sorted([number, table] for number, table in slots)


def _number(each: Any) -> int:
    return int(each)


def _packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), LEVEL)
