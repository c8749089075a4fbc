"""What a problem's page says: its cause, its cure, an example, and how to provoke it."""

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from app.kernel.problems import Fault, Problem
from app.manual.prose import rendered
from app.manual.provoking import Step, steps_by_problem

DIALECTS = {
    "invalid-scope": "the form of OAuth 2 (RFC 6749, section 5.2)",
    "invalid-filter-field": "the form of OneRoster, `imsx_StatusInfo`",
    "invalid-selection-field": "the form of OneRoster, `imsx_StatusInfo`",
}
"""Problems that only come where a standard of their own has its own form for refusals."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A problem and how to provoke it."""

    kind: type[Problem]
    steps: tuple[Step, ...]


def entries() -> list[Entry]:
    """Every problem for which there is a way, by status and name."""
    there = steps_by_problem()
    every = sorted(Problem.known.values(), key=lambda kind: (kind.status, kind.slug))
    return [Entry(kind, there[kind.slug]) for kind in every if kind.slug in there]


def told(kind: type[Problem]) -> dict[str, Any]:
    """What the page of one problem shows."""
    cause, cure = cause_and_cure(kind)
    return {
        "kind": kind,
        "phrase": HTTPStatus(kind.status).phrase,
        "cause": rendered(cause),
        "cure": rendered(cure),
        "example": json.dumps(example_of(kind), ensure_ascii=False, indent=2),
        "dialect": rendered(DIALECTS.get(kind.slug, ""), inline=True),
        "steps": steps_by_problem().get(kind.slug, ()),
    }


def cause_and_cure(kind: type[Problem]) -> tuple[str, str]:
    """A problem's explanation: its docstring's first paragraph says why it happens, its second what to do."""
    paragraphs = [" ".join(each.split()) for each in re.split(r"\n\s*\n", (kind.__doc__ or "").strip())]
    return paragraphs[0], " ".join(paragraphs[1:])


def example_of(kind: type[Problem]) -> dict[str, object]:
    """A body as `kind` answers it, with invented circumstances."""
    shown = kind.__new__(kind)  # without its own constructor, which may ask for real circumstances
    faults = [Fault("must be in the future", pointer="/starts_at")] if kind.points else []
    Problem.__init__(shown, _first_sentence(kind), errors=faults)
    shown.members = dict(kind.example)
    return shown.body(instance="/v1/…", request_id="0199f2c4-6f0e-7cc3-9a51-2b7d1f6e8a10")


def _first_sentence(kind: type[Problem]) -> str:
    return re.split(r"(?<=\.)\s", cause_and_cure(kind)[0])[0].replace("`", "")
