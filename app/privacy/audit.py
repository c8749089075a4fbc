"""The audit trail: what happened in a hub, when, and through whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, or_, select
from sqlalchemy.orm import Session

from app.access.models import ApiKey
from app.kernel.caller import Caller
from app.kernel.outbox import Fact
from app.kernel.pagination import Page, PageRequest, paginate
from app.people import queries as people
from app.people.models import Teacher
from app.privacy.schemas import ActorOut, AuditEntryOut

Principal = tuple[str, UUID | None]
"""What kind of caller, and which."""


def audit(
    session: Session,
    *,
    caller: Caller,
    hub_id: str,
    page: PageRequest,
    actor_id: UUID | None = None,
    about: UUID | None = None,
    what: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Page:
    """What happened in a hub, newest first. Raises `NotFound`, `Forbidden`."""
    caller.must_run_the_hub()
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    statement = select(Fact).where(Fact.hub_id == hub.id)
    if actor_id is not None:
        statement = statement.where(Fact.actor.in_([f"key:{actor_id}", f"teacher:{actor_id}"]))
    if about is not None:
        statement = statement.where(speaks_of([about]))
    if what is not None:
        statement = statement.where(Fact.kind.startswith(what, autoescape=True))
    if since is not None:
        statement = statement.where(Fact.happened_at >= since)
    if until is not None:
        statement = statement.where(Fact.happened_at < until)
    found = paginate(session, statement, order=[Fact.id], page=page, newest_first=True)
    return replace(found, items=entries(session, found.items))


def speaks_of(ids: Iterable[UUID]) -> ColumnElement[bool]:
    """Facts whose subject has one of these ids."""
    text = cast(Fact.subject, String)
    return or_(*(text.contains(str(each)) for each in ids))


def entries(session: Session, facts: Sequence[Fact]) -> list[AuditEntryOut]:
    """Facts as clients see them, with the names that callers have now."""
    principals = [_principal(each.actor) for each in facts]
    names = _names(session, principals)
    return [
        AuditEntryOut(
            id=str(fact.id),
            happened_at=fact.happened_at,
            actor=_actor(principal, names),
            what=fact.kind,
            subject=fact.subject,
        )
        for fact, principal in zip(facts, principals, strict=True)
    ]


def _principal(actor: str | None) -> Principal:
    kind, _, rest = (actor or "service").partition(":")
    try:
        return kind, UUID(rest)
    except ValueError:
        return kind, None


def _names(session: Session, principals: Iterable[Principal]) -> Mapping[UUID, Any]:
    """Keys and teachers by id."""
    ids = {which for _, which in principals if which is not None}
    keys = session.execute(select(ApiKey.id, ApiKey.name, ApiKey.hub_id).where(ApiKey.id.in_(ids)))
    names = {row.id: ("operator" if row.hub_id is None else "key", row.name) for row in keys}
    teachers = session.execute(select(Teacher.id, Teacher.given_name, Teacher.family_name).where(Teacher.id.in_(ids)))
    return names | {row.id: ("teacher", f"{row.given_name} {row.family_name}".strip()) for row in teachers}


def _actor(principal: Principal, names: Mapping[UUID, Any]) -> ActorOut:
    kind, which = principal
    known, name = names.get(which, (kind, None)) if which else (kind, None)
    return ActorOut(kind=known, id=which, name=name)
