"""What one can do to buy a token."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.access.client_credentials.models import AccessToken
from app.access.client_credentials.rules import TOKEN_LASTS, granted
from app.access.client_credentials.schemas import AccessTokenOut
from app.access.queries import key_shown
from app.access.rules import new_secret, prefix_of
from app.kernel.caller import Caller, digest_of
from app.kernel.commands import command
from app.kernel.problems import Problem, Unauthenticated


class InvalidScope(Problem):
    """A token can have the scopes of OneRoster 1.2 for reading, and its key needs `people:read` for them.

    Ask for `roster-core.readonly` or `roster.readonly` by their whole names, or for none to get what there is.
    """

    status, title = 400, "The token cannot have this scope"


@command()
def buy(
    session: Session, *, caller: Caller, now: datetime, client_id: str, client_secret: str, scope: str
) -> AccessTokenOut:
    """A token for an hour, bought with a key: its id or prefix, and its secret.

    Raises `Unauthenticated`, `InvalidScope`.
    """
    key = key_shown(session, secret=client_secret, now=now)
    if key is None or client_id.strip() not in (str(key.id), prefix_of(client_secret)):
        raise Unauthenticated("Send the API key's id or prefix as client id, and the key itself as client secret.")
    scopes = granted(scope, by=key.scopes)
    if not scopes:
        raise InvalidScope("This key gives none of these scopes.")
    session.execute(delete(AccessToken).where(AccessToken.ends_at <= now, AccessToken.api_key_id == key.id))
    token = new_secret()
    session.add(AccessToken(digest=digest_of(token), api_key_id=key.id, scopes=scopes, ends_at=now + TOKEN_LASTS))
    session.flush()
    return AccessTokenOut(
        access_token=token,
        token_type="Bearer",  # noqa: S106  # the kind of token, not one
        expires_in=int(TOKEN_LASTS.total_seconds()),
        scope=" ".join(scopes),
    )
