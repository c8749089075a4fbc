"""The locks are in step: `uv.lock` with `pyproject.toml`, and both requirements files with `uv.lock`."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.server import ROOT

LOCK = tomllib.loads((ROOT / "uv.lock").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = {package["name"]: package for package in LOCK["package"]}
FILES = {"requirements.txt": ("build",), "requirements-dev.txt": ("dev", "build")}
MACHINES = [
    {
        "sys_platform": system,
        "platform_system": name,
        "os_name": os_name,
        "python_full_version": full,
        "python_version": short,
    }
    for system, name, os_name in (
        ("linux", "Linux", "posix"),
        ("darwin", "Darwin", "posix"),
        ("win32", "Windows", "nt"),
    )
    for full, short in (("3.11.9", "3.11"), ("3.12.9", "3.12"), ("3.13.9", "3.13"))
]


@dataclass(frozen=True)
class Line:
    """One requirement as a file pins it."""

    requirement: Requirement
    hashes: frozenset[str]


def environment_of(machine: dict[str, str]) -> dict[str, str]:
    """What markers are read with, on one kind of machine."""
    here = {name: str(value) for name, value in default_environment().items()}
    return {**here, **machine, "implementation_name": "cpython", "extra": ""}


def lines_of(file: str) -> dict[str, Line]:
    joined = (ROOT / file).read_text().replace("\\\n", " ")
    found: dict[str, Line] = {}
    for line in joined.splitlines():
        if line and not line.startswith("#"):
            text, *hashes = re.split(r"\s+--hash=", line.strip())
            requirement = Requirement(text)
            found[canonicalize_name(requirement.name)] = Line(requirement, frozenset(hashes))
    return found


def locked_for(groups: tuple[str, ...], machine: dict[str, str]) -> set[str]:
    """The packages that the lock installs on one kind of machine."""
    environment = environment_of(machine)
    own = PACKAGES["teachmeet"]
    wanted = [*own["dependencies"], *(each for group in groups for each in own["dev-dependencies"][group])]
    found: set[str] = set()
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while wanted:
        edge = wanted.pop()
        if "marker" in edge and not Marker(edge["marker"]).evaluate(environment):
            continue
        extras = tuple(edge.get("extra", ()))
        if (edge["name"], extras) not in seen:
            seen.add((edge["name"], extras))
            found.add(edge["name"])
            wanted += _edges(PACKAGES[edge["name"]], extras)
    return found


def _edges(package: dict[str, Any], extras: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    yield from package.get("dependencies", ())
    for extra in extras:
        yield from package.get("optional-dependencies", {}).get(extra, ())


def _hashes(package: dict[str, Any]) -> frozenset[str]:
    files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ())]
    return frozenset(file["hash"] for file in files)


def _written(requirements: list[Any]) -> set[tuple[str, str, str]]:
    parsed = [Requirement(each) for each in requirements if isinstance(each, str)]
    return {(canonicalize_name(each.name), str(each.specifier), str(each.marker or "")) for each in parsed}


def _noted(entries: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {
        (
            each["name"],
            str(Requirement(f"{each['name']}{each.get('specifier', '')}").specifier),
            str(Marker(each["marker"])) if "marker" in each else "",
        )
        for each in entries
    }


def test_the_lock_was_made_from_this_project_file() -> None:
    noted = PACKAGES["teachmeet"]["metadata"]
    assert LOCK["requires-python"] == PROJECT["project"]["requires-python"]
    assert _noted(noted["requires-dist"]) == _written(PROJECT["project"]["dependencies"])
    groups = PROJECT["dependency-groups"]
    build = _written(groups["build"])
    assert _noted(noted["requires-dev"]["build"]) == build
    assert _noted(noted["requires-dev"]["dev"]) == _written(groups["dev"]) | build


@pytest.mark.parametrize("file", FILES)
def test_a_requirements_file_pins_what_the_lock_pins(file: str) -> None:
    for name, line in lines_of(file).items():
        assert str(line.requirement.specifier) == f"=={PACKAGES[name]['version']}"
        assert line.hashes == _hashes(PACKAGES[name]), name


@pytest.mark.parametrize("machine", MACHINES, ids=lambda each: f"{each['sys_platform']}-{each['python_version']}")
@pytest.mark.parametrize("file", FILES)
def test_a_requirements_file_installs_what_the_lock_installs(file: str, machine: dict[str, str]) -> None:
    environment = environment_of(machine)
    chosen = {
        name
        for name, line in lines_of(file).items()
        if line.requirement.marker is None or line.requirement.marker.evaluate(environment)
    }
    assert chosen == locked_for(FILES[file], machine)


def test_the_build_backend_is_locked_and_is_the_one_the_project_asks_for() -> None:
    (required,) = PROJECT["build-system"]["requires"]
    assert [required] == PROJECT["dependency-groups"]["build"]
    assert PACKAGES["uv-build"]["version"] in Requirement(required).specifier
