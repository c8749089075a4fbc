"""Carries out a plan inside one transaction, by the ordinary commands of the rooms below: all of it, or nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.bookings.tables import place_presentation
from app.kernel.caller import Caller
from app.kernel.problems import Problem
from app.marketplace.commands import TableTaken, propose
from app.marketplace.schemas import AcceptIn, PlacementIn, PresentationChange, PresentationIn
from app.people import commands as people
from app.people.rules import KeyStage
from app.people.schemas import SchoolChange, SchoolIn, TeacherIn
from app.registrations import commands as registrations
from app.registrations import presenting
from app.registrations.registering import register_together
from app.registrations.schemas import PreferencesIn, RegistrationChange, RegistrationIn
from app.sheets.plan import Change, OfferEntry, PersonEntry, Plan, SchoolEntry, SignUpEntry, Verdict

AT_ONCE = 50
Progress = Callable[[int, int], None]
"""Told how many of how many things are written."""


def no_progress(_done: int, _of: int) -> None:
    """For those whom nobody watches."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a plan is carried out, by whom and when."""

    session: Session
    caller: Caller
    now: datetime
    hub_id: UUID
    event_id: UUID | None

    @property
    def event(self) -> UUID:
        assert self.event_id is not None, "this sheet is for an event"
        return self.event_id


def carry_out(plan: Plan, scene: Scene, progress: Progress = no_progress) -> None:
    """Writes what the plan says. Raises the `Problem` that stands against it; then nothing of it may be kept."""
    counter = _Counter(plan.steps, progress)
    for school in plan.schools:
        if school.change is not Change.UNCHANGED:
            _write_school(school, scene)
            counter.step()
    teachers = _write_people(plan.people, scene, counter)
    _write_offers(plan.offers, teachers, scene, counter)
    _write_sign_ups(plan.sign_ups, teachers, scene, counter)


class _Counter:
    def __init__(self, of: int, progress: Progress) -> None:
        self._done, self._of, self._progress = 0, of, progress
        progress(0, of)

    def step(self, by: int = 1) -> None:
        self._done += by
        self._progress(self._done, self._of)


def _write_school(entry: SchoolEntry, scene: Scene) -> None:
    values = {
        "name": entry.name,
        "laestab": entry.laestab,
        "phase": entry.phase,
        "postcode": entry.postcode,
        "website": entry.website,
    }
    if entry.school_id is None:
        made = SchoolIn.model_validate({"urn": entry.urn, **values})
        people.create_school(scene.session, caller=scene.caller, now=scene.now, hub_id=str(scene.hub_id), body=made)
    else:
        body = SchoolChange.model_validate(values)
        people.change_school(scene.session, caller=scene.caller, now=scene.now, school_id=entry.school_id, body=body)


def _write_people(entries: Iterable[PersonEntry], scene: Scene, counter: _Counter) -> dict[str, UUID]:
    """The teachers by their keys in the plan. An address that turned out to be shared is given up first."""
    teachers: dict[str, UUID] = {}
    for entry in sorted(entries, key=lambda each: each.change is not Change.UPDATED):
        if entry.teacher_id is None:
            body = TeacherIn(
                given_name=entry.given_name,
                family_name=entry.family_name,
                email=entry.email,
                school_id=entry.school_id,
            )
            teachers[entry.key] = people.create_teacher(
                scene.session,
                caller=scene.caller,
                now=scene.now,
                hub_id=str(scene.hub_id),
                body=body,
                shared_email=entry.shared_email,
            ).id
        else:
            teachers[entry.key] = entry.teacher_id
            if entry.change is Change.UPDATED:
                people.set_addresses(
                    scene.session,
                    caller=scene.caller,
                    now=scene.now,
                    teacher_id=entry.teacher_id,
                    email=entry.email,
                    shared_email=entry.shared_email,
                )
        if entry.change is not Change.UNCHANGED:
            counter.step()
    return teachers


def _write_offers(entries: Iterable[OfferEntry], teachers: dict[str, UUID], scene: Scene, counter: _Counter) -> None:
    """What offers say and those declined first, then moves, so that the tables wanted by others are free."""
    ids: dict[int, UUID] = {}
    wanted = [entry for entry in entries if entry.change is not Change.UNCHANGED]
    for entry in wanted:
        ids[entry.row] = _write_contents(entry, [teachers[key] for key in entry.presenters], scene)
        if entry.verdict is Verdict.DECLINE:
            presenting.decline(scene.session, caller=scene.caller, now=scene.now, presentation_id=ids[entry.row])
    _move([entry for entry in wanted if entry.verdict is Verdict.MOVE], ids, scene)
    for entry in wanted:
        if entry.verdict is Verdict.ACCEPT:
            presenting.accept(
                scene.session,
                caller=scene.caller,
                now=scene.now,
                presentation_id=ids[entry.row],
                body=AcceptIn(table_number=entry.table_number),
            )
        counter.step()


def _write_contents(entry: OfferEntry, presenter_ids: list[UUID], scene: Scene) -> UUID:
    stages = [KeyStage(stage) for stage in entry.key_stages]
    subjects, needs = list(entry.subjects), list(entry.needs)
    if entry.presentation_id is None:
        made = PresentationIn(
            title=entry.name,
            summary=entry.summary,
            presenter_ids=presenter_ids,
            subjects=subjects,
            key_stages=stages,
            needs=needs,
        )
        return propose(scene.session, caller=scene.caller, now=scene.now, event_id=scene.event, body=made).id
    if entry.mended:
        body = PresentationChange(
            title=entry.name,
            summary=entry.summary,
            presenter_ids=presenter_ids,
            subjects=subjects,
            key_stages=stages,
            needs=needs,
        )
        presenting.change_presentation(
            scene.session, caller=scene.caller, now=scene.now, presentation_id=entry.presentation_id, body=body
        )
    return entry.presentation_id


def _move(entries: list[OfferEntry], ids: dict[int, UUID], scene: Scene) -> None:
    """Moves presentations one after another, each once its new table is free.

    Raises `TableTaken` when they wait for each other in a ring: then one of them has to be freed by hand.
    """
    left = entries
    while left:
        waiting: list[OfferEntry] = []
        trouble: Problem | None = None
        for entry in left:
            assert entry.table_number is not None
            try:
                place_presentation(
                    scene.session,
                    caller=scene.caller,
                    now=scene.now,
                    event_id=scene.event,
                    number=entry.table_number,
                    body=PlacementIn(presentation_id=ids[entry.row]),
                )
            except TableTaken as taken:
                waiting.append(entry)
                trouble = taken
        if trouble is not None and len(waiting) == len(left):
            raise trouble
        left = waiting


def _write_sign_ups(entries: Iterable[SignUpEntry], teachers: dict[str, UUID], scene: Scene, counter: _Counter) -> None:
    """Those who are new in the order of the queue, many at a time; then what the others changed."""
    wanted = [entry for entry in entries if entry.change is not Change.UNCHANGED]
    new = [entry for entry in wanted if entry.registration_id is None]
    for start in range(0, len(new), AT_ONCE):
        some = new[start : start + AT_ONCE]
        bodies = [
            RegistrationIn(
                teacher_id=teachers[entry.person],
                dietary_requirements=entry.dietary_requirements,
                access_requirements=entry.access_requirements,
                preferences=list(entry.wishes),
            )
            for entry in some
        ]
        calls = [{"caller": scene.caller, "now": scene.now, "event_id": scene.event, "body": body} for body in bodies]
        for outcome in register_together(scene.session, calls):
            if isinstance(outcome, Problem):
                raise outcome
        counter.step(len(some))
    for entry in wanted:
        if entry.registration_id is not None:
            _change_sign_up(entry, entry.registration_id, scene)
            counter.step()


def _change_sign_up(entry: SignUpEntry, registration_id: UUID, scene: Scene) -> None:
    if "dietary requirements" in entry.differing or "access" in entry.differing:
        needs = RegistrationChange(
            dietary_requirements=entry.dietary_requirements, access_requirements=entry.access_requirements
        )
        registrations.change(
            scene.session, caller=scene.caller, now=scene.now, registration_id=registration_id, body=needs
        )
    if "wishes" in entry.differing:
        wishes = PreferencesIn(presentation_ids=list(entry.wishes))
        registrations.set_preferences(
            scene.session, caller=scene.caller, now=scene.now, registration_id=registration_id, body=wishes
        )
