"""A group of writes inside its one transaction: who calls, whose turn, what was answered before, then the work.

Each call runs in a savepoint of its own, so a refused one undoes itself and nobody else. Answers to requests are
rendered here, inside the transaction, so that they can be kept with their effect.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from app.kernel.caller import ANYONE, Authenticate, Caller, Digest, Policy
from app.kernel.commands import Arguments, Command, Turns, take_turns
from app.kernel.conditional import etag_of, matches
from app.kernel.database import savepoint
from app.kernel.idempotency import Kept, Slot, Token, keep_all, kept_answers, take_slots
from app.kernel.ids import new_id
from app.kernel.outbox import ACTOR, NOTED, NOW
from app.kernel.problems import PreconditionFailed, Problem, Unauthenticated
from app.kernel.rendering import Dialect, Render, Rendered, render_problem

Outcome = Any
"""A call's result (for a request: its `Rendered` answer) or the exception that it met."""

DATABASE_TROUBLE = (OperationalError, InterfaceError)
"""A lost connection, a deadlock, a lock not to be had: no verdict on the call, the group is undone."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a request brings along besides the command's own arguments."""

    credential: Digest | None
    policy: Policy
    render: Render
    instance: str
    request_id: str
    now: datetime
    token: Token | None = None
    if_match: str | None = None
    unchanged: Callable[..., Any] | None = None
    """Reads what `If-Match` speaks of, given a session and the caller."""
    tell: Dialect = render_problem


@dataclass(slots=True)
class Job:
    """One call of a command, with the envelope of the request behind it, if there is one."""

    command: Command[..., Any]
    arguments: Arguments
    envelope: Envelope | None = None
    caller: Caller = field(default=ANYONE)

    @property
    def slot(self) -> Slot | None:
        token = self.envelope.token if self.envelope else None
        return (self.caller.principal, token.key) if token else None

    def full_arguments(self) -> Arguments:
        if self.envelope is None:
            return self.arguments
        return {"caller": self.caller, "now": self.envelope.now, **self.arguments}

    def finish(self, result: Any) -> Outcome:
        return self.envelope.render(result) if self.envelope else result

    def refuse(self, problem: Problem) -> Outcome:
        if self.envelope is None:
            return problem
        return self.envelope.tell(problem, instance=self.envelope.instance, request_id=self.envelope.request_id)


class Desk:
    """Carries out groups of jobs."""

    def __init__(self, authenticate: Authenticate) -> None:
        self._authenticate = authenticate

    def serve(self, connection: Connection, jobs: Sequence[Job]) -> list[Outcome]:
        """Each job's outcome, in order. The one who calls this commits.

        Lets `DATABASE_TROUBLE` through: then nothing of the group is done, and nothing must be committed.
        """
        now = max((job.envelope.now for job in jobs if job.envelope), default=None)
        outcomes: dict[int, Outcome] = {}
        with savepoint(connection) as session:
            self._admit(session, jobs, outcomes, now=now)
            admitted = [index for index in range(len(jobs)) if index not in outcomes]
            slots = [slot for index in admitted if (slot := jobs[index].slot)]
            take_slots(session, slots)
            _take_turns(session, [jobs[index] for index in admitted])
            kept = kept_answers(session, slots, now=now) if now else {}
        firsts = _first_of_each_slot(jobs, admitted, kept)
        work = [index for index in admitted if (slot := jobs[index].slot) is None or firsts.get(slot) == index]
        for batch in _batches(jobs, work):
            outcomes.update(zip(batch, _carry_out(connection, [jobs[index] for index in batch]), strict=True))
        new = _to_be_kept(jobs, firsts, outcomes)
        if new and now:
            with savepoint(connection) as session:
                keep_all(session, new, now=now)
        for index in admitted:
            if index not in outcomes:
                outcomes[index] = _again(jobs[index], {**kept, **new}, firsts, outcomes)
        return [outcomes[index] for index in range(len(jobs))]

    def _admit(
        self, session: Session, jobs: Sequence[Job], outcomes: dict[int, Outcome], *, now: datetime | None
    ) -> None:
        shown = {job.envelope.credential for job in jobs if job.envelope and job.envelope.credential}
        known = self._authenticate(session, shown, now) if shown and now else {}
        for index, job in enumerate(jobs):
            if job.envelope is None:
                continue
            try:
                job.caller = caller_behind(job.envelope.credential, known)
                job.envelope.policy.admit(job.caller)
            except Problem as problem:
                outcomes[index] = job.refuse(problem)


def caller_behind(credential: Digest | None, known: Mapping[Digest, Caller]) -> Caller:
    """The caller who showed a credential. Raises `Unauthenticated` for one that nobody valid has."""
    if credential is None:
        return ANYONE
    caller = known.get(credential)
    if caller is None:
        raise Unauthenticated
    return caller


def _take_turns(session: Session, jobs: Sequence[Job]) -> None:
    calls: dict[Turns, list[Arguments]] = {}
    for job in jobs:
        if job.command.turns is not None:
            calls.setdefault(job.command.turns, []).append(job.arguments)
    ids: set[UUID] = set()
    for turns, arguments in calls.items():
        # A call about nothing that is there takes a turn too, of its own: its time must not tell that from what is
        # there for others.
        ids.update(set(turns(session, arguments)) or {new_id()})
    take_turns(session, ids)


def _first_of_each_slot(jobs: Sequence[Job], admitted: Iterable[int], kept: Mapping[Slot, Kept]) -> dict[Slot, int]:
    firsts: dict[Slot, int] = {}
    for index in admitted:
        slot = jobs[index].slot
        if slot is not None and slot not in kept:
            firsts.setdefault(slot, index)
    return firsts


def _to_be_kept(jobs: Sequence[Job], firsts: Mapping[Slot, int], outcomes: Mapping[int, Outcome]) -> dict[Slot, Kept]:
    new = {}
    for slot, index in firsts.items():
        envelope, answer = jobs[index].envelope, outcomes[index]
        if envelope and envelope.token and isinstance(answer, Rendered):
            new[slot] = Kept(envelope.token.fingerprint, answer)
    return new


def _again(job: Job, kept: Mapping[Slot, Kept], firsts: Mapping[Slot, int], outcomes: Mapping[int, Outcome]) -> Outcome:
    """The answer to a request whose key was seen before, in an earlier group or in this one."""
    slot, envelope = job.slot, job.envelope
    assert slot is not None
    assert envelope is not None
    assert envelope.token is not None
    if slot not in kept:
        return outcomes[firsts[slot]]
    try:
        return kept[slot].replay(envelope.token)
    except Problem as problem:
        return job.refuse(problem)


def _batches(jobs: Sequence[Job], indexes: Iterable[int]) -> Iterable[list[int]]:
    """Calls that one set of statements can serve stand together, at the place of their first; the others alone."""
    groups: dict[object, list[int]] = {}
    for index in indexes:
        job = jobs[index]
        conditional = job.envelope is not None and job.envelope.if_match is not None
        key: object = index if job.command.together is None or conditional else job.command
        groups.setdefault(key, []).append(index)
    return groups.values()


def _carry_out(connection: Connection, jobs: Sequence[Job]) -> list[Outcome]:
    together = jobs[0].command.together
    if together is None or len(jobs) == 1:
        return [_carry_out_alone(connection, job) for job in jobs]
    try:
        with savepoint(connection) as session:
            results = together(session, [job.full_arguments() for job in jobs])
            session.flush()
            return [
                job.refuse(result) if isinstance(result, Problem) else job.finish(result)
                for job, result in zip(jobs, results, strict=True)
            ]
    except DATABASE_TROUBLE:
        raise
    except Exception:
        # One of them went wrong in a way nobody foresaw: alone, each meets its own fate only.
        return [_carry_out_alone(connection, job) for job in jobs]


def _carry_out_alone(connection: Connection, job: Job) -> Outcome:
    try:
        try:
            return _attempt(connection, job)
        except IntegrityError:
            # Another process has just written what this relied on being otherwise: look again, once.
            return _attempt(connection, job)
    except DATABASE_TROUBLE:
        raise
    except Problem as problem:
        return job.refuse(problem)
    except Exception as error:
        return error


def _attempt(connection: Connection, job: Job) -> Outcome:
    with savepoint(connection) as session:
        _introduce(session, job)
        if job.envelope and job.envelope.if_match is not None and job.envelope.unchanged is not None:
            _check_unchanged(session, job.caller, job.envelope, job.envelope.unchanged)
        result = job.command(session, **job.full_arguments())
        session.flush()
        return job.finish(result)


def _introduce(session: Session, job: Job) -> None:
    """Tells a session for whom it works, and what time it is there."""
    arguments = job.full_arguments()
    if "caller" in arguments and "now" in arguments:
        session.info.update({ACTOR: arguments["caller"].principal, NOW: arguments["now"]})


def _check_unchanged(session: Session, caller: Caller, envelope: Envelope, read: Callable[..., Any]) -> None:
    session.info[NOTED] = []  # nobody sees what is only compared
    current: Rendered = read(session, caller=caller)
    del session.info[NOTED]
    if not matches(envelope.if_match or "", etag_of(current.body), weak=False):
        raise PreconditionFailed("The ETag in If-Match is not the current one; read it again.")
