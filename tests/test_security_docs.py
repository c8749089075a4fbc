"""The pages on security and data protection, held to the code: what they name exists, and nothing is forgotten."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import app.main  # noqa: F401  # so that every room's tables are known
from app.access.signing_in.rules import IDLE_AT_MOST, LINK_LASTS, LINKS_AT_MOST, SESSION_LASTS
from app.kernel.database import Base
from app.kernel.idempotency import KEPT_FOR
from app.kernel.settings import Settings
from app.privacy.retention import HISTORY_KEPT, IMPORTS_KEPT
from tests.support.server import ROOT

DOCS = ROOT / "docs"
SECURITY, ASVS, PROTECTION = DOCS / "security.md", DOCS / "security" / "asvs.md", DOCS / "data-protection.md"
PAGES = (SECURITY, ASVS, PROTECTION)
IN_THE_TREE = re.compile(r"`((?:app|benchmarks|docs|migrations|tests)/[^`\s]+)`")
ITEM = re.compile(r"V(\d+)\.(\d+)\.(\d+)(?:–V\1\.\2\.(\d+))?")
STATES = {"yes", "part", "no", "operator", "n/a"}
LEVELS_1_AND_2 = """
1.1: 2, 1.2: 9, 1.3: 11, 1.4: 3, 1.5: 2, 2.1: 3, 2.2: 3, 2.3: 4, 2.4: 1, 3.2: 2, 3.3: 4, 3.4: 6,
3.5: 5, 3.7: 2, 4.1: 3, 4.2: 1, 4.3: 2, 4.4: 4, 5.1: 1, 5.2: 3, 5.3: 2, 5.4: 3, 6.1: 3, 6.2: 12,
6.3: 4, 6.4: 4, 6.5: 5, 6.6: 3, 6.8: 4, 7.1: 3, 7.2: 4, 7.3: 2, 7.4: 5, 7.5: 2, 7.6: 2, 8.1: 2,
8.2: 3, 8.3: 1, 8.4: 1, 9.1: 3, 9.2: 4, 10.1: 2, 10.2: 2, 10.3: 4, 10.4: 11, 10.5: 5, 10.6: 2,
10.7: 3, 11.1: 2, 11.2: 3, 11.3: 3, 11.4: 4, 11.5: 1, 11.6: 1, 12.1: 3, 12.2: 2, 12.3: 4,
13.1: 1, 13.2: 5, 13.3: 2, 13.4: 5, 14.1: 2, 14.2: 4, 14.3: 3, 15.1: 3, 15.2: 3, 15.3: 7,
16.1: 1, 16.2: 5, 16.3: 4, 16.4: 3, 16.5: 3, 17.1: 1, 17.2: 4, 17.3: 2
"""
"""ASVS 5.0.0: how many requirements of each section are of level 1 or 2. These always come before those of level 3."""


@cache
def names_of_tests(file: Path) -> frozenset[str]:
    """The names of the tests that stand in a file."""
    return frozenset(
        node.name
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def rows(text: str) -> list[list[str]]:
    """The cells of all tables in a text, without their headings."""
    body = re.sub(r"^\|.*\n\|---.*\n", "", text, flags=re.MULTILINE)
    lines = [line for line in body.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in lines]


def there(name: str) -> bool:
    """Whether what a page names is there: a file, or a test in one."""
    file, _, test = name.partition("::")
    return (ROOT / file).exists() and (not test or test in names_of_tests(ROOT / file))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_names_is_there(page: Path) -> None:
    named = IN_THE_TREE.findall(page.read_text())
    assert len(named) > 5
    assert [name for name in named if not there(name)] == []
    loose = re.findall(r"(?<![/:\w])test_\w+", re.sub(IN_THE_TREE, "", page.read_text()))
    assert loose == [], "tests are named with their file"


def test_each_of_the_ten_risks_has_its_tests() -> None:
    told = [row for row in rows(SECURITY.read_text()) if re.match(r"API\d", row[0])]
    assert [row[0].split()[0] for row in told] == [f"API{number}" for number in range(1, 11)]
    assert all("::test_" in row[2] and row[1] for row in told)


def test_every_requirement_of_two_levels_is_answered_once() -> None:
    table = [row for row in rows(ASVS.read_text()) if row[0].startswith("V")]
    answered: list[str] = []
    for items, asked, state, why in table:
        found = list(ITEM.finditer(items))
        assert ", ".join(each[0] for each in found) == items
        for each in found:
            chapter, section, first, last = each.groups()
            answered += [f"{chapter}.{section}.{number}" for number in range(int(first), int(last or first) + 1)]
        assert state in STATES
        assert asked
        assert why
        assert state != "yes" or IN_THE_TREE.search(why), f"{items} is met, says who?"
    sections = re.findall(r"(\d+\.\d+): (\d+)", LEVELS_1_AND_2)
    wanted = [f"{section}.{number}" for section, most in sections for number in range(1, int(most) + 1)]
    assert len(wanted) == 253
    assert sorted(answered) == sorted(wanted)


def accounted_for() -> dict[str, set[str]]:
    """The columns that the page on data protection names, table by table."""
    text = PROTECTION.read_text()
    told: dict[str, set[str]] = {}
    for heading, section in re.findall(r"^### (.+)\n((?:(?!^#).*\n)*)", text, flags=re.MULTILINE):
        fields = {name for row in rows(section) for name in re.findall(r"`(\w+)`", row[0])}
        for table in re.findall(r"`(\w+)`", heading):
            told[table] = fields
    nobody = text.partition("\n## Tables that hold nobody\n")[2].partition("\n## ")[0]
    for table, columns, why in rows(nobody):
        assert why
        told[table.strip("`")] = set(re.findall(r"`(\w+)`", columns))
    return told


def test_every_column_is_accounted_for() -> None:
    told = accounted_for()
    tables = Base.metadata.tables
    assert told.keys() == tables.keys()
    columns = {name: {column.name for column in table.columns} for name, table in tables.items()}
    assert {name: columns[name] - told[name] for name in tables if columns[name] - told[name]} == {}
    headed = re.findall(r"^### (.+)$", PROTECTION.read_text(), flags=re.MULTILINE)
    for heading in headed:
        together = re.findall(r"`(\w+)`", heading)
        assert told[together[0]] == set().union(*(columns[table] for table in together)), heading


def test_every_sealed_column_is_told_to_be() -> None:
    text = PROTECTION.read_text()
    for table in Base.metadata.tables.values():
        if "sealed" in table.columns:
            section = re.search(rf"^### `{table.name}`\n(.*?)(?=^##)", text, flags=re.MULTILINE | re.DOTALL)
            assert section is not None
            assert "**sealed**" in section[1], table.name


def test_the_times_are_those_of_the_code() -> None:
    text = " ".join(PROTECTION.read_text().split())
    days = Settings.model_fields["needs_kept_days"].default
    assert f"`TEACHMEET_NEEDS_KEPT_DAYS` ({days}) days after the event" in text
    assert (KEPT_FOR.total_seconds(), "Deleted after 24 hours" in text) == (24 * 3600, True)
    assert (IDLE_AT_MOST.total_seconds(), SESSION_LASTS.days) == (12 * 3600, 7)
    assert "Ends 12 hours after its last use, after 7 days at the latest" in text
    assert (LINK_LASTS.total_seconds(), "Useless after 15 minutes" in text) == (900, True)
    assert (IMPORTS_KEPT.days, "deleted after a year" in text) == (365, True)
    assert (HISTORY_KEPT.days, "Kept for two years" in text) == (730, True)
    assert (LINKS_AT_MOST, "at most five to an address" in SECURITY.read_text()) == (5, True)
