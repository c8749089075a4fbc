"""Fetching from a connection, whatever its kind."""

from datetime import datetime, timedelta

from app.kernel.outgoing import Outgoing
from app.mis.fetching import oneroster, wonde
from app.mis.fetching.details import ConnectionDetails, Fetched, Kind, Look, Progress, no_progress
from app.mis.fetching.getting import Getter
from app.mis.fetching.sending import Patience, Sender
from app.mis.fetching.signing import sign_in

OVERLAP = timedelta(minutes=5)
"""How far a list of changes reaches back behind its cursor, for clocks that differ and for what was just written."""
_LOOKING = Patience(tries=2, first=0.3, longest=5.0, request=15.0)
"""While somebody waits for the answer."""


async def fetch(
    outgoing: Outgoing,
    connection: ConnectionDetails,
    *,
    since: datetime | None,
    now: datetime,
    progress: Progress = no_progress,
    patience: Patience | None = None,
) -> Fetched:
    """All staff of a source; with `since` (the cursor of the fetch before) what changed after it.

    Raises `FetchError`, which is an `UnusableSourceError`: a page that fails fails all of it.
    """
    getter = _getter(outgoing, connection, patience)
    after = since - OVERLAP if since is not None else None
    if connection.kind is Kind.WONDE:
        return await wonde.fetch(getter, connection, since=after, now=now, progress=progress)
    return await oneroster.fetch(getter, connection, since=after, now=now, progress=progress)


async def look(outgoing: Outgoing, connection: ConnectionDetails, *, now: datetime) -> Look:
    """A first look, for a person who waits for it. Raises `FetchError`."""
    getter = _getter(outgoing, connection, _LOOKING)
    if connection.kind is Kind.WONDE:
        return await wonde.look(getter, connection)
    return await oneroster.look(getter, connection, now=now)


def _getter(outgoing: Outgoing, connection: ConnectionDetails, patience: Patience | None) -> Getter:
    sender = Sender(outgoing, patience=patience)
    return Getter(sender, sign_in(connection.credentials, connection.version, sender))
