"""Whose an address is after a sync: one person's own, or an inbox that several read, which signs nobody in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from app.mis.syncing.state import KnownPerson, State
from app.people.rules import email_key


@dataclass(frozen=True, slots=True)
class Address:
    """A person's addresses after the sync; `trouble` is a finding's code, when they are not what was told."""

    email: str | None
    shared_email: str | None
    trouble: str | None = None


class Addresses:
    """Decides on the final state: who has which address once everything that was told has come in."""

    def __init__(self, state: State, wanted: Mapping[UUID, str | None], *, bound: Iterable[UUID]) -> None:
        """`wanted` is what the source tells of each person who is at work by its word; `bound` are those of them whose
        own address it does not decide."""
        self._state = state
        self._bound = frozenset(bound)
        self._readers: dict[str, set[UUID]] = defaultdict(set)
        for teacher_id, email in wanted.items():
            if email:
                self._readers[email_key(email)].add(teacher_id)
        self._held = {
            person.email_key: person.id
            for person in state.people.values()
            if person.email_key and (person.id not in wanted or person.id in self._bound or not wanted[person.id])
        }
        self._wanted = wanted
        self._keep_what_cannot_move()

    def of(self, teacher_id: UUID, *, told_before: str | None) -> Address:
        """The addresses of one person. `told_before` is what the source said last time."""
        wanted = self._wanted[teacher_id]
        person = self._state.people.get(teacher_id)
        if person is not None and teacher_id in self._bound:
            is_news = bool(wanted) and wanted != told_before and email_key(wanted or "") != person.email_key
            return Address(person.email, person.shared_email, "has-a-role" if is_news and person.has_roles else None)
        if not wanted:
            return Address(person.email, person.shared_email) if person else Address(None, None)
        key = email_key(wanted)
        holder = self._held.get(key)
        if holder is not None and holder != teacher_id:
            return self._taken(person, wanted, told_before)
        if len(self._readers[key]) > 1:
            news = person is None or person.shared_email != wanted
            return Address(None, wanted, "shared-address" if news else None)
        return Address(_as_written(person, wanted), None)

    def _keep_what_cannot_move(self) -> None:
        """Whoever cannot have a new address keeps the old one, which then is not free for others either."""
        moving = {teacher_id: email_key(email) for teacher_id, email in self._wanted.items() if email}
        while True:
            stuck = [
                person
                for teacher_id, key in moving.items()
                if self._held.get(key, teacher_id) != teacher_id
                and (person := self._state.people.get(teacher_id)) is not None
                and person.email_key is not None
                and person.email_key not in self._held
            ]
            if not stuck:
                return
            self._held.update({person.email_key: person.id for person in stuck if person.email_key})

    def _taken(self, person: KnownPerson | None, wanted: str, told_before: str | None) -> Address:
        trouble = "address-taken" if person is None or wanted != told_before else None
        if person is None or person.email is None:
            return Address(None, wanted, trouble)
        return Address(person.email, person.shared_email, trouble)


def _as_written(person: KnownPerson | None, wanted: str) -> str:
    """Only the case differs: then it stays as it is known, so that the same address is no change."""
    if person is not None and person.email is not None and person.email_key == email_key(wanted):
        return person.email
    return wanted
