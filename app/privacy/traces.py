"""Where a person is named although no column says so: lines of imports, files that wait, kept answers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.idempotency import KeptAnswer, opened
from app.kernel.sealing import CannotOpenError, seal_of
from app.people.models import Teacher
from app.people.rules import folded
from app.registrations.models import Registration
from app.sheets.commands import opened_file
from app.sheets.models import Sync

ERASED = "(erased)"


@dataclass(frozen=True, slots=True)
class Person:
    """How a person may be named: by ids, by addresses, and by name, folded as in a search."""

    ids: frozenset[str]
    addresses: frozenset[str]
    name: str
    words: frozenset[str]

    def named_in(self, text: str) -> bool:
        """Whether a text speaks of this person: by an id, an address, or all parts of the name."""
        if any(each in text for each in self.ids):
            return True
        plain = folded(text)
        if any(address in plain for address in self.addresses):
            return True
        return bool(self.words) and self.words <= set(re.findall(r"[\w'’-]+", plain))

    def without(self, text: str) -> str:
        """A text in which neither the name nor an address of this person is left."""
        for each in (self.name, *self.addresses):
            text = re.sub(re.escape(each), ERASED, text, flags=re.IGNORECASE) if each else text
        return ERASED if self.named_in(text) else text


def person(session: Session, teacher: Teacher) -> Person:
    """How this teacher may be named."""
    registrations = session.scalars(select(Registration.id).where(Registration.teacher_id == teacher.id))
    name = f"{teacher.given_name} {teacher.family_name}".strip()
    return Person(
        ids=frozenset({str(teacher.id), *map(str, registrations)}),
        addresses=frozenset(folded(each) for each in (teacher.email, teacher.shared_email) if each),
        name=name,
        words=frozenset(re.findall(r"[\w'’-]+", folded(name))),
    )


def kept_answers(session: Session, about: Person) -> Iterator[tuple[KeptAnswer, str]]:
    """Kept answers that name a person, with their text."""
    seal = seal_of(session)
    for each in session.scalars(select(KeptAnswer)):
        try:
            text = opened(seal, (each.principal, each.key), each.sealed).answer.body.decode("utf-8", "replace")
        except CannotOpenError:
            continue  # sealed by a key that is no longer ours: nobody can read it, and it is gone within the day
        if about.named_in(text):
            yield each, text


def imports(session: Session, teacher: Teacher, about: Person) -> Iterator[tuple[Sync, list[dict[str, Any]]]]:
    """Imports that had something to tell of a person, with those lines."""
    for each in session.scalars(select(Sync).where(Sync.hub_id == teacher.hub_id)):
        lines = [line for line in each.report if about.named_in(_text_of(line))]
        if lines or any(about.named_in(line) for line in each.summary):
            yield each, lines


def waiting_files(session: Session, teacher: Teacher, about: Person) -> Iterator[Sync]:
    """Imports that wait to be applied, and whose file names a person."""
    for each in session.scalars(select(Sync).where(Sync.hub_id == teacher.hub_id, Sync.content.is_not(None))):
        if any(about.named_in(line) for line in opened_file(session, each).decode("utf-8", "replace").splitlines()):
            yield each


def scrub(sync: Sync, about: Person) -> int:
    """Takes a person out of what an import tells; answers with the number of lines that this changed."""
    report = [
        {**line, **{name: about.without(line[name]) for name in ("what", "what_to_do") if line.get(name)}}
        for line in sync.report
    ]
    summary = [about.without(line) for line in sync.summary]
    changed = sum(1 for old, new in zip(sync.report, report, strict=True) if old != new)
    changed += sum(1 for old, new in zip(sync.summary, summary, strict=True) if old != new)
    sync.report, sync.summary = report, summary
    return changed


def _text_of(line: dict[str, Any]) -> str:
    return f"{line.get('what') or ''}\n{line.get('what_to_do') or ''}"
