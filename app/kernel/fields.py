"""Types of fields that mean the same in every body: bounded, trimmed, and nothing that a database would choke on."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

LONGEST_EMAIL = 254
A_LINE = r"^[^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$"
MAYBE_A_LINE = r"^[^\u0000-\u001f\u007f]*$"
SOME_PROSE = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$"
"""As the document tells of texts: without control characters, and not blank where something must be there."""


class Body(BaseModel):
    """What a client sends: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """What a client sees."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)


def _line(value: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("must be one line, without control characters")
    return value


def _prose(value: str) -> str:
    if any((ord(character) < 32 and character not in "\n\r\t") or ord(character) == 127 for character in value):
        raise ValueError("must not have control characters")
    return value


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text of bounded length, trimmed: `Annotated[str, Line(200)]`."""

    most: int
    least: int = 1

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            _line,
            core_schema.str_schema(strict=True, strip_whitespace=True, min_length=self.least, max_length=self.most),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": A_LINE if self.least else MAYBE_A_LINE}


@dataclass(frozen=True, slots=True)
class Prose:
    """Text that may have several lines, trimmed: `Annotated[str, Prose(2_000)]`."""

    most: int

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            _prose, core_schema.str_schema(strict=True, strip_whitespace=True, max_length=self.most)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": SOME_PROSE}


def _text_only(value: object) -> object:
    if not isinstance(value, (str, datetime)):
        raise ValueError("must be an RFC 3339 date and time with an offset, as text")
    return value


def _sane_instant(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("must have an offset, such as Z or +01:00")
    # The year is looked at twice: the first and the last years there are have moments that UTC cannot say.
    if not 1969 <= value.year <= 2201 or not 1970 <= (utc := value.astimezone(UTC)).year <= 2200:
        raise ValueError("must be between the years 1970 and 2200")
    return utc


def _not_a_number(value: object) -> object:
    if isinstance(value, str) and value.strip().lstrip("+-").replace(".", "", 1).isdigit():
        raise ValueError("must be an RFC 3339 date and time with an offset")
    return value


Instant = Annotated[
    datetime,
    BeforeValidator(_not_a_number),
    BeforeValidator(_text_only),
    AfterValidator(_sane_instant),
    PlainSerializer(lambda value: value.isoformat(), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment. Taken with any offset, shown in UTC."""


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("is not an IANA time zone, such as Europe/London")
    return value


Timezone = Annotated[
    str,
    StringConstraints(strict=True, max_length=64),
    AfterValidator(_zone),
    WithJsonSchema({"type": "string", "format": "iana-time-zone", "examples": ["Europe/London"]}),
]


def _email(value: str) -> str:
    try:
        normalized = validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValueError("is not an e-mail address") from None
    # Some letters become several when addresses are compared, and that form must fit too.
    if len(unicodedata.normalize("NFKC", normalized).casefold()) > LONGEST_EMAIL:
        raise ValueError(f"must not be longer than {LONGEST_EMAIL} characters")
    return normalized


Email = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, max_length=LONGEST_EMAIL),
    AfterValidator(_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": LONGEST_EMAIL}),
]
