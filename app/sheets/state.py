"""What is there already, as far as a sheet's plan rests on it: a snapshot, so that planning itself is pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.sheets.matching import SchoolName, Schools


@dataclass(frozen=True, slots=True)
class KnownSchool:
    """A school of the hub."""

    id: UUID
    name: str
    urn: str
    laestab: str | None = None
    phase: str | None = None
    postcode: str | None = None
    website: str | None = None


@dataclass(frozen=True, slots=True)
class KnownTeacher:
    """A teacher of the hub."""

    id: UUID
    given_name: str
    family_name: str
    email: str | None
    shared_email: str | None
    school_id: UUID


@dataclass(frozen=True, slots=True)
class KnownOffer:
    """A presentation of the event, whatever became of it."""

    id: UUID
    status: str
    title: str
    summary: str
    presenter_ids: tuple[UUID, ...]
    subjects: tuple[str, ...]
    key_stages: tuple[str, ...]
    needs: tuple[str, ...]
    table_number: int | None


@dataclass(frozen=True, slots=True)
class KnownRegistration:
    """A teacher's latest registration for the event: the live one, or else the one that was cancelled last."""

    id: UUID
    teacher_id: UUID
    is_presenter: bool
    cancelled_at: datetime | None
    dietary_requirements: str | None
    access_requirements: str | None
    wishes: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Evening:
    """The event that presenters and sign-ups are for."""

    id: UUID
    name: str
    timezone: str
    table_count: int
    places_left: int
    waitlist_enabled: bool
    status: str = "published"
    takes_registrations: bool = True

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class State:
    """A hub, and for presenters and sign-ups an event of it, as they are now."""

    hub_id: UUID
    schools: tuple[KnownSchool, ...] = ()
    teachers: tuple[KnownTeacher, ...] = ()
    evening: Evening | None = None
    offers: tuple[KnownOffer, ...] = ()
    registrations: tuple[KnownRegistration, ...] = ()

    def schools_by_name(self) -> Schools[UUID]:
        return Schools(
            (each.id, SchoolName(each.name, each.urn, each.laestab or "", each.website or "")) for each in self.schools
        )
