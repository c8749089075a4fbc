"""The one who delivers: makes deliveries of changes, and carries messages to many webhooks at once.

No webhook holds up another: each has at most one round under way, a round is short, and an address that is slow to
answer rests before it is tried again. Nothing is sent from within a transaction.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import httpx
import structlog

from app.kernel.clock import Clock, wall_clock
from app.kernel.outgoing import Outgoing, OutgoingError
from app.kernel.problems import Unavailable
from app.kernel.reader import Reader
from app.kernel.writer import Writer
from app.webhooks import rounds, rules, spreading
from app.webhooks.rounds import Attempt, Message, Round, RoundLostError

POLL_SECONDS = 0.5
WEBHOOKS_AT_ONCE = 32
MESSAGES_AT_ONCE = 4
"""To one webhook."""
STOP_SECONDS = 2.0
NOTING_TRIES = 5
_log = structlog.get_logger(__name__)


class Courier:
    """Delivers until it is stopped. Every process may have one: they share the webhooks out among them."""

    def __init__(self, writer: Writer, reader: Reader, clock: Clock, outgoing: Outgoing) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._outgoing = outgoing
        self._under_way: set[asyncio.Task[None]] = set()
        self._look_again = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Begins, on the event loop that runs now."""
        self._stopping = False
        self._looking = asyncio.create_task(self._keep_looking())

    async def stop(self) -> None:
        """Begins nothing more. What is under way gets a moment; after that others deliver it again."""
        if self._looking is None:
            return
        self._stopping = True
        self._look_again.set()
        await self._looking
        self._looking = None
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=STOP_SECONDS)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _keep_looking(self) -> None:
        while not self._stopping:
            self._look_again.clear()
            busy = False
            try:
                busy = await self._spread()
                await self._take_on()
            except Unavailable:
                _log.warning("looking for changes to deliver was put off")
            except Exception:  # noqa: BLE001  # whatever the database has met, it is asked again
                _log.exception("looking for changes to deliver failed")
            if not busy and not self._stopping:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._look_again.wait(), POLL_SECONDS)

    async def _spread(self) -> bool:
        """Makes some deliveries; answers with whether there were any to make."""
        if not await self._reader.run(spreading.is_behind):
            return False
        await self._writer.run(spreading.spread, now=self._clock())
        return True

    async def _take_on(self) -> None:
        free = WEBHOOKS_AT_ONCE - len(self._under_way)
        due = partial(rounds.anything_due, now=self._clock(), wall=wall_clock())
        if free <= 0 or not await self._reader.run(due):
            return
        claimed = await self._writer.run(rounds.claim, at_most=free, now=self._clock(), wall=wall_clock())
        for each in claimed:
            task = asyncio.create_task(self._carry_out(each))
            self._under_way.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._look_again.set()
        if not task.cancelled() and task.exception() is not None:
            _log.error("a round of deliveries went wrong", error=type(task.exception()).__name__)

    async def _carry_out(self, of: Round) -> None:
        size = MESSAGES_AT_ONCE
        parts = [of.messages[start : start + size] for start in range(0, len(of.messages), size)]
        try:
            for index, part in enumerate(parts, start=1):
                made = await asyncio.gather(*(self._attempt(of, each) for each in part))
                last = index == len(parts) or self._stopping
                if not await self._note(of, made, last=last):
                    return
        except RoundLostError:
            _log.warning("a webhook is no longer this process's", webhook=str(of.webhook_id))
        except asyncio.CancelledError:
            await self._note(of, [], last=True)
            raise

    async def _note(self, of: Round, attempts: Sequence[Attempt], *, last: bool) -> bool:
        """Writes down what came of attempts, with patience: unwritten, they would be made a second time."""
        for _ in range(NOTING_TRIES):
            given = {"of": of, "attempts": attempts, "last": last, "now": self._clock(), "wall": wall_clock()}
            try:
                going_on: bool = await self._writer.run(rounds.note, **given)
            except Unavailable:
                await asyncio.sleep(1)
            else:
                return going_on
        _log.error("what came of deliveries could not be noted", webhook=str(of.webhook_id))
        return False

    async def _attempt(self, of: Round, message: Message) -> Attempt:
        """One whole exchange. Whatever it meets, it is told."""
        at, began = self._clock(), time.monotonic()
        status, asked, reason = None, None, None
        try:
            async with self._outgoing.stream(
                "POST",
                of.url,
                headers=_headers(of, message, now=wall_clock()),
                content=message.body,
                seconds=rules.TIMEOUT_SECONDS,
            ) as answer:
                status, asked = answer.status, _asked(answer.headers)
        except OutgoingError as failure:
            reason = str(failure)
        except Exception as error:  # noqa: BLE001  # a receiver may answer in any way, and none of them ends the round
            reason = "The exchange went wrong."
            _log.warning("an attempt to deliver went wrong", error=type(error).__name__)
        if status is not None and rules.verdict(status) is not rules.Verdict.DELIVERED:
            reason = f"It answered {status}."
        took = round((time.monotonic() - began) * 1000)
        return Attempt(message.delivery_id, at, took, status, reason, rules.retry_after(asked, now=wall_clock()))


def _headers(of: Round, message: Message, *, now: datetime) -> dict[str, str]:
    """The time is the machine's own, also where a sandbox has moved the service's: receivers compare it with theirs."""
    message_id, timestamp = str(message.message_id), int(now.timestamp())
    signed = rules.signatures(of.secrets, message_id=message_id, timestamp=timestamp, body=message.body)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signed,
    }


def _asked(headers: httpx.Headers) -> str | None:
    value: str | None = headers.get("retry-after")
    return value
