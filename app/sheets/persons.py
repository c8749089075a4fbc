"""Who the people in a sheet are: which rows mean the same person, who is known already, and whose address is whose.

An address names one person. Where two people give the same one it is an inbox that they share, and signs nobody in.
Without an address, somebody is known by name and school.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from rapidfuzz.distance import OSA

from app.people.rules import email_key, folded
from app.sheets.cells import Address
from app.sheets.findings import Findings
from app.sheets.names import Name
from app.sheets.state import KnownTeacher, State


@dataclass(frozen=True, slots=True)
class Mention:
    """A person as one row names them. `sure_of_school` is False when the row does not say the school itself."""

    row: int
    name: Name
    address: Address
    school_id: UUID
    sure_of_school: bool = True


@dataclass(slots=True)
class Person:
    """Somebody whom the sheet means, with what the hub should know of them."""

    given_name: str
    family_name: str
    school_id: UUID
    email: str | None = None
    shared_email: str | None = None
    known: KnownTeacher | None = None
    rows: list[int] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def key(self) -> str:
        """Names the person within one plan: by id when known, else by the first row."""
        return str(self.known.id) if self.known else f"row {self.rows[0]}: {folded(self.full_name)}"

    @property
    def differs(self) -> bool:
        """Whether what the hub knows of them has to change."""
        return self.known is None or (self.known.email, self.known.shared_email) != (self.email, self.shared_email)


class Ambiguous(ValueError):
    """Several people fit, so nobody is taken."""


class Persons:
    """The people of a hub and of one sheet, found or made mention by mention."""

    def __init__(self, state: State, mentions: Iterable[Mention], findings: Findings) -> None:
        self._findings = findings
        self._schools = {school.id: school.name for school in state.schools}
        self._people = [
            Person(each.given_name, each.family_name, each.school_id, each.email, each.shared_email, each)
            for each in state.teachers
        ]
        self._by_address: dict[str, list[Person]] = defaultdict(list)
        self._by_name: dict[tuple[str, UUID], list[Person]] = defaultdict(list)
        for person in self._people:
            self._index(person)
        self._shared = self._inboxes(mentions)

    def find(self, mention: Mention) -> Person:
        """The person whom a row means, made when there is none yet. Raises `Ambiguous`."""
        email = mention.address.email
        person = self._with_address(mention, email) if email else self._without_address(mention)
        if person is None:
            person = Person(mention.name.given, mention.name.family, mention.school_id)
            self._people.append(person)
            self._set_address(person, mention, email)
            self._index(person)
        elif email:
            self._set_address(person, mention, email)
        person.rows.append(mention.row)
        self._tell_other_school(person, mention)
        return person

    def touched(self) -> list[Person]:
        """Everybody whom the sheet means, and those whose address turned out to be shared."""
        return [person for person in self._people if person.rows or (person.known and person.differs)]

    def _inboxes(self, mentions: Iterable[Mention]) -> set[str]:
        """The addresses that more than one person has, over the hub and the whole sheet."""
        names: dict[str, list[Name]] = defaultdict(list)
        shared = {email_key(person.shared_email) for person in self._people if person.shared_email}
        for person in self._people:
            if person.email:
                names[email_key(person.email)].append(_name(person))
        for mention in mentions:
            if mention.address.email:
                names[email_key(mention.address.email)].append(mention.name)
        for key, those in names.items():
            if any(not same_person(those[0], other) for other in those[1:]):
                shared.add(key)
        return shared

    def _with_address(self, mention: Mention, email: str) -> Person | None:
        there = [each for each in self._by_address[email_key(email)] if same_person(_name(each), mention.name)]
        if there:
            if folded(there[0].full_name) != folded(mention.name.full):
                self._findings.note(
                    mention.row, f"Read '{mention.name.full}' as {there[0].full_name}, who has the same address."
                )
            return there[0]
        namesakes = self._namesakes(mention)
        without = [each for each in namesakes if each.email is None]
        if len(without) == 1 and len(namesakes) == 1:
            return without[0]
        if namesakes:
            self._findings.needs_a_person(
                mention.row,
                f"There is another {mention.name.full} at {self._schools[mention.school_id]}, with another address. "
                "They were taken for two people.",
                f"If they are one person, write the address they have already in row {mention.row}, and import again.",
            )
        return None

    def _without_address(self, mention: Mention) -> Person | None:
        namesakes = self._namesakes(mention)
        if len(namesakes) > 1:
            raise Ambiguous
        return namesakes[0] if namesakes else None

    def _namesakes(self, mention: Mention) -> list[Person]:
        return self._by_name[folded(mention.name.full), mention.school_id]

    def _set_address(self, person: Person, mention: Mention, email: str | None) -> None:
        if email is None:
            return
        key = email_key(email)
        if key not in self._shared:
            if person.email is None or email_key(person.email) != key:
                person.email, person.shared_email = email, None
                self._by_address[key].append(person)
            return
        person.email, person.shared_email = None, person.shared_email or email
        for other in self._by_address[key]:
            if other.email is not None and email_key(other.email) == key:
                other.email, other.shared_email = None, other.email
        if person not in self._by_address[key]:
            self._by_address[key].append(person)
        self._findings.needs_a_person(
            mention.row,
            f"{person.full_name}'s address is also somebody else's. It is kept as a shared inbox, and signs nobody in.",
            f"Write the person's own address in row {mention.row} and import again, or leave it as it is.",
        )

    def _index(self, person: Person) -> None:
        for email in (person.email, person.shared_email):
            if email and person not in self._by_address[email_key(email)]:
                self._by_address[email_key(email)].append(person)
        self._by_name[folded(person.full_name), person.school_id].append(person)

    def _tell_other_school(self, person: Person, mention: Mention) -> None:
        if mention.sure_of_school and person.school_id != mention.school_id:
            self._findings.needs_a_person(
                mention.row,
                f"{person.full_name} is known at {self._schools[person.school_id]}, "
                f"but the row says {self._schools[mention.school_id]}. The school was left as it is.",
                "If they have moved, change their school in the hub; if not, write the right address in the row.",
            )


def same_person(one: Name, other: Name) -> bool:
    """Whether two names at one address are one person's: the same words, an initial, a short form, or one slip."""
    if sorted(_plain(one.full).split()) == sorted(_plain(other.full).split()):
        return True
    given, family = (_plain(one.given), _plain(other.given)), (_plain(one.family), _plain(other.family))
    if family[0] == family[1]:
        shorter, longer = sorted(given, key=len)
        return (bool(shorter) and longer.startswith(shorter)) or (len(longer) >= 6 and OSA.distance(*given) == 1)
    return given[0] == given[1] and min(map(len, family)) >= 5 and OSA.distance(*family) == 1


def _plain(name: str) -> str:
    return folded(name).replace("'", "").replace("\u2019", "").replace("-", " ").replace(".", "")


def _name(person: Person) -> Name:
    return Name(person.given_name, person.family_name)
