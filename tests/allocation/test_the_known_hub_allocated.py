"""The known hub's own sign-ups: by HTTP from its sheets, and on the command line; the figures that the README shows."""

import time
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from app.access.queries import callers
from app.allocation import queries
from app.allocation.posing import Ask
from app.allocation.rules import Wanted
from app.allocation.solving.figures import figures
from app.allocation.solving.first_come import first_come
from app.kernel.caller import HERE
from app.kernel.database import reading_engine, writing_engine
from app.kernel.desk import Desk
from app.kernel.reader import Reader
from app.kernel.writer import Writer
from app.sandbox import known_hub
from app.sheets.files import Kind
from tests.sheets.making import new_event, publish, send
from tests.support import made
from tests.support.callers import Organiser
from tests.support.command_line import command
from tests.support.databases import NewDatabase, settings_for
from tests.support.evening import check
from tests.support.made import done
from tests.support.server import ROOT

pytestmark = pytest.mark.anyio

HUB = ROOT / "app" / "sandbox" / "hub"
GRANTED = [0, 8, 15, 24, 56, 11]
"""How many of the 114 people with wishes get 0, 1, 2, … of them. The 8 with one wish granted wished for one."""
SECONDS = 0.3 * 5
"""How long a preview may take, on a machine that does other things as well."""


async def imported(organiser: httpx.AsyncClient, hub: Organiser) -> str:
    """The evening of the known hub, from its sheets."""
    event_id = await new_event(organiser, hub.hub_id, table_count=24, rounds=made.rounds(5))
    for kind in Kind:
        if kind is Kind.SIGN_UPS:
            await publish(organiser, event_id)
        content = (HUB / f"{kind}.csv").read_bytes()
        where = None if kind is Kind.SCHOOLS else event_id
        sent = await send(organiser, hub.hub_id, str(kind), content, mode="apply", event_id=where)
        assert (sent.status_code, sent.json()["status"]) == (202, "applied")
    return event_id


async def test_everybody_with_a_wish_gets_one(
    app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser, database_url: str
) -> None:
    event_id = await imported(organiser, hub)
    began = time.monotonic()
    found = done(await organiser.post(f"/v1/events/{event_id}/allocations", json={}), 201)
    assert time.monotonic() - began < SECONDS
    ours = found["figures"]
    assert found["proof"]["optimal"]
    assert (ours["attendees"], ours["with_wishes"]) == (120, 114)
    assert (ours["wishes_granted"], ours["total_of_ranks"]) == (GRANTED, 1051)
    assert (ours["top_3"], ours["top_5"], ours["any_wish"]) == (114, 114, 114)
    assert ours["first_choice"] >= 100
    assert (ours["seats_taken"], ours["seats_left"], ours["not_placed_count"]) == (600, 120, 0)
    theirs = await app.state.reader.run(lambda session: _first_come(session, UUID(event_id)))
    assert (theirs.any_wish, theirs.worst_off, theirs.wishes) == (108, 0, (6, 10, 25, 27, 25, 21))
    done(await organiser.post(f"/v1/allocations/{found['id']}/apply"))
    assert check(database_url).returncode == 0


def _first_come(session: Any, event_id: UUID) -> Any:
    """What comes of it when everybody clicks in the order in which they signed up."""
    ask: Ask = queries.ask(session, caller=HERE, event_id=event_id, wanted=Wanted(keep_bookings=False))
    return figures(ask.posed.problem, first_come(ask.posed.problem))


async def test_five_late_cancellations_move_fifteen_people_at_most(
    organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    event_id = await imported(organiser, hub)
    plan = done(await organiser.post(f"/v1/events/{event_id}/allocations", json={}), 201)
    done(await organiser.post(f"/v1/allocations/{plan['id']}/apply"))
    for each in plan["itineraries"][::24][:5]:
        done(await organiser.post(f"/v1/registrations/{each['registration_id']}/cancel"))
    repaired = done(await organiser.post(f"/v1/events/{event_id}/allocations", json={"mode": "repair"}), 201)
    assert repaired["changes"]["moved"] <= 15
    assert repaired["changes"]["lost"] == 0
    added = done(await organiser.post(f"/v1/events/{event_id}/allocations", json={"mode": "add_only"}), 201)
    assert added["changes"]["moved"] == added["changes"]["lost"] == 0
    anew = done(await organiser.post(f"/v1/events/{event_id}/allocations", json={"keep_bookings": False}), 201)
    assert anew["changes"]["moved"] > 60


def test_on_the_command_line(new_database: NewDatabase) -> None:
    url = new_database()
    settings = settings_for(url)
    writer, reader = (
        Writer(writing_engine(settings), Desk(callers), queue_limit=100),
        Reader(reading_engine(settings), threads=1),
    )
    writer.start()
    event_id = str(writer.run_and_wait(known_hub.build).events[0].id)
    writer.stop()
    reader.stop()
    shown = command(url, "allocate", event_id, "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert "120 people, 24 tables, 5 rounds." in shown.stdout
    assert "56 people get 4 of their wishes." in shown.stdout
    assert "no plan is better by the stated order" in shown.stdout
    assert shown.stdout.endswith("Nothing was booked.\n")
    assert "100%" in shown.stderr
    booked = command(url, "allocate", event_id)
    assert booked.returncode == 0, booked.stderr
    assert "120 gain seats" in booked.stdout
    assert "All of it is booked" in booked.stdout
    again = command(url, "allocate", event_id, "--mode", "repair")
    assert "0 people would move, 0 gain seats and 0 lose some" in again.stdout
    assert check(url).returncode == 0
    nowhere = command(url, "allocate", "01990000-0000-7000-8000-000000000000")
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert command(url, "allocate", "tomorrow").returncode == 2
