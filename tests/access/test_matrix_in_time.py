"""A thing of another hub is looked for as one that does not exist: by the same statements, in the same time."""

import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import anyio
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event

from app.kernel.settings import Settings
from tests.access.matrix_calls import Call, call, send
from tests.access.matrix_table import Row, refused_for_others, role, rows
from tests.access.matrix_world import World, a_world
from tests.support.callers import Headers
from tests.support.forms import form

pytestmark = pytest.mark.anyio
TRIES = form(short=100, full=200)
MOST_APART = 0.10
ROUNDS = 5
"""A machine that is busy just then is no verdict: it must be apart every time."""
TIMED = (
    *("get_teacher", "get_registration", "get_event", "get_presentation", "get_api_key", "get_sync", "get_allocation"),
    *("change_presentation", "register", "take_seat", "erase_teacher"),
)
"""One operation for each kind of thing, and those that ask most; of the others the statements are compared."""


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


async def test_the_database_is_asked_the_same(world: World, client: httpx.AsyncClient, app: FastAPI) -> None:
    await app.state.courier.stop()
    await app.state.worker.stop()
    different, compared = [], 0
    for row, who, target in refused_for_others():
        for _ in range(ROUNDS):
            theirs, missing = [
                await what_is_asked(client, row, await call(world, row, who, each, allowed=False))
                for each in (target, "missing")
            ]
            if theirs == missing:
                break
            await anyio.sleep(0.2)  # what else the service does by itself meanwhile is no difference
        else:
            different.append(f"{row.operation} / {who.name} / {target}: {theirs} and not {missing}")
        compared += 1
    assert not different, "\n".join(different)
    assert compared > 150


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
        row = rows()[name]
        asked = [await call(world, row, role("organiser"), each, allowed=False) for each in ("other hub", "missing")]
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
