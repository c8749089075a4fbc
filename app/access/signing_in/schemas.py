"""What clients send and see of signing in."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from app.kernel.fields import Body, Email, Instant, Line, Shown
from app.people.schemas import TeacherOut

IdToken = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=20_000)]


class SignInLinkIn(Body):
    """Who wants to sign in."""

    email: Email = Field(examples=["s.penhaligon@larkspur.example"])


class SignInLinkOut(Shown):
    """The answer to everybody, whether or not somebody has this address."""

    status: Literal["accepted"] = "accepted"
    detail: str = "If a teacher of this hub has this address, a link is on its way. It works once, for 15 minutes."


class SessionIn(Body):
    """The token of a link, or an issuer's id token with the hub to sign in to."""

    token: Annotated[str, StringConstraints(strict=True)] | None = Field(None, description="From the mail.")
    id_token: IdToken | None = Field(None, description="From the OpenID Connect issuer, in place of `token`.")
    hub: Annotated[str, Line(60)] | None = Field(None, description="With `id_token`: the hub's id or slug.")

    @model_validator(mode="after")
    def _one_of_two(self) -> "SessionIn":
        if (self.token is None) == (self.id_token is None):
            raise ValueError("must have either token, or id_token and hub")
        if (self.id_token is None) != (self.hub is None):
            raise ValueError("must have id_token and hub together")
        return self


class NewSessionOut(Shown):
    """A session that has begun. The access token is told this once."""

    id: UUID
    access_token: str = Field(description="Send it as `Authorization: Bearer …`.")
    expires_at: Instant = Field(description="Each use puts it off, to 12 hours later; 7 days are the most.")
    teacher: TeacherOut


class SessionOut(Shown):
    """A session, without its token."""

    id: UUID
    teacher_id: UUID
    prefix: str = Field(description="How its token begins.")
    created_at: Instant
    last_used_at: Instant = Field(description="To within half a minute.")
    expires_at: Instant = Field(description="If it is not used again; to within half a minute.")
    ends_at: Instant = Field(description="However much it is used.")
    current: bool = Field(description="Whether this very request was made with it.")


class IdentityIn(Body):
    """An issuer's proof of who somebody is there."""

    id_token: IdToken


class IdentityOut(Shown):
    """An identity that signs a teacher in."""

    id: UUID
    issuer: str
    subject: str = Field(description="The issuer's own name for this person.")
    created_at: Instant
