"""The types of changes that the outside world hears of: what each means, and which record to read again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

Operation = Literal["upsert", "delete"]
Subject = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: the name in a subject under which its id stands, and the address where it is read."""

    name: str
    id_name: str
    address: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind("hub", "hub_id", "/v1/hubs/{hub_id}"),
        Kind("school", "school_id", "/v1/schools/{school_id}"),
        Kind("teacher", "teacher_id", "/v1/teachers/{teacher_id}"),
        Kind("event", "event_id", "/v1/events/{event_id}"),
        Kind("table", "event_id", "/v1/events/{event_id}/tables/{table_number}"),
        Kind("presentation", "presentation_id", "/v1/presentations/{presentation_id}"),
        Kind("registration", "registration_id", "/v1/registrations/{registration_id}"),
        Kind("preferences", "registration_id", "/v1/registrations/{registration_id}/preferences"),
        Kind("itinerary", "registration_id", "/v1/registrations/{registration_id}/itinerary"),
        Kind("reflections", "reflection_id", "/v1/events/{event_id}/reflections"),
        Kind("allocation", "allocation_id", "/v1/allocations/{allocation_id}"),
        Kind("reflection", "event_id", "/v1/events/{event_id}/reflections"),
        Kind("sync", "sync_id", "/v1/syncs/{sync_id}"),
        Kind("webhook", "webhook_id", "/v1/webhooks/{webhook_id}"),
    )
}


@dataclass(frozen=True, slots=True)
class ChangeType:
    """One type of change. `subject` are the names of the ids and numbers that come with it."""

    name: str
    description: str
    record: str
    subject: tuple[str, ...]
    operation: Operation = "upsert"


_EVENT = ("event_id",)
_OFFER = ("event_id", "presentation_id")
_COMING = ("event_id", "registration_id", "teacher_id")
_REFLECTION = ("event_id", "reflection_id", "presentation_id")
_REFLECTION = ("event_id", "presentation_id", "reflection_id")
_SEAT = ("event_id", "registration_id", "round", "table_number")

_TYPES = (
    ChangeType("hub.created", "The hub was made.", "hub", ()),
    ChangeType("hub.updated", "The hub's name or slug changed.", "hub", ("changed",)),
    ChangeType("school.created", "A school joined the hub.", "school", ("school_id",)),
    ChangeType("school.updated", "A school's details changed.", "school", ("school_id", "changed")),
    ChangeType("school.deleted", "A school left the hub.", "school", ("school_id",), "delete"),
    ChangeType("teacher.created", "Somebody was added.", "teacher", ("teacher_id",)),
    ChangeType(
        "teacher.updated",
        "Something about a person changed; `former_school_id` when they moved from another school.",
        "teacher",
        ("teacher_id", "changed", "former_school_id"),
    ),
    ChangeType(
        "teacher.erased", "A person's data was erased: erase your copy too.", "teacher", ("teacher_id",), "delete"
    ),
    ChangeType("event.created", "A draft was made.", "event", _EVENT),
    ChangeType("event.updated", "An event's details, times or capacity changed.", "event", _EVENT),
    ChangeType("event.published", "An event was published, or opened again.", "event", _EVENT),
    ChangeType("event.closed", "Registration for an event was closed.", "event", _EVENT),
    ChangeType("event.completed", "An event is over.", "event", _EVENT),
    ChangeType("event.cancelled", "An event was called off.", "event", _EVENT),
    ChangeType("event.archived", "An event was put away.", "event", _EVENT),
    ChangeType("event.deleted", "A draft was deleted, with all that was in it.", "event", _EVENT, "delete"),
    ChangeType("table.updated", "A table's seats or closed rounds changed.", "table", ("event_id", "table_number")),
    ChangeType("presentation.proposed", "A presentation was offered.", "presentation", _OFFER),
    ChangeType("presentation.updated", "A presentation's text or presenters changed.", "presentation", _OFFER),
    ChangeType("presentation.accepted", "A presentation has its table.", "presentation", _OFFER),
    ChangeType("presentation.declined", "A presentation was declined.", "presentation", _OFFER),
    ChangeType("presentation.withdrawn", "A presentation was withdrawn.", "presentation", _OFFER),
    ChangeType("presentation.moved", "A presentation is at another table.", "presentation", _OFFER),
    ChangeType("presentation.unplaced", "A presentation lost its table.", "presentation", _OFFER),
    ChangeType("registration.confirmed", "Somebody has a place.", "registration", _COMING),
    ChangeType("registration.waitlisted", "Somebody waits for a place.", "registration", _COMING),
    ChangeType("registration.promoted", "Somebody who waited has a place now.", "registration", _COMING),
    ChangeType("registration.updated", "What somebody told about their needs changed.", "registration", _COMING),
    ChangeType(
        "registration.cancelled",
        "Somebody gave up their place, and with it all their seats.",
        "registration",
        _COMING,
    ),
    ChangeType("registration.checked_in", "Somebody came.", "registration", _COMING),
    ChangeType("registration.check_in_undone", "Somebody had been checked in by mistake.", "registration", _COMING),
    ChangeType("registration.preferences_changed", "Somebody's ranked wishes changed.", "preferences", _COMING),
    ChangeType("registration.checked_in", "Somebody has come.", "registration", _COMING),
    ChangeType("registration.check_in_undone", "Somebody has not come after all.", "registration", _COMING),
    ChangeType("reflection.created", "Somebody wrote what they made of it.", "reflections", _REFLECTION),
    ChangeType("reflection.updated", "Somebody changed what they made of it.", "reflections", _REFLECTION),
    ChangeType("booking.made", "Somebody has a seat in a round, or another one.", "itinerary", _SEAT),
    ChangeType("booking.released", "Somebody has no seat in a round any more.", "itinerary", _SEAT),
    ChangeType("reflection.created", "Somebody told what went well.", "reflection", _REFLECTION),
    ChangeType("reflection.updated", "Somebody told it anew.", "reflection", _REFLECTION),
    ChangeType("allocation.made", "An allocation was asked for.", "allocation", ("event_id", "allocation_id")),
    ChangeType("allocation.cancelled", "An allocation was called off.", "allocation", ("event_id", "allocation_id")),
    ChangeType(
        "allocation.applied",
        "An allocation became everybody's itinerary; `booking.…` tells of each seat.",
        "allocation",
        ("event_id", "allocation_id", "bookings_changed"),
    ),
    ChangeType(
        "import.applied",
        "A sheet was brought in.",
        "sync",
        ("event_id", "format", "sync_id"),
    ),
    ChangeType(
        "sync.applied",
        "Staff came in from the MIS; what it changed has changes of its own.",
        "sync",
        ("sync_id", "source_id", "created", "updated", "deactivated", "rejected"),
    ),
    ChangeType(
        "presenter.leaving",
        "Somebody who presents at an evening ahead has left, by the word of the MIS.",
        "event",
        ("event_id", "teacher_id"),
    ),
    ChangeType(
        "teacher.places_released",
        "The places of somebody who has left were given up; `registration.cancelled` tells of each.",
        "teacher",
        ("teacher_id", "registrations"),
    ),
    ChangeType(
        "webhook.disabled", "A webhook was disabled, by hand or after failures.", "webhook", ("webhook_id", "reason")
    ),
)
TYPES: Mapping[str, ChangeType] = {each.name: each for each in _TYPES}
"""Every type that is published, by name."""

INTERNAL = (
    *("api_key.created", "api_key.revoked", "api_key.rotated", "session.opened", "session.ended"),
    *("calendar_feed.created", "calendar_feed.revoked"),
    *("identity.linked", "identity.unlinked", "needs.read", "personal_data.read"),
    *("webhook.created", "webhook.updated", "webhook.deleted", "webhook.enabled", "webhook.secret_rotated"),
    *("calendar_feed.created", "calendar_feed.revoked", "source.schools_set", "teacher.linked", "webhook.replayed"),
    *("mis_connection.created", "mis_connection.updated", "mis_connection.deleted"),
    *("mis_connection.paused", "mis_connection.resumed", "mis_connection.sync_started", "mis_connection.tested"),
)
"""Facts for the audit trail alone: who signs in, who looked at what, how programs and systems are joined."""

PING = "webhook.ping"
"""The type of a message that is sent to try an address out. It is no change, and not in the feed."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a change is about, and where its present state is read."""

    kind: str
    id: str
    path: str | None


def record_of(type_: str, subject: Subject, *, hub_id: str) -> Record | None:
    """The record that a change is about. What has been deleted has no path any more."""
    known = TYPES[type_]
    kind = KINDS[known.record]
    values = {"hub_id": hub_id, **{name: value for name, value in subject.items() if value is not None}}
    if kind.id_name not in values:
        return None
    path = None if known.operation == "delete" else kind.address.format_map(values)
    return Record(kind.name, str(values[kind.id_name]), path)


def wanted(filters: Collection[str]) -> frozenset[str]:
    """The types that filters such as `registration.confirmed` or `booking.*` name; all of them without any.

    Raises `ValueError` with a filter that names none.
    """
    if not filters:
        return frozenset(TYPES)
    found: set[str] = set()
    for each in filters:
        matching = {name for name in TYPES if name == each or (each.endswith(".*") and name.startswith(each[:-1]))}
        if not matching:
            raise ValueError(each)
        found |= matching
    return frozenset(found)
