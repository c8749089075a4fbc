"""Carries the scenario out in a sandbox, and writes down what was asked and what was answered."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from app.manual.provoking import SECRETS, Step
from app.sandbox import credentials
from app.sandbox.story import BEGINS
from tests.contract.scenario import TRIES, Before, Try
from tests.manual.provoked import carried_out
from tests.support.server import ROOT

EXAMPLES = ROOT / "app" / "manual" / "examples"
SHOWN_HEADERS = ("Location", "ETag", "Link", "Retry-After", "WWW-Authenticate", "Idempotency-Replayed", "Allow")
REQUEST_ID = "an-example"
"""Sent with each request, so that an answer that tells its request's id is always the same."""
MAIL_SECONDS = 10.0
MOST_TEXT = 1_500
HIDDEN = "…"
NOBODY = "01990000-0000-7000-8000-000000000000"
World = dict[str, str]
_NAME = re.compile(r"\{(\w+)\}")


class Recorder:
    """A sandbox, the document that it serves, and who is who in its known hub."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        client.headers["X-Request-ID"] = REQUEST_ID
        self.document = client.get("/openapi.json").json()
        self.paths = {
            operation["operationId"]: (method.upper(), path)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        }
        self.reset()
        self.known = self._look_around()
        self.world: World = {}

    def reset(self) -> None:
        """The known hub, and a clock that stands still where its story ends."""
        assert self.client.post("/v1/sandbox/reset").status_code == 200
        still = {"frozen": True, "now": BEGINS.isoformat()}
        assert self.client.put("/v1/sandbox/clock", json=still).status_code == 200

    def examples(self, operation: str) -> list[dict[str, Any]]:
        """All examples of one operation, each in a fresh sandbox; with the first, what it refuses."""
        found: list[dict[str, Any]] = []
        for number, wanted in enumerate(TRIES.get(operation) or (self._plain(operation),)):
            self.reset()
            self.world = dict(self.known)
            steps = [self._before(step) for step in wanted.before]
            refused = [] if number else self._refusals(operation, wanted)
            expected = (wanted.status,) if wanted.status else (200, 201, 202, 204)
            found += [{**self._sent(operation, wanted, expected), "before": steps}, *refused]
        without: list[dict[str, Any]] = masked(found)
        return without

    def _plain(self, operation: str) -> Try:
        limited = "limit" in self._parameters(operation)
        return Try(query={"limit": 2} if limited else {})

    def _operation(self, operation: str) -> dict[str, Any]:
        method, path = self.paths[operation]
        told: dict[str, Any] = self.document["paths"][path][method.lower()]
        return told

    def _parameters(self, operation: str) -> set[str]:
        return {each["name"] for each in self._operation(operation).get("parameters", ())}

    def _lacking(self, operation: str) -> list[str]:
        """Those who may not do it at all."""
        told = self._operation(operation)
        if told.get("x-operator-only"):
            return ["organiser"]
        keys = [each for each in credentials.ALL if isinstance(each, credentials.Key) and each.hub == "demo"]
        lacking = [each.role for each in keys if told.get("x-scope") not in each.scopes]
        return ["teacher", *lacking] if told.get("x-scope") and not told.get("x-own") else lacking

    def _sent(self, operation: str, wanted: Try, expected: tuple[int, ...]) -> dict[str, Any]:
        request, answer = self._send(operation, wanted)
        assert answer.status_code in expected, f"{operation}: {answer.status_code} {answer.text[:600]}"
        return {"summary": wanted.summary, "as": wanted.role, "request": request, "response": _shown(answer)}

    def _refusals(self, operation: str, wanted: Try) -> list[dict[str, Any]]:
        """The same request by others, for nobody's thing, of something old, and with what there is no place for."""
        known = self._operation(operation)["responses"]
        _method, path = self.paths[operation]
        tries: list[tuple[int, Try]] = []
        if "403" in known:
            lacking = self._lacking(operation)[:1]
            tries += [(403, replace(wanted, role=role, summary="Not with these credentials")) for role in lacking]
        if "404" in known and (names := [name for name in _NAME.findall(path) if name in self.world]):
            nobody = {**wanted.at, names[0]: NOBODY}
            tries.append((404, replace(wanted, at=nobody, summary="There is nothing like that")))
        if "412" in known:
            stale = {**wanted.headers, "If-Match": '"of-yesterday"'}
            tries.append((412, replace(wanted, headers=stale, summary="It has changed meanwhile")))
        if "422" in known:
            odd = {**wanted.query, "colour": "blue"}
            tries.append((422, replace(wanted, query=odd, summary="There is no such parameter")))
        found: dict[int, dict[str, Any]] = {}
        for status, each in tries:
            if status not in found:
                request, answer = self._send(operation, each)
                if answer.status_code == status:
                    found[status] = {"summary": each.summary, "as": each.role, "request": request} | {
                        "response": _shown(answer)
                    }
        return list(found.values())

    def _before(self, step: Before) -> dict[str, Any]:
        request, answer = self._send(step.operation, step.try_)
        assert answer.is_success, f"{step.operation}: {answer.text[:600]}"
        if answer.content and answer.headers["content-type"] == "application/json":
            told = answer.json()
            self.world |= {name: _member(told, place) for name, place in step.keep.items()}
        if step.operation == "ask_for_sign_in_link":
            self.world["token"] = self._token()
        return request

    def _send(self, operation: str, wanted: Try) -> tuple[dict[str, Any], httpx.Response]:
        method, template = self.paths[operation]
        here = {**self.world, **{name: self._filled(value) for name, value in wanted.at.items()}}
        path = _NAME.sub(lambda found: here[found[1]], template)
        if wanted.query:
            path += "?" + urlencode(self._filled(wanted.query))
        headers = {"X-Request-ID": REQUEST_ID, **wanted.headers}  # also where it is the client's anyway: it is shown
        if wanted.role is not None:
            headers["Authorization"] = f"Bearer {SECRETS[wanted.role]}"
        request: dict[str, Any] = {"method": method, "path": path, "headers": headers}
        given: dict[str, Any] = {}
        if wanted.body is not None:
            given["json"] = request["body"] = self._filled(wanted.body)
        if wanted.urlencoded is not None:
            given["data"] = request["form"] = self._filled(wanted.urlencoded)
        if wanted.files is not None:
            given["data"] = self._filled(wanted.form or {})
            given["files"] = {name: ("sheet.csv", text, "text/csv") for name, text in wanted.files.items()}
            request["form"], request["files"] = given["data"], wanted.files
        return request, self.client.request(method, path, headers=headers, **given)

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._filled(each) for each in value]
        return _NAME.sub(lambda found: self.world[found[1]], value) if isinstance(value, str) else value

    def _token(self) -> str:
        mail = self._mail()
        found = re.search(r"token=([\w.~-]+)", json.dumps(mail))
        assert found, mail
        return found[1]

    def _mail(self) -> Any:
        """The newest caught message, which is on its way when this is asked."""
        until = time.monotonic() + MAIL_SECONDS
        while not (items := self.client.get("/v1/sandbox/mail").json()["items"]):
            assert time.monotonic() < until, "no mail came"
            time.sleep(0.02)
        return items[0]

    def refusal(self, steps: tuple[Step, ...]) -> tuple[str, dict[str, Any]]:
        """A problem, provoked as its page says: the operation that answers with it, and the exchange."""
        self.reset()
        *before, last = steps
        for step in before:
            carried_out(step, self.client)
        answer = carried_out(last, self.client)
        path = last.path.partition("?")[0]
        for operation, (method, template) in self.paths.items():
            if method == last.method and re.fullmatch(_NAME.sub("[^/]+", template), path):
                request = {"method": method, "path": last.path, "headers": dict(last.sent_headers)}
                if last.body is not None:
                    request["body"] = last.body
                return operation, {
                    "summary": last.words,
                    "as": last.role,
                    "request": request,
                    "response": _shown(answer),
                }
        raise AssertionError(f"no operation is at {last.method} {path}")

    def _look_around(self) -> World:
        """Ids of the known hub by the names that the scenario uses."""
        found: World = {"hub_id": "demo", "round": "1", "number": "1"}
        hub = self._get("/v1/sandbox/known-hub")
        for event in hub["events"]:
            found[{"main": "winter", "on the day": "today"}.get(event["state"], event["state"]).replace(" ", "_")] = (
                event["id"]
            )
        found["event_id"] = found["winter"]
        me = self._get("/v1/me", "teacher")
        found["teacher_id"] = me["teacher_id"]
        found["teacher_email"] = self._get(f"/v1/teachers/{me['teacher_id']}", "teacher")["email"]
        found["school_id"] = self._get("/v1/hubs/demo/schools")["items"][0]["id"]
        found["session_id"] = self._get("/v1/sessions/current", "teacher")["id"]
        registrations = self._get(f"/v1/events/{found['winter']}/registrations?limit=200", "teacher")["items"]
        found["registration_id"] = registrations[0]["id"]
        found["registration_today"] = self._get(f"/v1/events/{found['today']}/registrations")["items"][-1]["id"]
        somebody = self._get(f"/v1/events/{found['open']}/registrations?role=attendee")["items"][0]
        found["teacher_in_open"], found["registration_of_somebody"] = somebody["teacher_id"], somebody["id"]
        offers = self._get(f"/v1/events/{found['open']}/presentations")["items"]
        found["presentation_in_open"], found["second_presentation_in_open"] = offers[0]["id"], offers[1]["id"]
        found["presentation_id"] = offers[0]["id"]
        keys = self._get("/v1/hubs/demo/api-keys")["items"]
        found["integration_key_id"] = next(each["id"] for each in keys if "integration" in each["name"])
        return found

    def _get(self, path: str, role: str = "organiser") -> Any:
        answer = self.client.get(path, headers={"Authorization": f"Bearer {SECRETS[role]}"})
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer.json()


def _member(told: Any, place: str) -> str:
    """What stands at a place such as `items.0.id`."""
    for part in place.split("."):
        told = told[int(part)] if part.isdigit() else told[part]
    return str(told)


def _shown(answer: httpx.Response) -> dict[str, Any]:
    headers = {name: answer.headers[name] for name in SHOWN_HEADERS if name in answer.headers}
    shown: dict[str, Any] = {"status": answer.status_code, "headers": headers}
    if answer.content:
        shown["media_type"] = answer.headers["content-type"].partition(";")[0]
        shown["body"] = answer.json() if shown["media_type"].endswith("json") else answer.text[:MOST_TEXT]
    return shown


SECRET = re.compile(
    r"\b(tms?_)[0-9a-f]{8}(?:_[\w-]{43})?|\b(whsec_)[\w+/=]+|\b(cal_)[\w-]{8,}|(?<![\w-])[\w-]{43}(?![\w-])"
)
CURSOR = re.compile(r"(?<=cursor=)[^&>]+")


def masked(value: Any) -> Any:
    """Without what is drawn at random or signed by the deployment: secrets, cursors, and the ETags of what holds them.

    This is all that differs between one sandbox and another.
    """
    if isinstance(value, list):
        return [masked(each) for each in value]
    if isinstance(value, str):
        return CURSOR.sub(HIDDEN, SECRET.sub(lambda found: f"{found[1] or found[2] or found[3] or ''}{HIDDEN}", value))
    if not isinstance(value, dict):
        return value
    kept = {name: masked(each) for name, each in value.items()}
    if isinstance(kept.get("next_cursor"), str):
        kept["next_cursor"] = HIDDEN
    if "ETag" in kept.get("headers", {}) and "status" in kept and kept.get("body") != value.get("body"):
        kept["headers"] = {**kept["headers"], "ETag": HIDDEN}
    return kept


def written(examples: list[dict[str, Any]]) -> str:
    """Examples as their file has them."""
    return json.dumps(examples, ensure_ascii=False, indent=1) + "\n"


def file_of(operation: str) -> Path:
    return EXAMPLES / f"{operation}.json"
