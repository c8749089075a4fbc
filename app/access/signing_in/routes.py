"""Signing in and out over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response

from app.access.oidc import Identity
from app.access.signing_in import commands, queries
from app.access.signing_in.commands import IdentityTaken, refusal
from app.access.signing_in.schemas import (
    IdentityIn,
    IdentityOut,
    NewSessionOut,
    SessionIn,
    SessionOut,
    SignInLinkIn,
    SignInLinkOut,
)
from app.kernel.commands import Command
from app.kernel.openapi import answers
from app.kernel.operations import Reading, Writing, reads, showing, writes
from app.kernel.pagination import PageWanted
from app.kernel.problems import Fault, Forbidden, InvalidRequest, NotFound, Unauthenticated, Unavailable
from app.kernel.routing import router
from app.people.routes import HubRef

routes = router("Signing in")


@routes.post(
    "/v1/hubs/{hub_id}/sign-in-links", **answers(SignInLinkOut, NotFound, InvalidRequest, Unavailable, status=202)
)
async def ask_for_sign_in_link(
    write: Annotated[Writing, writes(public=True)], hub_id: HubRef, body: SignInLinkIn
) -> Response:
    """Ask for a link to sign in, by e-mail. The answer is the same for every address, known or not."""
    return await write(commands.ask_for_link, to=SignInLinkOut, status=202, hub_id=hub_id, body=body)


@routes.post("/v1/sessions", **answers(NewSessionOut, Unauthenticated, InvalidRequest, Unavailable, status=201))
async def sign_in(request: Request, write: Annotated[Writing, writes(public=True)], body: SessionIn) -> Response:
    """Sign in with the token of a link, which is good once, or with an id token of the configured issuer."""
    if body.token is not None:
        return await _begin(write, commands.open_by_link, token=body.token)
    assert body.id_token is not None
    identity = await _identity(request, body.id_token)
    return await _begin(write, commands.open_by_identity, hub=body.hub, identity=identity)


@routes.get("/v1/sessions/current", **answers(SessionOut, Forbidden))
async def get_current_session(read: Annotated[Reading, reads(own=True)]) -> Response:
    """The session with which you call."""
    return await read(queries.current, to=SessionOut, digest=read.credential)


@routes.delete("/v1/sessions/current", **answers(None, Forbidden, conditional=True))
async def sign_out(write: Annotated[Writing, writes(own=True)]) -> Response:
    """Sign out: the session with which you call ends at once."""
    digest = write.credential
    return await write(
        commands.end_current, unchanged=showing(SessionOut, queries.current, digest=digest), digest=digest
    )


@routes.get("/v1/sessions", **answers(SessionOut, Forbidden, many=True))
async def list_sessions(read: Annotated[Reading, reads(own=True)], page: PageWanted) -> Response:
    """Where you are signed in, newest first."""
    return await read.page(queries.own, to=SessionOut, digest=read.credential, page=page)


@routes.get("/v1/sessions/{session_id}", **answers(SessionOut, NotFound, Forbidden))
async def get_session(read: Annotated[Reading, reads("keys:manage", own=True)], session_id: UUID) -> Response:
    """One session: your own, or that of a teacher of the hub for those who run it."""
    return await read(queries.one, to=SessionOut, session_id=session_id, digest=read.credential)


@routes.delete("/v1/sessions/{session_id}", **answers(None, NotFound, Forbidden, conditional=True))
async def end_session(write: Annotated[Writing, writes("keys:manage", own=True)], session_id: UUID) -> Response:
    """End a session at once: your own, or that of a teacher of the hub for those who run it."""
    unchanged = showing(SessionOut, queries.one, session_id=session_id, digest=write.credential)
    return await write(commands.end, unchanged=unchanged, session_id=session_id)


@routes.get("/v1/teachers/{teacher_id}/sessions", **answers(SessionOut, NotFound, Forbidden, many=True))
async def list_teacher_sessions(
    read: Annotated[Reading, reads("keys:manage", own=True)], teacher_id: UUID, page: PageWanted
) -> Response:
    """Where a teacher is signed in, newest first."""
    return await read.page(queries.of_teacher, to=SessionOut, teacher_id=teacher_id, digest=read.credential, page=page)


@routes.delete("/v1/teachers/{teacher_id}/sessions", **answers(None, NotFound, Forbidden))
async def end_teacher_sessions(
    write: Annotated[Writing, writes("keys:manage", own=True)], teacher_id: UUID
) -> Response:
    """Sign a teacher out everywhere, at once. Links that were sent to them become void."""
    return await write(commands.end_all, teacher_id=teacher_id)


@routes.post(
    "/v1/me/identities",
    **answers(IdentityOut, Unauthenticated, Forbidden, InvalidRequest, IdentityTaken, Unavailable, status=201),
)
async def link_identity(request: Request, write: Annotated[Writing, writes(own=True)], body: IdentityIn) -> Response:
    """Let your identity at the configured issuer sign you in from now on."""
    # Before the issuer's keys are asked for on the behalf of somebody who may not do this anyway.
    await write.state.reader.run(lambda session: queries.signed_in(write.caller(session)))
    identity = await _identity(request, body.id_token)
    return await write(
        commands.link_identity, to=IdentityOut, status=201, location="/v1/me/identities/{id}", identity=identity
    )


@routes.get("/v1/me/identities", **answers(IdentityOut, Forbidden, many=True))
async def list_identities(read: Annotated[Reading, reads(own=True)], page: PageWanted) -> Response:
    """The identities that sign you in."""
    return await read.page(queries.identities, to=IdentityOut, page=page)


@routes.get("/v1/me/identities/{identity_id}", **answers(IdentityOut, NotFound, Forbidden))
async def get_identity(read: Annotated[Reading, reads(own=True)], identity_id: UUID) -> Response:
    """One of the identities that sign you in."""
    return await read(queries.identity, to=IdentityOut, identity_id=identity_id)


@routes.delete("/v1/me/identities/{identity_id}", **answers(None, NotFound, Forbidden, conditional=True))
async def unlink_identity(write: Annotated[Writing, writes(own=True)], identity_id: UUID) -> Response:
    """Take an identity away: it signs you in no more."""
    unchanged = showing(IdentityOut, queries.identity, identity_id=identity_id)
    return await write(commands.unlink_identity, unchanged=unchanged, identity_id=identity_id)


async def _begin(write: Writing, command: Command[..., NewSessionOut], **arguments: Any) -> Response:
    return await write(command, to=NewSessionOut, status=201, location="/v1/sessions/{id}", **arguments)


async def _identity(request: Request, id_token: str) -> Identity:
    """Whom an id token is about. Raises `Unauthenticated`, `Unavailable`, and `InvalidRequest` without an issuer."""
    provider = request.app.state.identity_provider
    if provider is None:
        fault = Fault("no issuer of id tokens is configured here", pointer="/id_token")
        raise InvalidRequest("Some values cannot be used.", errors=[fault])
    try:
        identity: Identity = await provider.verify(id_token)
    except Unauthenticated:
        raise refusal() from None
    return identity
