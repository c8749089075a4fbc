"""No change of the document breaks a client of the last release; and each kind of break is noticed."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.breaking import breaks
from tests.support.document import DOCUMENT

RELEASED = Path(__file__).with_name("released.json")
Change = Callable[[dict[str, Any]], object]


def test_nothing_breaks_a_client_of_the_last_release() -> None:
    """Deprecate first, release, let it go after its sunset. At a release, `released.json` becomes `openapi.json`."""
    assert breaks(json.loads(RELEASED.read_text(encoding="utf-8")), DOCUMENT) == []


def _schema(name: str, *path: str) -> Callable[[dict[str, Any]], Any]:
    def found(document: dict[str, Any]) -> Any:
        node = document["components"]["schemas"][name]
        for part in path:
            node = node[part]
        return node

    return found


REGISTER, EVENT = "/v1/events/{event_id}/registrations", "/v1/events/{event_id}"
CHANGES: dict[str, Change] = {
    "GET /v1/me is gone": lambda document: document["paths"].pop("/v1/me"),
    "is called enrol now": lambda document: document["paths"][REGISTER]["post"].update(operationId="enrol"),
    "the field places_left is gone": lambda document: _schema("EventOut", "properties")(document).pop("places_left"),
    "the field places_left may be missing": lambda document: _schema("EventOut", "required")(document).remove(
        "places_left"
    ),
    "the field teacher_id is taken no longer": lambda document: _schema("RegistrationIn", "properties")(document).pop(
        "teacher_id"
    ),
    "the field teacher_id must be sent": lambda document: _schema("RegistrationIn")(document).update(
        required=["teacher_id"]
    ),
    "waitlisted comes no longer": lambda document: _schema("RegistrationStatus", "enum")(document).remove("waitlisted"),
    "conference is taken no longer": lambda document: _schema("EventKind", "enum")(document).remove("conference"),
    "may be null now": lambda document: _schema("EventOut", "properties", "name")(document).update(
        type=["string", "null"]
    ),
    "maxLength is 20 now": lambda document: _schema("EventIn", "properties", "name")(document).update(maxLength=20),
    "the parameter status is gone": lambda document: document["paths"][REGISTER]["get"]["parameters"].pop(
        next(n for n, each in enumerate(document["paths"][REGISTER]["get"]["parameters"]) if each["name"] == "status")
    ),
    "the parameter colour must be given": lambda document: document["paths"][REGISTER]["get"]["parameters"].append(
        {"in": "query", "name": "colour", "required": True, "schema": {"type": "string"}}
    ),
    "201 is answered no longer": lambda document: document["paths"][REGISTER]["post"]["responses"].pop("201"),
    "needs credentials now": lambda document: document["paths"][EVENT]["get"].update(security=[{"bearer": []}]),
    "the field capacity is gone": lambda document: _schema("EventFullProblem", "properties")(document).pop("capacity"),
    "/problems/event-full is /problems/no-room now": lambda document: _schema("EventFullProblem", "properties", "type")(
        document
    ).update(const="/problems/no-room"),
}


@pytest.mark.parametrize("words", CHANGES)
def test_a_break_is_noticed(words: str) -> None:
    changed = copy.deepcopy(DOCUMENT)
    CHANGES[words](changed)
    assert [each for each in breaks(DOCUMENT, changed) if words in each]


def test_what_was_deprecated_may_go() -> None:
    before = copy.deepcopy(DOCUMENT)
    before["paths"]["/v1/me"]["get"] |= {"deprecated": True, "x-deprecation": {"sunset": "2027-08-01"}}
    after = copy.deepcopy(DOCUMENT)
    del after["paths"]["/v1/me"]
    assert breaks(before, after) == []


def test_more_breaks_nobody() -> None:
    more = copy.deepcopy(DOCUMENT)
    _schema("EventOut", "properties")(more)["weather"] = {"type": "string"}
    _schema("RegistrationIn", "properties")(more)["colour"] = {"type": "string"}
    more["paths"]["/v1/weather"] = {"get": {"operationId": "get_weather", "responses": {"200": {"description": "It."}}}}
    assert breaks(DOCUMENT, more) == []
