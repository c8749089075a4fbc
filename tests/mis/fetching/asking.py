"""Asking a fake OneRoster server for its staff."""

from datetime import UTC, datetime
from typing import Any

from app.kernel.outgoing import Outgoing
from app.mis.fetching.details import ClientCredentials, ConnectionDetails, Credentials, Fetched, Kind
from app.mis.fetching.fetching import fetch
from app.mis.fetching.sending import Patience
from tests.support.oneroster import CLIENT_ID, CLIENT_SECRET, School

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
QUICK = Patience(tries=3, first=0.01, most=0.02, longest=5.0, request=5.0)


def outgoing() -> Outgoing:
    return Outgoing(["127.0.0.1"])


def details(there: School, credentials: Credentials | None = None, **more: Any) -> ConnectionDetails:
    usual = ClientCredentials(CLIENT_ID, CLIENT_SECRET, f"{there.url}/token")
    return ConnectionDetails(Kind.ONEROSTER, there.url, credentials or usual, **{"page_size": 100, **more})


async def fetched(
    there: School, credentials: Credentials | None = None, *, since: datetime | None = None, **more: Any
) -> Fetched:
    return await fetch(outgoing(), details(there, credentials, **more), since=since, now=NOW, patience=QUICK)
