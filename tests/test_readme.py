"""What the README and the decisions say is so."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

import app
from app.cli import cli
from app.kernel.settings import PREFIX, Settings
from tests.support.forms import form
from tests.support.server import ROOT

BOUND = 60
README = (ROOT / "README.md").read_text()
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(language: str = "sh") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def table(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading."""
    section = README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip("|"))] for row in rows]


def run(*arguments: str) -> str:
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=BOUND, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_opens_with_the_two_commands() -> None:
    demo, tests, with_uv = blocks()[:3]
    for command, requirements, last in (
        (demo, "requirements.txt", "teachmeet demo"),
        (tests, "requirements-dev.txt", "pytest"),
    ):
        steps = command.strip().split(" && ")
        assert steps == [
            "python3 -m venv .venv",
            ". .venv/bin/activate",
            f"pip install -q -r {requirements}",
            "pip install -q --no-deps --no-build-isolation -e .",
            last,
        ]
    assert with_uv.splitlines() == ["uv run --locked teachmeet demo", "uv run --locked pytest"]
    assert README.index(demo) < README.index(tests) < README.index("\n## ")


def test_the_settings_are_those_there_are() -> None:
    def shown(default: object) -> str:
        if default in (None, ()):
            return ""
        return f"`{str(default).lower() if isinstance(default, bool) else default}`"

    there = [
        [f"`{PREFIX}{name.upper()}`", shown(field.default), field.description]
        for name, field in Settings.model_fields.items()
    ]
    assert table("Settings") == there


def test_the_map_is_that_of_the_house() -> None:
    assert app.__doc__ is not None
    drawn = re.findall(r"^(\w+(?:, \w+)*)  +(\S.*)$", app.__doc__, flags=re.MULTILINE)
    assert [[cells[0].replace("`", ""), cells[1]] for cells in table("Where things are")] == [
        list(pair) for pair in drawn
    ]


def test_the_commands_are_those_there_are() -> None:
    program = str(Path(sys.executable).with_name("teachmeet"))
    offered = run(program, "--help")
    told = {shlex.split(cells[0].strip("`").replace("\\|", "|"))[1] for cells in table("Command line")}
    for command in told:
        assert command in offered
        assert "Usage" in CliRunner().invoke(cli, [command, "--help"]).output  # here: a start of the program is slow


def test_the_long_form_is_behind_the_documented_variable() -> None:
    code = "from tests.support.forms import form; print(form(short='short', full='full'))"
    assert run(sys.executable, "-c", code) == f"{form(short='short', full='full')}\n"
    assert run("env", "TEACHMEET_TEST_FULL=1", sys.executable, "-c", code) == "full\n"
    assert any(block.startswith("TEACHMEET_TEST_FULL=1 ") for block in blocks())


def test_the_benchmarks_are_behind_the_documented_command() -> None:
    assert "python -m benchmarks\n" in blocks()
    assert "usage" in run(sys.executable, "-m", "benchmarks", "--help").lower()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", page.read_text())
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert missing == []


def test_every_decision_is_listed_with_its_alternatives() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text()
    for number, decision in enumerate(DECISIONS, 1):
        text = decision.read_text()
        assert decision.name.startswith(f"{number:04}-")
        assert f"({decision.name})" in index
        assert text.startswith(f"# {number:04}: ")
        assert "\n## Alternatives\n" in text
        assert len(text.splitlines()) <= 80


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    wanted += [each for each in project["dependency-groups"]["dev"] if isinstance(each, str)]
    reasons = (ROOT / "docs" / "decisions" / "0005-dependencies.md").read_text()
    names = [match[0] for match in (re.match(r"[\w-]+", each) for each in wanted) if match]
    named = set(
        re.split(r"[^\w-]+", " ".join(re.findall(r"^\| (.*?) \|", reasons, flags=re.MULTILINE)).replace("_", "-"))
    )
    assert [name for name in names if name.replace("_", "-") not in named] == []
