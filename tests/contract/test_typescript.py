"""TypeScript: types and a client made of the document compile strictly, and the client works against the service."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.contract.recipes import recipe
from tests.support.document import DOCUMENT
from tests.support.node import CLIENTS, run_node, run_tool


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the document, and what the two generators make of it."""
    place = tmp_path_factory.mktemp("typescript")
    (place / "openapi.json").write_text(json.dumps(DOCUMENT, indent=1), encoding="utf-8")
    for name in ("package.json", "tsconfig.json", "openapi-ts.config.mjs", "evening.ts"):
        shutil.copyfile(CLIENTS / name, place / name)
    (place / "recipe.ts").write_text(recipe("ts", at="http://127.0.0.1:8000"), encoding="utf-8")
    run_tool("openapi-typescript", "openapi.json", "-o", "api.d.ts", cwd=place)
    run_tool("openapi-ts", "--no-log-file", cwd=place)
    return place


def problems() -> dict[str, tuple[str, int]]:
    """Each problem's schema, with its type and its status."""
    schemas: dict[str, Any] = DOCUMENT["components"]["schemas"]
    return {
        name: (schema["properties"]["type"]["const"], schema["properties"]["status"]["const"])
        for name, schema in schemas.items()
        if name.endswith("Problem")
    }


def told_apart(source: str) -> str:
    """A module that compiles only if each type of problem stands for one shape, and no other."""
    known = problems()
    lines = [
        source,
        "type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;",
        f"export type Any = {' | '.join(f'S[{json.dumps(name)}]' for name in known)};",
        "type Of<T extends Any['type']> = Extract<Any, { type: T }>;",
    ]
    for name, (type_, status) in known.items():
        lines.append(f"export const is{name}: Same<Of<{json.dumps(type_)}>, S[{json.dumps(name)}]> = true;")
        lines.append(f"export const of{name}: S[{json.dumps(name)}]['status'] = {status};")
    return "\n".join(lines)


def test_everything_compiles_strictly_and_each_problem_is_a_type_of_its_own(workshop: Path) -> None:
    names = ", ".join(problems())
    entries = "; ".join(f"{name}: {name}" for name in problems())
    openapi_typescript = 'import type { components } from "./api.d.ts";\ntype S = components["schemas"];'
    hey_api = f'import type {{ {names} }} from "./client/types.gen.ts";\ntype S = {{ {entries} }};'
    (workshop / "told_apart_1.ts").write_text(told_apart(openapi_typescript), encoding="utf-8")
    (workshop / "told_apart_2.ts").write_text(told_apart(hey_api), encoding="utf-8")
    assert len(problems()) > 30
    run_tool("tsc", "--project", ".", cwd=workshop)


def test_a_wrong_type_is_noticed(workshop: Path) -> None:
    """The control of the test above: the compiler refuses a program that takes one problem for another."""
    place = workshop / "control"
    place.mkdir()
    shutil.copyfile(workshop / "api.d.ts", place / "api.d.ts")
    options = json.loads((CLIENTS / "tsconfig.json").read_text(encoding="utf-8"))
    (place / "tsconfig.json").write_text(json.dumps(options | {"include": ["*.ts"]}), encoding="utf-8")
    (place / "wrong.ts").write_text(
        'import type { components } from "./api.d.ts";\n'
        'type S = components["schemas"];\n'
        'export const left = (problem: S["EventFullProblem"] | S["TableTakenProblem"]): number =>\n'
        '  problem.type === "/problems/table-taken" ? problem.capacity : problem.taken;\n',
        encoding="utf-8",
    )
    with pytest.raises(AssertionError, match="Property 'capacity' does not exist"):
        run_tool("tsc", "--project", ".", cwd=place)


def test_the_client_registers_and_takes_seats(workshop: Path, sandbox_url: str) -> None:
    printed = run_node(workshop / "evening.ts", cwd=workshop, BASE_URL=sandbox_url, KEY="tm_sandbox_organiser")
    told = json.loads(printed.strip().splitlines()[-1])
    registration = told.pop("registration")
    assert told == {
        "status": "confirmed",
        "replayed": "true",
        "same": True,
        "twice": f"registered already, as {registration}",
        "wrong": "/teacher/email: is not an e-mail address",
        "seats": ["taken", "visited in round 1"],
        "rounds": 1,
    }


def test_the_guides_recipe_does_what_it_says(workshop: Path, sandbox_url: str) -> None:
    script = workshop / "tried" / "recipe.ts"
    shutil.copytree(workshop / "client", script.parent / "client")
    # Node wants the whole name of a file, which those who bundle leave out.
    script.write_text(recipe("ts", at=sandbox_url).replace('.gen"', '.gen.ts"'), encoding="utf-8")
    assert run_node(script, cwd=script.parent) == "You are confirmed.\n"
    assert run_node(script, cwd=script.parent).startswith("You are in: 01")
