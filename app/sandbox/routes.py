"""What only the sandbox answers. Outside it these addresses are not there."""

import asyncio
from typing import Annotated, TypeVar

from fastapi import Query, Response
from sqlalchemy.orm import Session

from app.kernel.caller import Caller
from app.kernel.fields import LONGEST_EMAIL
from app.kernel.openapi import answers
from app.kernel.operations import Reading, Writing, reads, writes
from app.kernel.pagination import Page, PageWanted
from app.kernel.routing import router
from app.sandbox import clock, credentials, mail, playground
from app.sandbox.faults import HEADER, SLOW_SECONDS
from app.sandbox.mail import CaughtMailOut
from app.sandbox.schemas import ClockIn, ClockOut, CredentialOut, KnownHubOut

T = TypeVar("T")
TAG = "Sandbox"
ABOUT = f"""The playground itself: back to the known hub, its clock, its caught mail, and a credential of each role.

On any other operation, the header `{HEADER}` brings about what is hard to bring about: `slow` answers after
{SLOW_SECONDS:g} seconds, `unavailable` with 503, `rate-limited` with 429, `conflict` with the 409 that the operation
names first; and the name of any other problem with that problem. Nothing is done then. None of this is there outside a
sandbox."""
routes = router(TAG)
Read = Annotated[Reading, reads(public=True)]
Write = Annotated[Writing, writes(public=True)]


@routes.post("/v1/sandbox/reset", **answers(KnownHubOut))
async def reset_sandbox(write: Write) -> Response:
    """Brings back the known hub: its people, its evenings, its credentials, its clock, each with the same id.

    All else is gone: what was made or changed, caught mail, work under way, and what was counted of anybody's requests.
    The next thing that is made has the same id after each reset.
    """
    ours: playground.Playground = write.state.playground
    snapshot = await asyncio.to_thread(ours.snapshot)
    answer = await write(playground.reset, to=KnownHubOut, playground=ours, snapshot=snapshot)
    if "idempotency-replayed" not in answer.headers:
        ours.begin_again()
    return answer


@routes.get("/v1/sandbox/known-hub", **answers(KnownHubOut))
async def get_known_hub(read: Read) -> Response:
    """The hub that a reset brings back, and its evenings, one in each state."""
    snapshot = await asyncio.to_thread(read.state.playground.snapshot)
    return _unkept(await read(_at_hand, to=KnownHubOut, thing=playground.shown(snapshot.known)))


@routes.get("/v1/sandbox/credentials", **answers(CredentialOut, many=True))
async def list_sandbox_credentials(read: Read) -> Response:
    """A working credential of each role: they are good after a reset, and in a sandbox only."""
    return _unkept(await read.page(_at_hand, to=CredentialOut, thing=Page(list(credentials.ALL), None)))


@routes.get("/v1/sandbox/clock", **answers(ClockOut))
async def get_clock(read: Read) -> Response:
    """What time it is in the sandbox."""
    return _unkept(await read(_at_hand, to=ClockOut, thing=read.state.playground.clock.shown()))


@routes.put("/v1/sandbox/clock", **answers(ClockOut))
async def set_clock(write: Write, body: ClockIn) -> Response:
    """Moves the time forward or back, or stops it: deadlines, expiry, check-in and all else follow.

    The sessions that everybody knows begin anew, so that they are good whatever the time is.
    """
    ours: playground.Playground = write.state.playground
    moved: list[clock.Going] = []
    answer = await write(clock.move, to=ClockOut, body=body, clock=ours.clock, moved=moved)
    ours.clock.follow(moved[-1])
    write.state.worker.wake()
    return answer


@routes.get("/v1/sandbox/mail", **answers(CaughtMailOut, many=True))
async def list_caught_mail(
    read: Read,
    page: PageWanted,
    to: Annotated[str | None, Query(max_length=LONGEST_EMAIL, description="Only what went to this address.")] = None,
) -> Response:
    """What would have been sent, newest first: links to sign in are in here."""
    return _unkept(await read.page(mail.caught, to=CaughtMailOut, page=page, address=to))


@routes.delete("/v1/sandbox/mail", **answers(None))
async def delete_caught_mail(write: Write) -> Response:
    """Throws the caught mail away."""
    return await write(mail.throw_away)


def _at_hand(_session: Session, *, caller: Caller, thing: T) -> T:  # a query that asks nothing
    return thing


def _unkept(answer: Response) -> Response:
    """Nobody keeps what a reset, or the passing of time, makes untrue."""
    answer.headers["Cache-Control"] = "no-store"
    return answer
