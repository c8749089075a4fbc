"""Every setting there is, read once from `TEACHMEET_…` variables or a `.env` file; a misspelt one stops the start."""

import difflib
import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "TEACHMEET_"
FOR_TESTS = "TEACHMEET_TEST_"
"""Variables that only the test run reads; the service lets them be."""


class SettingsError(Exception):
    """The settings cannot be used; the message says which one and why, without its value."""


CommaSeparated = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """The settings of one deployment, read once and handed down."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    database_url: str = Field("sqlite:///var/teachmeet.sqlite", description="A SQLAlchemy URL: SQLite or PostgreSQL.")
    public_url: str = Field("http://127.0.0.1:8000", description="Where the outside world finds this service.")
    cors_origins: CommaSeparated = Field((), description="Origins whose pages may call the API, comma-separated.")
    smtp_url: SecretStr | None = Field(None, description="Where mail goes out, as smtp:// or smtps:// with its login.")
    mail_from: str = Field("Teach Meet <no-reply@localhost>", description="Whom mail comes from.")
    sign_in_url: str | None = Field(None, description="The frontend's page for sign-in links; our own when not set.")
    oidc_issuer: str | None = Field(None, description="The OpenID Connect issuer whose sign-ins are taken.")
    oidc_client_id: str | None = Field(None, description="The audience that its tokens must be for.")
    allowed_hosts_out: CommaSeparated = Field((), description="Private hosts that outgoing calls may reach.")
    sandbox: bool = Field(False, description="A playground with known data; refused beside real mail settings.")
    secret_key: SecretStr | None = Field(
        None, description="Signs and, without keys for that, seals. Made at first start when not set."
    )
    encryption_keys: SecretStr | None = Field(
        None,
        description="Seal sensitive data: the first seals, all open. TEACHMEET_SECRET_KEY when not set.",
    )
    needs_kept_days: int = Field(30, ge=0, le=365, description="Diet and access needs go so many days after the event.")
    sqlite_synchronous: Literal["FULL", "NORMAL"] = Field("FULL", description="NORMAL may lose commits on power loss.")
    max_body_bytes: int = Field(2_000_000, ge=1_000, description="Larger request bodies are refused with 413.")
    max_upload_bytes: int = Field(50_000_000, ge=1_000, description="The same for files that are imported.")
    header_seconds: float = Field(10.0, gt=0, le=300, description="How long a client may take to send its headers.")
    body_seconds: float = Field(30.0, gt=0, le=600, description="How long a client may take to send a body; then 408.")
    trusted_proxies: CommaSeparated = Field((), description="Addresses or networks whose Forwarded headers count.")
    rate_limit_credential: int = Field(60_000, ge=0, description="Requests a minute for one credential; 0: no limit.")
    rate_limit_anonymous: int = Field(
        12_000, ge=0, description="Requests a minute for one address without credentials."
    )
    rate_limit_sign_in: int = Field(30, ge=0, description="Attempts to sign in, a minute, for one address.")
    writer_queue_limit: int = Field(2_000, ge=1, description="Writes that may wait; beyond it the answer is 503.")
    stream_limit: int = Field(2_000, ge=0, description="Live streams at once in one process; beyond it 503.")
    reader_threads: int = Field(4, ge=1, le=64, description="Reading transactions at once in one process.")
    lock_wait_seconds: float = Field(10.0, gt=0, le=60, description="How long a write waits for a lock before 503.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")

    @field_validator("cors_origins", "allowed_hosts_out", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each)
            except ValueError:
                raise ValueError("must be IP addresses or networks such as 10.0.0.0/8, comma-separated") from None
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        try:
            backend = make_url(value).get_backend_name()
        except ArgumentError:
            raise ValueError("is not a database URL") from None
        if backend not in ("sqlite", "postgresql"):
            raise ValueError("must be a sqlite or postgresql URL")
        return value

    @model_validator(mode="after")
    def _no_playground_with_real_mail(self) -> "Settings":
        if self.sandbox and self.smtp_url is not None:
            raise ValueError("TEACHMEET_SANDBOX is refused beside TEACHMEET_SMTP_URL: a playground sends no real mail")
        return self

    @model_validator(mode="after")
    def _issuer_and_audience(self) -> "Settings":
        if (self.oidc_issuer is None) != (self.oidc_client_id is None):
            raise ValueError("TEACHMEET_OIDC_ISSUER and TEACHMEET_OIDC_CLIENT_ID go together")
        return self

    @property
    def database(self) -> URL:
        """The database's URL with the driver this project is tested with."""
        url = make_url(self.database_url)
        return url.set(drivername="postgresql+psycopg" if url.get_backend_name() == "postgresql" else "sqlite")

    @property
    def state_directory(self) -> Path:
        """Where what must survive a restart is kept: beside the database file, else `./var`."""
        file = self.database.database
        on_disk = self.database.get_backend_name() == "sqlite" and file and file != ":memory:"
        return Path(str(file)).resolve().parent if on_disk else Path("var").resolve()


def read_settings(**given: Any) -> Settings:
    """The settings of this environment; those given take the place of its own.

    Raises `SettingsError` in words that an operator can act on; values are never part of them.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in os.environ:
        if name.upper().startswith(PREFIX) and name.upper() not in known and not name.upper().startswith(FOR_TESTS):
            near = difflib.get_close_matches(name.upper(), known, n=1)
            raise SettingsError(f"{name} is not a setting." + (f" Did you mean {near[0]}?" if near else ""))
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = [
            ": ".join(
                [*(f"{PREFIX}{str(part).upper()}" for part in each["loc"]), each["msg"].removeprefix("Value error, ")]
            )
            for each in error.errors()
        ]
        raise SettingsError("; ".join(wrong)) from None
