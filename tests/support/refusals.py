"""Refusals as clients meet them: one place that knows what a problem looks like."""

from typing import Any

import httpx

from app.kernel.problems import Problem

MEMBERS = {"type", "title", "status", "detail", "instance", "request_id"}


def refused(answer: httpx.Response, problem: str, *places: str) -> dict[str, Any]:
    """The body of an answer that must be this problem, complete in form, and naming exactly these places, if any."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body: dict[str, Any] = answer.json()
    kind = Problem.known[problem]
    assert body["type"] == f"/problems/{problem}", body
    assert answer.status_code == body["status"] == kind.status, body
    assert body["title"] == kind.title
    assert body.keys() >= MEMBERS
    assert body["detail"]
    documented(kind, body)
    assert body["request_id"] == answer.headers["x-request-id"] or answer.headers.get("idempotency-replayed") == "true"
    if kind.status == 422 and problem == "invalid-request":
        assert body["errors"]
    if places:
        assert sorted(places_of(body)) == sorted(places), body
    return body


def documented(kind: type[Problem], body: dict[str, Any]) -> None:
    """Its own members are those that the document tells of, all of them and no others."""
    own = body.keys() - MEMBERS - {"errors"}
    assert own <= kind.example.keys(), f"{kind.__name__}.example does not tell of {own - kind.example.keys()}"
    assert kind.example.keys() - kind.sometimes <= own, body
    assert kind.points == ("errors" in body), f"{kind.__name__}.points is {kind.points}"


def places_of(body: dict[str, Any]) -> list[str]:
    """What a refusal points at: pointers into the body, and names of parameters."""
    return [str(fault["pointer"] if "pointer" in fault else fault["parameter"]) for fault in body["errors"]]
