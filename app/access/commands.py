"""What one can do with keys."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.access import queries
from app.access.models import ApiKey
from app.access.rules import new_secret, prefix_of
from app.access.schemas import ApiKeyIn, ApiKeyOut, NewApiKeyOut, RotationIn
from app.kernel import outbox
from app.kernel.caller import Caller, digest_of
from app.kernel.commands import command
from app.kernel.ids import new_id
from app.kernel.problems import Fault, Forbidden, InvalidRequest
from app.people import queries as people
from app.people.commands import school_of_hub


@command()
def create_api_key(session: Session, *, caller: Caller, now: datetime, hub_id: str, body: ApiKeyIn) -> NewApiKeyOut:
    """Makes a key of the hub. Raises `Forbidden` for a scope that the caller does not have."""
    caller.must_run_the_hub()
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    _must_have(caller, body.scopes)
    if body.school_id is not None:
        school_of_hub(
            session,
            caller=caller,
            hub_id=hub.id,
            school_id=body.school_id,
            pointer="/school_id",
            scopes=["keys:manage"],
        )
    if body.expires_at is not None and body.expires_at <= now:
        fault = Fault("must be in the future", pointer="/expires_at")
        raise InvalidRequest("Some values cannot be used.", errors=[fault])
    issued = issue(
        session,
        now=now,
        name=body.name,
        scopes=[str(scope) for scope in dict.fromkeys(body.scopes)],
        hub_id=hub.id,
        school_id=body.school_id,
        expires_at=body.expires_at,
    )
    outbox.record(session, "api_key.created", hub_id=hub.id, now=now, api_key_id=issued.key.id)
    return _told_once(issued)


@command()
def rotate_api_key(session: Session, *, caller: Caller, now: datetime, key_id: UUID, body: RotationIn) -> NewApiKeyOut:
    """Makes a key that can do what another can, which ends after an overlap.

    Raises `NotFound`, and `Forbidden` for a scope that the caller does not have.
    """
    old = queries.api_key(session, caller=caller, key_id=key_id)
    _must_have(caller, old.scopes)
    issued = issue(
        session,
        now=now,
        name=old.name,
        scopes=old.scopes,
        hub_id=old.hub_id,
        school_id=old.school_id,
        expires_at=old.expires_at,
        replaces_id=old.id,
    )
    ends_at = now + timedelta(seconds=body.overlap_seconds)
    old.expires_at = min(old.expires_at or ends_at, ends_at)
    assert old.hub_id is not None
    outbox.record(session, "api_key.rotated", hub_id=old.hub_id, now=now, api_key_id=issued.key.id, old_key_id=old.id)
    return _told_once(issued)


def _must_have(caller: Caller, scopes: Iterable[str]) -> None:
    """Nobody makes a key that can do more than their own."""
    beyond = sorted(scope for scope in scopes if not caller.may(scope))
    if beyond:
        raise Forbidden(f"You cannot give a scope that you do not have: {', '.join(beyond)}.")


def _told_once(issued: "Issued") -> NewApiKeyOut:
    shown = ApiKeyOut.model_validate(issued.key)
    return NewApiKeyOut(**shown.model_dump(), secret=issued.secret)


@command()
def revoke_api_key(session: Session, *, caller: Caller, now: datetime, key_id: UUID) -> None:
    """Ends a key at once. Raises `NotFound`."""
    key = queries.api_key(session, caller=caller, key_id=key_id)
    key.revoked_at = now
    assert key.hub_id is not None
    outbox.record(session, "api_key.revoked", hub_id=key.hub_id, now=now, api_key_id=key.id)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key and its secret, which is nowhere else."""

    key: ApiKey
    secret: str


def issue(
    session: Session,
    *,
    now: datetime,
    name: str,
    scopes: Sequence[str],
    hub_id: UUID | None = None,
    school_id: UUID | None = None,
    expires_at: datetime | None = None,
    replaces_id: UUID | None = None,
) -> Issued:
    """A new key: an operator's without a hub."""
    secret = new_secret()
    key = ApiKey(
        id=new_id(),
        hub_id=hub_id,
        school_id=school_id,
        name=name,
        prefix=prefix_of(secret),
        digest=digest_of(secret),
        scopes=list(scopes),
        created_at=now,
        expires_at=expires_at,
        replaces_id=replaces_id,
    )
    session.add(key)
    session.flush()
    return Issued(key, secret)


@command()
def issue_operators_key(session: Session, *, name: str, now: datetime) -> str:
    """A new operator's key; the answer is its secret. For the command line only."""
    return issue(session, now=now, name=name, scopes=[]).secret
