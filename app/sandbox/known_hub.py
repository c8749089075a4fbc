"""The known hub, built the way any hub is: by the ordinary commands, and from three spreadsheets.

Always the same one, to the id, the credential and the instant, on every machine: what the docs show of it is true.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.commands import issue
from app.access.rules import prefix_of
from app.access.signing_in.commands import begin
from app.access.signing_in.models import TeacherSession
from app.events.commands import ATTENDEE, PRESENTER, change_status
from app.events.rules import EventKind, Transition
from app.events.schemas import EventIn, EventOut, Venue
from app.kernel.commands import command
from app.marketplace.evenings import create_event
from app.people.commands import create_hub, create_school, create_teacher
from app.people.models import Hub, School, Teacher
from app.people.schemas import HubIn, SchoolIn, TeacherIn
from app.registrations.models import Registration
from app.sandbox import credentials
from app.sandbox.credentials import Key
from app.sandbox.evenings import Plan, local, rounds, tell
from app.sandbox.story import BEGINS, Story
from app.sheets.commands import import_at_once
from app.sheets.files import Kind
from app.sheets.prose import in_words

SLUG, RIVERSIDE = "demo", "riverside"
SHEETS = files("app.sandbox") / "hub"


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """An evening of the known hub and the state that it is there to show."""

    state: str
    id: UUID
    name: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class KnownHub:
    """What was built: its evenings by state, the main one first, and what the sheets brought, in words."""

    hub_id: UUID
    events: Sequence[KnownEvent]
    imports: Sequence[str]


@command()
def build(session: Session) -> KnownHub:
    """Builds the known hub in an empty database: 13 schools, an evening in the first week of December with 24
    presentations and everybody who signed up, small evenings in all other states, and another hub.

    With it come credentials that everybody knows, so this is for sandboxes only.
    """
    story = Story(session)
    with story.chapter(1, local(2026, 9, 7, 9)):
        hub: Hub = create_hub(session, **story.here, body=HubIn(name="Demo Learning Hub", slug=SLUG))
        told = [_import(story, Kind.SCHOOLS)]
    with story.chapter(2, local(2026, 9, 14, 16)):
        winter = create_event(session, **story.here, hub_id=SLUG, body=winter_teach_meet())
    with story.chapter(3, local(2026, 10, 19, 16)):
        told.append(_import(story, Kind.PRESENTERS, winter.id))
    with story.chapter(4, local(2026, 11, 2, 7)):
        change_status(session, **story.here, event_id=winter.id, transition=Transition.PUBLISH)
    with story.chapter(5, local(2026, 11, 9, 8)):
        told.append(_import(story, Kind.SIGN_UPS, winter.id))
    attendees, presenters = _people(session, winter.id, ATTENDEE), _people(session, winter.id, PRESENTER)
    events = [_known("main", winter)]
    for chapter, plan in enumerate(_plans(attendees, presenters), start=6):
        events.append(_known(plan.state, tell(story, plan, hub_id=SLUG, chapter=chapter)))
    with story.chapter(0x20, local(2026, 9, 8, 9)):
        _other_hub(story)
    with story.chapter(0x30, BEGINS - timedelta(hours=1)):
        issue_keys(story, hub.id)
    with story.chapter(0x31, BEGINS):
        sign_in(session, now=BEGINS, teachers={"teacher": attendees[0], "presenter": presenters[0]})
    return KnownHub(hub.id, events, told)


def _known(state: str, event: EventOut) -> KnownEvent:
    return KnownEvent(state, event.id, event.name, event.starts_at)


def winter_teach_meet() -> EventIn:
    """The evening in the first week of December, half past four in London."""
    starts_at = local(2026, 12, 3, 16, 30)
    return EventIn(
        name="Winter Teach Meet 2026",
        venue=Venue(name="Bramble Hill Primary School", address="Bramble Hill, London", postcode="N6 1GN"),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        attendee_capacity=120,
        table_count=24,
        seats_per_table=6,
        rounds=rounds(starts_at, 5),
    )


def _import(story: Story, kind: Kind, event_id: UUID | None = None) -> str:
    content = (SHEETS / f"{kind}.csv").read_bytes()
    plan = import_at_once(
        story.session, **story.here, hub_id=SLUG, event_id=event_id, format_=kind.sheet, content=content
    )
    return " ".join(in_words(plan, done=True)[:2])


def _people(session: Session, event_id: UUID, role: str) -> Sequence[UUID]:
    """Those of the main evening who can sign in, in the order in which they came in."""
    return session.scalars(
        select(Teacher.id)
        .join(Registration, Registration.teacher_id == Teacher.id)
        .where(Registration.live_event_id == event_id, Registration.queue_number.is_(None))
        .where(Registration.role == role, Teacher.email.is_not(None))
        .order_by(Registration.id)
    ).all()


def _plans(attendees: Sequence[UUID], presenters: Sequence[UUID]) -> Iterable[Plan]:
    """The small evenings. The teacher and the presenter whose sessions everybody knows are in those of today and of
    last week, and are free to come to the others."""
    yield Plan(
        "draft",
        "Spring Teach Meet 2027",
        local(2027, 3, 11, 16, 30),
        set_up_at=local(2026, 11, 16, 17),
        presenters=presenters[6:9],
        published=False,
    )
    yield Plan(
        "open",
        "Early Years Evening",
        local(2027, 1, 21, 16, 30),
        set_up_at=local(2026, 11, 10, 17),
        presenters=presenters[6:12],
        comers=attendees[12:20],
        sitting=4,
    )
    yield Plan(
        "nearly full",
        "Maths Market",
        local(2027, 1, 28, 16, 30),
        set_up_at=local(2026, 11, 11, 17),
        capacity=14,
        presenters=presenters[12:18],
        comers=attendees[20:32],
        sitting=8,
    )
    yield Plan(
        "full",
        "Science Fair for Teachers",
        local(2027, 2, 4, 16, 30),
        set_up_at=local(2026, 11, 12, 17),
        capacity=12,
        presenters=presenters[18:24],
        comers=attendees[40:55],
        sitting=12,
    )
    yield Plan(
        "on the day",
        "Breakfast Teach Meet",
        local(2026, 11, 23, 8, 30),
        set_up_at=local(2026, 11, 13, 17),
        presenters=presenters[:6],
        comers=attendees[:12],
        sitting=12,
        arriving=5,
        doors_at=local(2026, 11, 23, 8, 35),
    )
    yield Plan(
        "completed",
        "Autumn Teach Meet 2026",
        local(2026, 11, 19, 16, 30),
        set_up_at=local(2026, 11, 10, 18),
        presenters=presenters[:6],
        comers=attendees[:12],
        sitting=12,
        arriving=10,
        doors_at=local(2026, 11, 19, 16, 25),
        then=[(Transition.CLOSE, local(2026, 11, 19, 16)), (Transition.COMPLETE, local(2026, 11, 19, 19))],
        reflections=[
            ("Three ideas that I can use on Monday.", "More time between the rounds."),
            ("Real children's work on the tables.", "A list of the resources to take home."),
            ("Everybody had tried what they showed.", ""),
        ],
    )
    yield Plan(
        "cancelled",
        "Learn and Lead: marking",
        local(2026, 11, 26, 16),
        set_up_at=local(2026, 11, 13, 18),
        kind=EventKind.HUB_MEETING,
        tables=0,
        comers=attendees[30:36],
        then=[(Transition.CANCEL, local(2026, 11, 20, 9))],
    )


def _other_hub(story: Story) -> None:
    """A hub beside the known one, of which nobody there must see anything."""
    session, here = story.session, story.here
    create_hub(session, **here, body=HubIn(name="Riverside Hub", slug=RIVERSIDE))
    school = create_school(session, **here, hub_id=RIVERSIDE, body=SchoolIn(name="Osier Bank School", urn="991999"))
    session.flush()
    evening = Plan("open", "Riverside Teach Meet", local(2027, 1, 14, 16), story.now, venue=school.name, tables=2)
    made = create_event(session, **here, hub_id=RIVERSIDE, body=evening.event())
    change_status(session, **here, event_id=made.id, transition=Transition.PUBLISH)
    for given_name, family_name in (("Orla", "Fennimore"), ("Tobias", "Wetherell")):
        email = f"{given_name}.{family_name}@osierbank.example".lower()
        body = TeacherIn(given_name=given_name, family_name=family_name, email=email, school_id=school.id)
        create_teacher(session, **here, hub_id=RIVERSIDE, body=body)


def issue_keys(story: Story, hub_id: UUID) -> None:
    """The keys that everybody knows; the school lead's is bound to the first school by name."""
    session = story.session
    school = select(School.id).where(School.hub_id == hub_id).order_by(School.name).limit(1)
    for each in credentials.KEYS:
        issued = issue(
            session,
            now=story.now,
            name=f"Sandbox: {each.role}",
            scopes=[str(scope) for scope in each.scopes],
            hub_id=_hub_of(session, each),
            school_id=session.scalars(school).one() if each.bound_to_a_school else None,
        )
        issued.key.digest, issued.key.prefix = each.digest, prefix_of(each.secret)
        session.flush()


def _hub_of(session: Session, key: Key) -> UUID | None:
    return session.scalars(select(Hub.id).where(Hub.slug == key.hub)).one() if key.hub else None


def sign_in(session: Session, *, now: datetime, teachers: dict[str, UUID]) -> None:
    """The sessions that everybody knows, begun at this moment, for the teacher of each role."""
    for each in credentials.SESSIONS:
        begun = begin(session, session.get_one(Teacher, teachers[each.role]), now=now, how="sandbox")
        row = session.get_one(TeacherSession, begun.id)
        row.digest, row.prefix = each.digest, prefix_of(each.secret)
        session.flush()
