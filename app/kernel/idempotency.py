"""`Idempotency-Key`: the first answer is kept in the same transaction as its effect, and given again for a day."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Index, LargeBinary, String, delete, insert, select, tuple_
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.commands import take_turns
from app.kernel.database import Base
from app.kernel.problems import Fault, InvalidRequest, Problem
from app.kernel.rendering import Rendered
from app.kernel.sealing import Seal, seal_of

KEPT_FOR = timedelta(hours=24)


class IdempotencyKeyReused(Problem):
    """This Idempotency-Key came with another request before.

    Use a new key for each thing you want done, and the same key only to send the same request again.
    """

    status, title = 422, "This Idempotency-Key belongs to another request"


class IdempotencyInProgress(Problem):
    """The first request with this Idempotency-Key is still being carried out.

    Send it again after `Retry-After` seconds; you will then get the first one's answer.
    """

    status, title = 409, "The first request with this key is still running"

    def __init__(self) -> None:
        super().__init__("Wait a moment, then send the same request again.", headers={"Retry-After": "1"})


class KeptAnswer(Base):
    """The answer that the first request with a key got, sealed: it may hold a secret, or somebody's needs."""

    __tablename__ = "idempotency_keys"

    principal: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_until: Mapped[datetime]

    __table_args__ = (Index(None, "kept_until"),)


@dataclass(frozen=True, slots=True)
class Token:
    """A key as one caller sent it, with the fingerprint of what it was sent with."""

    key: str
    fingerprint: bytes


Slot = tuple[str, str]
"""Principal and key."""


def token_in(header: str | None, *, method: str, target: str, body: bytes) -> Token | None:
    """The token of a request. Raises `InvalidRequest` for a key that is not 1–255 visible ASCII characters."""
    if header is None:
        return None
    if not (1 <= len(header) <= 255 and all("!" <= character <= "~" for character in header)):
        fault = Fault("must be 1 to 255 visible ASCII characters", parameter="Idempotency-Key")
        raise InvalidRequest("The Idempotency-Key cannot be used.", errors=[fault])
    fingerprint = hashlib.sha256(b"\0".join((method.encode(), target.encode(), body))).digest()
    return Token(header, fingerprint)


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer that the first request with a key got, and the fingerprint of that request."""

    fingerprint: bytes
    answer: Rendered

    def replay(self, token: Token) -> Rendered:
        """The answer again, marked as a replay. Raises `IdempotencyKeyReused` when it answered another request."""
        if self.fingerprint != token.fingerprint:
            raise IdempotencyKeyReused("Another request was sent with this key before.")
        return self.answer.with_headers(("Idempotency-Replayed", "true"))


class SlotBusyError(Exception):
    """Another process still carries out the first request with one of these keys."""


def take_slots(session: Session, slots: Iterable[Slot]) -> None:
    """Waits until no other process carries out a request with one of these keys; then its answer is there to be given.

    Before any event's turn is taken, in every process, so that nobody waits in a ring. Raises `SlotBusyError` when it
    takes too long.
    """
    try:
        take_turns(session, [f"idempotency {principal} {key}" for principal, key in slots])
    except OperationalError as error:
        raise SlotBusyError from error


def kept_answers(session: Session, slots: Iterable[Slot], *, now: datetime) -> dict[Slot, Kept]:
    """What is kept under these keys and has not expired; what has expired is cleared out of the way."""
    wanted = sorted(set(slots))
    if not wanted:
        return {}
    here = tuple_(KeptAnswer.principal, KeptAnswer.key).in_(wanted)
    found = list(session.scalars(select(KeptAnswer).where(here)))
    if any(each.kept_until <= now for each in found):
        session.execute(delete(KeptAnswer).where(here, KeptAnswer.kept_until <= now))
    seal = seal_of(session)
    return {
        (each.principal, each.key): opened(seal, (each.principal, each.key), each.sealed)
        for each in found
        if each.kept_until > now
    }


def keep_all(session: Session, answers: Mapping[Slot, Kept], *, now: datetime) -> None:
    """Keeps answers, in the order of their keys, which is the same in every process."""
    if answers:
        seal = seal_of(session)
        rows = [
            {
                "principal": slot[0],
                "key": slot[1],
                "sealed": sealed(seal, slot, answers[slot]),
                "kept_until": now + KEPT_FOR,
            }
            for slot in sorted(answers)
        ]
        session.execute(insert(KeptAnswer), rows)


def sealed(seal: Seal, slot: Slot, kept: Kept) -> bytes:
    """A kept answer as it lies in the database: what is said of it in one line, then its bytes."""
    answer = kept.answer
    head = [kept.fingerprint.hex(), answer.status, answer.headers, answer.media_type]
    return seal.seal(json.dumps(head).encode() + b"\n" + answer.body, about=about(slot))


def opened(seal: Seal, slot: Slot, closed: bytes) -> Kept:
    """What `sealed` has sealed."""
    head, _, body = seal.open(closed, about=about(slot)).partition(b"\n")
    fingerprint, status, headers, media_type = json.loads(head)
    answer = Rendered(status, body, tuple((name, value) for name, value in headers), media_type)
    return Kept(bytes.fromhex(fingerprint), answer)


def about(slot: Slot) -> str:
    """What a kept answer, sealed, is about."""
    return " ".join(("answer to", *slot))
