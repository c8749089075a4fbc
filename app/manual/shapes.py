"""A schema in words: what type a value is, which fields an object has, and a value of that shape to begin with."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from app.manual.prose import rendered

Schema = Mapping[str, Any]
DEEPEST = 4
"""How deep a made-up value goes: what lies deeper is left to those who read the schema."""
SAMPLES = {
    "date-time": "2026-12-03T16:30:00+00:00",
    "date": "2026-12-03",
    "time": "16:30:00",
    "uuid": "019abd33-1680-7000-8000-000000000000",
    "email": "sam.taylor@school.example",
    "uri": "https://school.example/",
}
_LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "from {}",
    "exclusiveMinimum": "above {}",
    "maximum": "up to {}",
    "exclusiveMaximum": "below {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "like {}",
}
_UNREADABLE = re.compile(r"\\u|\\x|!-~|\[\^")
"""In a pattern that only keeps control characters out: nothing to tell people."""


@dataclass(frozen=True, slots=True)
class TypeShown:
    """A type in words, with the named schema that it is made of, if it is."""

    words: str
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object, or a column of a form."""

    name: str
    type: TypeShown
    required: bool
    description: Markup
    limits: str
    is_file: bool = False
    choices: tuple[str, ...] = ()


class Shapes:
    """The named schemas of one document, and what is said of any schema in it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.named: Mapping[str, Schema] = document.get("components", {}).get("schemas", {})

    def resolve(self, schema: Schema) -> Schema:
        """The schema itself, where it is only a reference to a named one."""
        seen = 0
        while "$ref" in schema and seen < DEEPEST:
            siblings = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**self.named.get(_name_in(schema["$ref"]), {}), **siblings}
            seen += 1
        return schema

    def type_of(self, schema: Schema) -> TypeShown:
        """The type in a few words, as 'list of string' or 'Venue or null'."""
        if "$ref" in schema:
            name = _name_in(schema["$ref"])
            return TypeShown(name, name)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return _either([self.type_of(each) for each in schema[key]])
        if len(parts := schema.get("allOf", ())) == 1:
            return self.type_of(parts[0])
        if "const" in schema:
            return TypeShown(json.dumps(schema["const"], ensure_ascii=False))
        if "enum" in schema:
            return TypeShown(" | ".join(json.dumps(each, ensure_ascii=False) for each in schema["enum"]))
        return self._plain_type(schema)

    def _plain_type(self, schema: Schema) -> TypeShown:
        kind = schema.get("type", "any")
        if isinstance(kind, list):
            return _either([self.type_of({**schema, "type": each}) for each in kind])
        if kind == "array":
            inner = self.type_of(schema.get("items", {}))
            return TypeShown(f"list of {inner.words}", inner.schema)
        if kind == "object" and isinstance(values := schema.get("additionalProperties"), Mapping):
            inner = self.type_of(values)
            return TypeShown(f"map of {inner.words}", inner.schema)
        if schema.get("format") == "binary" or "contentMediaType" in schema:
            return TypeShown("file")
        form = schema.get("format")
        return TypeShown(f"{kind} ({form})" if form else str(kind))

    def fields(self, schema: Schema) -> list[Field]:
        """The fields of an object, those of its parts included."""
        whole = self.resolve(schema)
        required = set(whole.get("required", ()))
        found = [
            self.field(name, each, required=name in required) for name, each in whole.get("properties", {}).items()
        ]
        for part in whole.get("allOf", ()):
            found += self.fields(part)
        return found

    def field(self, name: str, schema: Schema, *, required: bool) -> Field:
        """One field, with what limits it."""
        whole = self.resolve(schema)
        shown = self.type_of(schema)
        return Field(
            name,
            shown,
            required,
            rendered(
                str(schema.get("description", whole.get("description", "") if shown.schema is None else "")),
                inline=True,
            ),
            "; ".join(self._limits(schema)),
            is_file=shown.words == "file",
            choices=tuple(self._choices(whole)),
        )

    def _choices(self, schema: Schema) -> list[str]:
        if schema.get("type") == "boolean":
            return ["true", "false"]
        there = schema.get("enum")
        if there is None:
            there = next((each["enum"] for each in self._alternatives(schema) if "enum" in each), ())
        return [str(each) for each in there if each is not None]

    def _alternatives(self, schema: Schema) -> Iterator[Schema]:
        for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
            yield self.resolve(each)

    def _limits(self, schema: Schema) -> Iterator[str]:
        alternatives = [each for each in schema.get("anyOf", ()) if "$ref" not in each]
        for part in (schema, *alternatives):
            for key, words in _LIMITS.items():
                if key in part and not (key == "pattern" and _UNREADABLE.search(part[key])):
                    yield words.format(part[key])
        if schema.get("default") not in (None, [], {}):
            yield f"default {json.dumps(schema['default'], ensure_ascii=False)}"

    def sample(self, schema: Schema, *, depth: int = 0) -> Any:
        """A value of this shape: what the schema gives as an example, else one made up; only what is required."""
        whole = self.resolve(schema)
        for key in ("example", "const", "default"):
            if key in whole and whole[key] is not None:
                return whole[key]
        if whole.get("examples"):
            return whole["examples"][0]
        if whole.get("enum"):
            return whole["enum"][0]
        alternatives = [each for each in self._alternatives(whole) if each.get("type") != "null"]
        if alternatives:
            return self.sample(alternatives[0], depth=depth)
        return self._made_up(whole, depth)

    def _made_up(self, schema: Schema, depth: int) -> Any:
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            wanted = schema.get("required") or list(schema.get("properties", {}))
            there = schema.get("properties", {})
            if depth >= DEEPEST:
                return {}
            return {name: self.sample(there.get(name, {}), depth=depth + 1) for name in wanted}
        if kind == "array":
            return [self.sample(schema.get("items", {}), depth=depth + 1)] if schema.get("minItems") else []
        if kind in ("integer", "number"):
            return schema.get("minimum", 1)
        if kind == "boolean":
            return True
        return SAMPLES.get(str(schema.get("format")), "text") if kind == "string" else None


def _name_in(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]


def _either(parts: list[TypeShown]) -> TypeShown:
    words = list(dict.fromkeys(part.words for part in parts))
    return TypeShown(" or ".join(words), next((part.schema for part in parts if part.schema), None))
