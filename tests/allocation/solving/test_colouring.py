"""König's theorem at work: every multigraph that fits is coloured, evenly for tables and for schools at tables."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.allocation.solving.arena import Edges
from app.allocation.solving.colouring import colour


@given(st.integers(1, 5), st.lists(st.lists(st.integers(0, 4), unique=True), min_size=1, max_size=12), st.data())
def test_colours_differ_at_an_attendee_and_are_even_at_tables_and_for_schools(
    rounds: int, visits: list[list[int]], data: st.DataObject
) -> None:
    pairs = [(person, table) for person, own in enumerate(visits) for table in own[:rounds]]
    schools = data.draw(st.lists(st.integers(0, 2), min_size=len(visits), max_size=len(visits)))
    people, tables = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    edges = Edges(people, tables, np.zeros(len(pairs), dtype=np.int64))
    colours = colour(
        edges, people=len(visits), tables=5, rounds=rounds, schools=np.array(schools, dtype=np.int64)
    ).tolist()
    assert all(0 <= each < rounds for each in colours)
    assert len({(person, each) for (person, _), each in zip(pairs, colours, strict=True)}) == len(pairs)
    for group in ({table: table for table in range(5)}, None):
        named = [table if group else (table, schools[person]) for person, table in pairs]
        sizes = Counter(zip(named, colours, strict=True))
        for name, many in Counter(named).items():
            assert {sizes[name, each] for each in range(rounds)} <= {many // rounds, -(-many // rounds)}
