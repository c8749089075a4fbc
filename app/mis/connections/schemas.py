"""What clients send and see of connections."""

from datetime import time
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool, StringConstraints, model_validator

from app.kernel.fields import Body, Instant, Line, Shown, Timezone
from app.kernel.merge import left_alone
from app.mis.connections.rules import ChangesEvery, FullEvery, Plan, Weekday
from app.mis.fetching.details import (
    ClientCredentials,
    Credentials,
    Kind,
    SignatureMethod,
    SignedRequests,
    Token,
    Version,
)
from app.sheets.commands import Mode

WONDE = "https://api.wonde.com"


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
    except ValueError:
        usable = False
    if not usable or "@" in parts.netloc:
        raise ValueError("must be an address such as https://mis.example, without credentials, query or fragment")
    return value


Address = Annotated[str, Line(400), AfterValidator(_address)]
Secret = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=4_000, pattern=r"^[\x20-\x7e]+$")]
"""A client's id or secret: printable ASCII (RFC 6749, appendix A)."""
InHeader = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=4_000, pattern=r"^[\x21-\x7e]+$")]
"""A token or a scope: printable ASCII without spaces, as a header carries it."""
Names = Annotated[list[Annotated[str, Line(255)]], Field(max_length=1_000)]


class OAuth2In(Body):
    """An OAuth 2 client: its id and secret are exchanged for a token (client credentials)."""

    method: Literal["oauth2"]
    client_id: Secret
    client_secret: Secret
    token_url: Address = Field(examples=["https://mis.example/oauth/token"])
    scopes: Annotated[list[InHeader], Field(max_length=20)] | None = Field(
        None, description="Left out: those that reading the roster needs. Demographics are never asked for."
    )

    def plain(self) -> Credentials:
        scopes = None if self.scopes is None else tuple(self.scopes)
        return ClientCredentials(self.client_id, self.client_secret, self.token_url, scopes)


class OAuth1In(Body):
    """A key and a secret with which each request is signed (OAuth 1.0a); OneRoster 1.1 only."""

    method: Literal["oauth1"]
    consumer_key: Secret
    consumer_secret: Secret
    signature_method: SignatureMethod = Field(
        SignatureMethod.HMAC_SHA256, description="Systems differ; one that takes only the other answers with 401."
    )

    def plain(self) -> Credentials:
        return SignedRequests(self.consumer_key, self.consumer_secret, self.signature_method)


class TokenIn(Body):
    """A token that is sent as it is."""

    method: Literal["token"]
    token: InHeader

    def plain(self) -> Credentials:
        return Token(self.token)


CredentialsIn = Annotated[OAuth2In | OAuth1In | TokenIn, Field(discriminator="method")]


class Schedule(Body):
    """When a connection is asked by itself, in local time; within ten minutes after it, so that not all ask at once."""

    full: FullEvery = Field(FullEvery.WEEK, description="How often all staff are read. Only this finds who has left.")
    changes: ChangesEvery | None = Field(
        ChangesEvery.DAY, description="How often, in between, only what has changed is read; null: never."
    )
    weekday: Weekday = Field(Weekday.SUNDAY, description="The day of a weekly full read.")
    at: Annotated[str, StringConstraints(strict=True, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = Field(
        "02:00", description="The time of the full read, and of a daily read of the changes.", examples=["02:00"]
    )
    timezone: Timezone = Field("Europe/London", examples=["Europe/London"])

    def plan(self) -> Plan:
        """As the rules speak of it."""
        return Plan(self.full, self.changes, self.weekday, time.fromisoformat(self.at), self.timezone)


class ConnectionIn(Body):
    """A new connection."""

    name: Annotated[str, Line(120)] = Field(
        description="Yours; also that of the source in the reports.", examples=["Larkspur's MIS"]
    )
    kind: Kind
    base_url: Address | None = Field(
        None,
        description="Where the system is. OneRoster: the server, or the address of its API. Wonde: its usual one when "
        "left out.",
        examples=["https://mis.example"],
    )
    version: Version = Field(Version.V1_2, description="The version of OneRoster that the system speaks.")
    credentials: CredentialsIn = Field(description="Kept encrypted, and never shown again.")
    school_ids: Names = Field(
        default_factory=list, description="Only these schools, by the system's own ids; none: all that it shows."
    )
    staff_roles: Names = Field(
        default_factory=list,
        description="Roles of the system's own (`ext:…`) that are staff.",
        examples=[["ext:cover-supervisor"]],
    )
    leave_out: Names = Field(
        default_factory=list,
        description="Family names of accounts that are nobody; `*` stands for anything.",
        examples=[["*ACCOUNT*"]],
    )
    schedule: Schedule | None = Field(None, description="Left out: nothing runs by itself.")

    @model_validator(mode="after")
    def _one_that_suits(self) -> Self:
        if self.base_url is None and self.kind is not Kind.WONDE:
            raise ValueError("a OneRoster connection needs a base_url")
        return self


class ConnectionChange(Body):
    """What changes about a connection (RFC 7396). Credentials are replaced as a whole."""

    name: Annotated[str, Line(120)] = left_alone()
    base_url: Address = left_alone()
    version: Version = left_alone()
    credentials: CredentialsIn = left_alone()
    school_ids: Names = left_alone()
    staff_roles: Names = left_alone()
    leave_out: Names = left_alone()
    schedule: Schedule | None = Field(None, description="Null: nothing runs by itself any more.")


class SignInOut(Shown):
    """How the system is signed in to: everything but the secrets."""

    method: str
    given: list[str] = Field(description="The credentials that are set. Their values are never shown.")
    token_url: str | None = None
    scopes: list[str] | None = None
    signature_method: str | None = None


class ConnectionOut(Shown):
    """A connection to a staff system."""

    id: UUID
    hub_id: UUID
    source_id: UUID = Field(description="The source under which its people and schools are known.")
    name: str
    kind: Kind
    base_url: str
    version: Version | None
    sign_in: SignInOut
    school_ids: list[str]
    staff_roles: list[str]
    leave_out: list[str]
    schedule: dict[str, Any] | None
    paused: bool
    next_sync_at: Instant | None = Field(description="When the next sync begins by itself.")
    read_up_to: Instant | None = Field(
        description="Where the next list of changes begins; null until all staff were taken over once."
    )
    created_at: Instant
    updated_at: Instant


class SyncIn(Body):
    """A sync to begin."""

    mode: Mode = Field(description="`preview` only plans; `apply` carries the plan out, unless it is held.")
    full: StrictBool = Field(
        True, description="All staff; false: only what has changed. Also all when there is nothing to go on from."
    )


class Outcome(StrEnum):
    OK = "ok"
    FAILED = "failed"


class ConnectionTestOut(Shown):
    """What a first look at the system has shown. Nothing was taken over."""

    outcome: Outcome
    summary: list[str] = Field(description="In plain English.", examples=[["It works. 2 schools, 41 staff so far."]])
    schools: list[str] = Field(description="The names of the first schools, as the system has them.")
    staff_on_first_page: int | None = Field(description="How many of the first page are staff; null when it failed.")
