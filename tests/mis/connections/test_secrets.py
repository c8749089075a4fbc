"""Credentials are written and never read back: searched for in the database's bytes, the logs, and all answers."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import inspect, text

from app.kernel.database import reading_engine
from app.kernel.settings import Settings
from tests.mis.connections.steps import Step, at_work
from tests.support.callers import make_operator, make_organiser
from tests.support.databases import settings_for
from tests.support.made import done
from tests.support.oneroster import CLIENT_SECRET, FORMS, at_page, refusal, school
from tests.support.refusals import refused
from tests.support.server import SECRET, Server

pytestmark = pytest.mark.anyio
MARK = "tell-nobody-"
SECRETS = {
    "client_secret": CLIENT_SECRET,
    "wrong_secret": f"{MARK}wrong-client-secret",
    "token": f"{MARK}token",
    "consumer_secret": f"{MARK}consumer-secret",
    "words of the other side": "larkspur-secret-words",
    "passwords of people": "password-of-",
    "teacher numbers": "7654321",
}


@contextlib.contextmanager
def started(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.discard()


def everything_in(settings: Settings) -> str:
    """All values of all tables; on SQLite also the very bytes of its files."""
    engine = reading_engine(settings)
    try:
        with engine.connect() as connection:
            found = [
                repr(tuple(bytes(value) if isinstance(value, memoryview) else value for value in row))
                for table in inspect(connection).get_table_names()
                for row in connection.execute(text(f'SELECT * FROM "{table}"'))  # the schema's own names
            ]
    finally:
        engine.dispose()
    if settings.database.get_backend_name() == "sqlite":
        files = Path(str(settings.database.database)).parent.glob("teachmeet.sqlite*")
        found += [file.read_bytes().decode("latin-1") for file in files]
    return "\n".join(found)


async def test_no_secret_is_anywhere(database_url: str) -> None:
    settings = settings_for(database_url, secret_key=SECRET)
    env = {"TEACHMEET_ALLOWED_HOSTS_OUT": "127.0.0.1", "TEACHMEET_LOG_LEVEL": "debug"}
    answers: list[str] = []

    async def note(answer: httpx.Response) -> None:
        await answer.aread()
        answers.append(f"{answer.headers}{answer.text}")

    with started(Server(database_url, env=env)) as server:
        async with (
            school() as mis,
            httpx.AsyncClient(base_url=server.url, timeout=30, event_hooks={"response": [note]}) as client,
        ):
            hub = await make_organiser(client, make_operator(settings))
            answers.clear()
            client.headers.update(hub.headers)
            await live_through(await at_work(client, hub, mis))
            assert len(mis.tokens) > 3, "control: it was signed in to"
            told = {**SECRETS, **{token: token for token in mis.tokens}}
        server.stop()
        places = {"answers": "\n".join(answers), "log": server.log, "database": everything_in(settings)}
    assert "mis_connection" in places["database"]
    assert "credentials" in places["answers"]
    assert "request" in places["log"]
    assert [
        (name, place) for name, secret in told.items() for place, all_of_it in places.items() if secret in all_of_it
    ] == []


async def live_through(step: Step) -> None:
    """A connection's whole life: good syncs and bad ones, wrong words, changes, other kinds, its end."""
    made = await step.connect(schedule={})
    address = f"/v1/mis-connections/{made['id']}"
    done(await step.organiser.post(f"{address}/test"))
    for mode in ("preview", "apply"):
        await step.sync(made, mode)
    for form in FORMS:
        step.mis.manners.failing = at_page(0, refusal("403 Forbidden", form))
        assert (await step.sync(made))["status"] == "failed"
    wrong = step.credentials(client_secret=SECRETS["wrong_secret"])
    done(await step.organiser.patch(address, json={"credentials": wrong}))
    assert (await step.sync(made))["status"] == "failed"
    unusable: list[dict[str, Any]] = [
        {"credentials": {**wrong, "unknown": 1}},
        {"credentials": {**wrong, "client_secret": SECRETS["wrong_secret"] + "\n"}},
        {"credentials": [SECRETS["wrong_secret"]]},
    ]
    for body in unusable:
        refused(await step.organiser.patch(address, json=body), "invalid-request")
    token = {"method": "token", "token": SECRETS["token"]}
    signed = {"method": "oauth1", "consumer_key": "a-key", "consumer_secret": SECRETS["consumer_secret"]}
    for name, credentials in (("token", token), ("signed", signed)):
        other = await step.connect(name=name, version="1.1", credentials=credentials)
        assert (await step.sync(other))["status"] == "failed"
    done(await step.organiser.get(f"/v1/hubs/{step.hub_id}/audit", params={"limit": 200}))
    done(await step.organiser.get(f"/v1/hubs/{step.hub_id}/mis-connections"))
