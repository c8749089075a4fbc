"""Teachers who sign in: as in real life with a link from their mail, which the sandbox catches, or at once."""

import asyncio
import re
import time
from datetime import datetime
from uuid import UUID

import httpx
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.signing_in.commands import begin
from app.kernel.clock import wall_clock
from app.kernel.database import reading_engine, writing_engine
from app.kernel.jobs import Job
from app.kernel.settings import Settings
from app.people.models import Teacher
from tests.support.callers import Headers, bearer
from tests.support.made import Thing, done

BOUND_SECONDS = 20.0


def make_session(settings: Settings, teacher_id: str, *, now: datetime | None = None) -> Headers:
    """A session for a teacher, beside the database: for tests that are about something else."""
    engine = writing_engine(settings)
    try:
        with Session(engine) as session, session.begin():
            teacher = session.get_one(Teacher, UUID(teacher_id))
            return bearer(begin(session, teacher, now=now or wall_clock(), how="link").access_token)
    finally:
        engine.dispose()


async def ask(client: httpx.AsyncClient, hub_id: str, address: str) -> httpx.Response:
    """Asks for a link."""
    return await client.post(f"/v1/hubs/{hub_id}/sign-in-links", json={"email": address})


async def all_done(settings: Settings) -> None:
    """Waits until no job is left."""
    engine = reading_engine(settings)
    deadline = time.monotonic() + BOUND_SECONDS
    try:
        while True:
            with Session(engine) as session:
                left = session.scalar(select(func.count()).select_from(Job))
            if left == 0:
                return
            assert time.monotonic() < deadline, f"{left} jobs are left"
            await asyncio.sleep(0.01)
    finally:
        engine.dispose()


async def caught(client: httpx.AsyncClient, settings: Settings, address: str) -> list[Thing]:
    """What was sent to an address, newest first, once all is sent."""
    await all_done(settings)
    mails: list[Thing] = done(await client.get("/v1/sandbox/mail?limit=200"))["items"]
    return [mail for mail in mails if mail["to"] == address]


def token_in(text: str) -> str:
    """The token of the link in a mail's text."""
    found = re.search(r"#token=(\S+)", text)
    assert found is not None
    return found[1]


async def link_token(client: httpx.AsyncClient, settings: Settings, teacher: Thing) -> str:
    """Asks for a link and reads the mail."""
    assert (await ask(client, teacher["hub_id"], teacher["email"])).status_code == 202
    return token_in((await caught(client, settings, teacher["email"]))[0]["text"])


async def signed_in(client: httpx.AsyncClient, settings: Settings, teacher: Thing) -> Headers:
    """Signs a teacher in with a link."""
    token = await link_token(client, settings, teacher)
    return bearer(done(await client.post("/v1/sessions", json={"token": token}), 201)["access_token"])
