"""Two hubs with one of everything, and everybody who may call: what the matrix is tried on."""

import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.access.signing_in.commands import begin
from app.access.signing_in.models import SignInLink, TeacherIdentity
from app.access.signing_in.rules import LINK_LASTS, address_mark, new_link_token
from app.kernel.caller import digest_of
from app.kernel.clock import wall_clock
from app.kernel.database import writing_engine
from app.kernel.ids import new_id
from app.kernel.settings import Settings
from app.people.models import Teacher
from app.people.rules import email_key
from tests.access.matrix_table import SCOPES, Role, Row, rows
from tests.sheets.making import SCHOOLS, SCHOOLS_HEADER, sheet
from tests.support import made
from tests.support.callers import Headers, Organiser, bearer, make_key, make_organiser
from tests.support.made import Thing, done
from tests.support.services import calling

MISSING = "01990000-0000-7000-8000-000000000000"
NO_SUCH_TOKEN = bearer("tm_00000000_this-was-never-handed-out")
SHEET = sheet(SCHOOLS_HEADER, *SCHOOLS)
_numbers = itertools.count(1)
Place = dict[str, str]
"""Values of path parameters."""


def connection_body(mark: str) -> Thing:
    """A connection to a system that is not there."""
    return {
        "name": f"{mark} MIS {next(_numbers)}",
        "kind": "wonde",
        "base_url": f"https://mis.{mark.lower()}.example",
        "credentials": {"method": "token", "token": f"token-of-{mark}"},
    }


class Beside:
    """What tests put straight into the database, because it comes by mail or from an issuer otherwise."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sign_in(self, teacher: Thing) -> tuple[str, Headers]:
        """A new session's id and its headers."""
        with Session(self._engine) as session, session.begin():
            begun = begin(session, session.get_one(Teacher, UUID(teacher["id"])), now=wall_clock(), how="link")
            return str(begun.id), bearer(begun.access_token)

    def link(self, teacher: Thing) -> str:
        """A sign-in link's token."""
        token, now = new_link_token(), wall_clock()
        with Session(self._engine) as session, session.begin():
            link = SignInLink(
                id=new_id(),
                hub_id=UUID(teacher["hub_id"]),
                teacher_id=UUID(teacher["id"]),
                digest=digest_of(token),
                address_mark=address_mark(token, email_key(teacher["email"])),
                asked_at=now,
                expires_at=now + LINK_LASTS,
            )
            session.add(link)
        return token

    def identity(self, teacher: Thing) -> str:
        """A linked identity's id."""
        with Session(self._engine) as session, session.begin():
            row = TeacherIdentity(
                id=new_id(),
                hub_id=UUID(teacher["hub_id"]),
                teacher_id=UUID(teacher["id"]),
                issuer="https://issuer.example",
                subject=f"somebody-{next(_numbers)}",
                created_at=wall_clock(),
            )
            session.add(row)
            return str(row.id)


@dataclass(slots=True)
class Side:
    """A hub with two schools and one of everything. `mark` is in every name, title and address of it."""

    mark: str
    organiser: httpx.AsyncClient
    beside: Beside
    hub_id: str
    school_id: str = ""
    other_school_id: str = ""
    people: dict[str, Thing] = field(default_factory=dict)
    evening: Thing = field(default_factory=dict)
    draft: Thing = field(default_factory=dict)
    presentations: dict[str, str] = field(default_factory=dict)
    registrations: dict[str, str] = field(default_factory=dict)
    tonight: Thing = field(default_factory=dict)
    came: dict[str, str] = field(default_factory=dict)
    """Registrations for tonight, all of them checked in."""
    feeds: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Calendar feeds: the id, and the secret of the address."""
    sessions: dict[str, tuple[str, Headers]] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)
    key_id: str = ""
    webhook_id: str = ""
    connection_id: str = ""
    source_id: str = ""
    delivery_id: str = ""
    sync_id: str = ""
    allocation_id: str = ""

    async def person(self, name: str, *, other_school: bool = False, roles: tuple[str, ...] = ()) -> Thing:
        """A new teacher."""
        return await made.teacher(
            self.organiser,
            self.hub_id,
            self.other_school_id if other_school else self.school_id,
            given_name=f"{name.title()} {self.mark}",
            family_name=f"{self.mark} {next(_numbers)}",
            email=f"{name}.{next(_numbers)}@{self.mark.lower()}.example",
            roles=list(roles),
        )

    async def school(self) -> str:
        """A new school's id."""
        number = next(_numbers)
        body = {"name": f"{self.mark} School {number}", "urn": f"{100_000 + number}"}
        return str(done(await self.organiser.post(f"/v1/hubs/{self.hub_id}/schools", json=body), 201)["id"])

    async def event(self, *, publish: bool = True, tables: int = 1) -> Thing:
        """A new evening with room for all, published or not."""
        return await made.event(
            self.organiser,
            self.hub_id,
            publish=publish,
            name=f"{self.mark} evening",
            attendee_capacity=30,
            table_count=tables,
            rounds=made.rounds(1),
            seats_per_table=20,
        )

    async def open_doors(self) -> None:
        """An evening that is now, with everybody there."""
        now, hour = wall_clock(), timedelta(hours=1)
        times: Thing = {"starts_at": (now - hour).isoformat(), "ends_at": (now + hour).isoformat()}
        without_tables: Thing = {"table_count": 0, "rounds": [], "attendee_capacity": 200}
        self.tonight = await made.event(
            self.organiser, self.hub_id, name=f"{self.mark} tonight", **times, **without_tables
        )
        for name in self.registrations:
            coming = await made.registration(self.organiser, self.tonight, self.people[name]["id"])
            self.came[name] = coming["id"]
            await self.check_in(name)

    async def check_in(self, name: str) -> str:
        """Checks somebody in tonight; their registration's id."""
        path = f"/v1/events/{self.tonight['id']}/check-ins"
        done(await self.organiser.post(path, json={"registration_id": self.came[name]}))
        return self.came[name]

    async def feed(self, teacher: Thing) -> tuple[str, str]:
        """A new calendar feed of a person's: its id, and the secret of its address."""
        body = {"kind": "person", "teacher_id": teacher["id"]}
        feed = done(await self.organiser.post(f"/v1/hubs/{self.hub_id}/calendar-feeds", json=body), 201)
        return feed["id"], feed["url"].rpartition("/")[2].removesuffix(".ics")

    async def offer(self, presenter: Thing, *, accept: bool = False, at: Thing | None = None) -> str:
        """A new presentation's id."""
        title = f"{self.mark} presents {next(_numbers)}"
        return str(
            (
                await made.presentation(
                    self.organiser, at or self.evening, presenter["id"], accept=accept, title=title, summary=title
                )
            )["id"]
        )

    async def key(self) -> str:
        """A new key's id. It can do nothing but manage keys, so that whoever does may rotate it."""
        body = {"name": f"{self.mark} key {next(_numbers)}", "scopes": ["keys:manage"]}
        return str(done(await self.organiser.post(f"/v1/hubs/{self.hub_id}/api-keys", json=body), 201)["id"])

    async def connection(self) -> str:
        """A new connection's id. It is paused, so that nobody asks its system for anything."""
        body = connection_body(self.mark)
        made_one = done(await self.organiser.post(f"/v1/hubs/{self.hub_id}/mis-connections", json=body), 201)
        return str(done(await self.organiser.post(f"/v1/mis-connections/{made_one['id']}/pause"))["id"])

    async def webhook(self) -> str:
        """A new webhook's id. Nobody is at its address, and little would be sent there."""
        body = {"url": f"https://hooks.{self.mark.lower()}.example/in", "types": ["hub.created"]}
        return str(done(await self.organiser.post(f"/v1/hubs/{self.hub_id}/webhooks", json=body), 201)["id"])

    async def delivery(self) -> str:
        """A new delivery's id."""
        return str(done(await self.organiser.post(f"/v1/webhooks/{self.webhook_id}/ping"), 202)["id"])

    async def sync(self) -> str:
        """A new import's id, planned and not applied."""
        form = {"format": "schools-sheet", "mode": "preview"}
        answer = await self.organiser.post(f"/v1/hubs/{self.hub_id}/imports", data=form, files={"file": SHEET})
        return str(done(answer, 202)["id"])

    async def allocation(self, evening: Thing) -> str:
        """A new allocation's id, ready to be looked at."""
        return str(done(await self.organiser.post(f"/v1/events/{evening['id']}/allocations", json={}), 201)["id"])

    def ids(self) -> set[str]:
        """The ids of all that was set up here."""
        return {
            *(self.hub_id, self.school_id, self.other_school_id, self.key_id, self.sync_id, self.allocation_id),
            *(self.webhook_id, self.connection_id, self.delivery_id),
            *(self.evening["id"], self.draft["id"], self.tonight["id"]),
            *(each["id"] for each in self.people.values()),
            *self.presentations.values(),
            *self.registrations.values(),
            *self.came.values(),
            *self.identities.values(),
            *(feed_id for feed_id, _ in self.feeds.values()),
            *(session_id for session_id, _ in self.sessions.values()),
        }


async def set_up(side: Side) -> Side:
    """Fills a side."""
    side.school_id, side.other_school_id = await side.school(), await side.school()
    everybody: dict[str, tuple[bool, tuple[str, ...]]] = {
        "organiser signed in": (False, ("organiser",)),
        "school lead": (False, ("school_lead",)),
        "teacher": (False, ()),
        "colleague": (False, ()),
        "stranger": (True, ()),
        "offers": (True, ()),
        "presents": (True, ()),
    }
    for name, (elsewhere, roles) in everybody.items():
        side.people[name] = await side.person(name.replace(" ", ""), other_school=elsewhere, roles=roles)
    side.evening, side.draft = await side.event(tables=40), await side.event(publish=False)
    side.presentations["accepted"] = await side.offer(side.people["presents"], accept=True)
    for name in ("organiser signed in", "school lead", "teacher", "offers"):
        side.presentations[name] = await side.offer(side.people[name])
    for name, teacher in side.people.items():
        if name not in ("offers", "presents"):
            side.registrations[name] = (await made.registration(side.organiser, side.evening, teacher["id"]))["id"]
            side.sessions[name] = side.beside.sign_in(teacher)
            side.identities[name] = side.beside.identity(teacher)
            side.feeds[name] = await side.feed(teacher)
    side.key_id, side.sync_id = await side.key(), await side.sync()
    side.webhook_id = await side.webhook()
    side.connection_id = await side.connection()
    (source,) = done(await side.organiser.get(f"/v1/hubs/{side.hub_id}/staff-sources"))["items"]
    side.source_id = source["id"]
    side.delivery_id = await side.delivery()
    await side.open_doors()
    for _ in range(2):  # the one is compared with the other
        side.allocation_id = await side.allocation(side.evening)
    return side


OURS, THEIRS = "Ashgrove", "Thornbury"
_worlds: dict[str, "World"] = {}
"""Those that were set up in this process, by database, for tests that leave them as they are."""


@dataclass(slots=True)
class World:
    """Both hubs, and the credentials of those who call; they are all of the first hub."""

    ours: Side
    theirs: Side
    operator: Headers
    organiser: Organiser
    keys: dict[tuple[str, str], Headers] = field(default_factory=dict)

    def headers(self, role: Role, row: Row) -> Headers:
        """The credentials of a role, as far as the role knows of this operation."""
        if role.signed_in:
            return self.ours.sessions[role.name][1]
        plain = {"operator": self.operator, "organiser": self.organiser.headers, "nobody": {}}
        if role.name in plain:
            return plain[role.name]
        return NO_SUCH_TOKEN if role.kind == "bad" else self.keys[role.name, row.scope or "webhooks:manage"]

    async def make_keys(self, scopes: set[str]) -> None:
        """Integrations' keys: with exactly one of these scopes, with all the others, and bound to the school."""
        here = self.ours
        for scope in scopes:
            for name, held, school in (
                ("key with the scope", [scope], None),
                ("key with all others", sorted(SCOPES - {scope}), None),
                ("school's key", [scope], here.school_id),
            ):
                made_key = await make_key(
                    here.organiser, self.organiser.headers, here.hub_id, scopes=held, school_id=school
                )
                self.keys[name, scope] = made_key

    def place(self, row: Row, role: Role, target: str) -> Place:
        """The values of path parameters with which an operation is about this target."""
        if target == "missing":
            missing = ("hub_id", "school_id", "teacher_id", "event_id", "presentation_id", "registration_id")
            more = (
                "webhook_id",
                "connection_id",
                "source_id",
                "delivery_id",
                "key_id",
                "sync_id",
                "allocation_id",
                "session_id",
                "identity_id",
                "feed_id",
            )
            token = "n" * len(self.ours.feeds["teacher"][1])
            return {**dict.fromkeys((*missing, *more), MISSING), "token": token, "number": "1", "round": "1"}
        side = self.side(target)
        who = self.whose(role, target)
        event = side.draft if "draft" in target else side.evening
        presentation = {"accepted": "accepted", "other hub": "accepted", "own": role.name}.get(target, "offers")
        return {
            "hub_id": side.hub_id,
            "school_id": side.other_school_id if target == "other school" else side.school_id,
            "teacher_id": side.people[who]["id"],
            "registration_id": side.registrations[who],
            "session_id": side.sessions[who][0],
            "identity_id": side.identities[who],
            "feed_id": side.feeds[who][0],
            "token": side.feeds[who][1],
            "event_id": event["id"],
            "presentation_id": side.presentations.get(presentation, ""),
            "key_id": side.key_id,
            "webhook_id": side.webhook_id,
            "connection_id": side.connection_id,
            "source_id": side.source_id,
            "delivery_id": side.delivery_id,
            "sync_id": side.sync_id,
            "allocation_id": side.allocation_id,
            "number": "1",
            "round": "1",
        }

    def side(self, target: str) -> Side:
        """The hub that a target is in."""
        return self.theirs if "other hub" in target else self.ours

    def whose(self, role: Role, target: str) -> str:
        """Whose of those who were set up a target is."""
        if target == "own" and role.signed_in:
            return role.name
        return "stranger" if target in ("other school", "other hub") else "colleague"


@contextlib.asynccontextmanager
async def a_world(
    app: FastAPI, client: httpx.AsyncClient, operator: Headers, settings: Settings, *, shared: bool = True
) -> AsyncIterator[World]:
    """Two hubs, with everybody who calls."""
    async with contextlib.AsyncExitStack() as stack:
        engine = writing_engine(settings)
        stack.callback(engine.dispose)
        if shared and (known := _worlds.get(settings.database_url)):
            for side in (known.ours, known.theirs):
                headers = {"Authorization": side.organiser.headers["Authorization"]}
                side.organiser = await stack.enter_async_context(calling(app, headers))
                side.beside = Beside(engine)
            yield known
            return
        sides, organisers = [], []
        for mark in (OURS, THEIRS):
            slug = f"{mark.lower()}-{next(_numbers)}"
            organiser = await make_organiser(client, operator, slug=slug, name=f"{mark} hub")
            caller = await stack.enter_async_context(calling(app, organiser.headers))
            sides.append(await set_up(Side(mark, caller, Beside(engine), organiser.hub_id)))
            organisers.append(organiser)
        world = World(sides[0], sides[1], operator, organisers[0])
        await world.make_keys({row.scope or "webhooks:manage" for row in rows().values()})
        if shared:
            _worlds[settings.database_url] = world
        yield world
