"""What one can ask about signing in, first of all: who is behind an access token."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.access.rules import reach_of_roles, scopes_of_roles
from app.access.signing_in.models import SignInLink, TeacherIdentity, TeacherSession
from app.access.signing_in.rules import expires_at
from app.access.signing_in.schemas import SessionOut
from app.kernel.caller import Caller, Digest, Kind
from app.kernel.outbox import now_of
from app.kernel.pagination import Page, PageRequest, paginate
from app.kernel.problems import Forbidden, NotFound
from app.people.models import Teacher
from app.people.reach import within_reach
from app.people.rules import Role

_LIVE_SESSIONS = (
    select(
        TeacherSession.digest,
        TeacherSession.expires_at,
        TeacherSession.ends_at,
        Teacher.id,
        Teacher.hub_id,
        Teacher.school_id,
        Teacher.given_name,
        Teacher.family_name,
        Teacher.roles,
    )
    .join(Teacher, Teacher.id == TeacherSession.teacher_id)
    .where(
        TeacherSession.digest.in_(bindparam("digests", expanding=True)),
        TeacherSession.ends_at > bindparam("now", type_=TeacherSession.ends_at.type),
        Teacher.active,
        Teacher.erased_at.is_(None),
    )
)
"""Built once. Whoever is signed in is what the teacher's row says now, not when they signed in."""


def session_callers(
    session: Session, digests: AbstractSet[Digest], now: datetime, used: Mapping[Digest, datetime]
) -> Mapping[Digest, Caller]:
    """Those who are signed in now, by the digest of what they showed. `used` is what has not been written down yet."""
    rows = session.connection().execute(_LIVE_SESSIONS, {"digests": list(digests), "now": now})
    return {row.digest: _caller(row) for row in rows if now < _until(row, used.get(row.digest))}


def _until(row: Any, used_at: datetime | None) -> datetime:
    stored: datetime = row.expires_at
    return stored if used_at is None else max(stored, expires_at(used_at=used_at, ends_at=row.ends_at))


def _caller(row: Any) -> Caller:
    return Caller(
        kind=Kind.TEACHER,
        principal=f"teacher:{row.id}",
        scopes=scopes_of_roles(row.roles),
        reach=reach_of_roles(row.roles),
        hub_id=row.hub_id,
        school_id=row.school_id,
        teacher_id=row.id,
        name=f"{row.given_name} {row.family_name}".strip(),
        organises=Role.ORGANISER in row.roles,
    )


def teacher_who_signs_in(session: Session, *, hub_id: UUID, email_key: str) -> Teacher | None:
    """The teacher whose own address this is. A shared inbox signs nobody in."""
    return session.scalar(
        select(Teacher).where(
            Teacher.hub_id == hub_id, Teacher.email_key == email_key, Teacher.active, Teacher.erased_at.is_(None)
        )
    )


def links_sent(session: Session, *, email_key: str, since: datetime) -> int:
    """How many links this address was sent, in whichever hub."""
    recent = select(func.count()).select_from(SignInLink).where(SignInLink.asked_at > since)
    same = recent.join(Teacher, Teacher.id == SignInLink.teacher_id).where(Teacher.email_key == email_key)
    return session.scalar(same) or 0


def signed_in(caller: Caller) -> UUID:
    """The teacher who calls. Raises `Forbidden` for keys: they are nobody in person."""
    if caller.teacher_id is None:
        raise Forbidden("This is for people who are signed in.")
    return caller.teacher_id


def current(session: Session, *, caller: Caller, digest: Digest | None) -> SessionOut:
    """The session with which this request was made."""
    signed_in(caller)
    return shown(session.scalars(select(TeacherSession).where(TeacherSession.digest == digest)).one(), digest)


def one(session: Session, *, caller: Caller, session_id: UUID, digest: Digest | None) -> SessionOut:
    """A session within reach. Raises `NotFound`."""
    return shown(found(session, caller=caller, session_id=session_id), digest)


def found(session: Session, *, caller: Caller, session_id: UUID) -> TeacherSession:
    """One's own session, or one of a teacher of the hub for those who run it. Raises `NotFound`."""
    reached = within_reach(caller, "keys:manage", hub=TeacherSession.hub_id, teacher=TeacherSession.teacher_id)
    there = session.scalar(select(TeacherSession).where(TeacherSession.id == session_id, reached))
    if there is None:
        raise NotFound
    return there


def own(session: Session, *, caller: Caller, digest: Digest | None, page: PageRequest) -> Page:
    """One's own sessions, newest first."""
    return _page(session, _live(signed_in(caller), now_of(session)), digest, page)


def of_teacher(session: Session, *, caller: Caller, teacher_id: UUID, digest: Digest | None, page: PageRequest) -> Page:
    """A teacher's sessions, newest first. Raises `NotFound`."""
    must_reach_teacher(session, caller=caller, teacher_id=teacher_id)
    return _page(session, _live(teacher_id, now_of(session)), digest, page)


def must_reach_teacher(session: Session, *, caller: Caller, teacher_id: UUID) -> UUID:
    """The hub of a teacher whose sessions the caller may see and end. Raises `NotFound`."""
    reached = within_reach(caller, "keys:manage", hub=Teacher.hub_id, teacher=Teacher.id)
    hub_id = session.scalar(select(Teacher.hub_id).where(Teacher.id == teacher_id, reached))
    if hub_id is None:
        raise NotFound
    return hub_id


def identities(session: Session, *, caller: Caller, page: PageRequest) -> Page:
    """The identities that sign the caller in, oldest first."""
    statement = select(TeacherIdentity).where(TeacherIdentity.teacher_id == signed_in(caller))
    return paginate(session, statement, order=[TeacherIdentity.id], page=page)


def identity(session: Session, *, caller: Caller, identity_id: UUID) -> TeacherIdentity:
    """One of them. Raises `NotFound`."""
    teacher_id, there = signed_in(caller), session.get(TeacherIdentity, identity_id)
    if there is None or there.teacher_id != teacher_id:
        raise NotFound
    return there


def shown(row: TeacherSession, digest: Digest | None) -> SessionOut:
    """A session as clients see it, of whom one has shown `digest`."""
    plain = {name: getattr(row, name) for name in SessionOut.model_fields if name != "current"}
    return SessionOut(**plain, current=row.digest == digest)


def _live(teacher_id: UUID, now: datetime) -> Select[TeacherSession]:
    # What was used a moment ago is written down a moment later: until then it is still shown.
    slack = timedelta(minutes=1)
    return select(TeacherSession).where(
        TeacherSession.teacher_id == teacher_id, TeacherSession.expires_at > now - slack, TeacherSession.ends_at > now
    )


def _page(session: Session, statement: Select[TeacherSession], digest: Digest | None, page: PageRequest) -> Page:
    there = paginate(session, statement, order=[TeacherSession.id], page=page, newest_first=True)
    return Page([shown(row, digest) for row in there.items], there.next_cursor)
