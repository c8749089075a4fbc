"""A client in a process of its own: sends what it is told to, as fast as it is answered.

`python -m tests.support.rush` takes one order a line on standard input, says that it is ready, waits for a line to go,
and reports in one line on standard output. All of it is JSON; `crowd` is the other end.
"""

import asyncio
import itertools
import json
import sys
from collections.abc import Iterator
from typing import Any

import httpx

KEPT_SECONDS = 2.0
"""Well under the time after which the server closes a connection that nobody uses: else a request may be on its way at
that very moment, and is lost."""
Report = list[Any]
"""What became of one task: for each request that was sent, `[status, body, replayed]`, or null when no answer came."""


async def carry_out(order: dict[str, Any]) -> list[Report]:
    """Carries out an order's tasks, so many at once. Each task is a few requests, sent until one succeeds."""
    at_once = order["at_once"]
    bases = itertools.cycle(order["bases"])
    reports: list[Report] = [[] for _ in order["tasks"]]
    left = iter(enumerate(order["tasks"]))
    limits = httpx.Limits(
        max_connections=None,
        max_keepalive_connections=at_once * len(order["bases"]),
        keepalive_expiry=KEPT_SECONDS,
    )
    async with httpx.AsyncClient(headers=order["headers"], timeout=order["timeout"], limits=limits) as client:
        people = [_person(client, bases, left, reports) for _ in range(at_once)]
        await asyncio.gather(*people)
    return reports


async def _person(
    client: httpx.AsyncClient, bases: Iterator[str], left: Iterator[tuple[int, Any]], reports: list[Report]
) -> None:
    for index, requests in left:
        for method, path, body, headers in requests:
            answer = await _send(client, method, next(bases) + path, body, headers)
            reports[index].append(answer)
            if answer is None or answer[0] < 300:
                break


async def _send(
    client: httpx.AsyncClient, method: str, url: str, body: Any, headers: dict[str, str]
) -> list[Any] | None:
    try:
        answer = await client.request(method, url, json=body, headers=headers)
    except httpx.TransportError:
        return None
    replayed = answer.headers.get("idempotency-replayed") == "true"
    return [answer.status_code, answer.json() if answer.content else None, replayed]


def main() -> None:
    """Takes orders until there are no more."""
    for line in sys.stdin:
        order = json.loads(line)
        _say("ready")
        sys.stdin.readline()
        _say(asyncio.run(carry_out(order)))


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
