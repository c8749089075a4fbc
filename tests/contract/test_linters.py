"""The document as the two best-known linters of OpenAPI see it: nothing to say."""

import copy
import json
from pathlib import Path

import pytest

from app.kernel.tidying import without_the_unused
from tests.support.document import DOCUMENT
from tests.support.node import CLIENTS, run_tool


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT, indent=1), encoding="utf-8")
    return tmp_path


def test_spectral_has_nothing_to_say(place: Path) -> None:
    rules = CLIENTS / "spectral.yaml"
    printed = run_tool("spectral", "lint", "openapi.json", "-r", rules, "--fail-severity", "hint", cwd=place)
    assert "No results" in printed, printed


def test_redocly_has_nothing_to_say(place: Path) -> None:
    printed = run_tool("redocly", "lint", "openapi.json", "--config", CLIENTS / "redocly.yaml", cwd=place)
    assert "Your API description is valid" in printed, printed
    assert "warning" not in printed, printed


@pytest.mark.parametrize("tool", ["spectral", "redocly"])
def test_a_fault_is_noticed(place: Path, tool: str) -> None:
    """The control of the tests above."""
    document = without_the_unused({**DOCUMENT, "paths": {"/v1/me": copy.deepcopy(DOCUMENT["paths"]["/v1/me"])}})
    document["paths"]["/v1/me"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {
        "$ref": "#/components/schemas/Nobody"
    }
    (place / "openapi.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    rules = {"spectral": ("-r", CLIENTS / "spectral.yaml"), "redocly": ("--config", CLIENTS / "redocly.yaml")}
    with pytest.raises(AssertionError, match=r"Nobody|no-unresolved-refs"):
        run_tool(tool, "lint", "openapi.json", *rules[tool], cwd=place)
