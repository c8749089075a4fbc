"""What the model is made of: presentations, tables, registrations, and refusals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


class Refused(Exception):
    """A refusal: the status, the problem's name, the figures that come with it, and for a 422 the places."""

    def __init__(self, status: int, problem: str, *, places: Sequence[str] = (), **figures: int) -> None:
        super().__init__(status, problem, places, figures)
        self.status, self.problem, self.places, self.figures = status, problem, sorted(places), figures


def must_be_usable(places: Sequence[str]) -> None:
    """Raises `Refused` with the places that are not."""
    if places:
        raise Refused(422, "invalid-request", places=places)


@dataclass
class Presentation:
    """What presenters offer."""

    presenters: list[str]
    status: str = "proposed"


@dataclass
class Table:
    """A table; `holds` names its presentation."""

    seats: int
    closed: set[int] = field(default_factory=set)
    holds: str | None = None


@dataclass(eq=False)
class Registration:
    """A teacher's registration; `seats` are table numbers by round."""

    teacher: str
    role: str
    status: str
    wishes: list[str] = field(default_factory=list)
    seats: dict[int, int] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        return self.status != "cancelled"


def agree_on_refusal(status: int, body: dict[str, Any], refused: Refused) -> None:
    """The same status, problem, figures and places."""
    told = {name: body.get(name) for name in refused.figures}
    places = sorted({each["pointer"] for each in body.get("errors", [])})
    problem = body.get("type", "").rpartition("/")[2]
    assert (status, problem, told, places) == (refused.status, refused.problem, refused.figures, refused.places), body
