"""The evening as an allocation sees it: everything that it rests on, and a fingerprint that tells when that changes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who holds a place, with their wishes and bookings. Ids only, no names."""

    id: UUID
    school_id: UUID
    presents_in: frozenset[int]
    """Rounds in which they are at their own table."""
    own_tables: frozenset[int]
    wishes: tuple[UUID, ...]
    """Presentations, the dearest first."""
    held: tuple[tuple[int, int], ...]
    """Their bookings: round and table."""


@dataclass(frozen=True, slots=True)
class TableSeen:
    """A table at which somebody presents, with its seats in each round; 0 where it is closed."""

    number: int
    presentation_id: UUID
    seats: tuple[int, ...]
    open_in: frozenset[int]
    """The rounds in which it is not closed: there its presenters are, whether or not it has seats."""


@dataclass(frozen=True)
class Evening:
    """An event as it is at one moment. Guests stand by id, tables and rounds by number."""

    event_id: UUID
    rounds: tuple[int, ...]
    tables: tuple[TableSeen, ...]
    all_tables: frozenset[int]
    """The numbers of all tables, those without a presentation included."""
    guests: tuple[Guest, ...]

    @cached_property
    def by_id(self) -> Mapping[UUID, Guest]:
        """The guests by their registrations."""
        return {guest.id: guest for guest in self.guests}

    @cached_property
    def table_of(self) -> Mapping[UUID, int]:
        """Where each presentation is."""
        return {table.presentation_id: table.number for table in self.tables}

    def fingerprint(self, *, schools: bool) -> str:
        """Changes whenever anything changes on which an allocation rests; schools count where they are asked for."""
        told = [
            self.rounds,
            [(table.number, table.presentation_id.hex, table.seats, sorted(table.open_in)) for table in self.tables],
            [
                (
                    guest.id.hex,
                    guest.school_id.hex if schools else "",
                    sorted(guest.presents_in),
                    sorted(guest.own_tables),
                    [wish.hex for wish in guest.wishes],
                    guest.held,
                )
                for guest in self.guests
            ],
        ]
        return hashlib.blake2b(json.dumps(told).encode(), digest_size=24).hexdigest()
