"""The request of each cell: where it goes, what it sends, and, where it would use a thing up, a thing of its own."""

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from app.access.rules import prefix_of
from tests.access.matrix_table import Role, Row
from tests.access.matrix_world import SHEET, Place, World, connection_body
from tests.support import made
from tests.support.callers import Headers
from tests.support.document import OPERATIONS
from tests.support.made import Thing, done

REQUEST_ID = "the-same-for-all"
NEXT_YEAR = "2027-12-02T16:30:00+00:00"
_numbers = itertools.count(1)


@dataclass(slots=True)
class Call:
    """One request, as keyword arguments of a client."""

    place: Place
    headers: Headers
    body: dict[str, Any]


async def send(client: httpx.AsyncClient, row: Row, asked: Call) -> httpx.Response:
    """Makes the request."""
    operation = OPERATIONS[row.operation]
    return await client.request(operation.method, operation.address(asked.place), headers=asked.headers, **asked.body)


def said(row: Row, place: Place, answer: httpx.Response) -> tuple[object, ...]:
    """The whole answer, but for the address that was asked."""
    named = {value for name, value in place.items() if name in OPERATIONS[row.operation].names("path")}
    text = answer.text
    for each in named - {"1"}:
        text = text.replace(each, "…")
    return answer.status_code, sorted(answer.headers.multi_items()), text


Making = Callable[[World, Role, str], Awaitable[tuple[Place, Headers | None]]]


async def call(world: World, row: Row, role: Role, target: str, *, allowed: bool) -> Call:
    """The request of one cell. Where it is to be allowed and leaves its mark, it is about something new."""
    place, headers = world.place(row, role, target), world.headers(role, row)
    making = _NEW.get(row.operation)
    if allowed and making is not None:
        new, others = await making(world, role, target)
        place.update(new)
        headers = others or headers
    return Call(place, {**headers, "X-Request-ID": REQUEST_ID}, await _body(world, row, role, target))


async def _body(world: World, row: Row, role: Role, target: str) -> dict[str, Any]:
    if row.operation == "start_import":
        return {"data": {"format": "schools-sheet", "mode": "preview"}, "files": {"file": SHEET}}
    if row.operation == "suggest_columns":
        return {"files": {"file": SHEET}}
    if row.operation == "get_access_token":
        secret = world.keys["key with the scope", "people:read"]["Authorization"].removeprefix("Bearer ")
        bought = {"client_id": prefix_of(secret), "client_secret": secret}
        return {"data": {"grant_type": "client_credentials", **bought}}
    if row.operation == "sign_in":
        return {"json": {"token": world.ours.beside.link(world.ours.people["colleague"])}}
    side = world.side(target)
    own = world.ours.people[role.name] if role.signed_in else side.people["colleague"]
    number = next(_numbers)
    mark = side.mark
    new_teacher = {"given_name": mark, "family_name": f"New {number}", "email": f"n{number}@new.example"}
    bodies: dict[str, Any] = {
        "create_hub": {"name": f"{mark} hub {number}", "slug": f"made-{mark.lower()}-{number}"},
        "change_hub": {"name": f"{mark} hub"},
        "create_school": {"name": f"{mark} School", "urn": f"{500_000 + number}"},
        "change_school": {"website": "https://www.larkspur.example"},
        "create_teacher": {**new_teacher, "school_id": side.school_id},
        "change_teacher": {"job_title": "Head of English"},
        "create_api_key": {"name": f"{mark} key", "scopes": ["keys:manage"]},
        "create_event": made.event_body(name=f"{mark} evening"),
        "copy_event": {"starts_at": NEXT_YEAR},
        "change_event": {"waitlist_enabled": True},
        "change_table": {"zone": "A"},
        "place_presentation": {"presentation_id": side.presentations["accepted"]},
        "propose_presentation": {"title": f"{mark} presents", "presenter_ids": [own["id"]]},
        "change_presentation": {"needs": ["a projector"]},
        "register": {"teacher": {**new_teacher, "school_id": side.school_id}},
        "register_batch": {"items": [{"teacher_id": own["id"]}]},
        "change_registration": {"dietary_requirements": "vegan"},
        "set_preferences": {"presentation_ids": [side.presentations["accepted"]]},
        "check_in": {"registration_id": side.came["colleague"]},
        "check_in_batch": {"items": [{"registration_id": side.came["colleague"]}]},
        "walk_in": {"teacher": {**new_teacher, "school_id": side.school_id}},
        "reflect": {"rating": 5, "registration_id": side.came[role.name if role.signed_in else "colleague"]},
        "create_calendar_feed": {"kind": _calendar(role)},
        "set_itinerary": {"bookings": []},
        "take_seat": {"table_number": 1},
        "ask_for_sign_in_link": {"email": "nobody@nowhere.example"},
        "link_identity": {"id_token": "no-token"},
        "set_source_schools": {"schools": [{"org_id": "nobody-told-of-it"}]},
        "decide_link_proposals": {},
        "create_connection": connection_body(mark),
        "change_connection": {"leave_out": ["*ACCOUNT*"]},
        "start_sync": {"mode": "preview"},
        "create_webhook": {"url": f"https://hooks.{mark.lower()}.example/made"},
        "change_webhook": {"description": f"{mark} directory"},
        "replay_webhook": {"since": NEXT_YEAR},
    }
    if row.operation == "register" and role.name == "teacher":
        return {"json": {}}
    return {"json": bodies[row.operation]} if row.operation in bodies else {}


def _calendar(role: Role) -> str:
    """The widest feed that a role makes without naming anybody."""
    return "person" if role.signed_in else "school" if role.reach == "school" else "hub"


async def _event_in(world: World, target: str, *moves: str, publish: bool = True) -> Thing:
    side = world.side(target)
    event = await side.event(publish=publish)
    for move in moves:
        done(await side.organiser.post(f"/v1/events/{event['id']}/{move}"))
    return event


def _evening(*moves: str, publish: bool = True) -> Making:
    async def make(world: World, role: Role, target: str) -> tuple[Place, None]:
        return {"event_id": (await _event_in(world, target, *moves, publish=publish))["id"]}, None

    return make


async def _evening_with_a_table(world: World, role: Role, target: str) -> tuple[Place, None]:
    event, side = await _event_in(world, target), world.side(target)
    await side.offer(side.people["presents"], accept=True, at=event)
    return {"event_id": event["id"]}, None


async def _evening_for_oneself(world: World, role: Role, target: str) -> tuple[Place, None]:
    """One for which a teacher has not registered yet; a draft is as good as another."""
    event = world.side(target).draft if "draft" in target else await _event_in(world, target)
    return {"event_id": event["id"]}, None


async def _tonight(world: World, role: Role, target: str) -> tuple[Place, None]:
    """An evening that is now."""
    return {"event_id": world.side(target).tonight["id"]}, None


async def _feed(world: World, role: Role, target: str) -> tuple[Place, None]:
    side = world.side(target)
    return {"feed_id": (await side.feed(side.people[world.whose(role, target)]))[0]}, None


async def _check_in(world: World, role: Role, target: str) -> tuple[Place, None]:
    """Somebody who has come."""
    return {"registration_id": await world.side(target).check_in(world.whose(role, target))}, None


async def _presentation(world: World, role: Role, target: str) -> tuple[Place, None]:
    side = world.side(target)
    presenter = role.name if target == "own" else "presents" if target in ("accepted", "other hub") else "offers"
    accept = target in ("accepted", "other hub")
    return {"presentation_id": await side.offer(side.people[presenter], accept=accept)}, None


async def _registration(world: World, role: Role, target: str) -> tuple[Place, None]:
    side, event = world.side(target), await _event_in(world, target)
    who = side.people[world.whose(role, target)]
    return {"registration_id": (await made.registration(side.organiser, event, who["id"]))["id"]}, None


async def _teacher(world: World, role: Role, target: str) -> tuple[Place, Headers | None]:
    """Somebody new; if it is to be the caller themselves, they are signed in."""
    side = world.side(target)
    if target != "own" or not role.signed_in:
        elsewhere = world.whose(role, target) == "stranger"
        return {"teacher_id": (await side.person("new", other_school=elsewhere))["id"]}, None
    teacher = await side.person("new", roles=tuple(world.ours.people[role.name]["roles"]))
    return {"teacher_id": teacher["id"]}, side.beside.sign_in(teacher)[1]


async def _session(world: World, role: Role, target: str) -> tuple[Place, None]:
    side = world.side(target)
    return {"session_id": side.beside.sign_in(side.people[world.whose(role, target)])[0]}, None


async def _signed_in(world: World, role: Role, target: str) -> tuple[Place, Headers]:
    return {}, world.ours.beside.sign_in(world.ours.people[role.name])[1]


async def _identity(world: World, role: Role, target: str) -> tuple[Place, None]:
    side = world.side(target)
    return {"identity_id": side.beside.identity(side.people[world.whose(role, target)])}, None


async def _school(world: World, role: Role, target: str) -> tuple[Place, None]:
    return {"school_id": await world.side(target).school()}, None


async def _key(world: World, role: Role, target: str) -> tuple[Place, None]:
    return {"key_id": await world.side(target).key()}, None


async def _connection(world: World, role: Role, target: str) -> tuple[Place, None]:
    return {"connection_id": await world.side(target).connection()}, None


async def _webhook(world: World, role: Role, target: str) -> tuple[Place, None]:
    return {"webhook_id": await world.side(target).webhook()}, None


async def _sync(world: World, role: Role, target: str) -> tuple[Place, None]:
    return {"sync_id": await world.side(target).sync()}, None


async def _allocation(world: World, role: Role, target: str) -> tuple[Place, None]:
    """One on which nothing has changed since."""
    event, side = await _event_in(world, target), world.side(target)
    await side.offer(side.people["presents"], accept=True, at=event)
    await made.registration(side.organiser, event, side.people["colleague"]["id"])
    return {"allocation_id": await side.allocation(event)}, None


_NEW: dict[str, Making] = {
    "publish_event": _evening(publish=False),
    "close_event": _evening(),
    "reopen_event": _evening("close"),
    "complete_event": _evening("close"),
    "cancel_event": _evening(),
    "archive_event": _evening("cancel"),
    "delete_event": _evening(publish=False),
    "free_table": _evening_with_a_table,
    "register": _evening_for_oneself,
    "check_in": _tonight,
    "check_in_batch": _tonight,
    "walk_in": _tonight,
    "reflect": _tonight,
    "get_check_in": _check_in,
    "undo_check_in": _check_in,
    "revoke_calendar_feed": _feed,
    "accept_presentation": _presentation,
    "decline_presentation": _presentation,
    "withdraw_presentation": _presentation,
    "cancel_registration": _registration,
    "erase_teacher": _teacher,
    "end_teacher_sessions": _teacher,
    "end_session": _session,
    "sign_out": _signed_in,
    "unlink_identity": _identity,
    "delete_school": _school,
    "revoke_api_key": _key,
    "rotate_api_key": _key,
    "delete_webhook": _webhook,
    "delete_connection": _connection,
    "apply_sync": _sync,
    "apply_allocation": _allocation,
}
