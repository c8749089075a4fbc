"""Lists in pages: every row exactly once while rows come and go, and only cursors that were handed out."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, insert, select
from sqlalchemy.orm import Session

from app.kernel.database import writing_engine
from app.kernel.ids import new_id
from app.kernel.pagination import LONGEST_CURSOR, CursorSigner, PageRequest, paginate
from app.kernel.problems import InvalidRequest
from app.kernel.settings import Settings
from app.people.models import Hub, School

SIGNER = CursorSigner(b"a secret for tests only")
NOW = datetime(2026, 12, 3, 16, 30, tzinfo=UTC)
FIRST_MINUTE = st.integers(0, 3)


@pytest.fixture
def connection(settings: Settings) -> Iterator[Connection]:
    engine: Engine = writing_engine(settings)
    try:
        with engine.connect() as made, made.begin() as transaction:
            yield made
            transaction.rollback()
    finally:
        engine.dispose()


@contextlib.contextmanager
def undone(connection: Connection) -> Iterator[Session]:
    nested = connection.begin_nested()
    try:
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
    finally:
        nested.rollback()


def add(session: Session, minute: int) -> UUID:
    """A hub that was made in some minute: many share one."""
    made, instant = new_id(), NOW + timedelta(minutes=minute)
    row = {"id": made, "slug": f"hub-{made}", "name": "A hub", "created_at": instant, "updated_at": instant}
    session.execute(insert(Hub).values(**row))
    return made


def page(session: Session, cursor: str | None, limit: int) -> tuple[list[UUID], str | None]:
    asked = PageRequest(limit, cursor, "/hubs?", SIGNER)
    found = paginate(session, select(Hub), order=[Hub.created_at, Hub.id], page=asked)
    return [each.id for each in found.items], found.next_cursor


def test_every_row_comes_once_while_others_come_and_go(connection: Connection) -> None:
    """Rows that are there all the time come exactly once and in order; those that come and go, at most once."""

    @hypothesis.settings(max_examples=40, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(
        staying=st.lists(FIRST_MINUTE, max_size=12),
        limit=st.integers(1, 5),
        meanwhile=st.lists(st.tuples(st.lists(FIRST_MINUTE, max_size=2), st.integers(0, 20)), max_size=20),
    )
    def walked(staying: list[int], limit: int, meanwhile: list[tuple[list[int], int]]) -> None:
        with undone(connection) as session:
            there = sorted((minute, add(session, minute)) for minute in staying)
            passing = [add(session, minute) for minute in (0, 1, 2)]
            seen, cursor = page(session, None, limit)
            for coming, going in meanwhile:
                passing += [add(session, minute) for minute in coming]
                session.execute(delete(Hub).where(Hub.id == passing.pop(going % len(passing)))) if passing else None
                if cursor is not None:
                    found, cursor = page(session, cursor, limit)
                    assert len(found) == limit or cursor is None
                    seen += found
            while cursor is not None:
                found, cursor = page(session, cursor, limit)
                seen += found
            assert len(set(seen)) == len(seen)
            mine = {each for _, each in there}
            assert [each for each in seen if each in mine] == [each for _, each in there]

    walked()


def test_the_last_page_has_no_cursor_even_when_it_is_full(connection: Connection) -> None:
    with undone(connection) as session:
        ids = [add(session, 0) for _ in range(4)]
        first, cursor = page(session, None, 2)
        second, end = page(session, cursor, 2)
        assert (first + second, end) == (ids, None)


@pytest.mark.parametrize("letter", ["漢", "𠀀", '"', "\\"])
def test_a_cursor_is_never_longer_than_what_is_taken(connection: Connection, letter: str) -> None:
    """Sort values may be as long as their columns, in any script."""
    with undone(connection) as session:
        hub_id = add(session, 0)
        for number in (1, 2):
            row = {"id": new_id(), "hub_id": hub_id, "urn": f"99000{number}", "created_at": NOW, "updated_at": NOW}
            session.execute(insert(School).values(name=letter * 200, **row))
        asked = PageRequest(1, None, "/schools?", SIGNER)
        found = paginate(session, select(School), order=[School.name, School.id], page=asked)
        assert found.next_cursor is not None
        assert len(found.next_cursor) <= LONGEST_CURSOR


values = st.lists(st.text(max_size=8) | st.integers() | st.uuids(), min_size=1, max_size=3)


@given(values=values)
def test_a_cursor_gives_back_what_it_was_made_of(values: list[Any]) -> None:
    opened = SIGNER.open(SIGNER.sign(values, listing="/hubs?"), listing="/hubs?")
    assert opened == [str(each) if isinstance(each, UUID) else each for each in values]


@given(values=values, data=st.data())
def test_a_cursor_that_was_tampered_with_is_refused(values: list[Any], data: st.DataObject) -> None:
    cursor = SIGNER.sign(values, listing="/hubs?")
    place = data.draw(st.integers(0, len(cursor) - 1))
    tampered = data.draw(
        st.sampled_from(
            [
                cursor[:place] + data.draw(st.characters(exclude_characters=cursor[place])) + cursor[place + 1 :],
                cursor[:place],
                cursor[:place] + data.draw(st.sampled_from("A=-_ +/")) + cursor[place:] + "x",
                cursor + data.draw(st.sampled_from(["=", "==", "A", "\n", " "])),
            ]
        )
    )
    with pytest.raises(InvalidRequest) as refused:
        SIGNER.open(tampered, listing="/hubs?")
    assert [fault.parameter for fault in refused.value.errors] == ["cursor"]


@given(values=values)
def test_a_cursor_is_of_one_list_and_one_deployment(values: list[Any]) -> None:
    cursor = SIGNER.sign(values, listing="/hubs?")
    for signer, listing in ((SIGNER, "/hubs?q"), (CursorSigner(b"another secret"), "/hubs?")):
        with pytest.raises(InvalidRequest):
            signer.open(cursor, listing=listing)
