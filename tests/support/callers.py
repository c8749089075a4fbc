"""Callers with keys, made as in real life: the operator's beside the database, the others over HTTP."""

from dataclasses import dataclass

import httpx
from sqlalchemy.orm import Session

from app.access.commands import issue
from app.access.rules import ORGANISER
from app.kernel.clock import wall_clock
from app.kernel.database import writing_engine
from app.kernel.settings import Settings

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
