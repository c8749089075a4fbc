"""What one can ask about keys, first of all: who is behind a credential."""

import hmac
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from app.access.models import ApiKey
from app.access.rules import ORGANISER, Scope, scopes_of_key
from app.access.schemas import CallerKind, CallerOut
from app.kernel.caller import Caller, Digest, Kind, Reach, digest_of
from app.kernel.pagination import Page, PageRequest, paginate
from app.kernel.problems import NotFound
from app.people import queries as people
from app.people.reach import of_own_hub

_VALID_KEYS = select(ApiKey.id, ApiKey.hub_id, ApiKey.school_id, ApiKey.name, ApiKey.digest, ApiKey.scopes).where(
    ApiKey.digest.in_(bindparam("digests", expanding=True)),
    ApiKey.revoked_at.is_(None),
    or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > bindparam("now", type_=ApiKey.expires_at.type)),
)
"""Built once, because every request asks this."""


def callers(session: Session, digests: AbstractSet[Digest], now: datetime) -> Mapping[Digest, Caller]:
    """The callers whose keys are valid now, by the digest of what they showed."""
    rows = session.connection().execute(_VALID_KEYS, {"digests": list(digests), "now": now})
    return {shown: _caller(row) for row in rows for shown in digests if hmac.compare_digest(shown, row.digest)}


def _caller(key: Any) -> Caller:
    reach = Reach.EVERYTHING if key.hub_id is None else Reach.HUB if key.school_id is None else Reach.SCHOOL
    scopes = scopes_of_key(key.scopes, bound_to_a_school=key.school_id is not None)
    return Caller(
        kind=Kind.OPERATOR if key.hub_id is None else Kind.KEY,
        principal=f"key:{key.id}",
        scopes=scopes,
        reach=reach,
        hub_id=key.hub_id,
        school_id=key.school_id,
        name=key.name,
        organises=reach is not Reach.SCHOOL and scopes >= set(ORGANISER),
    )


def key_shown(session: Session, *, secret: str, now: datetime) -> "KeyShown | None":
    """The hub's key whose secret this is, if it is valid now."""
    digest = digest_of(secret)
    found = callers(session, {digest}, now).get(digest)
    if found is None or found.is_operator:
        return None
    return KeyShown(UUID(found.principal.removeprefix("key:")), found.scopes)


class KeyShown(NamedTuple):
    """A valid key: its id and what it may do."""

    id: UUID
    scopes: frozenset[str]


def api_keys(session: Session, *, caller: Caller, hub_id: str, page: PageRequest) -> Page:
    """A hub's keys that are not revoked, oldest first."""
    caller.must_run_the_hub()
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    statement = select(ApiKey).where(ApiKey.hub_id == hub.id, ApiKey.revoked_at.is_(None))
    return paginate(session, statement, order=[ApiKey.id], page=page)


def api_key(session: Session, *, caller: Caller, key_id: UUID) -> ApiKey:
    """A key of a hub within reach. Raises `NotFound`."""
    caller.must_run_the_hub()
    here = select(ApiKey).where(ApiKey.hub_id.is_not(None), of_own_hub(caller, ApiKey.hub_id))
    found = session.scalar(here.where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None)))
    if found is None:
        raise NotFound
    return found


def me(_session: Session, *, caller: Caller) -> CallerOut:
    """Who is calling, in words that a frontend can switch on."""
    return CallerOut(
        kind=_kind(caller),
        teacher_id=caller.teacher_id,
        name=caller.name,
        hub_id=caller.hub_id,
        school_id=caller.school_id,
        scopes=sorted(str(scope) for scope in Scope) if caller.is_operator else sorted(caller.scopes),
    )


def _kind(caller: Caller) -> CallerKind:
    if caller.is_operator:
        return "operator"
    if caller.organises:
        return "organiser"
    if caller.kind is Kind.TEACHER:
        return "school_lead" if caller.reach is Reach.SCHOOL else "teacher"
    return "integration"
