"""What a route is handed to do its work: `Reading` answers from a query, `Writing` from a command.

A route gets either only by declaring its policy, as `read: Annotated[Reading, reads("events:read")]`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import Depends, Request, Response
from pydantic import BaseModel
from python_multipart.multipart import parse_options_header
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.caller import Caller, Digest, Policy, credential_in
from app.kernel.commands import Command, command
from app.kernel.conditional import etag_of, matches
from app.kernel.desk import Envelope, caller_behind
from app.kernel.idempotency import token_in
from app.kernel.pagination import Page, link_to_next
from app.kernel.problems import Unauthenticated
from app.kernel.rendering import Render, Rendered, dialect_at, render_item, render_nothing


@command()
def _note(session: Session, *, facts: Sequence[outbox.Row]) -> None:
    outbox.record_all(session, facts)


Query = Callable[..., Any]
"""A function of a session and a caller that reads something, as `queries.event(session, caller=…, event_id=…)`."""
Shown = Callable[..., Rendered]
"""What a thing looks like now, given a session and a caller."""


def showing(model: type[BaseModel], query: Query, **arguments: Any) -> Shown:
    """What `query` finds, as clients see it: the thing whose ETag `If-Match` names."""
    render = render_item(model)
    return lambda session, *, caller: render(query(session, caller=caller, **arguments))


class Operation:
    """One request on its way: its credential, its policy, and the service's parts."""

    def __init__(self, request: Request, policy: Policy) -> None:
        self.request = request
        self.policy = policy
        self.state = request.app.state
        shown = None if policy.own_credentials else request.headers.get("authorization")
        self.credential: Digest | None = credential_in(shown)
        if self.credential is None and not policy.public:
            raise Unauthenticated

    async def admit(self) -> None:
        """Finds out who is calling and whether they may, and nothing else. Raises `Unauthenticated`, `Forbidden`."""
        await self.state.reader.run(self.caller)

    def caller(self, session: Session) -> Caller:
        """Who is calling. Raises `Unauthenticated` or `Forbidden`."""
        now = self.state.clock()
        known = self.state.authenticate(session, {self.credential}, now) if self.credential else {}
        caller = caller_behind(self.credential, known)
        self.policy.admit(caller)
        return caller


class Reading(Operation):
    """Answers from a query, in one short transaction that also finds out who is calling."""

    async def __call__(self, query: Query, *, to: type[BaseModel], **arguments: Any) -> Response:
        """The query's result as `to`, with its ETag; 304 when `If-None-Match` has it already."""
        return await self.rendered(query, render_item(to), **arguments)

    async def page(self, query: Query, *, to: type[BaseModel], **arguments: Any) -> Response:
        """A page of a list, as `{"items": […], "next_cursor": …}` and a `Link` to the next."""
        return await self.rendered(query, partial(_render_page, to, self.request), **arguments)

    async def rendered(self, query: Query, render: Render, **arguments: Any) -> Response:
        """The query's result in whatever form `render` gives it."""

        def answer(session: Session) -> tuple[Rendered, list[outbox.Row]]:
            noted = outbox.reading(session)
            caller = self.caller(session)
            session.info.update({outbox.ACTOR: caller.principal, outbox.NOW: self.state.clock()})
            return render(query(session, caller=caller, **arguments)), noted

        rendered, noted = await self.state.reader.run(answer)
        if noted:
            # Nobody sees what has to be noted before it has been.
            await self.state.writer.run(_note, facts=noted)
        return conditional(rendered, self.request)


class Writing(Operation):
    """Answers from a command, after its commit.

    `body` stands for the request's body when it is compared between tries: for routes whose bodies are too large to be
    kept (see `streamed`).
    """

    body: bytes | None = None

    async def __call__(
        self,
        command: Command[..., Any],
        *,
        to: type[BaseModel] | None = None,
        status: int = 200,
        location: str | None = None,
        unchanged: Shown | None = None,
        **arguments: Any,
    ) -> Response:
        """The command's result as `to` (204 without one).

        `location` is the new thing's path with the result's fields in braces. `unchanged`, made by `showing`, is what
        `If-Match` speaks of; it is read and compared in the command's own transaction.
        """
        render = render_item(to, status=status, location=location) if to else render_nothing
        return await self.rendered(command, render, unchanged=unchanged, **arguments)

    async def rendered(
        self, command: Command[..., Any], render: Render, *, unchanged: Shown | None = None, **arguments: Any
    ) -> Response:
        """The command's result in whatever form `render` gives it."""
        envelope = await self._envelope(render, unchanged)
        answer: Rendered = await self.state.writer.run(command, envelope, **arguments)
        return answer.response()

    async def _envelope(self, render: Render, unchanged: Shown | None) -> Envelope:
        request, headers = self.request, self.request.headers
        token = None
        if request.method == "POST" and (key := headers.get("idempotency-key")) is not None:
            target = f"{request.url.path}?{request.url.query}"
            body = await _comparable_body(request) if self.body is None else self.body
            token = token_in(key, method=request.method, target=target, body=body)
        return Envelope(
            credential=self.credential,
            policy=self.policy,
            render=render,
            instance=request.url.path,
            request_id=request.state.request_id,
            now=self.state.clock(),
            token=token,
            if_match=headers.get("if-match"),
            unchanged=unchanged,
            tell=dialect_at(request.url.path, self.state.dialects),
        )


async def _comparable_body(request: Request) -> bytes:
    """The body as it is compared between tries: clients draw a new multipart boundary for each."""
    body = await request.body()
    media_type, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary") if media_type == b"multipart/form-data" else None
    return body.replace(b"--" + boundary, b"--") if boundary else body


def reads(
    scope: str | None = None,
    *,
    public: bool = False,
    own: bool = False,
    operator_only: bool = False,
    instead: tuple[str, ...] = (),
) -> Any:
    """Declares the policy of an operation that reads; see `Policy`."""
    return _declared(Reading, Policy(scope, public, own, operator_only, instead))


def writes(
    scope: str | None = None,
    *,
    public: bool = False,
    own: bool = False,
    operator_only: bool = False,
    own_credentials: bool = False,
) -> Any:
    """Declares the policy of an operation that writes; see `Policy`."""
    return _declared(Writing, Policy(scope, public, own, operator_only, own_credentials=own_credentials))


@dataclass(frozen=True, slots=True)
class Declared:
    """What a route depends on: its operation is made with this policy. The OpenAPI document reads it too."""

    kind: type[Operation]
    policy: Policy

    async def __call__(self, request: Request) -> Operation:
        return self.kind(request, self.policy)


def _declared(kind: type[Operation], policy: Policy) -> Any:
    return Depends(Declared(kind, policy))


def conditional(answer: Rendered, request: Request) -> Response:
    """The answer, or 304 when the client has these very bytes."""
    wanted = request.headers.get("if-none-match")
    if wanted is not None and answer.status == 200:
        etag = dict(answer.headers).get("ETag")
        if etag and matches(wanted, etag, weak=True):
            # The fields as with the whole answer: a client puts them in the place of those that it keeps.
            kept = {name: value for name, value in answer.headers if name != "Content-Encoding"}
            return Response(status_code=304, headers=kept)
    return answer.response()


def _render_page(model: type[BaseModel], request: Request, page: Page) -> Rendered:
    items = b",".join(
        model.model_validate(item, from_attributes=True).model_dump_json().encode() for item in page.items
    )
    cursor = f'"{page.next_cursor}"' if page.next_cursor else "null"
    body = b'{"items":[' + items + b'],"next_cursor":' + cursor.encode() + b"}"
    return Rendered(200, body, (("ETag", etag_of(body)), *link_to_next(request, page.next_cursor)))
