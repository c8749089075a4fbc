"""What one can do with keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.access import queries
from app.access.models import ApiKey
from app.access.rules import new_secret, prefix_of
from app.access.schemas import ApiKeyIn, ApiKeyOut, NewApiKeyOut
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
    caller.must_not_be_bound_to_a_school()
    hub = people.hub(session, caller=caller, hub_id=hub_id)
    beyond = sorted(scope for scope in body.scopes if not caller.may(scope))
    if beyond:
        raise Forbidden(f"You cannot give a scope that you do not have: {', '.join(beyond)}.")
    if body.school_id is not None:
        school_of_hub(session, caller=caller, hub_id=hub.id, school_id=body.school_id, pointer="/school_id")
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
    )
    session.add(key)
    session.flush()
    return Issued(key, secret)


@command()
def issue_operators_key(session: Session, *, name: str, now: datetime) -> str:
    """A new operator's key; the answer is its secret. For the command line only."""
    return issue(session, now=now, name=name, scopes=[]).secret
