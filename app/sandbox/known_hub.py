"""The known hub, built the way any hub is: by the ordinary commands and from three spreadsheets."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.commands import issue, issue_operators_key
from app.access.rules import ORGANISER, Scope
from app.access.signing_in.commands import begin
from app.events.commands import ATTENDEE, PRESENTER, change_status
from app.events.rules import Transition
from app.events.schemas import EventIn, EventOut, RoundIn, Venue
from app.kernel.caller import HERE
from app.kernel.commands import command
from app.kernel.reader import Reader
from app.kernel.writer import Writer
from app.marketplace.evenings import create_event
from app.people.commands import create_hub
from app.people.models import Hub, School, Teacher
from app.people.schemas import HubIn
from app.registrations.models import Registration
from app.sheets.files import Kind, Outcome, import_sheet

SLUG = "demo"
SHEETS = files("app.sandbox") / "hub"
LONDON = ZoneInfo("Europe/London")
FIRST_ROUND = timedelta(minutes=15)
ROUND = timedelta(minutes=15)
BREAK = timedelta(minutes=5)
ROUNDS = 5

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Role:
    """A role to try things out in: whose key it is and what the key carries."""

    name: str
    scopes: Sequence[Scope]
    bound_to_a_school: bool = False


ROLES = (
    Role("organiser", ORGANISER),
    Role(
        "school lead",
        (
            Scope.EVENTS_READ,
            Scope.PEOPLE_READ,
            Scope.PEOPLE_WRITE,
            Scope.REGISTRATIONS_READ,
            Scope.REGISTRATIONS_WRITE,
        ),
        bound_to_a_school=True,
    ),
    Role(
        "integration", (Scope.EVENTS_READ, Scope.PEOPLE_READ, Scope.REGISTRATIONS_READ, Scope.CPD_READ, Scope.MIS_SYNC)
    ),
)


@dataclass(frozen=True, slots=True)
class KnownHub:
    """What was built, with a credential for each role."""

    event: EventOut
    keys: dict[str, str]
    imports: dict[Kind, Outcome]


def build(writer: Writer, reader: Reader, *, now: datetime, tell: Tell = lambda _line: None) -> KnownHub:
    """Builds the known hub in an empty database: 13 schools, a published evening with 24 presentations and 120 places,
    and everybody who signed up. `tell` hears of each step."""
    here: dict[str, Any] = {"caller": HERE, "now": now}
    hub: Hub = writer.run_and_wait(create_hub, **here, body=HubIn(name="Demo Learning Hub", slug=SLUG))
    event: EventOut = writer.run_and_wait(create_event, **here, hub_id=SLUG, body=winter_teach_meet(now))
    imports = {}
    for kind in Kind:
        if kind is Kind.SIGN_UPS:
            writer.run_and_wait(change_status, **here, event_id=event.id, transition=Transition.PUBLISH)
        imports[kind] = _import(writer, reader, kind, event_id=event.id, now=now)
        tell(" ".join(imports[kind].lines[:2]))
    keys = {"operator": writer.run_and_wait(issue_operators_key, name="demo operator", now=now)}
    keys |= writer.run_and_wait(_issue_keys, hub_id=hub.id, now=now)
    keys |= writer.run_and_wait(_sign_in, event_id=event.id, now=now)
    return KnownHub(event, keys, imports)


def _import(writer: Writer, reader: Reader, kind: Kind, *, event_id: UUID, now: datetime) -> Outcome:
    with ExitStack() as stack:
        path = stack.enter_context(as_file(SHEETS / f"{kind}.csv"))
        return import_sheet(
            writer,
            reader,
            kind=kind,
            path=path,
            hub=SLUG,
            event_id=None if kind is Kind.SCHOOLS else event_id,
            dry_run=False,
            now=now,
        )


def winter_teach_meet(now: datetime) -> EventIn:
    """The next evening in the first week of December that is at least a week ahead, half past four in London."""
    day = _first_thursday_of_december(now.year)
    if day < now + timedelta(days=7):
        day = _first_thursday_of_december(now.year + 1)
    starts_at = day.astimezone(UTC)
    rounds = [
        RoundIn(number=number, starts_at=begin, ends_at=begin + ROUND)
        for number in range(1, ROUNDS + 1)
        for begin in [starts_at + FIRST_ROUND + (number - 1) * (ROUND + BREAK)]
    ]
    return EventIn(
        name=f"Winter Teach Meet {day.year}",
        venue=Venue(name="Bramble Hill Primary School", address="Bramble Hill, London", postcode="N6 1GN"),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        attendee_capacity=120,
        table_count=24,
        seats_per_table=6,
        rounds=rounds,
    )


def _first_thursday_of_december(year: int) -> datetime:
    first = datetime(year, 12, 1, 16, 30, tzinfo=LONDON)
    return first + timedelta(days=(3 - first.weekday()) % 7)


@command()
def _sign_in(session: Session, *, event_id: UUID, now: datetime) -> dict[str, str]:
    """Sessions of one who comes and one who presents: for each, the first who can sign in."""
    who_comes = (
        select(Teacher)
        .join(Registration, Registration.teacher_id == Teacher.id)
        .where(Registration.live_event_id == event_id, Registration.queue_number.is_(None), Teacher.email.is_not(None))
        .order_by(Registration.id)
        .limit(1)
    )
    return {
        name: begin(
            session, session.scalars(who_comes.where(Registration.role == role)).one(), now=now, how="demo"
        ).access_token
        for name, role in (("teacher", ATTENDEE), ("presenter", PRESENTER))
    }


@command()
def _issue_keys(session: Session, *, hub_id: UUID, now: datetime) -> dict[str, str]:
    """A key for each role of the hub; the school lead's is bound to the first school by name."""
    school_id = session.scalars(select(School.id).where(School.hub_id == hub_id).order_by(School.name).limit(1)).one()
    return {
        role.name: issue(
            session,
            now=now,
            name=f"demo {role.name}",
            scopes=[str(scope) for scope in role.scopes],
            hub_id=hub_id,
            school_id=school_id if role.bound_to_a_school else None,
        ).secret
        for role in ROLES
    }
