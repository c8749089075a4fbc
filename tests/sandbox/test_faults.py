"""Faults on request: a frontend sees every error that it must have a screen for, and nothing is done."""

import asyncio
import time

import httpx
import pytest
from fastapi import FastAPI

from app.kernel.problems import Problem
from app.kernel.settings import Settings
from tests.sandbox.world import OPERATOR, ORGANISER, WINTER, world
from tests.support.made import done
from tests.support.refusals import refused
from tests.support.services import serving

pytestmark = pytest.mark.anyio

HUB = {"name": "A", "slug": "aa"}


def fault(name: str) -> dict[str, str]:
    return {**OPERATOR, "X-Sandbox-Fault": name}


async def test_a_fault_comes_in_the_place_of_what_was_asked_for(app: FastAPI, sandbox: httpx.AsyncClient) -> None:
    before = await world(app)
    unavailable = await sandbox.post("/v1/hubs", json=HUB, headers=fault("unavailable"))
    refused(unavailable, "unavailable")
    limited = await sandbox.post("/v1/hubs", json=HUB, headers=fault("rate-limited"))
    refused(limited, "rate-limited")
    assert unavailable.headers["retry-after"] == limited.headers["retry-after"] == "2"
    refused(await sandbox.post("/v1/hubs", json=HUB, headers=fault("nonsense")), "invalid-request", "X-Sandbox-Fault")
    assert await world(app) == before
    assert (await sandbox.get("/v1/sandbox/clock", headers=fault("unavailable"))).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "problem"),
    [
        ("POST", "/v1/hubs/demo/schools", "urn-taken"),
        ("POST", f"/v1/events/{WINTER}/publish", "illegal-transition"),
        ("PUT", f"/v1/registrations/{WINTER}/itinerary/1", "event-over"),
        ("GET", "/v1/hubs", "idempotency-in-progress"),
    ],
)
async def test_a_conflict_is_one_that_the_operation_names(
    client: httpx.AsyncClient, method: str, path: str, problem: str
) -> None:
    answer = await client.request(method, path, headers=fault("conflict"))
    assert refused(answer, problem)["status"] == 409


async def test_every_problem_there_is_can_be_had_by_its_name(client: httpx.AsyncClient) -> None:
    for name, kind in Problem.known.items():
        body = refused(await client.get("/v1/hubs", headers=fault(name)), name)
        assert body.keys() >= kind.example.keys()


async def test_who_asks_for_slowness_keeps_nobody_else_waiting(sandbox: httpx.AsyncClient) -> None:
    began = time.monotonic()
    slowly = asyncio.create_task(sandbox.post("/v1/hubs", json=HUB, headers=fault("slow")))
    done(await sandbox.patch("/v1/hubs/demo", json={"name": "Meanwhile"}, headers=ORGANISER))
    assert time.monotonic() - began < 2.5
    assert (await slowly).status_code == 201
    assert 3.0 <= time.monotonic() - began < 10


async def test_outside_the_sandbox_it_is_any_header(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"sandbox": False})) as client:
        refused(await client.get("/v1/hubs", headers={"X-Sandbox-Fault": "unavailable"}), "unauthenticated")


@pytest.mark.parametrize("sandbox_on", [True, False])
async def test_pages_of_other_origins_may_send_it_in_the_sandbox(settings: Settings, sandbox_on: bool) -> None:
    changed = {"sandbox": sandbox_on, "cors_origins": ("https://frontend.example",)}
    async with serving(settings.model_copy(update=changed)) as client:
        asked = {
            "Origin": "https://frontend.example",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "X-Sandbox-Fault",
        }
        assert (await client.options("/v1/me", headers=asked)).status_code == (200 if sandbox_on else 400)
