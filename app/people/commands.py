"""What one can do with hubs, schools and teachers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.caller import Caller, Reach
from app.kernel.commands import command
from app.kernel.ids import new_id
from app.kernel.merge import merge
from app.kernel.problems import Fault, Forbidden, InvalidRequest, Problem
from app.people import queries
from app.people.models import Hub, School, Teacher
from app.people.rules import email_key, search_key, sort_key
from app.people.schemas import HubChange, HubIn, SchoolChange, SchoolIn, TeacherChange, TeacherIn

_BRING_PEOPLE = (*queries.PEOPLE, "registrations:write")
"""Whoever registers somebody may make their teacher on the way."""


class SlugTaken(Problem):
    """Another hub has this slug.

    Choose another.
    """

    status, title = 409, "The slug is taken"


class UrnTaken(Problem):
    """A school with this URN is already in the hub.

    Change that one instead.
    """

    status, title = 409, "A school with this URN is already in the hub"


class EmailTaken(Problem):
    """A teacher of the hub already has this e-mail address; upper and lower case are the same.

    Use that teacher: find them with `?q=` in the list of teachers.
    """

    status, title = 409, "The e-mail address is taken"


class SchoolInUse(Problem):
    """The school has teachers, or API keys that are bound to it, so it cannot be deleted.

    Move the teachers to another school first. Keys stay on record, also when they are revoked: a school that had one is
    kept.
    """

    status, title = 409, "The school is in use"


@command()
def create_hub(session: Session, *, caller: Caller, now: datetime, body: HubIn) -> Hub:
    """Makes a hub. Raises `SlugTaken`."""
    _refuse_taken_slug(session, body.slug)
    hub = Hub(id=new_id(), slug=body.slug, name=body.name, created_at=now, updated_at=now)
    session.add(hub)
    outbox.record(session, "hub.created", hub_id=hub.id, now=now)
    return hub


@command()
def change_hub(session: Session, *, caller: Caller, now: datetime, hub_id: str, body: HubChange) -> Hub:
    """Changes a hub's name or slug. Raises `NotFound`, `SlugTaken`."""
    caller.must_run_the_hub()
    hub = queries.hub(session, caller=caller, hub_id=hub_id)
    changes = body.model_dump(exclude_unset=True)
    if body.slug is not None and body.slug != hub.slug:
        _refuse_taken_slug(session, body.slug)
    if changed := merge(hub, changes):
        hub.updated_at = now
        outbox.record(session, "hub.updated", hub_id=hub.id, now=now, changed=changed)
    return hub


@command()
def create_school(session: Session, *, caller: Caller, now: datetime, hub_id: str, body: SchoolIn) -> School:
    """Adds a school to a hub. Raises `NotFound`, `UrnTaken`."""
    caller.must_run_the_hub()
    hub = queries.hub(session, caller=caller, hub_id=hub_id)
    _refuse_taken_urn(session, hub.id, body.urn)
    school = School(id=new_id(), hub_id=hub.id, created_at=now, updated_at=now, **body.model_dump())
    session.add(school)
    outbox.record(session, "school.created", hub_id=hub.id, now=now, school_id=school.id)
    return school


@command()
def change_school(session: Session, *, caller: Caller, now: datetime, school_id: UUID, body: SchoolChange) -> School:
    """Changes a school. Raises `NotFound`, `UrnTaken`."""
    caller.must_run_the_hub()
    school = queries.school(session, caller=caller, school_id=school_id)
    if body.urn is not None and body.urn != school.urn:
        _refuse_taken_urn(session, school.hub_id, body.urn)
    if changed := merge(school, body.model_dump(exclude_unset=True)):
        school.updated_at = now
        outbox.record(session, "school.updated", hub_id=school.hub_id, now=now, school_id=school.id, changed=changed)
    return school


@command()
def delete_school(session: Session, *, caller: Caller, now: datetime, school_id: UUID) -> None:
    """Deletes a school to which nothing belongs. Raises `NotFound`, `SchoolInUse`."""
    caller.must_run_the_hub()
    school = queries.school(session, caller=caller, school_id=school_id)
    if session.scalar(select(Teacher.id).where(Teacher.school_id == school.id).limit(1)):
        raise SchoolInUse("Teachers belong to this school; move them first.")
    session.delete(school)
    try:
        session.flush()
    except IntegrityError:  # the rooms above refer to schools too, and the database knows of all of them
        raise SchoolInUse("Something else belongs to this school, such as an API key.") from None
    outbox.record(session, "school.deleted", hub_id=school.hub_id, now=now, school_id=school.id)


@command()
def create_teacher(
    session: Session, *, caller: Caller, now: datetime, hub_id: str, body: TeacherIn, shared_email: str | None = None
) -> Teacher:
    """Adds a teacher to a hub. Raises `NotFound`, `EmailTaken`, and `InvalidRequest` for an unknown school.

    `shared_email` is an inbox that other people read too, as only an import finds out.
    """
    hub = queries.hub(session, caller=caller, hub_id=hub_id)
    if body.roles:
        must_manage_access(caller)
    school_of_hub(session, caller=caller, hub_id=hub.id, school_id=body.school_id, pointer="/school_id")
    if body.email is not None:
        _refuse_taken_email(session, hub.id, body.email)
    teacher = new_teacher(
        hub_id=hub.id,
        now=now,
        **body.model_dump(mode="json", exclude={"school_id"}),
        school_id=body.school_id,
        shared_email=shared_email,
    )
    session.add(teacher)
    outbox.record(session, "teacher.created", hub_id=hub.id, now=now, teacher_id=teacher.id)
    return teacher


@command()
def change_teacher(
    session: Session, *, caller: Caller, now: datetime, teacher_id: UUID, body: TeacherChange
) -> Teacher:
    """Changes a teacher. Raises `NotFound`, `EmailTaken`, and `InvalidRequest` for an unknown school."""
    teacher = queries.teacher(session, caller=caller, teacher_id=teacher_id)
    changes = body.model_dump(exclude_unset=True)
    if caller.reach_with(*queries.PEOPLE) is Reach.SELF:
        _refuse_what_others_decide(changes)
    if body.roles is not None and body.roles != teacher.roles:
        must_manage_access(caller)
    if teacher.roles and changes.keys() & _SIGNS_IN:
        must_manage_access(caller)
    if body.school_id is not None:
        school_of_hub(session, caller=caller, hub_id=teacher.hub_id, school_id=body.school_id, pointer="/school_id")
    if body.email is not None and email_key(body.email) != teacher.email_key:
        _refuse_taken_email(session, teacher.hub_id, body.email)
    if "email" in changes:
        changes["email_key"] = email_key(body.email) if body.email else None
    former_school_id = teacher.school_id
    if changed := merge(teacher, changes):
        teacher.updated_at = now
        refresh_keys(teacher)
        moved = {"former_school_id": former_school_id} if teacher.school_id != former_school_id else {}
        ids = {"teacher_id": teacher.id, **moved}
        outbox.record(session, "teacher.updated", hub_id=teacher.hub_id, now=now, changed=changed, **ids)
    return teacher


@command()
def set_addresses(
    session: Session, *, caller: Caller, now: datetime, teacher_id: UUID, email: str | None, shared_email: str | None
) -> Teacher:
    """Sets a teacher's own address and the inbox they share, as an import finds them.

    Raises `NotFound`, `EmailTaken`.
    """
    teacher = queries.teacher(session, caller=caller, teacher_id=teacher_id)
    key = email_key(email) if email else None
    if teacher.roles and key != teacher.email_key:
        must_manage_access(caller)
    if email is not None and key != teacher.email_key:
        _refuse_taken_email(session, teacher.hub_id, email)
    if merge(teacher, {"email": email, "email_key": key, "shared_email": shared_email}):
        teacher.updated_at = now
        refresh_keys(teacher)
        outbox.record(session, "teacher.updated", hub_id=teacher.hub_id, now=now, teacher_id=teacher.id)
    return teacher


def new_teacher(
    *,
    hub_id: UUID,
    school_id: UUID,
    now: datetime,
    given_name: str,
    family_name: str,
    email: str | None = None,
    shared_email: str | None = None,
    job_title: str | None = None,
    subjects: list[str] | None = None,
    key_stages: list[str] | None = None,
    roles: list[str] | None = None,
) -> Teacher:
    """A teacher with everything derived filled in, not yet in any session."""
    teacher = Teacher(
        id=new_id(),
        hub_id=hub_id,
        school_id=school_id,
        given_name=given_name,
        family_name=family_name,
        email=email,
        email_key=email_key(email) if email else None,
        shared_email=shared_email,
        job_title=job_title,
        subjects=subjects or [],
        key_stages=key_stages or [],
        roles=roles or [],
        active=True,
        created_at=now,
        updated_at=now,
    )
    refresh_keys(teacher)
    return teacher


def refresh_keys(teacher: Teacher) -> None:
    """Brings what is derived from a teacher's name and address up to date."""
    teacher.sort_key = sort_key(given_name=teacher.given_name, family_name=teacher.family_name)
    teacher.search_key = search_key(
        given_name=teacher.given_name, family_name=teacher.family_name, email=teacher.email or teacher.shared_email
    )


def school_of_hub(
    session: Session,
    *,
    caller: Caller,
    hub_id: UUID,
    school_id: UUID,
    pointer: str,
    scopes: Sequence[str] = _BRING_PEOPLE,
) -> School:
    """A school that a body names, in what one of `scopes` is for.

    Raises `InvalidRequest` with the place when the caller has no such school.
    """
    found = session.scalar(
        queries.visible_schools(caller, *scopes).where(School.id == school_id, School.hub_id == hub_id)
    )
    if found is None:
        raise InvalidRequest(
            "Some values cannot be used.", errors=[Fault("is not a school of this hub", pointer=pointer)]
        )
    return found


def _refuse_taken_slug(session: Session, slug: str) -> None:
    if session.scalar(select(Hub.id).where(Hub.slug == slug)):
        raise SlugTaken("Another hub has this slug.")


def _refuse_taken_urn(session: Session, hub_id: UUID, urn: str) -> None:
    if session.scalar(select(School.id).where(School.hub_id == hub_id, School.urn == urn)):
        raise UrnTaken("A school of this hub has this URN.")


def _refuse_taken_email(session: Session, hub_id: UUID, email: str) -> None:
    if session.scalar(select(Teacher.id).where(Teacher.hub_id == hub_id, Teacher.email_key == email_key(email))):
        raise EmailTaken("A teacher of this hub has this e-mail address.")


_SIGNS_IN = {"email", "active", "school_id"}
"""With another address somebody else signs in; with another school a lead reaches other people."""


def must_manage_access(caller: Caller) -> None:
    """Raises `Forbidden` for those who may not decide who else runs the hub: all but its organisers and operators."""
    if not (caller.is_operator or caller.organises):
        raise Forbidden("Who has a role, and how they sign in, is decided by the hub's organisers.")


def _refuse_what_others_decide(changes: Mapping[str, object]) -> None:
    """Of themselves people change what does not sign them in or give them more to reach."""
    beyond = sorted(set(changes) - {"given_name", "family_name", "job_title", "subjects", "key_stages"})
    if beyond:
        raise Forbidden(f"Ask those who run the hub to change {' and '.join(beyond)}.")
