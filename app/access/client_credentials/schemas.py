"""What clients send and see of bought tokens. The names are RFC 6749's."""

from typing import Literal

from pydantic import Field

from app.kernel.fields import Shown


class OAuthErrorOut(Shown):
    """A refusal, as RFC 6749, section 5.2, has it."""

    error: str = Field(description="What is wrong, as a word of the standard.", examples=["invalid_client"])
    error_description: str = Field(description="What happened, in words for people.")


class AccessTokenOut(Shown):
    """A token, as RFC 6749, section 5.1, has it."""

    access_token: str = Field(description="Send it as `Authorization: Bearer …`. It is told this once.")
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds that it lasts.", examples=[3600])
    scope: str = Field(
        description="The scopes that it has, separated by spaces.",
        examples=["https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly"],
    )
