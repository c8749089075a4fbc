"""Importing a file from this machine, as the command line does. Nothing is printed here: it is handed back to tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.caller import HERE
from app.kernel.problems import Problem
from app.kernel.reader import Reader
from app.kernel.writer import Writer
from app.people.models import Hub
from app.sheets.applying import Progress, no_progress
from app.sheets.columns import Format
from app.sheets.commands import import_at_once, plan_now
from app.sheets.plan import Plan
from app.sheets.prose import in_words
from app.sheets.reading import LARGEST_FILE


class Kind(StrEnum):
    """The sheets, as they are called on the command line."""

    SCHOOLS = "schools"
    PRESENTERS = "presenters"
    SIGN_UPS = "sign-ups"

    @property
    def sheet(self) -> Format:
        return Format(f"{self.value}-sheet")


class WrongUsage(ValueError):
    """The call itself cannot be carried out; the message says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an import. `plan` is None when the file was refused; `lines` tell all of it in plain English."""

    plan: Plan | None
    lines: Sequence[str]

    @property
    def exit_code(self) -> int:
        """0: done; 1: refused, or done with rows that need a person."""
        return 1 if self.plan is None or self.plan.waiting_for_a_person else 0


def import_sheet(
    writer: Writer,
    reader: Reader,
    *,
    kind: Kind,
    path: Path,
    hub: str | None,
    event_id: UUID | None,
    dry_run: bool,
    now: datetime,
    progress: Progress = no_progress,
) -> Outcome:
    """Imports a file, or with `dry_run` only plans it. Without `hub` it is the only one there is.

    Raises `WrongUsage` when the file, the hub or the event is missing.
    """
    if (event_id is None) is not (kind is Kind.SCHOOLS):
        raise WrongUsage(
            "The schools of a hub belong to no event; leave --event out."
            if kind is Kind.SCHOOLS
            else f"Say with --event which event the {kind} are for."
        )
    content = _bytes_of(path)
    arguments: dict[str, Any] = {
        "caller": HERE,
        "now": now,
        "hub_id": hub or reader.run_and_wait(only_hub),
        "event_id": event_id,
        "format_": kind.sheet,
        "content": content,
    }
    try:
        if dry_run:
            plan = reader.run_and_wait(lambda session: plan_now(session, **arguments))
        else:
            plan = writer.run_and_wait(import_at_once, progress=progress, **arguments)
    except Problem as problem:
        faults = [fault.detail for fault in problem.errors if fault.detail != problem.detail]
        return Outcome(None, ["Nothing was imported.", problem.detail, *faults])
    return Outcome(plan, in_words(plan, done=not dry_run))


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise WrongUsage(f"{path} cannot be read: {error.strerror}.") from None


def only_hub(session: Session) -> str:
    """The slug of the only hub there is. Raises `WrongUsage` when there are none, or several."""
    slugs = session.scalars(select(Hub.slug).order_by(Hub.slug).limit(10)).all()
    if len(slugs) == 1:
        return slugs[0]
    if not slugs:
        raise WrongUsage("There is no hub yet.")
    raise WrongUsage(f"Say with --hub which hub: {', '.join(slugs)}.")
