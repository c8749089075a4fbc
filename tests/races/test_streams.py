"""Followers of a marketplace in a rush, thrown off and back again, on whichever process: they see what a GET shows."""

import itertools
import random
import threading
import time
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from app.marketplace.schemas import MarketplaceOut
from tests.races.stage import Faults, Stage, differ, lost, run, stage, unexpected
from tests.support import forgetful
from tests.support.crowd import Ask, Crowd
from tests.support.databases import BACKENDS, Backend, Databases
from tests.support.evening import Evening, hold_evening
from tests.support.forms import form
from tests.support.stream import Follower

PEOPLE, TABLES, ROUNDS, SEEDS, FOLLOWERS = form(short=(40, 6, 3, 1, 6), full=(200, 24, 5, 10, 30))
SETTLE_SECONDS = form(short=6.0, full=20.0)


@pytest.fixture(scope="module", params=BACKENDS)
def forgetful_service(request: pytest.FixtureRequest, databases: Databases, crowd: Crowd) -> Iterator[Stage]:
    """Processes that take a returning client's word for it that it has missed nothing."""
    backend: Backend = request.param
    with databases.maker(backend) as make, stage(make(), crowd, service=forgetful.SERVICE) as on:
        yield on


def test_followers_who_are_dropped_in_mid_rush_miss_nothing(service: Stage) -> None:
    assert run(_rush, service, seeds=SEEDS) == []


def test_control_without_memory_something_is_missed(forgetful_service: Stage) -> None:
    assert lost(_rush, forgetful_service, signs=("a follower shows other figures",))


def _rush(on: Stage, seed: int) -> Faults:
    chance = random.Random(seed)
    evening = hold_evening(on.hub, capacity=PEOPLE, tables=TABLES, seats=PEOPLE, rounds=ROUNDS)
    people = [each["id"] for each in evening.register([f"follows-{seed}-{number}" for number in range(PEOPLE)])]
    followers = [Follower(evening.event_id) for _ in range(FOLLOWERS)]
    for number, follower in enumerate(followers):
        follower.follow(on.bases[number % len(on.bases)])
    for follower in followers:
        follower.until(partial(_listens, follower))
    over = threading.Event()
    throwing = threading.Thread(target=_throw_off, args=(on, followers, over, chance))
    throwing.start()
    tables = list(range(1, TABLES + 1))
    told = on.rush(
        [
            [Ask("PUT", f"/v1/registrations/{person}/itinerary/{number}", {"table_number": table})]
            for person in people
            for number, table in enumerate(chance.sample(tables, ROUNDS), 1)
        ],
        at_once=4,
    )
    over.set()
    throwing.join()
    return [*unexpected(told, set()), *_as_a_get_shows(on, evening, followers)]


def _throw_off(on: Stage, followers: list[Follower], over: threading.Event, chance: random.Random) -> None:
    """Cuts lines while the rush goes on; their clients come back, most to another process."""
    while not over.is_set():
        follower = chance.choice(followers)
        follower.drop()
        over.wait(chance.random() / 10)
        follower.follow(chance.choice(on.bases))


def _as_a_get_shows(on: Stage, evening: Evening, followers: list[Follower]) -> Faults:
    shown = MarketplaceOut.model_validate(httpx.get(f"{on.bases[0]}{evening.path}/marketplace").json())
    faults = []
    deadline = time.monotonic() + SETTLE_SECONDS
    for follower in followers:
        try:
            follower.until(partial(_shows, follower, shown), deadline=deadline)
        except AssertionError:
            faults.append("a follower shows other figures in the end than a GET")
        ids = [int(each.id) for each in follower.messages]
        faults += differ("ids that do not rise", [b for a, b in itertools.pairwise(ids) if b < a], [])
        follower.drop()
    return faults


def _listens(follower: Follower) -> bool:
    return follower.market is not None


def _shows(follower: Follower, market: MarketplaceOut) -> bool:
    return follower.market == market
