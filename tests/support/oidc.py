"""This service's side of an OpenID Connect issuer, with a clock that the test moves."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from app.access.oidc import IdentityProvider
from app.kernel.outgoing import Outgoing
from app.kernel.problems import Unauthenticated
from tests.support.issuer import CLIENT_ID, Issuer, elliptic_key, issuing, rsa_key

KEY = rsa_key("one")
OTHER = rsa_key("two")
ELLIPTIC = elliptic_key("three")
BEGIN = datetime(2031, 5, 6, 18, 0, tzinfo=UTC)
"""Far from the wall clock: what is in time is decided by the service's."""


@dataclass
class Stage:
    """An issuer, this service's side of it, and a clock that the test moves."""

    issuer: Issuer
    now: datetime = BEGIN
    provider: IdentityProvider = field(init=False)

    def __post_init__(self) -> None:
        self.provider = self.another()

    def another(self, **given: Any) -> IdentityProvider:
        usual = {"issuer": self.issuer.url, "client_id": CLIENT_ID, "outgoing": Outgoing(["127.0.0.1"])}
        return IdentityProvider(**{**usual, "clock": lambda: self.now, **given})

    def claims(self, **others: Any) -> dict[str, Any]:
        return self.issuer.claims(self.now, **others)

    async def refuses(self, token: str) -> None:
        with pytest.raises(Unauthenticated) as refused:
            await self.provider.verify(token)
        assert refused.value.headers == {"WWW-Authenticate": "Bearer"}
        assert refused.value.detail == "Send an ID token of this service's issuer that is valid now."


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """With an issuer that is running and has one key."""
    async with issuing(KEY) as issuer:
        yield Stage(issuer)
