"""The whole path at real size: the known hub's three sheets, by HTTP and from files, to one outcome."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.outbox import Fact
from app.sheets.columns import Format
from app.sheets.files import Kind, Outcome, WrongUsage, import_sheet
from app.sheets.planning import make_plan
from app.sheets.state import State
from tests.sheets.making import SIGN_UPS_HEADER, answer, counted, needing, new_event, publish, send, sheet
from tests.support.callers import Organiser
from tests.support.server import ROOT

pytestmark = pytest.mark.anyio

HUB = ROOT / "app" / "sandbox" / "hub"
NEEDING_A_PERSON = [33, 34, 46, 49, 52, 55, 60, 62]


async def from_files(
    app: FastAPI, kind: Kind, path: Path, *, event_id: str | None = None, dry_run: bool = False, **more: Any
) -> Outcome:
    """Imports a file as the command line does, which has no event loop."""
    return await asyncio.to_thread(
        import_sheet,
        app.state.writer,
        app.state.reader,
        kind=kind,
        path=path,
        hub=None,
        event_id=UUID(event_id) if event_id else None,
        dry_run=dry_run,
        now=app.state.clock(),
        **more,
    )


def facts(session: Session) -> int:
    """How many facts there are for the outside world."""
    return session.scalar(select(func.count()).select_from(Fact)) or 0


async def outcome(organiser: httpx.AsyncClient, hub_id: str, event_id: str) -> dict[str, Any]:
    """What there is in the end, without ids and instants."""
    event = (await organiser.get(f"/v1/events/{event_id}")).json()
    offers = (await organiser.get(f"/v1/events/{event_id}/presentations?limit=200")).json()["items"]
    registrations = (await organiser.get(f"/v1/events/{event_id}/registrations?limit=200")).json()["items"]
    schools = (await organiser.get(f"/v1/hubs/{hub_id}/schools?limit=200")).json()["items"]
    titles = {each["id"]: each["title"] for each in offers}
    return {
        "figures": [event[name] for name in ("confirmed_count", "waitlisted_count", "places_left")],
        "schools": [(each["name"], each["urn"]) for each in schools],
        "offers": sorted((each["title"], each["status"], each["table_number"] or 0) for each in offers),
        "registrations": [
            (
                f"{each['teacher']['given_name']} {each['teacher']['family_name']}",
                each["role"],
                each["status"],
                each["waitlist_position"],
                each["dietary_requirements"],
                [titles[wish] for wish in each["preferences"]],
            )
            for each in registrations
        ],
    }


async def by_http(organiser: httpx.AsyncClient, hub_id: str, event_id: str, kind: Kind, *, mode: str) -> dict[str, Any]:
    event = None if kind is Kind.SCHOOLS else event_id
    content = (HUB / f"{kind}.csv").read_bytes()
    sent = await send(organiser, hub_id, str(kind), content, mode=mode, event_id=event)
    assert sent.status_code == 202, sent.text
    sync: dict[str, Any] = sent.json()
    return sync


async def test_the_known_hub_over_http(app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser) -> None:
    event_id = await new_event(organiser, hub.hub_id, table_count=24)
    expected = {Kind.SCHOOLS: (13, 0, 0), Kind.PRESENTERS: (29, 0, 0), Kind.SIGN_UPS: (128, 1, 0)}
    for kind, counts in expected.items():
        if kind is Kind.SIGN_UPS:
            await publish(organiser, event_id)
        planned = await by_http(organiser, hub.hub_id, event_id, kind, mode="preview")
        assert (planned["status"], counted(planned)) == ("planned", counts)
        applied = await organiser.post(f"/v1/syncs/{planned['id']}/apply")
        assert (applied.status_code, applied.json()["report"]) == (200, planned["report"])
        assert needing(planned) == (NEEDING_A_PERSON if kind is Kind.SIGN_UPS else [])
    first = await outcome(organiser, hub.hub_id, event_id)
    assert first["figures"] == [120, 8, 0]
    assert len(first["schools"]) == 13
    accepted = sorted(table for _, status, table in first["offers"] if status == "accepted")
    assert accepted == list(range(1, 25))
    attendees = [each for each in first["registrations"] if each[1] == "attendee"]
    assert [each[3] for each in attendees] == [None] * 120 + list(range(1, 9))
    assert len(first["registrations"]) - len(attendees) == 27
    before = await app.state.reader.run(facts)
    for kind, (created, updated, _) in expected.items():
        again = await by_http(organiser, hub.hub_id, event_id, kind, mode="apply")
        assert counted(again) == (0, 0, created + updated)
    assert await app.state.reader.run(facts) == before
    assert await outcome(organiser, hub.hub_id, event_id) == first


async def test_the_known_hub_from_files_comes_to_the_same(
    app: FastAPI, organiser: httpx.AsyncClient, hub: Organiser
) -> None:
    event_id = await new_event(organiser, hub.hub_id, table_count=24)
    assert (await from_files(app, Kind.SCHOOLS, HUB / "schools.csv")).exit_code == 0
    assert (await from_files(app, Kind.PRESENTERS, HUB / "presenters.csv", event_id=event_id)).exit_code == 0
    sign_ups = HUB / "sign-ups.csv"
    early = await from_files(app, Kind.SIGN_UPS, sign_ups, event_id=event_id)
    assert (early.exit_code, early.plan, early.lines[0]) == (1, None, "Nothing was imported.")
    await publish(organiser, event_id)
    planned = await from_files(app, Kind.SIGN_UPS, sign_ups, event_id=event_id, dry_run=True)
    assert "Registrations: 128 new, 120 of them with a place, 8 on the waitlist." in planned.lines
    assert (await outcome(organiser, hub.hub_id, event_id))["figures"] == [0, 0, 120]
    seen: list[tuple[int, int]] = []
    done = await from_files(
        app, Kind.SIGN_UPS, sign_ups, event_id=event_id, progress=lambda *figures: seen.append(figures)
    )
    assert done.exit_code == 1, "some rows need a person"
    assert done.plan is not None
    assert [each.row for each in done.plan.waiting_for_a_person] == NEEDING_A_PERSON
    assert (seen[0], seen[-1], seen) == ((0, done.plan.steps), (done.plan.steps,) * 2, sorted(seen))
    from_file = await outcome(organiser, hub.hub_id, event_id)
    assert (from_file["figures"], len(from_file["registrations"])) == ([120, 8, 0], 155)
    again = await from_files(app, Kind.SIGN_UPS, sign_ups, event_id=event_id)
    assert again.plan is not None
    assert (again.plan.steps, again.lines[1]) == (0, "Nothing changes: all 129 people are there already.")
    assert await outcome(organiser, hub.hub_id, event_id) == from_file


async def test_a_file_that_is_not_there_or_lacks_its_event_is_wrong_usage(
    app: FastAPI, hub: Organiser, tmp_path: Path
) -> None:
    with pytest.raises(WrongUsage, match="cannot be read"):
        await from_files(app, Kind.SCHOOLS, tmp_path / "nothing.csv")
    with pytest.raises(WrongUsage, match="--event"):
        await from_files(app, Kind.SIGN_UPS, HUB / "sign-ups.csv")
    refused = tmp_path / "refused.csv"
    refused.write_bytes(sheet(SIGN_UPS_HEADER, answer()))
    told = await from_files(app, Kind.SCHOOLS, refused)
    assert (told.exit_code, told.plan) == (1, None)
    assert "The sheet has no column 'URN'" in told.lines[1]
    assert hub.slug


async def test_the_known_hub_is_what_a_hub_really_has() -> None:
    plan = make_plan(Format.SCHOOLS, (HUB / "schools.csv").read_bytes(), State(UUID(int=0)))
    assert (len(plan.schools), plan.findings) == (13, ())
    assert all(school.urn.startswith("99") and ".example" in (school.website or "") for school in plan.schools)
    assert b"caf\xe9" in (HUB / "presenters.csv").read_bytes(), "the presenters' sheet is in Windows-1252"
