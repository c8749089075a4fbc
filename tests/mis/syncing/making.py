"""Staff lists made up for tests, and a hub to bring them into. Whoever is in them is invented."""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx

from tests.support import made
from tests.support.made import Thing, done

LARKSPUR, HOLLY = "990401", "990402"


USERS = """sourcedId status dateLastModified enabledUser orgSourcedIds role username userIds givenName familyName
middleName identifier email sms phone agentSourcedIds grades password"""
"""The columns of `users.csv`, version 1.1."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a list, at one school."""

    id: str
    given: str
    family: str
    email: str = ""
    urn: str = LARKSPUR
    title: str = ""
    active: str = ""

    def at(self, urn: str) -> "Person":
        """The same person's row for another school."""
        return replace(self, urn=urn)


def somebody(number: int, urn: str = LARKSPUR) -> Person:
    """One of many, all different."""
    return Person(f"s{number}", f"Given{number}", f"Family{number}", f"p{number}@staff.example", urn)


def crowd(count: int, urn: str = LARKSPUR, *, first: int = 1) -> list[Person]:
    """As many people as are wanted."""
    return [somebody(number, urn) for number in range(first, first + count)]


def staff_csv(people: Sequence[Person]) -> bytes:
    """A plain staff list."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(["staff_id", "given_name", "family_name", "email", "school_urn", "job_title", "active"])
    rows.writerows([each.id, each.given, each.family, each.email, each.urn, each.title, each.active] for each in people)
    return text.getvalue().encode()


def oneroster(
    orgs: Sequence[tuple[str, str, str]],
    people: Sequence[Person],
    *,
    mode: str = "bulk",
    changed: str = "2026-09-01T08:00:00.000Z",
    status: str = "active",
) -> bytes:
    """A OneRoster 1.1 package. `orgs` are ids, names and identifiers; a person's `urn` is the id of their org."""
    known = "academicSessions categories classes classResources courses courseResources demographics enrollments"
    files = [*known.split(), "lineItems", "orgs", "resources", "results", "users"]
    modes = {name: mode if name in ("orgs", "users") else "absent" for name in files}
    stamp = (status, changed) if mode == "delta" else ("", "")
    tables = {
        "manifest": [
            ["propertyName", "value"],
            ["manifest.version", "1.0"],
            ["oneroster.version", "1.1"],
            *([f"file.{name}", word] for name, word in modes.items()),
        ],
        "orgs": [
            ["sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId"],
            *(
                [each[0], "active" if mode == "delta" else "", stamp[1], each[1], "school", each[2], ""]
                for each in orgs
            ),
        ],
        "users": [
            USERS.split(),
            *(
                [
                    *(each.id, *stamp, each.active or "true", each.urn, "teacher", each.id, "", each.given),
                    *(each.family, "", "", each.email, "", "", "", "", "hunter2-secret"),
                ]
                for each in people
            ),
        ],
    }
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            text = io.StringIO(newline="")
            csv.writer(text, lineterminator="\r\n").writerows(rows)
            archive.writestr(f"{name}.csv", text.getvalue())
    return package.getvalue()


@dataclass(slots=True)
class Desk:
    """A business manager at work: sends files for a hub with two schools, and looks at what came of it."""

    organiser: httpx.AsyncClient
    hub_id: str
    schools: dict[str, Thing]

    async def send(self, content: bytes, mode: str = "apply", *, kind: str = "staff-csv", **fields: Any) -> Thing:
        """A file sent; the sync that came of it."""
        return done(await self.sent(content, mode, kind=kind, **fields), 202)

    async def sent(
        self, content: bytes, mode: str = "apply", *, kind: str = "staff-csv", **fields: Any
    ) -> httpx.Response:
        """The answer to a file."""
        form = {"format": kind, "mode": mode, **{name: _as_text(value) for name, value in fields.items()}}
        path = f"/v1/hubs/{self.hub_id}/imports"
        return await self.organiser.post(path, data=form, files={"file": ("file", content)})

    async def everybody(self, people: Sequence[Person], mode: str = "apply") -> Thing:
        """A complete list."""
        return await self.send(staff_csv(people), mode, complete=True)

    async def apply(self, sync: Thing, **body: Any) -> httpx.Response:
        """The answer to applying what waits."""
        return await self.organiser.post(f"/v1/syncs/{sync['id']}/apply", json=body)

    async def teachers(self) -> dict[str, Thing]:
        """The hub's teachers by their given names."""
        found = done(await self.organiser.get(f"/v1/hubs/{self.hub_id}/teachers", params={"limit": 200}))
        assert found["next_cursor"] is None
        return {each["given_name"]: each for each in found["items"]}

    async def facts(self) -> list[Thing]:
        """The hub's audit trail, newest first."""
        audited = done(await self.organiser.get(f"/v1/hubs/{self.hub_id}/audit", params={"limit": 200}))
        items: list[Thing] = audited["items"]
        return items

    async def get(self, path: str) -> Thing:
        """What there is at a path of the hub."""
        return done(await self.organiser.get(path.replace("{hub_id}", self.hub_id)))


def _as_text(value: object) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


async def open_desk(organiser: httpx.AsyncClient, hub_id: str) -> Desk:
    """A hub with two schools."""
    schools = {
        urn: await made.school(organiser, hub_id, name=name, urn=urn, laestab=laestab)
        for urn, name, laestab in ((LARKSPUR, "Larkspur Primary", "301/2001"), (HOLLY, "Holly Lane", "301/2002"))
    }
    return Desk(organiser, hub_id, schools)


def counted(sync: Thing) -> dict[str, int]:
    """A sync's figures, without those that are nought."""
    return {name: count for name, count in sync["counts"].items() if count}


def codes(sync: Thing) -> list[str]:
    """What a sync's report tells, by its codes; how the file was read is left aside."""
    read = {"column-taken", "unknown-column", "one-name", "credentials"}
    return [each["code"] for each in sync["report"] if each["code"] not in read]
