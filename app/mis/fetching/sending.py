"""One request to another system, with patience: tried again after what passes, for as long as the other side asks."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from app.kernel.clock import Clock, wall_clock
from app.kernel.outgoing import Answer, Outgoing, OutgoingFailed, OutgoingRefused
from app.mis.fetching.failing import NotReachedError, ThrottledError, failed

PAGE_BYTES = 20_000_000
_PASSES = (408, 425, 429, 500, 502, 503, 504)
"""What may be gone the next moment."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long one waits, in seconds. `longest` is the most that one `Retry-After` may ask for."""

    tries: int = 5
    first: float = 1.0
    most: float = 30.0
    longest: float = 180.0
    request: float = 60.0


class Sender:
    """Sends requests through the guard, again where that may help."""

    def __init__(
        self,
        outgoing: Outgoing,
        *,
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Clock = wall_clock,
    ) -> None:
        self._outgoing = outgoing
        self._patience = patience or Patience()
        self._sleep = sleep
        self._clock = clock

    async def send(
        self,
        method: str,
        url: str,
        *,
        step: str,
        headers: Mapping[str, str],
        content: bytes | None = None,
        max_bytes: int = PAGE_BYTES,
    ) -> Answer:
        """The answer, whatever its status; of those that pass, the last. Raises `NotReachedError`, `ThrottledError`."""
        patience, left = self._patience, self._patience.tries
        while True:
            left -= 1
            try:
                answer = await self._outgoing.request(
                    method, url, headers=headers, content=content, max_bytes=max_bytes, seconds=patience.request
                )
            except OutgoingRefused as error:
                raise NotReachedError(step, f"the address is not one that is called. {error}") from None
            except OutgoingFailed as error:
                if left <= 0:
                    raise NotReachedError(step, f"the system could not be reached. {error}") from None
                await self._sleep(self._jittered(patience.tries - left))
                continue
            if answer.status not in _PASSES or left <= 0:
                return answer
            await self._sleep(self._wait(answer, patience.tries - left, step))

    def is_listed(self, url: str) -> bool:
        """Whether the operator has said that this host may be called however it is reached."""
        try:
            self._outgoing.check(str(httpx.URL(url).copy_with(scheme="http")))
        except (OutgoingRefused, httpx.InvalidURL):
            return False
        return True

    def good(self, answer: Answer, *, step: str) -> Answer:
        """The same answer if it is a 200. Raises the `FetchError` that its status means."""
        if answer.status != 200:
            raise failed(step, answer.status)
        return answer

    def _wait(self, answer: Answer, tried: int, step: str) -> float:
        asked = retry_after(answer.headers.get("retry-after"), self._clock())
        if asked is None:
            return self._jittered(tried)
        if asked > self._patience.longest:
            raise ThrottledError(step, f"the system asks to come back later ({answer.status}), and not so soon.")
        return asked + random.uniform(0, min(1.0, self._patience.first))  # noqa: S311  # no secret

    def _jittered(self, tried: int) -> float:
        """Twice as long each time, and never all at the same moment."""
        longest = min(self._patience.first * 2 ** (tried - 1), self._patience.most)
        return random.uniform(longest / 2, longest)  # noqa: S311  # no secret


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds that a `Retry-After` asks for, as seconds or as a date (RFC 9110, section 10.2.3); None: nothing."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
