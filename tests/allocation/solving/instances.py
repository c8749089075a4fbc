"""Problems to solve: small random ones of every kind, evenings with popular tables, and what Hypothesis thinks of."""

import random
from dataclasses import dataclass

from hypothesis import strategies as st

from app.allocation.solving import Attendee, Id, Options, Problem, Table


@dataclass(frozen=True)
class Kind:
    """What a random problem has besides wishes: the share of tables or people that it concerns."""

    closed: float = 0.0
    differing: float = 0.0
    hosts: float = 0.0
    pins: float = 0.0
    forbidden: float = 0.0
    fewer_rounds: float = 0.0


UNIFORM = Kind(fewer_rounds=0.2)
HOSTS = Kind(hosts=0.5, closed=0.1)
PINS = Kind(pins=0.4)
EVERYTHING = Kind(closed=0.2, differing=0.4, hosts=0.4, pins=0.25, forbidden=0.4, fewer_rounds=0.2)


def small(seed: int, kind: Kind) -> Problem:
    """A problem that an integer programme solves in milliseconds; the same for the same seed."""
    dice = random.Random(f"{seed} {kind}")
    return _made(
        dice,
        kind,
        people=dice.randint(2, 8),
        tables=dice.randint(2, 6),
        rounds=dice.randint(2, 4),
        seats=dice.randint(1, 3),
        wishes=(0, 5),
    )


def evening(people: int, tables: int, rounds: int, seats: int, *, seed: int = 1, kind: Kind = UNIFORM) -> Problem:
    """An evening with popular tables: three to eight wishes each."""
    dice = random.Random(f"{people} {seed} {kind}")
    return _made(dice, kind, people=people, tables=tables, rounds=rounds, seats=seats, wishes=(3, 8))


def _made(
    dice: random.Random, kind: Kind, *, people: int, tables: int, rounds: int, seats: int, wishes: tuple[int, int]
) -> Problem:
    names, times = [f"table {number}" for number in range(tables)], tuple(f"round {n}" for n in range(rounds))
    popularity = [1 / (number + 1) for number in range(tables)]
    places = {name: [_seats(dice, kind, seats) for _ in times] for name in names}
    free = {(each, name): row[number] for name, row in places.items() for number, each in enumerate(times)}
    attendees = []
    for number in range(people):
        wanted_tables = _ranked(dice, names, popularity, min(tables, dice.randint(*wishes)))
        hosting = dice.random() < kind.hosts
        away = frozenset(dice.sample(times, rounds // 2)) if hosting else frozenset[str]()
        barred = frozenset([names[number % tables]]) if hosting else frozenset[str]()
        pinned = _pin(dice, kind, wanted_tables or names, times, free, away, barred)
        forbids = dice.random() < kind.forbidden
        forbidden = frozenset([(dice.choice(times), dice.choice(names))]) if forbids else frozenset[tuple[str, str]]()
        fewer = dice.randint(1, rounds) if dice.random() < kind.fewer_rounds else None
        attendees.append(
            Attendee(
                f"attendee {number}",
                wishes=tuple(wanted_tables),
                wanted=fewer,
                away=frozenset[Id](away),
                barred=frozenset[Id](barred),
                forbidden=frozenset[tuple[Id, Id]](forbidden - set(pinned)),
                pinned=pinned,
                school=f"school {dice.randrange(max(2, people // 8))}",
            )
        )
    return Problem(tuple(attendees), tuple(Table(name, tuple(row)) for name, row in places.items()), times)


def _ranked(dice: random.Random, names: list[str], popularity: list[float], how_many: int) -> list[str]:
    chosen: dict[str, None] = {}
    while len(chosen) < how_many:
        chosen[dice.choices(names, popularity)[0]] = None
    return list(chosen)


def _seats(dice: random.Random, kind: Kind, usual: int) -> int:
    if dice.random() < kind.closed:
        return 0
    return max(0, usual + dice.choice([-1, 1])) if dice.random() < kind.differing else usual


def _pin(
    dice: random.Random,
    kind: Kind,
    tables: list[str],
    rounds: tuple[str, ...],
    free: dict[tuple[str, str], int],
    away: frozenset[str],
    barred: frozenset[str],
) -> tuple[tuple[Id, Id], ...]:
    slot = (dice.choice(rounds), dice.choice(tables))
    if dice.random() >= kind.pins or not free[slot] or slot[0] in away or slot[1] in barred:
        return ()
    free[slot] -= 1
    return (slot,)


@st.composite
def problems(draw: st.DrawFn, *, uniform: bool = False) -> Problem:
    """Anything that is a problem, empty ones included; `uniform`: König's case."""
    tables = [f"t{number}" for number in range(draw(st.integers(0, 5)))]
    rounds = tuple(f"r{number}" for number in range(draw(st.integers(1, 4))))
    seats = st.integers(0, 3)
    open_in = {
        table: (draw(seats),) * len(rounds) if uniform else tuple(draw(seats) for _ in rounds) for table in tables
    }
    some_tables = st.lists(st.sampled_from(tables), unique=True) if tables else st.just([])
    slots = st.tuples(st.sampled_from(rounds), st.sampled_from(tables)) if tables else st.nothing()
    attendees = []
    for number in range(draw(st.integers(0, 7))):
        wishes = tuple(draw(some_tables))
        wanted = draw(st.none() | st.integers(0, 4))
        barred = frozenset(draw(some_tables)) if draw(st.booleans()) else frozenset()
        if uniform:
            attendees.append(Attendee(f"a{number}", wishes=wishes, wanted=wanted, barred=barred))
            continue
        away = frozenset(draw(st.lists(st.sampled_from(rounds), max_size=2)))
        forbidden = frozenset(draw(st.lists(slots, max_size=2)) if tables else [])
        attendees.append(
            Attendee(f"a{number}", wishes=wishes, wanted=wanted, barred=barred, away=away, forbidden=forbidden)
        )
    return Problem(
        tuple(attendees),
        tuple(Table(table, numbers) for table, numbers in open_in.items()),
        rounds,
        Options(seed=draw(st.integers(0, 3))),
    )
