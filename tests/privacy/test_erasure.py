"""After an erasure nothing of a person is left: in no table, no answer, no log. Counts and others' evenings stay."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import LargeBinary, create_engine, select
from sqlalchemy.orm import Session

from app.kernel.database import Base
from app.kernel.idempotency import KeptAnswer, opened
from app.kernel.sealing import seal_of
from app.kernel.secret import deployment_seal
from app.kernel.settings import Settings
from tests.support import made
from tests.support.callers import Organiser, sign_in
from tests.support.document import OPERATIONS
from tests.support.made import Thing, done
from tests.support.refusals import refused
from tests.support.services import calling

pytestmark = pytest.mark.anyio

PERSON: Thing = {
    "given_name": "Quillon",
    "family_name": "Brackenrigg",
    "email": "q.brackenrigg@larkspur.example",
    "job_title": "Keeper of the Zeppelin Cupboard",
}
DIET = "wild garlic sends me to sleep"
SECRETS = ("quillon", "brackenrigg", "zeppelin cupboard", "wild garlic")


def dump(settings: Settings) -> Iterator[tuple[str, str]]:
    """Everything in the database, table by table; what is sealed and ours to open, opened."""
    seal = deployment_seal(settings)
    engine = create_engine(settings.database, execution_options={"seal": seal})
    with Session(engine) as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                plain = [
                    bytes(value).decode("latin-1") if isinstance(column.type, LargeBinary) and value else str(value)
                    for column, value in zip(table.columns, row, strict=True)
                ]
                yield table.name, json.dumps(plain, ensure_ascii=False).casefold()
        for each in session.scalars(select(KeptAnswer)):
            body = opened(seal_of(session), (each.principal, each.key), each.sealed).answer.body
            yield "kept answers, opened", body.decode().casefold()
    engine.dispose()


def places(settings: Settings) -> set[str]:
    """Where anything of the person is."""
    return {where for where, text in dump(settings) for secret in SECRETS if secret in text}


async def answers(caller: httpx.AsyncClient, world: dict[str, str]) -> str:
    """Whatever can be read about a world."""
    addresses = [
        operation.address(world)
        for operation in OPERATIONS.values()
        if operation.method == "GET" and set(operation.names("path")) <= set(world)
    ]
    told = [(await caller.get(address)).text for address in addresses]
    assert len(told) > 20
    return "\n".join(told).casefold()


async def leave_traces(
    app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings
) -> tuple[Thing, dict[str, str]]:
    """A person who is everywhere: at an evening, at another's table, at their own, signed in, in an import."""
    teacher = await made.teacher(organiser, hub.hub_id, **PERSON)
    school = done(await organiser.get(f"/v1/schools/{teacher['school_id']}"))
    evening = await made.event(organiser, hub.hub_id, attendee_capacity=1)
    once = {"Idempotency-Key": f"erasure-{hub.slug}"}
    path = f"/v1/events/{evening['id']}/registrations"
    body = {"teacher_id": teacher["id"], "dietary_requirements": DIET}
    registration = done(await organiser.post(path, json=body, headers=once), 201)
    await made.registration(organiser, evening)
    other = await made.event(organiser, hub.hub_id)
    summary = "With Quillon Brackenrigg (Q.Brackenrigg@larkspur.example) about oracy."
    mine = await made.presentation(organiser, other, teacher["id"], summary=summary)
    sheet = f"Name,School,Email\nQuillon Brackenrigg,{school['name']},\nBrackenrigg Quillon,Nowhere School,\n"
    for mode in ("preview", "apply"):
        sent = await organiser.post(
            f"/v1/hubs/{hub.hub_id}/imports",
            files={"file": ("sign-ups.csv", sheet.encode(), "text/csv")},
            data={"format": "sign-ups-sheet", "mode": mode, "event_id": other["id"]},
        )
        assert sent.status_code == 202, sent.text
    async with calling(app) as client:
        await sign_in(client, settings, teacher)
        asked = await client.post(f"/v1/hubs/{hub.hub_id}/sign-in-links", json={"email": PERSON["email"]})
        assert asked.status_code == 202
    world = {
        "hub_id": hub.hub_id,
        "event_id": evening["id"],
        "teacher_id": teacher["id"],
        "registration_id": registration["id"],
        "presentation_id": mine["id"],
        "sync_id": sent.json()["id"],
    }
    return teacher, world


async def test_nothing_of_a_person_is_left(
    app: FastAPI,
    organiser: httpx.AsyncClient,
    hub: Organiser,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    teacher, world = await leave_traces(app, organiser, hub, settings)
    assert {"teachers", "presentations", "kept answers, opened", "syncs"} <= places(settings)
    before = await answers(organiser, world)
    assert all(secret in before for secret in SECRETS)
    erased = done(await organiser.post(f"/v1/teachers/{teacher['id']}/erasure"))
    assert erased["registrations_cancelled"] == 1
    assert erased["presentations_withdrawn"] == 1
    assert places(settings) == set()
    after = await answers(organiser, world)
    assert not [secret for secret in SECRETS if secret in after]
    logged = "".join(capsys.readouterr()).casefold()
    assert "request" in logged
    assert not [secret for secret in SECRETS if secret in logged]


async def test_the_evening_goes_on(
    app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings
) -> None:
    teacher, world = await leave_traces(app, organiser, hub, settings)
    path = f"/v1/events/{world['event_id']}"
    waiting = done(await organiser.get(f"{path}/registrations?status=waitlisted"))["items"]
    done(await organiser.post(f"/v1/teachers/{teacher['id']}/erasure"))
    registrations = done(await organiser.get(f"{path}/registrations"))["items"]
    assert {each["id"]: each["status"] for each in registrations} == {
        world["registration_id"]: "cancelled",
        waiting[0]["id"]: "confirmed",
    }
    assert done(await organiser.get(path))["confirmed_count"] == 1
    assert registrations[0]["teacher"]["given_name"] == "(erased)"
    refused(await organiser.get(f"/v1/teachers/{teacher['id']}"), "not-found")
    refused(await organiser.post(f"/v1/teachers/{teacher['id']}/erasure"), "not-found")
    register = {"teacher_id": teacher["id"]}
    refused(await organiser.post(f"{path}/registrations", json=register), "invalid-request", "/teacher_id")
    anew = await made.teacher(organiser, hub.hub_id, email=PERSON["email"])
    assert anew["id"] != teacher["id"], "the address is free again"
    trail = done(await organiser.get(f"/v1/hubs/{hub.hub_id}/audit?about={teacher['id']}"))["items"]
    assert trail[0]["what"] == "teacher.erased"


async def test_people_erase_themselves(
    app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings
) -> None:
    teacher = await made.teacher(organiser, hub.hub_id)
    async with calling(app) as client:
        client.headers.update(await sign_in(client, settings, teacher))
        done(await client.post(f"/v1/teachers/{teacher['id']}/erasure"))
        refused(await client.get("/v1/me"), "unauthenticated")


async def test_a_co_presenters_offer_goes_on(organiser: httpx.AsyncClient, hub: Organiser) -> None:
    evening = await made.event(organiser, hub.hub_id)
    gone, stays = [await made.teacher(organiser, hub.hub_id) for _ in range(2)]
    offer = await made.presentation(organiser, evening, gone["id"], stays["id"])
    done(await organiser.post(f"/v1/teachers/{gone['id']}/erasure"))
    after = done(await organiser.get(f"/v1/presentations/{offer['id']}"))
    assert (after["status"], after["presenter_ids"]) == ("accepted", [stays["id"]])


async def test_everything_held_is_told(
    app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser, settings: Settings
) -> None:
    teacher, world = await leave_traces(app, organiser, hub, settings)
    held: dict[str, Any] = done(await organiser.get(f"/v1/teachers/{teacher['id']}/personal-data"))
    assert held["teacher"]["email"] == PERSON["email"]
    told = {each["registration"]["id"]: each["registration"]["dietary_requirements"] for each in held["registrations"]}
    assert told[world["registration_id"]] == DIET
    assert [each["id"] for each in held["presentations"]] == [world["presentation_id"]]
    assert len(held["sessions"]) == len([each for each in held["sign_in_links"] if each["used_at"]]) == 1
    assert any("Brackenrigg" in each["what"] for each in held["imports"])
    assert any(DIET in each["body"] for each in held["kept_answers"])
    assert {"teacher.created", "registration.confirmed"} <= {each["what"] for each in held["history"]}
    async with calling(app) as client:
        client.headers.update(await sign_in(client, settings, teacher))
        mine = done(await client.get(f"/v1/teachers/{teacher['id']}/personal-data"))
    assert mine["registrations"] == held["registrations"]
    assert "personal_data.read" in {each["what"] for each in mine["history"]}
