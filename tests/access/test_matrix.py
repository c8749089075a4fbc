"""Every operation × every role × whose object: the status of each cell, the same bytes for all that is not there, and
nothing of others in any answer."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI

from app.kernel.settings import Settings
from tests.access.matrix_calls import call, said, send
from tests.access.matrix_table import OK, ROLES, Role, Row, expected, rows, targets
from tests.access.matrix_world import THEIRS, Place, World, a_world
from tests.support.callers import Headers
from tests.support.document import DOCUMENT, OPERATIONS

pytestmark = pytest.mark.anyio
ROWS = rows()
NOT_ALLOWED = (401, 403, 404)


def test_every_operation_has_its_row_and_its_policy() -> None:
    assert ROWS.keys() == OPERATIONS.keys()
    declared = {each["operationId"]: each for methods in DOCUMENT["paths"].values() for each in methods.values()}
    for name, row in ROWS.items():
        said = declared[name]
        assert bool(said.get("security")) == ("open" not in row.who), f"{name} declares no policy"
        assert said.get("x-scope") == row.scope, name
        assert said.get("x-own", False) == bool(row.who & {"self", "signed-in"}), name
        assert said.get("x-operator-only", False) == ("operator" in row.who), name
        assert ({} in said.get("security", [])) == bool(row.who & {"public", "anyone"}), name


@dataclass(slots=True)
class Cell:
    """One cell, tried."""

    row: Row
    role: Role
    target: str
    place: Place
    answer: httpx.Response
    due: int

    def __str__(self) -> str:
        return f"{self.row.operation} / {self.role.name} / {self.target}: {self.answer.status_code}, due {self.due}"

    def is_due(self) -> bool:
        status = self.answer.status_code
        return status not in NOT_ALLOWED and status < 500 if self.due == OK else status == self.due

    def said(self) -> tuple[object, ...]:
        return said(self.row, self.place, self.answer)


@dataclass(slots=True)
class Run:
    """All cells of one world."""

    world: World
    client: httpx.AsyncClient
    cells: list[Cell] = field(default_factory=list)

    async def try_all(self) -> None:
        # The destructive ones last, whatever the table's order: a wrongly allowed one would hide what comes after.
        for row in sorted(ROWS.values(), key=lambda each: OPERATIONS[each.operation].method == "DELETE"):
            for role in ROLES:
                for target in targets(row, role):
                    self.cells.append(await self._try(row, role, target))

    async def _try(self, row: Row, role: Role, target: str) -> Cell:
        due = expected(row, role, target)
        asked = await call(self.world, row, role, target, allowed=due == OK)
        answer = await send(self.client, row, asked)
        return Cell(row, role, target, asked.place, answer, due)


@pytest.fixture
async def run(app: FastAPI, client: httpx.AsyncClient, operator: Headers, settings: Settings) -> AsyncIterator[Run]:
    """The two hubs, with everybody who calls."""
    async with a_world(app, client, operator, settings, shared=False) as world:
        yield Run(world, client)


async def test_every_cell_is_as_the_contract_says(run: Run) -> None:
    await run.try_all()
    wrong = [str(cell) for cell in run.cells if not cell.is_due()]
    assert not wrong, f"{len(wrong)} of {len(run.cells)} cells: " + "; ".join(wrong[:40])
    assert len(run.cells) > 2_500
    allowed = [cell for cell in run.cells if cell.due == OK]
    fruitless = Counter(str(cell) for cell in allowed if not cell.answer.is_success)
    assert len(fruitless) < len(allowed) / 20, fruitless
    assert different_from_missing(run.cells) == []
    assert leaks(run) == []


def different_from_missing(cells: Iterable[Cell]) -> list[str]:
    """Cells whose refusal tells more than that of a thing that does not exist."""
    cells = list(cells)
    missing = {(cell.row.operation, cell.role): cell for cell in cells if cell.target == "missing"}
    different = []
    for cell in cells:
        like = missing.get((cell.row.operation, cell.role))
        if like is not None and cell.due == like.due != OK and cell.said() != like.said():
            different.append(f"{cell}: {cell.said()} and not {like.said()}")
    return different


def leaks(run: Run) -> list[str]:
    """Answers in which something stands that the caller must not know of."""
    ours, theirs = run.world.ours, run.world.theirs
    of_the_other_hub = {THEIRS.lower(), *theirs.ids()}
    hidden = [ours.people[name] for name in ("stranger", "offers")]
    of_the_other_school = {each[name] for each in hidden for name in ("id", "given_name", "family_name", "email")}
    of_the_other_school |= {ours.registrations["stranger"], ours.came["stranger"], ours.sessions["stranger"][0]}
    found = []
    for cell in run.cells:
        # Whoever has a feed's address may read it: the address is the credential.
        by_address = cell.row.operation == "get_calendar"
        if cell.role.name == "operator" or by_address or (cell.role.name == "nobody" and cell.due == OK):
            continue
        secrets = set(of_the_other_hub)
        if cell.role.reach in ("school", "self"):
            secrets |= of_the_other_school
        # What was asked for is named in the answer; nothing else may be.
        asked = {value.lower() for value in cell.place.values()}
        said = f"{cell.answer.text} {json.dumps(cell.answer.headers.multi_items())}".lower()
        found += [f"{cell}: {each}" for each in secrets if each.lower() in said and each.lower() not in asked]
    return found
