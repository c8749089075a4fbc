"""What is known before a sync: the hub's schools, who is linked to whom, where they work, and whose an address is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class KnownSchool:
    """A school of the hub."""

    id: UUID
    name: str
    urn: str
    laestab: str | None


@dataclass(frozen=True, slots=True)
class KnownOrg:
    """A school of the source, as it was told last, and which of the hub's it is."""

    org_id: str
    name: str
    urn: str | None
    laestab: str | None
    school_id: UUID | None
    confirmed: bool
    left_aside: bool


@dataclass(frozen=True, slots=True)
class KnownLink:
    """A record of the source and the person it is, with the values that it was told with last."""

    record_id: str
    teacher_id: UUID
    given_name: str
    family_name: str
    email: str | None
    job_title: str | None
    second_ids: tuple[str, ...]
    active: bool
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownEmployment:
    """That a record works, or worked, at a school."""

    school_id: UUID
    active: bool
    is_primary: bool
    job_title: str | None


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A teacher of the hub, as far as a sync may change them."""

    id: UUID
    school_id: UUID
    given_name: str
    family_name: str
    email: str | None
    email_key: str | None
    shared_email: str | None
    job_title: str | None
    has_roles: bool
    active: bool
    erased: bool


@dataclass(frozen=True, slots=True)
class State:
    """All of it. `people` are those who are linked, and those who have an address that comes in.

    `held_elsewhere` are active by the word of another source as well; of `owned_elsewhere` another source decides name,
    address and school.
    """

    schools: tuple[KnownSchool, ...]
    orgs: Mapping[str, KnownOrg] = field(default_factory=dict)
    links: Mapping[str, KnownLink] = field(default_factory=dict)
    employments: Mapping[str, tuple[KnownEmployment, ...]] = field(default_factory=dict)
    people: Mapping[UUID, KnownPerson] = field(default_factory=dict)
    proposed: Mapping[str, UUID] = field(default_factory=dict)
    """Records that wait for a person's answer, and whom they might be."""
    held_elsewhere: frozenset[UUID] = frozenset()
    owned_elsewhere: frozenset[UUID] = frozenset()
