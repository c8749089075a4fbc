"""The published types are those that are recorded: none is forgotten, none is invented, none tells of a person."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.events.rules import LIFECYCLE
from app.marketplace.rules import PresentationStatus
from app.registrations.schemas import RegistrationStatus
from app.webhooks.catalogue import INTERNAL, KINDS, PING, TYPES, record_of, wanted
from tests.support.document import DOCUMENT
from tests.support.server import ROOT

RECORDING = {"record", "fact"}
COMPUTED = {
    "target": {str(status) for _, status in LIFECYCLE.values()},
    "status": {str(RegistrationStatus.CONFIRMED), str(RegistrationStatus.WAITLISTED)},
    "str(target)": {str(PresentationStatus.DECLINED), str(PresentationStatus.WITHDRAWN)},
}
"""What expressions that stand for part of a type may come to."""


@cache
def parsed(path: Path) -> ast.Module:
    """A file of the service, read once."""
    return ast.parse(path.read_text())


@cache
def calls() -> list[tuple[Path, str, ast.Call]]:
    """Every call in the service, with the file and the name of what is called."""
    found = []
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                found.append((path, name, node))
    return found


def functions_around(path: Path, call: ast.Call) -> str:
    """The name of the function in which a call stands."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef) and node.lineno <= call.lineno <= (node.end_lineno or 0):
            innermost = node.name
    return innermost


def values(node: ast.expr) -> Iterator[str]:
    """What an expression may come to, as far as its text tells."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from values(node.body)
        yield from values(node.orelse)
    else:
        yield from COMPUTED.get(ast.unparse(node), ())


def told_through(path: Path, helper: str, parameter: str) -> Iterator[str]:
    """What the calls of a room's own helper hand on as `parameter`."""
    everywhere = not helper.startswith("_")
    for where, name, call in calls():
        if name == helper and (everywhere or where == path):
            given = [keyword.value for keyword in call.keywords if keyword.arg == parameter] or call.args
            for each in given:
                yield from values(each)


def recorded() -> set[str]:
    """Every type that is recorded anywhere."""
    found: set[str] = set()
    for path, name, call in calls():
        if name not in RECORDING:
            continue
        for argument in call.args:
            if isinstance(argument, ast.JoinedStr):
                prefix, part = argument.values[0], argument.values[1]
                assert isinstance(prefix, ast.Constant)
                assert isinstance(prefix.value, str)
                assert isinstance(part, ast.FormattedValue)
                known = set(values(part.value)) or set(
                    told_through(path, functions_around(path, call), ast.unparse(part.value))
                )
                assert known, f"{path}:{call.lineno}"
                found |= {f"{prefix.value}{each}" for each in known}
            elif isinstance(argument, ast.Name) and argument.id == "kind":
                found |= set(told_through(path, functions_around(path, call), "kind"))
            else:
                found |= set(values(argument))
    return {each for each in found if re.fullmatch(r"[a-z_]+\.[a-z_]+", each)}


def test_what_is_recorded_is_published_or_internal() -> None:
    there = recorded()
    assert len(there) > 40
    assert there - TYPES.keys() - set(INTERNAL) == set()
    assert TYPES.keys() - there == set(), "published, and never recorded"
    assert set(INTERNAL) - there == set()
    assert not TYPES.keys() & set(INTERNAL)
    assert PING not in TYPES


def test_types_are_named_as_the_standard_wants() -> None:
    for name, each in TYPES.items():
        assert re.fullmatch(r"[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)+", name)
        assert len(name) <= 60
        assert each.name == name
        assert each.description.endswith(".")
        assert each.record in KINDS


def test_every_record_is_read_where_its_path_leads() -> None:
    gets = {re.sub(r"\{\w+\}", "{}", path) for path, methods in DOCUMENT["paths"].items() if "get" in methods}
    for each in TYPES.values():
        subject = dict.fromkeys(each.subject, "x")
        record = record_of(each.name, subject, hub_id="x")
        assert record is not None, each.name
        if each.operation == "delete":
            assert record.path is None
        else:
            assert KINDS[each.record].address.count("{") == str(record.path).count("/x"), each.name
            assert re.sub(r"\{\w+\}", "{}", KINDS[each.record].address) in gets, each.name
    assert record_of("import.applied", {"format": "schools-sheet"}, hub_id="x") is None


def test_filters_name_types_or_families() -> None:
    assert wanted([]) == frozenset(TYPES)
    assert wanted(["booking.*", "hub.created"]) == {"booking.made", "booking.released", "hub.created"}
