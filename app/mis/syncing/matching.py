"""Whom a record that is new might be. It is only ever proposed: nobody's account is taken over because a value agrees.

Two things are proposed: the same second id, and the same address with the same family name. An address alone is not,
since several people read one inbox.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from app.mis.syncing.records import Record
from app.mis.syncing.state import State
from app.people.rules import email_key, folded


@dataclass(frozen=True, slots=True)
class Likeness:
    """Whom a record might be, and why: `second-id`, or `address-and-name`."""

    teacher_id: UUID
    why: str


class Matching:
    """Finds whom records might be, among those who are known and those who come in before them."""

    def __init__(self, state: State) -> None:
        self._by_second_id = {second: link.teacher_id for link in state.links.values() for second in link.second_ids}
        self._by_address: dict[tuple[str, str], UUID] = {}
        for link in state.links.values():
            if link.email:
                self._by_address[email_key(link.email), folded(link.family_name)] = link.teacher_id
        for person in state.people.values():
            for address in (person.email, person.shared_email):
                if address and not person.erased:
                    self._by_address[email_key(address), folded(person.family_name)] = person.id
        self._given = {person.id: folded(person.given_name) for person in state.people.values()}
        self._working = {link.teacher_id for link in state.links.values() if link.active}

    def whom(self, record: Record) -> Likeness | None:
        """Whom this new record might be."""
        for second in record.second_ids:
            if found := self._by_second_id.get(second):
                return Likeness(found, "second-id")
        if record.email is None:
            return None
        found = self._by_address.get((email_key(record.email), folded(record.family_name)))
        if found is None or (found in self._working and self._given.get(found) != folded(record.given_name)):
            # Two of one name at work with one inbox are two people, unless their given names agree as well.
            return None
        return Likeness(found, "address-and-name")

    def enter(self, record: Record, teacher_id: UUID) -> None:
        """Somebody new has come in: the records after this one might be them too."""
        for second in record.second_ids:
            self._by_second_id.setdefault(second, teacher_id)
        if record.email is not None:
            self._by_address.setdefault((email_key(record.email), folded(record.family_name)), teacher_id)
        self._given[teacher_id] = folded(record.given_name)
        self._working.add(teacher_id)


def addresses_in(records: Iterable[Record]) -> dict[str, set[str]]:
    """Which records have which address, of those that are active."""
    found: dict[str, set[str]] = {}
    for record in records:
        if record.email and record.active:
            found.setdefault(email_key(record.email), set()).add(record.record_id)
    return found
