"""The house: its walls, its map and its manners, checked with the same run as everything else."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import app
from tests.support.server import ROOT

BOUND = 300
MOST_LINES = 400
LONGER_FOR_A_REASON: dict[str, str] = {}
"""Files above the limit, each with the reason."""
SOURCES = sorted(
    path for folder in ("app", "migrations", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")
)
MAY_COMMIT = {"app/kernel/writer.py", "app/kernel/database.py"}
TOOLS = {
    "ruff check": [sys.executable, "-m", "ruff", "check"],
    "ruff format": [sys.executable, "-m", "ruff", "format", "--check"],
    "mypy": [sys.executable, "-m", "mypy"],
    "import contracts": [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
}


def rooms() -> dict[str, str]:
    """The map in `app/__init__.py`: each room and its line."""
    assert app.__doc__ is not None
    lines = re.findall(r"^(\w+(?:, \w+)*)  +(\S.*)$", app.__doc__, flags=re.MULTILINE)
    return {name: line for names, line in lines for name in names.split(", ")}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_tools_have_nothing_to_say(tool: str) -> None:
    done = subprocess.run(TOOLS[tool], cwd=ROOT, capture_output=True, text=True, timeout=BOUND, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nobody_commits_but_the_writer() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }
    assert found <= MAY_COMMIT


def test_no_file_is_longer_than_one_can_read() -> None:
    long = {str(path.relative_to(ROOT)) for path in SOURCES if len(path.read_text().splitlines()) > MOST_LINES}
    assert long == LONGER_FOR_A_REASON.keys()


def test_the_map_shows_every_room() -> None:
    there = {path.parent.name for path in (ROOT / "app").glob("*/__init__.py")} | {
        path.stem for path in (ROOT / "app").glob("*.py") if path.stem != "__init__"
    }
    assert rooms().keys() == there


@pytest.mark.parametrize("room", sorted(path.parent.name for path in (ROOT / "app").glob("*/__init__.py")))
def test_a_rooms_docstring_begins_with_its_line_in_the_map(room: str) -> None:
    described = importlib.import_module(f"app.{room}").__doc__ or ""
    assert _plain(described.splitlines()[0]) == _plain(rooms()[room])


def _plain(line: str) -> str:
    line = line.strip().rstrip(".")
    return line if line[1:2].isupper() else line[:1].lower() + line[1:]


def test_every_module_and_everything_public_says_what_it_is_for() -> None:
    silent = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in SOURCES
        if path.parts[len(ROOT.parts)] == "app"
        for name, node in _public(ast.parse(path.read_text()))
        if ast.get_docstring(node) is None
    ]
    assert silent == []


def _public(module: ast.Module) -> list[tuple[str, ast.Module | ast.ClassDef]]:
    classes = [node for node in module.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    return [("module", module), *((node.name, node) for node in classes if not _speaks_for_itself(node))]


def _speaks_for_itself(node: ast.ClassDef) -> bool:
    """Enumerations of a few words do."""
    return any(isinstance(base, ast.Name) and base.id in ("StrEnum", "Enum") for base in node.bases)


def test_every_exception_to_a_tool_has_its_reason_beside_it() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCES
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"#\s*(noqa|type: ignore)(?!.*\]  # \S|.*:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*\s+# \S)", line)
    ]
    assert bare == []


def test_no_test_is_skipped() -> None:
    skipping = re.compile(r"pytest\.(?:mark\.)?(?:skip|xfail|importorskip)")
    found = [
        str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("*.py") if skipping.search(path.read_text())
    ]
    assert found == []
