"""What one can do with a registration once it is there, and registering many in one request."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.events import queries as events
from app.events.commands import PRESENTER
from app.events.models import Event
from app.kernel import outbox
from app.kernel.caller import Caller
from app.kernel.commands import Arguments, by, command
from app.kernel.problems import InvalidRequest, Problem
from app.kernel.refusals import faults_in
from app.kernel.sealing import seal_of
from app.marketplace.commands import must_be_open_to_change
from app.marketplace.models import Presentation
from app.marketplace.rules import PresentationStatus
from app.registrations import needs, places, queries
from app.registrations.models import Needs, Preference, Registration
from app.registrations.queries import events_of_registrations
from app.registrations.registering import register_together, wish_faults
from app.registrations.schemas import (
    BatchIn,
    BatchItem,
    BatchOut,
    PreferencesIn,
    PreferencesOut,
    RegistrationChange,
    RegistrationIn,
    RegistrationOut,
)


class StillPresenting(Problem):
    """The registration is a presenter's: it lasts as long as they present.

    Withdraw the presentation, or take the presenter off it; the registration goes with that.
    """

    status, title = 409, "A presenter's registration goes with the presentation"


class CheckedIn(Problem):
    """The registration has been checked in: its teacher has come, so there is nothing to cancel.

    If that was a mistake, undo the check-in first.
    """

    status, title = 409, "The teacher has been checked in"


class RegistrationCancelled(Problem):
    """The registration is cancelled, so it does not change any more.

    Register anew; that gets in line at the end of the queue.
    """

    status, title = 409, "The registration is cancelled"


@command(turns=by("event_id"))
def register_batch(
    session: Session, *, caller: Caller, now: datetime, event_id: UUID, body: BatchIn, instance: str, request_id: str
) -> BatchOut:
    """Registers several teachers, each as if alone; one that is refused hinders nobody else. Raises `NotFound`.

    `instance` and `request_id` go into the problems of those that are refused.
    """
    events.own_event(session, caller=caller, event_id=event_id)
    wanted = [_read(item) for item in body.items]
    calls: Sequence[Arguments] = [
        {"caller": caller, "now": now, "event_id": event_id, "body": each}
        for each in wanted
        if isinstance(each, RegistrationIn)
    ]
    verdicts = iter(register_together(session, calls))
    outcomes = [each if isinstance(each, Problem) else next(verdicts) for each in wanted]
    return BatchOut(items=[_item(each, instance=instance, request_id=request_id) for each in outcomes])


def _read(item: dict[str, Any]) -> RegistrationIn | Problem:
    try:
        return RegistrationIn.model_validate_json(json.dumps(item))
    except ValidationError as error:
        return InvalidRequest("Some values cannot be used.", errors=faults_in(error))


def _item(outcome: RegistrationOut | Problem, *, instance: str, request_id: str) -> BatchItem:
    if isinstance(outcome, Problem):
        return BatchItem(status=outcome.status, body=outcome.body(instance=instance, request_id=request_id))
    return BatchItem(status=201, body=outcome.model_dump(mode="json"))


@command(turns=events_of_registrations)
def cancel(session: Session, *, caller: Caller, now: datetime, registration_id: UUID) -> RegistrationOut:
    """Cancels a registration: its place goes to whoever waits longest, its seats are free. Cancelling twice is once.

    Raises `NotFound`, `EventOver`, `CheckedIn`, `StillPresenting`.
    """
    registration = queries.registration_row(session, caller=caller, registration_id=registration_id)
    if registration.live_event_id is not None:
        event = _event_of(session, registration)
        if registration.checked_in_at is not None:
            raise CheckedIn("Whoever has come does not cancel any more.")
        if registration.role == PRESENTER:
            raise StillPresenting("Withdraw the presentation instead.")
        places.cancel_live(session, registration, event=event, now=now)
    return queries.shown(session, [registration], caller=caller)[0]


@command(turns=events_of_registrations)
def change(
    session: Session, *, caller: Caller, now: datetime, registration_id: UUID, body: RegistrationChange
) -> RegistrationOut:
    """Changes what somebody needs on the evening. Raises `NotFound`, `RegistrationCancelled`, `EventOver`."""
    registration = _live_registration(session, caller=caller, registration_id=registration_id)
    kept = session.get(Needs, registration.id)
    before = needs.opened(seal_of(session), kept) if kept else needs.NOTHING
    changes = {name: value or None for name, value in body.model_dump(exclude_unset=True).items()}
    needs.put(session, registration.id, before._replace(**changes))
    registration.updated_at = now
    _tell(session, registration, now=now, what="updated")
    return queries.shown(session, [registration], caller=caller)[0]


@command(turns=events_of_registrations)
def set_preferences(
    session: Session, *, caller: Caller, now: datetime, registration_id: UUID, body: PreferencesIn
) -> PreferencesOut:
    """Replaces a registration's ranked wishes. Raises `NotFound`, `InvalidRequest`, and for a registration that is
    over `RegistrationCancelled`, `EventOver`."""
    registration = _live_registration(session, caller=caller, registration_id=registration_id)
    before = queries.wishes_of(session, [registration.id]).get(registration.id, [])
    accepted = session.scalars(
        select(Presentation.id).where(
            Presentation.event_id == registration.event_id, Presentation.status == PresentationStatus.ACCEPTED
        )
    )
    faults = wish_faults(body.presentation_ids, {*accepted, *before}, pointer="/presentation_ids")
    if faults:
        raise InvalidRequest("Some wishes cannot be used.", errors=faults)
    if body.presentation_ids != before:
        replace_wishes(session, registration, body.presentation_ids)
        registration.updated_at = now
        _tell(session, registration, now=now, what="preferences_changed")
    return PreferencesOut(registration_id=registration.id, presentation_ids=body.presentation_ids)


def replace_wishes(session: Session, registration: Registration, presentation_ids: Sequence[UUID]) -> None:
    """Writes down ranked wishes in place of those before."""
    session.execute(delete(Preference).where(Preference.registration_id == registration.id))
    rows = [
        {
            "registration_id": registration.id,
            "event_id": registration.event_id,
            "rank": rank,
            "presentation_id": presentation_id,
        }
        for rank, presentation_id in enumerate(presentation_ids, start=1)
    ]
    if rows:
        session.execute(insert(Preference), rows)


def _live_registration(session: Session, *, caller: Caller, registration_id: UUID) -> Registration:
    registration = queries.registration_row(session, caller=caller, registration_id=registration_id)
    if registration.live_event_id is None:
        raise RegistrationCancelled("This registration is cancelled.")
    _event_of(session, registration)
    return registration


def _event_of(session: Session, registration: Registration) -> Event:
    """The event, which must still be ahead. Raises `EventOver`."""
    event = session.get_one(Event, registration.event_id)
    must_be_open_to_change(event)
    return event


def _tell(session: Session, registration: Registration, *, now: datetime, what: str) -> None:
    event = session.get_one(Event, registration.event_id)
    outbox.record(
        session,
        f"registration.{what}",
        hub_id=event.hub_id,
        now=now,
        event_id=event.id,
        registration_id=registration.id,
    )
