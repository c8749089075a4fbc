"""Every problem that the service knows is provoked by some test: a problem that nobody can meet is not documented."""

import ast

from app.kernel.problems import Problem
from tests.support.server import ROOT

ROOMS = (
    "kernel",
    "people",
    "access",
    "events",
    "marketplace",
    "registrations",
    "bookings",
    "allocation",
    "attendance",
    "webhooks",
    "privacy",
    "calendars",
    "mis",
    "sheets",
)


ASKED_OF = ("refused", "refused_as")
"""These fail unless that very problem was answered; the second where another specification fixes how it is told."""


def provoked() -> set[str]:
    """The names with which tests ask for a refusal."""
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ASKED_OF:
                found |= {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
            if isinstance(node, ast.Tuple):  # rows of a table whose last column is passed on to `refused`
                found |= {part.value for part in node.elts if isinstance(part, ast.Constant)}
    return {name.replace("_", "-") for name in found if isinstance(name, str)}


def test_every_problem_of_the_rooms_is_provoked() -> None:
    known = {slug for slug, kind in Problem.known.items() if kind.__module__.split(".")[1] in ROOMS}
    assert known - provoked() == set()
