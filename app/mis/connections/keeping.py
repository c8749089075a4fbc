"""How a connection's credentials are kept: the secrets sealed, what is no secret beside them."""

import json
from typing import Any

from sqlalchemy.orm import Session

from app.kernel.sealing import seal_of
from app.mis.connections.models import MisConnection, about
from app.mis.fetching.details import (
    ClientCredentials,
    ConnectionDetails,
    Credentials,
    Kind,
    SignatureMethod,
    SignedRequests,
    Token,
    Version,
)


def put_in(session: Session, connection: MisConnection, credentials: Credentials) -> None:
    """Seals the secrets, in the place of those before."""
    match credentials:
        case ClientCredentials():
            secret = {"client_id": credentials.client_id, "client_secret": credentials.client_secret}
            scopes = None if credentials.scopes is None else list(credentials.scopes)
            open_part: dict[str, Any] = {"method": "oauth2", "token_url": credentials.token_url, "scopes": scopes}
        case SignedRequests():
            secret = {"consumer_key": credentials.consumer_key, "consumer_secret": credentials.consumer_secret}
            open_part = {"method": "oauth1", "signature_method": str(credentials.method)}
        case Token():
            secret = {"token": credentials.token}
            open_part = {"method": "token"}
    connection.sign_in = {**open_part, "given": sorted(secret)}
    connection.credentials = seal_of(session).seal(json.dumps(secret).encode(), about=about(connection.id))


def details_of(session: Session, connection: MisConnection) -> ConnectionDetails:
    """All that a client needs in order to fetch, the secrets opened. Raises `CannotOpenError`."""
    return ConnectionDetails(
        kind=Kind(connection.kind),
        base_url=connection.base_url,
        credentials=_taken_out(session, connection),
        version=Version(connection.version or Version.V1_2),
        school_ids=frozenset(connection.school_ids),
        staff_roles=frozenset(connection.staff_roles),
        leave_out=tuple(connection.leave_out),
    )


def _taken_out(session: Session, connection: MisConnection) -> Credentials:
    secret = json.loads(seal_of(session).open(connection.credentials, about=about(connection.id)))
    known = connection.sign_in
    match known["method"]:
        case "oauth2":
            scopes = None if known["scopes"] is None else tuple(known["scopes"])
            return ClientCredentials(secret["client_id"], secret["client_secret"], known["token_url"], scopes)
        case "oauth1":
            method = SignatureMethod(known["signature_method"])
            return SignedRequests(secret["consumer_key"], secret["consumer_secret"], method)
        case _:
            return Token(secret["token"])
