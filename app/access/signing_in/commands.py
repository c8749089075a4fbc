"""What one can do to sign in and out."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.access.oidc import Identity
from app.access.rules import prefix_of
from app.access.signing_in import queries
from app.access.signing_in.letters import sign_in_letter
from app.access.signing_in.models import SignInLink, TeacherIdentity, TeacherSession, UsedIdToken
from app.access.signing_in.rules import (
    LINK_LASTS,
    LINKS_AT_MOST,
    SESSION_LASTS,
    address_mark,
    expires_at,
    new_access_token,
    new_link_token,
)
from app.access.signing_in.schemas import NewSessionOut, SignInLinkIn, SignInLinkOut
from app.kernel import jobs, mail, outbox
from app.kernel.caller import Caller, Digest, digest_of
from app.kernel.commands import Arguments, command
from app.kernel.ids import new_id
from app.kernel.jobs import Claimed
from app.kernel.problems import NotFound, Problem, Unauthenticated
from app.people import queries as people
from app.people.models import Hub, Teacher
from app.people.rules import email_key
from app.people.schemas import TeacherOut

SEND_LINK = "sign-in-link"


class IdentityTaken(Problem):
    """This identity signs in a teacher of the hub already, perhaps yourself.

    Remove it there first, or sign in with it.
    """

    status, title = 409, "The identity is linked already"


@command()
def ask_for_link(session: Session, *, caller: Caller, now: datetime, hub_id: str, body: SignInLinkIn) -> SignInLinkOut:
    """Notes that an address wants to sign in. Whose it is, if anybody's, is looked up later: nothing of this answer,
    its time included, depends on it. Raises `NotFound` for an unknown hub."""
    hub = people.public_hub(session, hub_id=hub_id)
    jobs.enqueue(session, SEND_LINK, {"hub_id": hub.id}, now=now, private=body.email.encode())
    return SignInLinkOut()


def _address_of(job: Claimed) -> str:
    assert job.private is not None
    return email_key(job.private.decode())


def _turn_of_the_address(_session: Session, calls: Sequence[Arguments]) -> Iterable[UUID]:
    return {UUID(bytes=hashlib.sha256(_address_of(call["job"]).encode()).digest()[:16]) for call in calls}


@command(turns=_turn_of_the_address)
def send_link(session: Session, *, job: Claimed, now: datetime, page: str) -> None:
    """Sends a link to the teacher who asked for it, if there is one. Links to one address go one after another, so that
    no more than a few go out. Raises `JobLostError`."""
    jobs.complete(session, job)
    address, ends = _address_of(job), job.created_at + LINK_LASTS
    hub_id = UUID(str(job.payload["hub_id"]))
    teacher = queries.teacher_who_signs_in(session, hub_id=hub_id, email_key=address)
    if teacher is None or now >= ends:
        return
    if queries.links_sent(session, email_key=address, since=now - LINK_LASTS) >= LINKS_AT_MOST:
        return
    assert teacher.email is not None
    token = new_link_token()
    session.add(
        SignInLink(
            id=new_id(),
            hub_id=hub_id,
            teacher_id=teacher.id,
            digest=digest_of(token),
            address_mark=address_mark(token, address),
            asked_at=job.created_at,
            expires_at=ends,
        )
    )
    hub = session.get_one(Hub, hub_id)
    letter = sign_in_letter(to=teacher.email, given_name=teacher.given_name, hub_name=hub.name, page=page, token=token)
    mail.post(session, letter, now=now, useless_after=ends, teacher_id=teacher.id)


@command()
def open_by_link(session: Session, *, caller: Caller, now: datetime, token: str) -> NewSessionOut:
    """Begins a session with a link's token, which is then used up, whoever else has it at this moment.

    Raises `Unauthenticated`.
    """
    link = session.scalar(
        update(SignInLink)
        .where(SignInLink.digest == digest_of(token), SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .values(used_at=now)
        .returning(SignInLink)
    )
    teacher = session.get(Teacher, link.teacher_id) if link else None
    if link is None or teacher is None or link.address_mark != address_mark(token, teacher.email_key or ""):
        raise refusal()
    return begin(session, teacher, now=now, how="link")


@command()
def open_by_identity(session: Session, *, caller: Caller, now: datetime, hub: str, identity: Identity) -> NewSessionOut:
    """Begins a session for the teacher to whom an identity is linked. Raises `Unauthenticated`."""
    _use_up(session, identity)
    try:
        here = people.public_hub(session, hub_id=hub)
    except NotFound:
        raise refusal() from None
    teacher = session.scalar(
        select(Teacher)
        .join(TeacherIdentity, TeacherIdentity.teacher_id == Teacher.id)
        .where(
            TeacherIdentity.hub_id == here.id,
            TeacherIdentity.issuer == identity.issuer,
            TeacherIdentity.subject == identity.subject,
        )
    )
    if teacher is None:
        raise refusal()
    return begin(session, teacher, now=now, how="identity")


def begin(session: Session, teacher: Teacher, *, now: datetime, how: str) -> NewSessionOut:
    """A session for a teacher who has proved who they are. Raises `Unauthenticated` for those who may not sign in."""
    if not teacher.active or teacher.erased_at is not None:
        raise refusal()
    token, ends_at = new_access_token(), now + SESSION_LASTS
    row = TeacherSession(
        id=new_id(),
        hub_id=teacher.hub_id,
        teacher_id=teacher.id,
        prefix=prefix_of(token),
        digest=digest_of(token),
        created_at=now,
        last_used_at=now,
        expires_at=expires_at(used_at=now, ends_at=ends_at),
        ends_at=ends_at,
    )
    session.add(row)
    _tell(session, "session.opened", row, now=now, actor=f"teacher:{teacher.id}", how=how)
    return NewSessionOut(
        id=row.id, access_token=token, expires_at=row.expires_at, teacher=TeacherOut.model_validate(teacher)
    )


@command()
def end_current(session: Session, *, caller: Caller, now: datetime, digest: Digest | None) -> None:
    """Signs out. Raises `Forbidden` for keys, which are not signed in."""
    queries.signed_in(caller)
    _end(session, session.scalars(select(TeacherSession).where(TeacherSession.digest == digest)), now=now)


@command()
def end(session: Session, *, caller: Caller, now: datetime, session_id: UUID) -> None:
    """Ends one's own session, or one of a teacher of the hub. Raises `NotFound`."""
    _end(session, [queries.found(session, caller=caller, session_id=session_id)], now=now)


@command()
def end_all(session: Session, *, caller: Caller, now: datetime, teacher_id: UUID) -> None:
    """Signs a teacher out everywhere, and makes the links void that were sent to them. Raises `NotFound`."""
    queries.must_reach_teacher(session, caller=caller, teacher_id=teacher_id)
    _end(session, session.scalars(select(TeacherSession).where(TeacherSession.teacher_id == teacher_id)), now=now)
    session.execute(delete(SignInLink).where(SignInLink.teacher_id == teacher_id))


@command()
def link_identity(session: Session, *, caller: Caller, now: datetime, identity: Identity) -> TeacherIdentity:
    """Lets an identity sign the caller in from now on. Raises `IdentityTaken`, `Forbidden`, `Unauthenticated`."""
    teacher_id = queries.signed_in(caller)
    assert caller.hub_id is not None
    _use_up(session, identity)
    taken = select(TeacherIdentity.id).where(
        TeacherIdentity.hub_id == caller.hub_id,
        TeacherIdentity.issuer == identity.issuer,
        TeacherIdentity.subject == identity.subject,
    )
    if session.scalar(taken) is not None:
        raise IdentityTaken("This identity signs in a teacher of this hub already.")
    row = TeacherIdentity(
        id=new_id(),
        hub_id=caller.hub_id,
        teacher_id=teacher_id,
        issuer=identity.issuer,
        subject=identity.subject,
        created_at=now,
    )
    session.add(row)
    _tell_of_identity(session, "identity.linked", row, now=now)
    return row


@command()
def unlink_identity(session: Session, *, caller: Caller, now: datetime, identity_id: UUID) -> None:
    """Takes an identity away: it signs nobody in any more. Raises `NotFound`."""
    row = queries.identity(session, caller=caller, identity_id=identity_id)
    session.delete(row)
    _tell_of_identity(session, "identity.unlinked", row, now=now)


def forget_teacher(session: Session, *, teacher_id: UUID) -> None:
    """Deletes all by which a teacher signs in, and letters on their way to them: part of erasing a person."""
    for table in (TeacherSession, SignInLink, TeacherIdentity):
        session.execute(delete(table).where(table.teacher_id == teacher_id))
    jobs.drop(session, teacher_id=teacher_id)


def refusal() -> Unauthenticated:
    """The same for all that does not sign in, so that nobody learns why not."""
    return Unauthenticated("This does not sign you in: it is unknown, has expired, or was used before.")


def _use_up(session: Session, identity: Identity) -> None:
    """Raises `Unauthenticated` for an id token that has been shown before."""
    if session.get(UsedIdToken, identity.digest) is not None:
        raise refusal()
    session.add(UsedIdToken(digest=identity.digest, expires_at=identity.expires_at))
    session.flush()  # another process's goes first: then the command is tried again, and finds it


def _end(session: Session, rows: Iterable[TeacherSession], *, now: datetime) -> None:
    for row in list(rows):
        session.delete(row)
        _tell(session, "session.ended", row, now=now)


def _tell(
    session: Session,
    kind: str,
    row: TeacherSession,
    *,
    now: datetime,
    actor: str | None = None,
    **more: str,
) -> None:
    ids = {"session_id": row.id, "teacher_id": row.teacher_id}
    outbox.record_all(session, [outbox.fact(kind, hub_id=row.hub_id, now=now, actor=actor, **ids, **more)])


def _tell_of_identity(session: Session, kind: str, row: TeacherIdentity, *, now: datetime) -> None:
    outbox.record(session, kind, hub_id=row.hub_id, now=now, identity_id=row.id, teacher_id=row.teacher_id)
