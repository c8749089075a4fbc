"""Pure decisions about webhooks: signatures, the schedule of attempts, and what an answer means.

After Standard Webhooks 1.0.0 (https://github.com/standard-webhooks/standard-webhooks).
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

PREFIX = "whsec_"
SECRET_BYTES = 32
MOST_WEBHOOKS = 20
"""Of one hub."""
KEPT_FOR = timedelta(days=30)
"""How long the log of deliveries goes back."""

SCHEDULE = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after the attempt before it each attempt is made."""
JITTER = 0.1
"""The share by which a wait may be longer, so that not everything comes at the same moment."""
FIRST_REST, LONGEST_REST, LONGEST_ASKED_REST = timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=24)
TIMEOUT_SECONDS = 20.0
"""For one whole exchange."""

NO_ANSWER = None
_SLOW_DOWN = frozenset({429, 502, 504, NO_ANSWER})


class Status(StrEnum):
    ENABLED = "enabled"
    DISABLED = "disabled"


class Disabled(StrEnum):
    """Why a webhook is disabled."""

    BY_HAND = "by-hand"
    GONE = "gone"
    EXHAUSTED = "attempts-exhausted"


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Verdict(StrEnum):
    """What an answer means for a delivery."""

    DELIVERED = "delivered"
    GONE = "gone"
    FAILED = "failed"


def new_secret() -> str:
    """A secret of one webhook, as its receiver keeps it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signatures(secret_texts: Iterable[str], *, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one signature for each secret that is good now.

    The key is what the secret decodes to; signed are the id, the time of the attempt and the very bytes that are sent.
    """
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    keys = (base64.b64decode(each.removeprefix(PREFIX)) for each in secret_texts)
    macs = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return " ".join("v1," + base64.b64encode(mac).decode() for mac in macs)


def message(*, type_: str, timestamp: datetime, data: Mapping[str, Any]) -> bytes:
    """A message's body, written once. It holds ids, and nothing of a person."""
    whole = {"type": type_, "timestamp": timestamp.isoformat(), "data": data}
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode()


def verdict(http_status: int | None) -> Verdict:
    """Success is 2xx and nothing else: a redirect is a failure and never followed."""
    if http_status is not None and 200 <= http_status < 300:
        return Verdict.DELIVERED
    return Verdict.GONE if http_status == 410 else Verdict.FAILED


def wait_before(attempt: int, *, chance: float) -> timedelta | None:
    """How long after a failure the next attempt, which is number `attempt` (from 0), is made; None after the last.

    `chance` is from 0 to 1.
    """
    return SCHEDULE[attempt] * (1 + JITTER * chance) if attempt < len(SCHEDULE) else None


def rest_after(http_status: int | None, *, retry_after: timedelta | None, setbacks: int) -> timedelta | None:
    """How long an address is left in peace after this answer, the `setbacks`-th in a row that asked for it."""
    if verdict(http_status) is Verdict.DELIVERED:
        return None
    asked = min(retry_after, LONGEST_ASKED_REST) if retry_after is not None else None
    if http_status not in _SLOW_DOWN:
        return asked
    ours: timedelta = min(FIRST_REST * 2 ** min(max(setbacks - 1, 0), 10), LONGEST_REST)
    return max(ours, asked) if asked is not None else ours


def retry_after(value: str | None, *, now: datetime) -> timedelta | None:
    """What `Retry-After` (RFC 9110, section 10.2.3) asks for: seconds, or a date. None when it asks for nothing."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(at.replace(tzinfo=at.tzinfo or UTC) - now, timedelta(0))


@dataclass(frozen=True, slots=True)
class Secret:
    """One of a webhook's secrets, and until when it is good if another has taken its place."""

    text: str
    until: datetime | None = None


def packed(kept: Iterable[Secret]) -> bytes:
    """Secrets as bytes, to be sealed."""
    return json.dumps([[each.text, each.until and each.until.isoformat()] for each in kept]).encode()


def unpacked(plain: bytes) -> list[Secret]:
    """The secrets in what was sealed, newest first."""
    return [Secret(text, datetime.fromisoformat(until) if until else None) for text, until in json.loads(plain)]


def good_now(kept: Iterable[Secret], *, now: datetime) -> list[Secret]:
    """Those to sign with now."""
    return [each for each in kept if each.until is None or each.until > now]
