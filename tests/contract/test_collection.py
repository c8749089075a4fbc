"""The Postman collection that a sandbox serves runs green by its own command line."""

import json
import os
from pathlib import Path

import httpx
import pytest

from app.manual.collection import PATH
from tests.support.node import run_tool

FULL = os.environ.get("TEACHMEET_TEST_FULL") == "1"
FOLDERS = ("Registrations", "Itineraries")
"""Those that the usual run tries; the long one tries all."""


def test_the_collection_runs_green(sandbox_url: str, tmp_path: Path) -> None:
    served = httpx.get(f"{sandbox_url}{PATH}")
    assert served.status_code == 200
    collection = served.json()
    (tmp_path / "collection.json").write_text(json.dumps(collection), encoding="utf-8")
    folders = [] if FULL else [option for name in FOLDERS for option in ("--folder", name)]
    report = tmp_path / "report.json"
    run_tool(
        "newman",
        *("run", "collection.json", "--env-var", f"baseUrl={sandbox_url}", *folders),
        *("--reporters", "json", "--reporter-json-export", report),
        cwd=tmp_path,
    )
    told = json.loads(report.read_text(encoding="utf-8"))["run"]
    assert told["failures"] == []
    assert told["stats"]["assertions"]["total"] >= 20


def test_it_has_the_operations_and_the_sandbox_keys(sandbox_url: str) -> None:
    collection = httpx.get(f"{sandbox_url}{PATH}").json()
    named = {each["key"]: each["value"] for each in collection["variable"]}
    assert named["organiser"] == "tm_sandbox_organiser"
    assert sum(len(folder["item"]) for folder in collection["item"]) > 100


@pytest.mark.anyio
async def test_it_is_the_sandbox_s_own(client: httpx.AsyncClient) -> None:
    assert (await client.get(PATH)).status_code == 404
