"""A thing of another hub is looked for as one that does not exist: by the same statements, in the same time."""

import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event

from app.kernel.settings import Settings
from tests.access.matrix_calls import Call, call
from tests.access.matrix_table import ROLES, Role, Row, expected, rows, targets
from tests.access.matrix_world import World, a_world
from tests.support.callers import Headers
from tests.support.document import OPERATIONS

pytestmark = pytest.mark.anyio
ROWS = rows()
ORGANISER, LEAD, TEACHER, NOBODY = (
    next(role for role in ROLES if role.name == name) for name in ("organiser", "school lead", "teacher", "nobody")
)
OTHERS = (
    *((ORGANISER, "other hub"), (ORGANISER, "other hub's draft"), (LEAD, "other hub"), (LEAD, "other school")),
    *((LEAD, "draft"), (TEACHER, "colleague"), (TEACHER, "offered"), (NOBODY, "draft"), (NOBODY, "offered")),
)
TRIES = 200
MOST_APART = 0.10
ROUNDS = 3
"""A machine that is busy just then is no verdict: it must be apart every time."""
TIMED = (
    *("get_hub", "get_school", "get_teacher", "get_registration", "get_session", "get_event", "get_presentation"),
    *("get_api_key", "get_sync", "get_allocation", "get_itinerary", "list_registrations", "get_personal_data"),
    *("change_event", "change_teacher", "change_presentation", "register", "take_seat", "apply_sync", "erase_teacher"),
)


@pytest.fixture
async def world(app: FastAPI, client: httpx.AsyncClient, operator: Headers, settings: Settings) -> AsyncIterator[World]:
    async with a_world(app, client, operator, settings) as made:
        yield made


@contextmanager
def statements() -> Iterator[list[str]]:
    """What every database here is asked meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def refused_for_others() -> Iterator[tuple[Row, Role, str]]:
    """Cells that are about something of others, which does not exist for this role."""
    for row in ROWS.values():
        for role, target in OTHERS:
            if target in targets(row, role) and expected(row, role, target) == 404:
                yield row, role, target


async def send(client: httpx.AsyncClient, row: Row, asked: Call) -> httpx.Response:
    operation = OPERATIONS[row.operation]
    return await client.request(operation.method, operation.address(asked.place), headers=asked.headers, **asked.body)


async def test_the_database_is_asked_the_same(world: World, client: httpx.AsyncClient) -> None:
    different, compared = [], 0
    for row, role, target in refused_for_others():
        for _ in range(ROUNDS):  # what the service does by itself meanwhile is no difference
            theirs, missing = [
                await what_is_asked(client, row, await call(world, row, role, each, allowed=False))
                for each in (target, "missing")
            ]
            if theirs == missing:
                break
        else:
            different.append(f"{row.operation} / {role.name} / {target}: {theirs} and not {missing}")
        compared += 1
    assert not different, "\n".join(different)
    assert compared > 100


async def what_is_asked(client: httpx.AsyncClient, row: Row, asked: Call) -> list[str]:
    """The statements behind a refusal."""
    with statements() as said:
        answer = await send(client, row, asked)
    assert answer.status_code == 404, row
    assert said, row
    return said


async def test_it_takes_the_same_time(world: World, client: httpx.AsyncClient) -> None:
    apart = {}
    for name in TIMED:
        row = ROWS[name]
        asked = [await call(world, row, ORGANISER, each, allowed=False) for each in ("other hub", "missing")]
        for _ in range(ROUNDS):
            theirs, missing = await medians(client, row, asked)
            apart[name] = abs(theirs - missing) / missing
            if apart[name] <= MOST_APART:
                break
    too_much = {name: f"{each:.1%}" for name, each in apart.items() if each > MOST_APART}
    assert not too_much, {name: f"{each:.1%}" for name, each in apart.items()}


async def medians(client: httpx.AsyncClient, row: Row, asked: list[Call]) -> list[float]:
    """The median time of each of these requests, tried in turn so that what else goes on here meets them alike."""
    took: list[list[float]] = [[] for _ in asked]
    for _ in range(TRIES):
        for each, times in zip(asked, took, strict=True):
            began = time.perf_counter()
            answer = await send(client, row, each)
            times.append(time.perf_counter() - began)
            assert answer.status_code == 404
    return [statistics.median(times) for times in took]
