"""What a command is: a plain function of a session that changes something, refused by raising a `Problem`.

It may name whose turn it needs (`turns`): things whose changes go one after another, over all processes. It may have
a form that serves many calls at once in a few statements (`together`), held to the verdicts of one after another.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, String, bindparam, text
from sqlalchemy.orm import Session

from app.kernel.database import is_sqlite
from app.kernel.problems import Problem

P = ParamSpec("P")
R = TypeVar("R")

Arguments = Mapping[str, Any]
Turns = Callable[[Session, Sequence[Arguments]], Iterable[UUID]]
"""The ids of the things that calls with these arguments change."""
Together = Callable[[Session, Sequence[Arguments]], Sequence[Any]]
"""Serves calls in order, each as if alone; the outcome of each is its result, or the `Problem` it meets."""


class Command(Generic[P, R]):
    """A function that changes something, with what the writer must know of it. Called directly, it just runs."""

    def __init__(self, alone: Callable[P, R], *, turns: Turns | None, together: Together | None) -> None:
        self._alone = alone
        self.turns = turns
        self.together = together
        self.__doc__ = alone.__doc__
        self.__name__ = getattr(alone, "__name__", "command")

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._alone(*args, **kwargs)


def command(
    *, turns: Turns | None = None, together: Together | None = None
) -> Callable[[Callable[P, R]], Command[P, R]]:
    """Makes a function a command."""
    return lambda alone: Command(alone, turns=turns, together=together)


def by(name: str) -> Turns:
    """The turn of the thing whose id is the argument `name`."""
    return lambda _session, calls: {call[name] for call in calls}


def alone(together: Together, session: Session, **arguments: Any) -> Any:
    """One call of a form that serves many. Raises the `Problem` that it meets."""
    outcome = together(session, [arguments])[0]
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtextextended(id, 0)) FROM unnest(:ids) AS id").bindparams(
    bindparam("ids", type_=ARRAY(String))
)


def take_turns(session: Session, names: Iterable[UUID | str]) -> None:
    """Waits until nobody else changes these things, and holds them until the transaction ends.

    They are taken in one order everywhere, so two processes never wait for each other. SQLite needs none of it: there
    every writing transaction is alone.
    """
    ordered = sorted({str(each) for each in names})
    if ordered and not is_sqlite(session):
        session.execute(_TAKE_TURNS, {"ids": ordered})
