"""Changes by JSON Merge Patch (RFC 7396): what is not mentioned stays, null removes."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field
from pydantic.config import JsonDict


def left_alone() -> Any:
    """The default of a field that a change may leave out, but not remove: null is refused."""
    return Field(None, json_schema_extra=_without_default)


def _without_default(schema: JsonDict) -> None:
    schema.pop("default", None)


def merge(thing: object, changes: Mapping[str, object]) -> str:
    """Sets the attributes that differ, and tells their names, with commas between them; "" when none does."""
    different = {name: value for name, value in changes.items() if getattr(thing, name) != value}
    for name, value in different.items():
        setattr(thing, name, value)
    return ",".join(sorted(different))
