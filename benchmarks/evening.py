"""An evening to measure on: a hub, a published event with tables and presentations, and as many teachers as needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.access.commands import issue
from app.access.queries import callers
from app.access.rules import ORGANISER
from app.events.commands import change_status
from app.events.rules import Transition
from app.events.schemas import EventIn, RoundIn
from app.kernel.caller import HERE
from app.kernel.commands import command
from app.kernel.database import writing_engine
from app.kernel.desk import Desk
from app.kernel.ids import new_id
from app.kernel.migrations import upgrade
from app.kernel.settings import Settings
from app.kernel.writer import Writer
from app.marketplace.commands import propose
from app.marketplace.evenings import create_event
from app.marketplace.schemas import AcceptIn, PresentationIn
from app.people.commands import create_hub, create_school, new_teacher
from app.people.models import Teacher
from app.people.schemas import HubIn, SchoolIn
from app.registrations.presenting import accept
from app.registrations.registering import register_together
from app.registrations.schemas import RegistrationIn

TABLES = 24
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Evening:
    """What a measurement needs to know of the database."""

    key: str
    event_id: UUID
    teacher_ids: Sequence[UUID]


@command()
def _add_teachers(session: Session, *, rows: list[dict[str, Any]]) -> None:
    session.execute(insert(Teacher), rows)


@command()
def _organisers_key(session: Session, *, hub_id: UUID, now: datetime) -> str:
    return issue(session, now=now, name="benchmark", scopes=[str(each) for each in ORGANISER], hub_id=hub_id).secret


@command()
def _register_many(session: Session, *, calls: list[dict[str, Any]]) -> None:
    register_together(session, calls)


def set_up(settings: Settings, *, teachers: int, registered: int = 0) -> Evening:
    """Makes the evening; the first `registered` of its teachers hold places already."""
    upgrade(settings)
    writer = Writer(writing_engine(settings), Desk(callers), queue_limit=10_000)
    writer.start()
    try:
        return _set_up(writer, teachers=teachers, registered=registered)
    finally:
        writer.stop()


def _set_up(writer: Writer, *, teachers: int, registered: int) -> Evening:
    now = datetime.now(UTC)
    here: dict[str, Any] = {"caller": HERE, "now": now}
    run = writer.run_and_wait
    hub = run(create_hub, **here, body=HubIn(name="Benchmark hub", slug="benchmark"))
    school = run(create_school, **here, hub_id=hub.slug, body=SchoolIn(name="A school", urn="990001"))
    teacher_ids = _teachers(writer, hub.id, school.id, teachers, now=now)
    event = run(create_event, **here, hub_id=hub.slug, body=_event(now))
    for number in range(1, TABLES + 1):
        offered = PresentationIn(title=f"Presentation {number}", presenter_ids=[teacher_ids[-number]])
        presentation = run(propose, **here, event_id=event.id, body=offered)
        run(accept, **here, presentation_id=presentation.id, body=AcceptIn(table_number=number))
    run(change_status, **here, event_id=event.id, transition=Transition.PUBLISH)
    for start in range(0, registered, 500):
        those = teacher_ids[start : min(start + 500, registered)]
        calls = [{**here, "event_id": event.id, "body": RegistrationIn(teacher_id=each)} for each in those]
        run(_register_many, calls=calls)
    key = run(_organisers_key, hub_id=hub.id, now=now)
    return Evening(key, event.id, teacher_ids[registered:-TABLES])


def _event(now: datetime) -> EventIn:
    starts_at = (now + timedelta(days=10)).replace(minute=0, second=0, microsecond=0)
    rounds = [
        RoundIn(
            number=number,
            starts_at=starts_at + timedelta(minutes=15 * number),
            ends_at=starts_at + timedelta(minutes=15 * number + 15),
        )
        for number in range(1, ROUNDS + 1)
    ]
    return EventIn(
        name="Benchmark evening",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        attendee_capacity=100_000,
        table_count=TABLES,
        seats_per_table=6,
        rounds=rounds,
    )


def _teachers(writer: Writer, hub_id: UUID, school_id: UUID, how_many: int, *, now: datetime) -> list[UUID]:
    ids = [new_id() for _ in range(how_many + TABLES)]
    columns = [column.key for column in Teacher.__table__.columns]
    for start in range(0, len(ids), 2_000):
        rows = []
        for offset, teacher_id in enumerate(ids[start : start + 2_000]):
            teacher = new_teacher(
                hub_id=hub_id,
                school_id=school_id,
                now=now,
                given_name="Teacher",
                family_name=str(start + offset),
                email=f"t{start + offset}@benchmark.example",
            )
            teacher.id = teacher_id
            rows.append({column: getattr(teacher, column) for column in columns})
        writer.run_and_wait(_add_teachers, rows=rows)
    return ids
