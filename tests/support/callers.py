"""Callers with keys, made as in real life: the operator's beside the database, the others over HTTP."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy.orm import Session

from app.access.commands import issue
from app.access.rules import ORGANISER
from app.access.signing_in.models import SignInLink
from app.access.signing_in.rules import LINK_LASTS, address_mark, new_link_token
from app.kernel.caller import digest_of
from app.kernel.clock import wall_clock
from app.kernel.database import writing_engine
from app.kernel.ids import new_id
from app.kernel.settings import Settings
from app.people.rules import email_key

Headers = dict[str, str]


def bearer(secret: str) -> Headers:
    return {"Authorization": f"Bearer {secret}"}


def make_operator(settings: Settings) -> Headers:
    """An operator's key, as the command line makes it."""
    engine = writing_engine(settings)
    try:
        with Session(engine) as session, session.begin():
            return bearer(issue(session, now=wall_clock(), name="tests", scopes=()).secret)
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class Organiser:
    """A hub and its organiser's key."""

    hub_id: str
    slug: str
    headers: Headers


async def make_organiser(
    client: httpx.AsyncClient, operator: Headers, *, slug: str = "north-london", name: str = "North London Learning Hub"
) -> Organiser:
    """A new hub, and a key with everything in it."""
    made = await client.post("/v1/hubs", json={"name": name, "slug": slug}, headers=operator)
    assert made.status_code == 201, made.text
    hub_id = made.json()["id"]
    secret = await make_key(client, operator, hub_id, scopes=[str(scope) for scope in ORGANISER])
    return Organiser(hub_id, slug, secret)


async def make_key(
    client: httpx.AsyncClient, maker: Headers, hub_id: str, *, scopes: list[str], school_id: str | None = None
) -> Headers:
    """A key of the hub with these scopes."""
    body: dict[str, object] = {"name": "A key", "scopes": scopes}
    if school_id is not None:
        body["school_id"] = school_id
    made = await client.post(f"/v1/hubs/{hub_id}/api-keys", json=body, headers=maker)
    assert made.status_code == 201, made.text
    return bearer(made.json()["secret"])


async def sign_in(
    client: httpx.AsyncClient, settings: Settings, teacher: dict[str, Any], *, now: datetime | None = None
) -> Headers:
    """A session of a teacher, begun with a link as if it had come by mail; `now` is the service's time, where that is
    not the machine's."""
    token, now = new_link_token(), now or wall_clock()
    engine = writing_engine(settings)
    try:
        with Session(engine) as session, session.begin():
            link = SignInLink(
                id=new_id(),
                hub_id=UUID(teacher["hub_id"]),
                teacher_id=UUID(teacher["id"]),
                digest=digest_of(token),
                address_mark=address_mark(token, email_key(teacher["email"] or "")),
                asked_at=now,
                expires_at=now + LINK_LASTS,
            )
            session.add(link)
    finally:
        engine.dispose()
    begun = await client.post("/v1/sessions", json={"token": token})
    assert begun.status_code == 201, begun.text
    return bearer(begun.json()["access_token"])
