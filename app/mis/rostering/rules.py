"""Pure decisions of the binding: how filters, orders and choices of fields are written."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Joint = Literal["AND", "OR"]
Operator = Literal["=", "!=", ">", ">=", "<", "<=", "~"]
LIMIT, MOST = 100, 1_000
_TERM = re.compile(r"\s*([A-Za-z][A-Za-z0-9.]*)\s*(!=|>=|<=|=|>|<|~)\s*'((?:[^']|'')*)'\s*")


class UnreadableFilterError(ValueError):
    """The text is no filter of this binding. The message says what one looks like."""


class UnknownFieldError(ValueError):
    """There is no field of this name; the message names it."""


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison, as `familyName~'by'`."""

    field: str
    operator: Operator
    value: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One comparison or two: all of them must hold, or any."""

    terms: tuple[Term, ...]
    joint: Joint = "AND"


def filter_in(text: str) -> Filter:
    """Reads a `filter` parameter: one term, or two joined by AND or OR; an apostrophe in a value is doubled.

    Raises `UnreadableFilterError`.
    """
    first = _TERM.match(text)
    if first is None:
        raise UnreadableFilterError("a filter looks like familyName='Byrne', with the value in single quotes")
    if first.end() == len(text):
        return Filter((_term(first),))
    joint = re.compile(r"(AND|OR)\b").match(text, first.end())
    second = _TERM.fullmatch(text, joint.end()) if joint else None
    if joint is None or second is None:
        raise UnreadableFilterError("at most two comparisons can be joined, by one AND or OR")
    return Filter((_term(first), _term(second)), "AND" if joint[1] == "AND" else "OR")


def _term(found: re.Match[str]) -> Term:
    operator: Operator = found[2]  # type: ignore[assignment]  # the expression matches nothing else
    return Term(found[1], operator, found[3].replace("''", "'"))


def fields_in(text: str, known: Collection[str]) -> tuple[str, ...]:
    """Reads a `fields` parameter. Raises `UnknownFieldError`."""
    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for each in wanted:
        if each not in known:
            raise UnknownFieldError(each)
    return wanted


def pages(*, offset: int, limit: int, total: int) -> dict[str, int]:
    """The offsets of the pages around one, by their relation (RFC 8288)."""
    last = max(total - 1, 0) // limit * limit
    around = {"first": 0, "last": last}
    if offset + limit < total:
        around["next"] = offset + limit
    if offset > 0:
        around["prev"] = max(min(offset - limit, last), 0)
    return around
