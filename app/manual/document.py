"""What the OpenAPI document says of the service as a whole, and the names of types that are alike in several rooms."""

import json
from typing import Any
from urllib.parse import urlsplit

from app.kernel.settings import Settings
from app.manual.recorded import with_examples

PROSE = """The booking API for Teach Meets: evenings on which teachers teach teachers, marketplace style.

**Begin** with `GET /v1/me`, which says whose your credential is and what it may do; the public pages of a published
event need none. Guides, and a page on which every operation can be tried, are at `docs`.

**Errors** are `application/problem+json` (RFC 9457). Switch on `type`, show people `detail`, and place each entry of
`errors` on its field. Every problem has a page, at its `type`.

**Lists** come in pages: send `next_cursor` as `cursor` until it is null. **Changes** are JSON Merge Patches (RFC 7396);
`If-Match` refuses one that rests on something old. **Retries** are safe with an `Idempotency-Key`.

**Instants** are RFC 3339 with an offset, **ids** are opaque, and members that you do not know are to be ignored: more
may come. What goes is marked as deprecated first, with the day on which it goes."""


def about(settings: Settings) -> dict[str, Any]:
    """What the application is told of itself, as keyword arguments."""
    return {
        "title": "Teach Meet",
        "description": PROSE,
        "contact": {"name": "The Teach Meet authors"},
        "license_info": {"name": "MIT", "identifier": "MIT"},
        "servers": [{"url": urlsplit(settings.public_url).path.rstrip("/") or "/", "description": "This service"}],
    }


ROOMS = {"sheets": "Import", "mis": "Staff", "webhooks": "Webhook", "calendars": "Calendar", "sandbox": "Sandbox"}
"""What a room's types are called after, where that is not the room's own name."""


def finish(document: dict[str, Any]) -> dict[str, Any]:
    """The completed document."""
    return with_examples(with_short_names(document))


def with_short_names(document: dict[str, Any]) -> dict[str, Any]:
    """A document in which types that have one name in several rooms are called after their rooms."""
    names = {name: short_name(name) for name in document["components"]["schemas"] if "__" in name}
    text = json.dumps(document, ensure_ascii=False)
    for long, short in names.items():
        text = text.replace(f'"{long}"', f'"{short}"').replace(
            f'"#/components/schemas/{long}"', f'"#/components/schemas/{short}"'
        )
    named: dict[str, Any] = json.loads(text)
    named["components"]["schemas"] = dict(sorted(named["components"]["schemas"].items()))
    return named


def short_name(long: str) -> str:
    """`app__allocation__rules__Mode` as `AllocationMode`."""
    _app, room, *_modules, name = long.split("__")
    called = ROOMS.get(room, room.capitalize())
    return name if name.startswith(called) else called + name
